/* SPDX-License-Identifier: MIT */
/* Types that do not keep to what rc/cycle.h asks of them: what is told, and what stays as it was. */
#include "tests/rc/cycle_support.h"

static bool says(const char *words)
{
    return rc_error_status() == RC_INVALID && strstr(rc_error_message(), words);
}

/* ---- more is told than there is -------------------------------------------------------------- */

static bool tells_twice;

static void visit_twice(void *self, rc_visit *visit, void *argument)
{
    node_traverse(self, visit, argument);
    if (tells_twice) visit(((struct node *)self)->to[0], argument);
}

static const rc_type greedy_type = {.name = "greedy",
                                    .size = sizeof(struct node),
                                    .finalize = tidy_finalize,
                                    .traverse = visit_twice,
                                    .clear = node_clear};

START_TEST(a_traverse_that_reports_what_is_not_there_is_refused)
{
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &greedy_type, 2);
    rc_weak *weak = rc_weak_new(first);
    rc_release(first);
    rc_release(ring_new(domain, &tidy_type, 5)); /* which would be freed */
    tells_twice = true;
    for (size_t i = 1; i <= 2; i++) {
        rc_error_clear();
        ck_assert_uint_eq(rc_cycle_collect(domain), 0);
        ck_assert(says("of type greedy among others"));
        ck_assert(says("than the 1 reference to the object of type greedy"));
        ck_assert_uint_eq(finalized + cleared, 0);
        ck_assert(!rc_weak_is_dead(weak));
        ck_assert_uint_eq(rc_count(first), 1);
        ck_assert_uint_eq(statistics_of(domain).tracked, 7);
        ck_assert_uint_eq(statistics_of(domain).collections, 0);
        ck_assert_uint_eq(statistics_of(domain).refused, i);
    }
    tells_twice = false;
    ck_assert_uint_eq(rc_cycle_collect(domain), 7);
    ck_assert_uint_eq(finalized, 7);
    rc_release(weak);
    rc_release(domain);
}
END_TEST

/* A tree whose nodes lead to their parents, and own only their children. */
static void visit_parent(void *self, rc_visit *visit, void *argument)
{
    visit(((struct node *)self)->to[0], argument);
    visit(((struct node *)self)->to[1], argument); /* borrowed */
}

static void clear_child(void *self)
{
    finalized++;
    rc_clear(&((struct node *)self)->to[0]);
}

static const rc_type tree_type = {.name = "tree",
                                  .size = sizeof(struct node),
                                  .finalize = clear_child,
                                  .traverse = visit_parent,
                                  .clear = clear_child};

static struct node *tree_new(rc_cycle_domain *domain)
{
    struct node *parent = node_new(domain, &tree_type);
    parent->to[0] = node_new(domain, &tree_type);
    parent->to[0]->to[1] = parent;
    return parent;
}

START_TEST(a_borrowed_reference_is_refused_where_all_others_are_told)
{
    rc_cycle_domain *domain = domain_new();
    struct node *holder = node_new(domain, &tidy_type);
    holder->to[0] = tree_new(domain);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert(says("to the object of type tree"));
    ck_assert_uint_eq(finalized, 0);
    ck_assert_ptr_eq(holder->to[0]->to[0]->to[1], holder->to[0]);
    rc_error_clear();
    rc_release(holder);
    ck_assert_uint_eq(finalized, 3);
    rc_release(domain);
}
END_TEST

START_TEST(a_collection_that_a_threshold_starts_refuses_without_an_error)
{
    rc_cycle_domain *domain = domain_new();
    rc_release(ring_new(domain, &greedy_type, 2));
    rc_cycle_domain_set_threshold(domain, 2);
    tells_twice = true;
    struct node *node = node_new(domain, &tidy_type), *next = node_new(domain, &tidy_type);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(statistics_of(domain).refused, 1); /* and not each time from then on */
    tells_twice = false;
    rc_release(node);
    rc_release(next);
    rc_release(domain);
    ck_assert_uint_eq(finalized, 4);
}
END_TEST

START_TEST(the_end_of_a_domain_that_refuses_leaves_no_error)
{
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &greedy_type, 2), *second = first->to[0];
    rc_release(first);
    tells_twice = true;
    rc_release(domain);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(live(&greedy_type), 2);
    rc_clear(&second->to[0]);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

/* ---- what is borrowed looks owned ------------------------------------------------------------ */

START_TEST(a_borrowed_reference_that_hid_a_holder_is_told_when_it_was_cleared)
{
    rc_cycle_domain *domain = domain_new();
    struct node *parent = tree_new(domain); /* held here, and taken for held by its child */
    ck_assert_uint_eq(rc_cycle_collect(domain), 1);
    ck_assert(says("1 object cleared, but held from outside, the first of type tree at "));
    ck_assert_uint_eq(statistics_of(domain).stuck, 1);
    ck_assert_uint_eq(rc_count(parent), 1);
    ck_assert_ptr_null(parent->to[0]);
    rc_error_clear();
    ck_assert_uint_eq(rc_cycle_collect(domain), 0); /* nobody hides it now */
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(statistics_of(domain).stuck, 0);
    rc_release(parent);
    rc_release(domain);
}
END_TEST

static void keep_once(void *self)
{
    if (!saved) saved = rc_retain((struct node *)self);
    drop(self);
}

static const rc_type clinging_type = {
    .name = "clinging", .size = sizeof(struct node), .traverse = node_traverse, .clear = keep_once};

START_TEST(a_clear_that_keeps_an_object_is_told)
{
    rc_cycle_domain *domain = domain_new();
    rc_release(ring_new(domain, &clinging_type, 3));
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    ck_assert(says("held from outside, the first of type clinging"));
    ck_assert_ptr_nonnull(saved);
    ck_assert_uint_eq(rc_count(saved), 1);
    rc_error_clear();
    rc_release(saved); /* it keeps `saved`, so is not kept once more */
    ck_assert_uint_eq(live(&clinging_type), 0);
    rc_release(domain);
}
END_TEST

/* ---- nobody releases ------------------------------------------------------------------------- */

START_TEST(a_ring_that_nobody_can_break_is_told)
{
    static const rc_type unclear_type = {
        .name = "unclear", .size = sizeof(struct node), .traverse = node_traverse};
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &unclear_type, 2);
    rc_weak *weak = rc_weak_new(first);
    rc_release(first);
    rc_error_clear();
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "2 objects left that cycles still hold"));
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "of type unclear: give it a clear"));
    ck_assert_uint_eq(statistics_of(domain).stuck, 2);
    ck_assert_uint_eq(statistics_of(domain).tracked, 2);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_uint_eq(rc_count(first), 1);
    ck_assert(rc_weak_is_dead(weak)); /* since it was condemned */
    rc_release(weak);
    struct node *second = first->to[0];
    rc_clear(&second->to[0]); /* by hand */
    ck_assert_uint_eq(statistics_of(domain).tracked, 1);
    rc_error_clear();
    rc_release(domain);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(live(&unclear_type), 1);
    rc_release(second); /* for the first, which held it */
}
END_TEST

START_TEST(who_still_holds_is_named_and_not_who_is_held)
{
    static const rc_type mute_type = {
        .name = "mute", .size = sizeof(struct node), .traverse = node_traverse};
    rc_cycle_domain *domain = domain_new();
    struct node *bare = node_new(domain, &bare_type);
    bare->to[0] = node_new(domain, &mute_type);
    struct node *mute = bare->to[0];
    mute->to[0] = bare;
    mute->to[1] = rc_retain(mute);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert(says("2 objects left that cycles still hold"));
    ck_assert(says("of type mute: "));
    ck_assert_ptr_null(bare->to[0]); /* it was cleared */
    rc_error_clear();
    rc_clear(&mute->to[0]);
    rc_clear(&mute->to[1]);
    ck_assert_uint_eq(live(&mute_type) + live(&bare_type), 0);
    rc_release(domain);
}
END_TEST

/* As Python's tuples, which have no tp_clear: whoever closes a cycle with one can open it. */
START_TEST(a_type_without_clear_is_freed_where_its_ring_is_broken_elsewhere)
{
    static const rc_type tuple_type = {.name = "tuple",
                                       .size = sizeof(struct node),
                                       .finalize = plain_finalize,
                                       .traverse = node_traverse};
    rc_cycle_domain *domain = domain_new();
    struct node *bare = node_new(domain, &bare_type);
    bare->to[0] = node_new(domain, &tuple_type);
    bare->to[0]->to[0] = bare;
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(live(&tuple_type) + live(&bare_type), 0);
    rc_release(domain);
}
END_TEST

/* ---- what cannot go on ----------------------------------------------------------------------- */

static void release_in_traverse(void *self, rc_visit *visit, void *argument)
{
    (void)visit, (void)argument;
    rc_clear(&((struct node *)self)->to[0]);
}

static void collect_what_releases(void *unused)
{
    (void)unused;
    static const rc_type careless_type = {
        .name = "careless", .size = sizeof(struct node), .traverse = release_in_traverse};
    rc_cycle_domain *domain = rc_cycle_domain_new();
    struct node *node = RC_CYCLE_NEW(domain, struct node, &careless_type);
    node->to[0] = RC_CYCLE_NEW(domain, struct node, &bare_type);
    rc_cycle_collect(domain);
}

START_TEST(a_traverse_that_releases_stops_the_program)
{
    CHILD_ASSERT_STOPS(collect_what_releases, NULL,
                       "of type careless, traverse releases, tracks or untracks");
}
END_TEST

static void collect_what_a_finalizer_left(void *unused)
{
    (void)unused;
    static const rc_type untidy_type = CLEARED_TYPE("untidy", plain_finalize);
    rc_cycle_domain *domain = rc_cycle_domain_new();
    rc_release(ring_new(domain, &untidy_type, 2));
    rc_cycle_collect(domain);
}

START_TEST(a_finalizer_that_says_it_leaves_all_and_releases_it_stops_the_program)
{
    CHILD_ASSERT_STOPS(collect_what_a_finalizer_left, NULL,
                       "of type untidy among others, tells of more references");
}
END_TEST

HARNESS_MAIN("rc/cycle_mistakes", a_traverse_that_reports_what_is_not_there_is_refused,
             a_borrowed_reference_is_refused_where_all_others_are_told,
             a_collection_that_a_threshold_starts_refuses_without_an_error,
             the_end_of_a_domain_that_refuses_leaves_no_error,
             a_borrowed_reference_that_hid_a_holder_is_told_when_it_was_cleared,
             a_clear_that_keeps_an_object_is_told, a_ring_that_nobody_can_break_is_told,
             who_still_holds_is_named_and_not_who_is_held,
             a_type_without_clear_is_freed_where_its_ring_is_broken_elsewhere,
             a_traverse_that_releases_stops_the_program,
             a_finalizer_that_says_it_leaves_all_and_releases_it_stops_the_program)
