/* SPDX-License-Identifier: MIT */
/* How an object ends that a cycle domain could track and none does: what its type's functions may do with it
 * meanwhile, and what is a bug. */
#include <errno.h>

#include "rc/callback.h"
#include "rc/weak.h"
#include "tests/rc/prefixed_support.h"

static void *kept;
static rc_weak *seen_dead;

static void keep(void *self)
{
    finalized++;
    kept = rc_retain(self);
}

START_TEST(an_object_that_its_finalizer_keeps_lives_on_and_is_finalized_once)
{
    static const rc_type types[] = {
        NODE("kept", .finalize = keep, .traverse = node_traverse),
        NODE("kept by clear", .clear = keep),
        NODE("kept and cleared", .finalize = keep, .clear = node_clear, .flags = RC_TYPE_CLEARED),
    };
    for (int i = 0; i < 3; i++) {
        finalized = cleared = 0;
        struct node *node = node_new(&types[i]);
        rc_release(node);
        ck_assert_ptr_eq(kept, node);
        ck_assert(finalized == 1 && cleared == 0 && rc_count(node) == 1);
        ck_assert_uint_eq(rc__header_of(node)->flags, RC__FLAG_PREFIX | RC__FLAG_FINALIZED);
        rc_release(node);
        if (i == 1) ck_assert_ptr_eq(kept, node); /* what clears may clear again */
        if (i == 1) rc__header_of(node)->flags |= RC__FLAG_CLEARED;
        if (i == 1) rc_release(node);
        ck_assert(finalized == (i == 1 ? 2 : 1) && cleared == (i == 2));
    }
}
END_TEST

static void refer_weakly(void *self)
{
    cleared++;
    seen_dead = rc_weak_new(self);
}

START_TEST(a_weak_reference_that_is_made_at_the_end_is_dead_after_it)
{
    static const rc_type types[] = {
        NODE("by its finalizer", .finalize = refer_weakly, .traverse = node_traverse),
        NODE("by clear", .clear = refer_weakly),
        NODE("by both", .finalize = node_finalize, .clear = refer_weakly, .flags = RC_TYPE_CLEARED),
        NODE("before clear", .finalize = refer_weakly, .clear = node_clear,
             .flags = RC_TYPE_CLEARED),
    };
    for (int i = 0; i < 4; i++) {
        finalized = cleared = 0;
        rc_release(node_new(&types[i]));
        ck_assert_uint_eq(cleared, i == 3 ? 2 : 1);
        ck_assert(rc_weak_is_dead(seen_dead) && !rc_weak_lock(seen_dead));
        rc_clear(&seen_dead);
    }
}
END_TEST

START_TEST(a_long_chain_ends_completely)
{
    for (int i = 1; i < TYPES; i++) {
        finalized = cleared = 0;
        struct node *head = NULL;
        for (int length = 0; length < 1000; length++) {
            struct node *node = node_new(each_type[i]);
            node->first = head;
            head = node;
        }
        rc_release(head);
        ck_assert_uint_eq(finalized, each_type[i]->finalize ? 1000 : 0);
        ck_assert_int_le(deepest, RC__NESTING_MAX);
        ck_assert_uint_eq(rc_account_read_type(each_type[i]).live_objects, 0);
    }
}
END_TEST

static void fail_quietly(void *self)
{
    (void)self;
    errno = EDOM;
    ck_assert_int_eq(rc_error_set(RC_RANGE, "in here"), RC_RANGE);
}

START_TEST(a_release_preserves_the_last_error_and_errno)
{
    static const rc_type failing =
        NODE("failing", .finalize = fail_quietly, .clear = fail_quietly, .flags = RC_TYPE_CLEARED);
    for (int i = 0; i < TURNS; i++) {
        struct node *node = node_new(&failing);
        rc_error_set(RC_BUSY, "before");
        errno = ENOENT;
        rc_release(node);
        ck_assert(errno == ENOENT && rc_error_status() == RC_BUSY);
        ck_assert_str_eq(rc_error_message(), "before");
    }
    rc_error_clear();
}
END_TEST

static void release_twice(void *type)
{
    fill_cell(type);
    struct node *node = node_new(type);
    rc_release(node);
    rc_release(node);
}

static void release_self(void *self)
{
    rc_release(self);
}

static void release_in_finalizer(void *unused)
{
    static const rc_type own = NODE("own", .finalize = release_self, .traverse = node_traverse);
    (void)unused;
    rc_release(node_new(&own));
}

START_TEST(a_release_too_many_stops)
{
    for (int i = 0; i < TYPES; i++)
        CHILD_ASSERT_STOPS(release_twice, (void *)(uintptr_t)each_type[i],
                           "is dead: it was released more often than retained");
    CHILD_ASSERT_STOPS(release_in_finalizer, NULL, "the finalizer of type own released its own");
}
END_TEST

HARNESS_MAIN("rc/object_prefixed_end",
             an_object_that_its_finalizer_keeps_lives_on_and_is_finalized_once,
             a_weak_reference_that_is_made_at_the_end_is_dead_after_it,
             a_long_chain_ends_completely, a_release_preserves_the_last_error_and_errno,
             a_release_too_many_stops)
