/* SPDX-License-Identifier: MIT */
/* What objects hold whose types nobody asks: by their words, and of what the library's own keep. */
#include "rc/ledger_picture.h"

#include <pthread.h>

#include "buffer/buffer.h"
#include "rc/cycle.h"
#include "rc/home.h"
#include "rc/weak.h"
#include "tests/rc/ledger_support.h"

HARNESS_EARLY
{
    setenv("RCBUF_TRACE", "record", 1);
}

struct pair {
    void *first, *second;
};

/* Neither has a traverse. */
static const rc_type parent_type = {.name = "parent", .size = sizeof(struct pair)};
static const rc_type child_type = {.name = "child", .size = sizeof(struct pair)};

/* Hidden variables: a malloc block's. */
static struct pair **hidden(const rc_type *type)
{
    struct pair **variable = calloc(1, sizeof(struct pair *));
    ck_assert_ptr_nonnull(variable);
    *variable = rc_new(struct pair, type);
    ck_assert_ptr_nonnull(*variable);
    return variable;
}

static void drop(struct pair **variable)
{
    rc_release(*variable);
    free(variable);
}

/* A second thread, which waits. */
struct company {
    pthread_t thread;
    pthread_mutex_t ends;
};

static void *wait_for_end(void *ends)
{
    pthread_mutex_lock(ends);
    pthread_mutex_unlock(ends);
    return NULL;
}

static void come(struct company *company)
{
    pthread_mutex_init(&company->ends, NULL);
    pthread_mutex_lock(&company->ends);
    ck_assert_int_eq(pthread_create(&company->thread, NULL, wait_for_end, &company->ends), 0);
}

static void go(struct company *company)
{
    pthread_mutex_unlock(&company->ends);
    pthread_join(company->thread, NULL);
    pthread_mutex_destroy(&company->ends);
}

/* In a process of one thread, and in one of two. */
static void check_leaked(size_t objects, const char *part)
{
    size_t leaked;
    struct company company;
    const char *text = report_of(&leaked);
    ck_assert_says(text, part);
    ck_assert_uint_eq(leaked, objects);
    come(&company);
    text = report_of(&leaked);
    ck_assert_says(text, "rcbuf: other threads run");
    ck_assert_says(text, part);
    ck_assert_uint_eq(leaked, objects);
    go(&company);
}

static rc_weak *static_weak;
static rc_home *static_home;
static rc_cycle_domain *static_domain;

START_TEST(a_weak_reference_holds_nothing)
{
    LEDGER_OR_SKIP("a_weak_reference_holds_nothing");
    struct pair **lost = hidden(&parent_type);
    static_weak = rc_weak_new(*lost);
    check_leaked(1, "Direct leak of 16 bytes in 1 object of type parent");
    rc_clear(&static_weak);
    drop(lost);
}
END_TEST

START_TEST(weak_references_of_nobody_are_leaked)
{
    LEDGER_OR_SKIP("weak_references_of_nobody_are_leaked");
    enum { MANY = 3 };
    static struct pair *kept;
    size_t leaked;
    kept = rc_new(struct pair, &parent_type);
    rc_weak **lost = calloc(MANY, sizeof(rc_weak *));
    ck_assert_ptr_nonnull(lost);
    for (int i = 0; i < MANY; i++) lost[i] = rc_weak_new(kept);
    ck_assert_says(report_of(&leaked), "in 3 objects of type rc_weak");
    ck_assert_uint_eq(leaked, MANY);
    for (int i = 0; i < MANY; i++) rc_release(lost[i]);
    free(lost);
    rc_clear(&kept);
}
END_TEST

static void never(rc_weak *weak, void *context)
{
    (void)weak;
    (void)context;
    ck_abort_msg("the object is alive");
}

/* Whose it is only the program knows. */
START_TEST(a_weak_reference_leads_to_its_context)
{
    LEDGER_OR_SKIP("a_weak_reference_leads_to_its_context");
    size_t leaked;
    static struct pair *target;
    struct pair **context = hidden(&child_type);
    target = rc_new(struct pair, &parent_type);
    static_weak = rc_weak_new(target);
    ck_assert_int_eq(rc_weak_on_death(static_weak, never, *context), RC_OK);
    ck_assert_says(report_of(&leaked), "in 3 still reachable");
    ck_assert_uint_eq(leaked, 0);
    rc_clear(&static_weak);
    rc_clear(&target);
    drop(context);
}
END_TEST

START_TEST(the_list_of_homes_leads_to_none)
{
    LEDGER_OR_SKIP("the_list_of_homes_leads_to_none");
    rc_home **lost = calloc(2, sizeof(rc_home *));
    ck_assert_ptr_nonnull(lost);
    for (int i = 0; i < 2; i++) {
        lost[i] = rc_home_new();
        if (i == 0) static_home = rc_home_new();
    }
    check_leaked(2, "in 2 objects of type rc_home");
    for (int i = 0; i < 2; i++) rc_release(lost[i]);
    rc_clear(&static_home);
    free(lost);
}
END_TEST

START_TEST(the_list_of_domains_leads_to_none)
{
    LEDGER_OR_SKIP("the_list_of_domains_leads_to_none");
    rc_cycle_domain **lost = calloc(2, sizeof(rc_cycle_domain *));
    ck_assert_ptr_nonnull(lost);
    for (int i = 0; i < 2; i++) {
        lost[i] = rc_cycle_domain_new();
        if (i == 0) static_domain = rc_cycle_domain_new();
    }
    check_leaked(2, "in 2 objects of type rc_cycle_domain");
    for (int i = 0; i < 2; i++) rc_release(lost[i]);
    rc_clear(&static_domain);
    free(lost);
}
END_TEST

START_TEST(what_no_traverse_tells_of_is_held_by_its_owner)
{
    LEDGER_OR_SKIP("what_no_traverse_tells_of_is_held_by_its_owner");
    struct pair **lost = hidden(&parent_type);
    rc_buffer *buffer = rc_buffer_new(16);
    (*lost)->second = buffer;
    check_leaked(2, "Direct leak of 16 bytes in 1 object of type parent");
    check_leaked(2, "Indirect leak of ");
    check_leaked(2, "held by the parent at ");
    rc_release(buffer);
    drop(lost);
}
END_TEST

START_TEST(extra_bytes_hold_what_they_look_like)
{
    LEDGER_OR_SKIP("extra_bytes_hold_what_they_look_like");
    enum { EXTRA = 100000 }; /* bytes */
    size_t leaked;
    struct pair **child = hidden(&child_type);
    struct pair **parents = calloc(1, sizeof(struct pair *));
    ck_assert_ptr_nonnull(parents);
    *parents = rc_object_new(&parent_type, EXTRA);
    ck_assert_ptr_nonnull(*parents);
    memcpy((char *)(*parents + 1) + EXTRA - sizeof(void *), child, sizeof(void *));
    ck_assert_says(report_of(&leaked), "held by the parent at ");
    ck_assert_uint_eq(leaked, 2);
    rc_release(*parents);
    free(parents);
    drop(child);
}
END_TEST

/* The way back may own nothing: words do not tell. */
START_TEST(circles_by_words_are_told_as_such)
{
    LEDGER_OR_SKIP("circles_by_words_are_told_as_such");
    struct pair **lost = hidden(&parent_type), *child = rc_new(struct pair, &child_type);
    (*lost)->first = child;
    child->second = *lost;
    check_leaked(2, "held by nothing but each other, by their words:");
    rc_release(child);
    drop(lost);
}
END_TEST

START_TEST(no_object_holds_itself_by_its_words)
{
    LEDGER_OR_SKIP("no_object_holds_itself_by_its_words");
    struct pair **lost = hidden(&parent_type);
    (*lost)->first = (*lost)->second = *lost; /* an empty list */
    check_leaked(1, "Direct leak of 16 bytes in 1 object of type parent");
    drop(lost);
}
END_TEST

START_TEST(leaks_stand_in_the_order_of_their_making)
{
    LEDGER_OR_SKIP("leaks_stand_in_the_order_of_their_making");
    enum { KINDS = 8 };
    static char names[KINDS][8];
    static rc_type types[KINDS];
    size_t leaked;
    struct pair **lost[KINDS];
    for (int i = 0; i < KINDS; i++) {
        snprintf(names[i], sizeof names[i], "kind %c", 'a' + i);
        types[i] = (rc_type){.name = names[i], .size = sizeof(struct pair)};
        lost[i] = hidden(&types[i]);
    }
    const char *text = report_of(&leaked), *last = text;
    ck_assert_uint_eq(leaked, KINDS);
    for (int i = 0; i < KINDS; i++) {
        const char *at = strstr(text, names[i]);
        ck_assert_ptr_nonnull(at);
        ck_assert_msg(at > last, "%s comes too early in: %.3000s", names[i], text);
        last = at;
    }
    for (int i = 0; i < KINDS; i++) drop(lost[i]);
}
END_TEST

HARNESS_MAIN("rc/ledger_words", a_weak_reference_holds_nothing,
             weak_references_of_nobody_are_leaked, a_weak_reference_leads_to_its_context,
             the_list_of_homes_leads_to_none, the_list_of_domains_leads_to_none,
             what_no_traverse_tells_of_is_held_by_its_owner, extra_bytes_hold_what_they_look_like,
             circles_by_words_are_told_as_such, no_object_holds_itself_by_its_words,
             leaks_stand_in_the_order_of_their_making)
