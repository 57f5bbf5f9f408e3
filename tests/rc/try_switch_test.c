/* SPDX-License-Identifier: MIT */
/* The hook for coroutine libraries, with a coroutine of the C library. */
#include "rc/try.h"

#include "rc/object.h"

#include <ucontext.h>

#include "tests/child.h"
#include "tests/rc/trace.h"

/* What the sanitizers want to be told; absent without them. */
void __sanitizer_start_switch_fiber(void **kept, const void *bottom, size_t size)
    __attribute__((weak));
void __sanitizer_finish_switch_fiber(void *kept, const void **bottom, size_t *size)
    __attribute__((weak));
void *__tsan_get_current_fiber(void) __attribute__((weak));
void *__tsan_create_fiber(unsigned flags) __attribute__((weak));
void __tsan_switch_to_fiber(void *fiber, unsigned flags) __attribute__((weak));

struct side {
    ucontext_t context;
    struct rc_try_state state;
    const void *bottom;
    size_t size;
    void *kept, *fiber;
};

static struct side main_side, other_side;
static char other_stack[256 * 1024] __attribute__((aligned(64)));
static bool use_hook = true;

static void arrive(struct side *here, struct side *from)
{
    if (__sanitizer_finish_switch_fiber)
        __sanitizer_finish_switch_fiber(here->kept, &from->bottom, &from->size);
}

static void switch_sides(struct side *from, struct side *to)
{
    if (use_hook) rc_try_switch(&from->state, &to->state);
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(&from->kept, to->bottom, to->size);
    if (__tsan_switch_to_fiber) __tsan_switch_to_fiber(to->fiber, 0);
    swapcontext(&from->context, &to->context);
    arrive(from, to);
}

static void start_other(void (*body)(void))
{
    memset(&other_side, 0, sizeof other_side);
    ck_assert_int_eq(getcontext(&other_side.context), 0);
    other_side.bottom = other_side.context.uc_stack.ss_sp = other_stack;
    other_side.size = other_side.context.uc_stack.ss_size = sizeof other_stack;
    other_side.context.uc_link = &main_side.context;
    if (__tsan_create_fiber) {
        main_side.fiber = __tsan_get_current_fiber();
        other_side.fiber = __tsan_create_fiber(0);
    }
    makecontext(&other_side.context, body, 0);
}

/* Enters a try, lets the other side run, raises, lets it run again, and ends. */
static void body_that_catches(void)
{
    arrive(&other_side, &main_side);
    RC_TRY () {
        RC_SCOPED(letter, o) = 'o';
        switch_sides(&other_side, &main_side);
        rc_raise(RC_BUSY, "on the other stack");
    } RC_EXCEPT (e) {
        note('O');
        ck_assert_str_eq(e->message, "on the other stack");
    } RC_END
    switch_sides(&other_side, &main_side);
}

START_TEST(each_stack_has_tries_and_open_variables_of_its_own)
{
    size_t open = rc_scope_open_count;
    start_other(body_that_catches);
    RC_TRY () {
        RC_SCOPED(letter, m) = 'm';
        switch_sides(&main_side, &other_side);
        ck_assert_uint_eq(rc_scope_open_count, open + (RC_DEBUG ? 1 : 0));
        rc_raise(RC_RANGE, "on the first stack");
    } RC_EXCEPT (e) {
        note('M');
        ck_assert_str_eq(e->message, "on the first stack");
    } RC_END
    ck_assert_trace("mM");
    switch_sides(&main_side, &other_side);
    ck_assert_trace("oO");
    ck_assert_uint_eq(rc_scope_open_count, open);
}
END_TEST

static void body_that_raises(void)
{
    arrive(&other_side, &main_side);
    rc_raise(RC_BUSY, "alone on its stack");
}

static void raise_on_a_stack_without_a_try(void *hook)
{
    use_hook = hook != NULL;
    start_other(body_that_raises);
    RC_TRY () {
        switch_sides(&main_side, &other_side);
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

START_TEST(a_stack_that_starts_has_no_active_try)
{
    CHILD_ASSERT_STOPS(raise_on_a_stack_without_a_try, &use_hook, "without an active RC_TRY");
}
END_TEST

START_TEST(without_the_hook_a_raise_does_not_cross_stacks)
{
    CHILD_ASSERT_STOPS(raise_on_a_stack_without_a_try, NULL, "RC_TRY at");
}
END_TEST

START_TEST(switching_keeps_the_state_for_the_way_back)
{
    struct rc_try_state fresh, kept;
    memset(&fresh, 0, sizeof fresh);
    RC_TRY () {
        rc_try_switch(&kept, &fresh);
        ck_assert_uint_eq(kept.chain.tries, 1);
        ck_assert_ptr_nonnull(kept.chain.top);
        rc_try_switch(&fresh, &kept);
        ck_assert_uint_eq(fresh.chain.tries, 0);
        ck_assert_ptr_null(fresh.chain.top);
        rc_raise(RC_BUSY, "back");
    } RC_EXCEPT (e) {
        note('h');
    } RC_END
    ck_assert_trace("h");
}
END_TEST

static struct rc_try_state in_finalizer, on_the_other;
static int freed;

static void count_freed(void *self)
{
    (void)self;
    freed++;
}

static const rc_type counted_type = {.name = "counted", .size = 8, .finalize = count_freed};

/* Away in the middle of a finalizer, and back: the other stack is in none. */
static void switch_away(void *self)
{
    struct rc_try_state fresh;
    memset(&fresh, 0, sizeof fresh);
    rc_try_switch(&in_finalizer, &fresh);
    rc_release(rc_object_new(&counted_type, 0));
    rc_try_switch(&on_the_other, &in_finalizer);
    count_freed(self);
}

START_TEST(finalizers_belong_to_their_stack)
{
    static const rc_type switching_type = {
        .name = "switching", .size = 8, .finalize = switch_away};
    memset(&in_finalizer, 0x55, sizeof in_finalizer); /* all of it is written */
    memset(&on_the_other, 0x55, sizeof on_the_other);
    rc_release(rc_object_new(&switching_type, 0));
    ck_assert_int_eq(freed, 2);
    ck_assert_uint_eq(in_finalizer.nesting, 1);
    ck_assert_uint_eq(on_the_other.nesting, 0);
    ck_assert_ptr_nonnull(in_finalizer.callback);
    ck_assert_ptr_null(on_the_other.callback);
    rc_release(rc_object_new(&counted_type, 0));
    ck_assert_int_eq(freed, 3);
}
END_TEST

HARNESS_MAIN("rc/try_switch", finalizers_belong_to_their_stack, each_stack_has_tries_and_open_variables_of_its_own, a_stack_that_starts_has_no_active_try, without_the_hook_a_raise_does_not_cross_stacks, switching_keeps_the_state_for_the_way_back)
