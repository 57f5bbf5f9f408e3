/* SPDX-License-Identifier: MIT */
/* Objects of types that may close a cycle and that nobody tracks: they are made from dead ones of their type,
 * prefix and all, and what is special about one of them keeps it out of the cell. */
#include "tests/rc/prefixed_support.h"

#include <pthread.h>

#include "rc/bias.h"
#include "rc/cycle.h"
#include "rc/home.h"
#include "rc/weak.h"
#include "tests/rc/arena.h"

static struct rc_memory_statistics statistics(void)
{
    struct rc_memory_statistics now;
    rc_memory_statistics_read(&now);
    return now;
}

/* ---- in and out ------------------------------------------------------------------------------ */

static void check_recycled(const rc_type *type)
{
    fill_cell(type);
    struct rc_account_type before = rc_account_read_type(type), after;
    struct rc_memory_statistics from = statistics(), to;
    for (int i = 0; i < TURNS; i++) {
        void *dead = cell()->object;
        struct node *node = node_new(type);
        ck_assert_ptr_eq(node, dead);
        ck_assert_ptr_null(cell()->object);
        memset(node, i % 2 ? 0 : -1, type->finalize || type->clear ? 0 : sizeof *node);
        rc_release(node);
    }
    to = statistics();
    after = rc_account_read_type(type);
    ck_assert_uint_eq(to.recycled - from.recycled, TURNS);
    ck_assert_uint_eq(to.magazine_hits, from.magazine_hits);
    ck_assert_uint_eq(to.idle_bytes, from.idle_bytes);
    ck_assert_uint_eq(after.total_objects - before.total_objects, TURNS);
    ck_assert_uint_eq(after.live_objects, before.live_objects);
    ck_assert_uint_eq(finalized, type->finalize ? TURNS : 0);
    bool is_cleared = type->clear && (!type->finalize || type->flags & RC_TYPE_CLEARED);
    ck_assert_uint_eq(cleared, is_cleared ? TURNS : 0);
}

START_TEST(a_dead_object_of_each_kind_of_type_is_the_next_one)
{
    for (int i = 0; i < TYPES; i++) check_recycled(each_type[i]);
}
END_TEST

static void *nothing(void *unused)
{
    return unused;
}

static void start_a_thread(void)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, nothing, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

START_TEST(the_same_once_a_second_thread_has_started)
{
    start_a_thread();
    for (int i = 0; i < TYPES; i++) check_recycled(each_type[i]);
    for (int i = 0; i < TYPES; i++) {
        fill_cell(each_type[i]);
        struct node *node = rc_retain(node_new(each_type[i]));
        rc_release(node);
        rc_release(rc_retain(node));
        rc_release(node);
        ck_assert_ptr_eq(cell()->object, node);
    }
}
END_TEST

START_TEST(what_the_cell_has_no_room_for_goes_through_the_magazine)
{
    struct node *nodes[BEHIND + 11];
    struct rc_memory_statistics before = statistics();
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < BEHIND + 11; i++) nodes[i] = node_new(&whole);
        if (round) ck_assert_uint_eq(statistics().recycled - before.recycled, BEHIND + 1);
        if (round) ck_assert_uint_eq(statistics().magazine_hits - before.magazine_hits, 10);
        for (int i = 0; i < BEHIND + 11; i++) rc_release(nodes[i]);
        ck_assert_uint_eq(cell()->behind, BEHIND);
        before = statistics();
    }
    ck_assert_uint_ge(rc_memory_trim(), (BEHIND + 1) * sizeof(struct node));
    ck_assert(!cell()->object && !cell()->behind);
    ck_assert_uint_eq(statistics().idle_bytes, 0);
}
END_TEST

START_TEST(a_prefix_is_as_new_when_its_object_is_taken)
{
    struct node *node = node_new(&whole);
    struct rc__prefix fresh = *rc__prefix_of(rc__header_of(node)), *prefix;
    ck_assert_ptr_eq(fresh.allocator, rc_allocator_system());
    ck_assert(fresh.extra == 0 && fresh.alignment_log2 == 4 && fresh.flags == 0);
    ck_assert(fresh.place == 0 && fresh.domain == NULL);
    rc_release(node);
    fill_cell(&whole);
    prefix = rc__prefix_of(rc__header_of(cell()->object));
    prefix->place = 3;
    prefix->domain = (struct rc_cycle_domain *)prefix;
    prefix->flags = RC__FLAG_WEAK;
    node = node_new(&whole);
    ck_assert_ptr_eq(rc__prefix_of(rc__header_of(node)), prefix);
    ck_assert_mem_eq(prefix, &fresh, sizeof fresh);
    ck_assert(!rc_cycle_is_tracked(node));
    rc_release(node);
}
END_TEST

/* Magazines' classes, cells' limit, pages. */
START_TEST(objects_of_any_size_are_cleared)
{
    static const size_t sizes[] = {0,    1,    8,    31,    64,    65,     464,
                                   3000, 4096, 4097, 65536, 65537, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        static rc_type type = {.name = "any", .traverse = node_traverse};
        type.size = sizes[i];
        for (int turn = 0; turn < TURNS; turn++) {
            unsigned char *object = rc_object_new(&type, 0);
            for (size_t at = 0; at < type.size; at += 1 + at / 64) ck_assert_uint_eq(object[at], 0);
            memset(object, 0xa5, type.size);
            rc_release(object);
        }
        ck_assert_int_eq(cell()->type == &type, type.size <= 65536);
        (void)rc_memory_trim();
    }
}
END_TEST

/* ---- what is special ------------------------------------------------------------------------- */

START_TEST(an_object_that_was_tracked_is_not_kept)
{
    rc_cycle_domain *domain = rc_cycle_domain_new();
    for (int i = 0; i < TYPES; i++) {
        if (!each_type[i]->traverse) continue;
        fill_cell(each_type[i]);
        struct node *node = node_new(each_type[i]);
        ck_assert_int_eq(rc_cycle_track(domain, node), RC_OK);
        if (i % 2) ck_assert_int_eq(rc_cycle_untrack(node), RC_OK);
        rc_release(node);
        ck_assert_ptr_null(cell()->object);
    }
    rc_release(domain);
}
END_TEST

START_TEST(a_recycled_object_is_tracked_and_collected)
{
    rc_cycle_domain *domain = rc_cycle_domain_new();
    for (int i = 0; i < 3; i++) {
        fill_cell(&whole);
        struct node *node = node_new(&whole);
        ck_assert_int_eq(rc_cycle_track(domain, node), RC_OK);
        node->first = rc_retain(node);
        rc_release(node);
        ck_assert_uint_eq(rc_cycle_collect(domain), 1);
        ck_assert_uint_eq(finalized, 1);
    }
    rc_release(domain);
}
END_TEST

START_TEST(what_is_weakly_referenced_is_not_kept_and_dies)
{
    fill_cell(&whole);
    struct node *node = node_new(&whole);
    rc_weak *weak = rc_weak_new(node);
    rc_release(node);
    ck_assert_ptr_null(cell()->object);
    ck_assert(rc_weak_is_dead(weak) && !rc_weak_lock(weak));
    rc_release(weak);
}
END_TEST

static void release_kept(void *object)
{
    rc_release(object);
    ck_assert_ptr_null(cell()->object);
    ck_assert_uint_eq(cell()->behind, 0);
}

/* More bytes, an alignment, an owner, a home. */
START_TEST(an_object_of_another_shape_is_not_kept)
{
    static const rc_type aligned = {
        .name = "aligned", .size = 16, .traverse = node_traverse, .alignment = 64};
    static const rc_type biased = {
        .name = "biased", .size = 16, .traverse = node_traverse, .flags = RC_TYPE_BIASED};
    rc_home *home = rc_home_new();
    for (int i = 0; i < TURNS; i++) {
        release_kept(rc_object_new(&traversed, 1));
        release_kept(rc_object_new(&aligned, 0));
        release_kept(rc_object_new(&biased, 0));
        release_kept(rc_home_object_new(home, &traversed, 0));
    }
    ck_assert_ptr_null(cell()->type);
    rc_release(home);
}
END_TEST

START_TEST(an_object_goes_back_to_the_allocator_that_made_it)
{
    static struct arena arena;
    arena_init(&arena);
    fill_cell(&whole);
    void *dead = cell()->object;
    struct node *other = rc_object_new_with(&arena.allocator, &whole, 0);
    rc_release(other);
    ck_assert_uint_eq(arena.deallocated, 1);
    ck_assert_uint_eq(arena.last_size, sizeof(struct node) + 48);
    ck_assert_int_eq(rc_allocator_set_default(&arena.allocator), RC_OK);
    other = node_new(&whole);
    ck_assert_uint_eq(arena.allocated, 2);
    ck_assert_ptr_eq(cell()->object, dead);
    ck_assert_int_eq(rc_allocator_set_default(NULL), RC_OK);
    rc_release(other);
    ck_assert_uint_eq(arena.deallocated, 2);
    other = node_new(&whole);
    ck_assert_ptr_eq(other, dead);
    rc_release(other);
}
END_TEST

START_TEST(an_object_of_the_system_by_name_is_kept_like_others)
{
    fill_cell(&whole);
    struct node *node = rc_object_new_with(rc_allocator_system(), &whole, 0),
                *next = node_new(&whole);
    ck_assert_ptr_ne(node, next);
    rc_release(node);
    ck_assert_ptr_eq(cell()->object, node);
    rc_release(next);
}
END_TEST

START_TEST(more_bytes_than_there_can_be_are_no_memory)
{
    static const rc_type endless = {
        .name = "endless", .size = SIZE_MAX / 2 - 4096, .traverse = node_traverse};
    void *one = rc_object_new(&endless, 0); /* which there is room for on a machine of 32 bits */
    ck_assert_ptr_null(rc_object_new(&endless, 0));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    rc_error_clear();
    rc_release(one);
}
END_TEST

HARNESS_MAIN("rc/object_prefixed", a_dead_object_of_each_kind_of_type_is_the_next_one,
             the_same_once_a_second_thread_has_started,
             what_the_cell_has_no_room_for_goes_through_the_magazine,
             a_prefix_is_as_new_when_its_object_is_taken, objects_of_any_size_are_cleared,
             an_object_that_was_tracked_is_not_kept, a_recycled_object_is_tracked_and_collected,
             what_is_weakly_referenced_is_not_kept_and_dies, an_object_of_another_shape_is_not_kept,
             an_object_goes_back_to_the_allocator_that_made_it,
             an_object_of_the_system_by_name_is_kept_like_others,
             more_bytes_than_there_can_be_are_no_memory)
