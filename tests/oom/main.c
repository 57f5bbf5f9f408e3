/* SPDX-License-Identifier: MIT */
/*
 * The sweep itself; oom.h tells what it does.
 *
 *     sweep          every scenario
 *     sweep list     and every function of the public headers has to be called by one
 *
 * Prints how many requests it failed, and how many leaks there were. Exit status: 0 if all was as
 * it must be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer/layout.h"
#include "oom.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define IS_POISONED(address) (__asan_address_is_poisoned(address) != 0)
#else
#define IS_POISONED(address) false
#endif

static struct {
    const struct scenario *scenario;
    const struct shape *shape;
    enum place place;
    size_t n;
    bool for_ever;
} now; /* what is being tried, for sentences */

static struct {
    size_t runs, failed, absorbed, leaks, wrong, scenarios;
    size_t places; /* single requests that failed, each of a call counted once */
} total;

void expect(bool condition, const char *what)
{
    if (condition) return;
    if (total.wrong++ > 20) return;
    printf("failed: %s (size %zu, alignment %zu, flags %u%s; %s; request %zu %s): %s; \"%s\"\n",
           now.scenario->name, now.shape->size, now.shape->alignment, now.shape->flags,
           now.shape->own ? ", own allocator" : "", place_names[now.place], now.n,
           now.for_ever ? "and all later" : "once", what, rc_error_message());
}

/* ---- what is watched ------------------------------------------------------------------------- */

struct seen {
    size_t count;
    rc_buffer head;
    size_t capacity;          /* of a buffer that owns its bytes */
    unsigned long long bytes; /* of a buffer's content, or of an object's payload */
    bool is_buffer;
    bool spare_is_poisoned; /* what follows a buffer's bytes */
};

void watch(struct stage *stage, const void *object)
{
    expect(stage->watched_count < WATCHED_MAX, "too many objects are watched");
    stage->watched[stage->watched_count++] = object;
}

static unsigned long long mix(const unsigned char *bytes, size_t size)
{
    unsigned long long mixed = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < size; i++) mixed = (mixed ^ bytes[i]) * 1099511628211u;
    return mixed;
}

static struct seen look(const void *object)
{
    struct seen seen = {.count = rc_count(object)};
    seen.is_buffer = strncmp(rc_type_of(object)->name, "rc_buffer", 9) == 0;
    if (seen.is_buffer) {
        memcpy(&seen.head, object, sizeof seen.head);
        seen.bytes = mix(seen.head.data, seen.head.size);
        if (rc__buffer_kind(&seen.head) == RC__BUFFER_OWNER)
            seen.capacity = ((const struct rc__owner *)object)->capacity;
        seen.spare_is_poisoned = IS_POISONED(seen.head.data + seen.head.size);
    } else {
        seen.bytes = mix(object, rc_type_of(object)->size);
    }
    return seen;
}

static bool is_as_before(const struct seen *before, const struct seen *after)
{
    return before->count == after->count && before->bytes == after->bytes &&
           before->head.data == after->head.data && before->head.size == after->head.size &&
           before->head.rc__exports == after->head.rc__exports &&
           before->head.rc__state == after->head.rc__state && before->capacity == after->capacity &&
           before->spare_is_poisoned == after->spare_is_poisoned;
}

/* ---- one run --------------------------------------------------------------------------------- */

static bool act(struct stage *stage, size_t n, bool for_ever, struct fail_count *counted)
{
    rc_error_clear();
    fail_arm(n, for_ever);
    called_watch(true);
    bool done = now.scenario->act(stage);
    called_watch(false);
    *counted = fail_disarm();
    return done;
}

static void check_refusal(struct stage *stage, const struct seen *before,
                          const struct rc_account *account)
{
    struct rc_account after;
    expect(rc_error_status() == RC_NO_MEMORY, rc_status_name(rc_error_status()));
    expect(strpbrk(rc_error_message(), "0123456789") || now.scenario->absorbs,
           "the message has no figures");
    rc_account_read(&after);
    expect(after.failures > account->failures || now.place == PLACE_MALLOC,
           "the account has not counted the failure");
    expect(rc_account_check_nothing_new(account) == RC_OK, "the refused call left something alive");
    for (size_t i = 0; i < stage->watched_count; i++) {
        struct seen seen = look(stage->watched[i]);
        expect(is_as_before(&before[i], &seen), "an object is not as it was before the call");
    }
}

/* Refused as long as there is no memory, and done when there is again. Returns: further failures.
 */
static size_t try_again(struct stage *stage, const struct seen *before,
                        const struct rc_account *account)
{
    struct fail_count counted = {0, 0};
    if (now.for_ever && !now.scenario->absorbs) {
        expect(!act(stage, 1, true, &counted), "the second try without memory succeeds");
        check_refusal(stage, before, account);
    }
    struct fail_count none;
    expect(act(stage, 0, false, &none), "the call does not succeed when there is memory again");
    expect(rc_error_status() == RC_OK, "success left an error");
    return counted.failed;
}

/* What is asked of malloc() on the fast path is asked once more on the slow one. */
static bool may_absorb(const struct fail_count *counted)
{
    bool asked_again = !now.for_ever && counted->requests > now.n;
    return now.scenario->absorbs ||
           (asked_again && (now.place == PLACE_MALLOC || now.scenario->asks_for_less));
}

/* Returns: how many requests failed. */
static size_t run(size_t n, bool for_ever)
{
    now.n = n;
    now.for_ever = for_ever;
    struct rc_account start, prepared;
    struct seen before[WATCHED_MAX];
    struct fail_count counted;
    size_t mappings = fail_mappings();
    rc_account_read(&start);
    struct stage stage = {.shape = now.shape, .sockets = {-1, -1}};
    const struct rc_allocator *own = fail_enter(now.place);
    stage.allocator = now.shape->own ? own : NULL;
    stage.failing = own;
    if (now.scenario->prepare) now.scenario->prepare(&stage);
    for (size_t i = 0; i < stage.watched_count; i++) before[i] = look(stage.watched[i]);
    rc_account_read(&prepared);

    bool done = act(&stage, n, for_ever, &counted);
    if (!done) {
        expect(counted.failed > 0, "the call failed although no request did");
        check_refusal(&stage, before, &prepared);
        total.failed += try_again(&stage, before, &prepared);
    } else if (counted.failed && may_absorb(&counted)) {
        total.absorbed += counted.failed;
    } else {
        expect(!counted.failed, "a request failed and the call succeeded");
    }
    total.places += counted.failed && !for_ever;
    expect(!done || rc_error_status() == RC_OK, "success left an error");
    if (now.scenario->quiet) expect(counted.requests == 0, "it asked for memory");
    if (now.scenario->holds) expect(now.scenario->holds(&stage), "the result is not right");

    if (now.scenario->end) now.scenario->end(&stage);
    bool leaked = !fail_leave();
    leaked = leaked || rc_account_check_nothing_new(&start) != RC_OK;
    leaked = leaked || fail_mappings() != mappings;
    expect(!leaked, "something leaked");
    total.leaks += leaked;
    total.runs++;
    total.failed += counted.failed;
    return counted.failed;
}

static void run_everywhere(const struct scenario *scenario, const struct shape *shape)
{
    now.scenario = scenario;
    now.shape = shape;
    for (now.place = 0; now.place < PLACES; now.place++) {
        for (size_t n = 1; run(n, false) > 0 && n < 100; n++) {
        }
        for (size_t n = 1; run(n, true) > 0 && n < 100; n++) {
        }
    }
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const size_t sizes[] = {24, 0, 4000, 4097, 100000};
static const size_t alignments[] = {0, 64, 4096};

/* Every shape of one size, or the first. */
static void run_size(const struct scenario *scenario, size_t size)
{
    for (size_t i = 0; i < sizeof alignments / sizeof alignments[0]; i++)
        for (unsigned kind = 0; kind < 4; kind++) {
            struct shape shape = {.size = size,
                                  .alignment = alignments[i],
                                  .flags = kind & 1 ? RC_BUFFER_WIPE : 0,
                                  .own = kind & 2};
            run_everywhere(scenario, &shape);
            if (!scenario->every_shape) return;
        }
}

static void run_shapes(const struct scenario *scenario)
{
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        run_size(scenario, sizes[i]);
        if (!scenario->every_shape && !scenario->every_size) return;
    }
}

static void run_group(const char *name, const struct scenarios *group)
{
    size_t before = total.failed;
    for (size_t i = 0; i < group->count; i++) run_shapes(&group->first[i]);
    total.scenarios += group->count;
    printf("  %-8s %3zu scenarios %6zu requests failed\n", name, group->count,
           total.failed - before);
}

int main(int count, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    called_watch(false); /* what it maps for itself is there before mappings are counted */
    run_group("buffer", &buffer_scenarios);
    run_group("object", &object_scenarios);
    run_group("kinds", &kind_scenarios);
    run_group("map", &map_scenarios);
    run_group("format", &format_scenarios);
    run_group("view", &view_scenarios);
    run_group("array", &array_scenarios);
    run_group("npy", &npy_scenarios);
    run_group("pool", &pool_scenarios);
    run_group("chain", &chain_scenarios);
    run_group("cycle", &cycle_scenarios);
    run_group("graph", &graph_scenarios);
    run_group("quiet", &quiet_scenarios);
    run_group("timeline", &timeline_scenarios);
    run_group("thread", &thread_scenarios); /* the process has more threads from here on */
    run_group("slot", &slot_scenarios);
    size_t missing = 0;
    if (count > 1 && strcmp(arguments[1], "list") == 0) {
        missing = called_print_missing();
        printf("%zu public functions, %zu of them never called\n", called_count(), missing);
        if (called_count() == 0) missing = 1;
    }
    printf("%zu scenarios, %zu runs: %zu requests failed at %zu places (%zu of them absorbed), "
           "%zu leaks, %zu wrong\n",
           total.scenarios, total.runs, total.failed, total.places, total.absorbed, total.leaks,
           total.wrong);
    return total.wrong == 0 && missing == 0 && total.places >= 500 ? EXIT_SUCCESS : EXIT_FAILURE;
}
