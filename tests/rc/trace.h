/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/trace.h
 * For the tests of scopes: what was given back, in order, as a string of letters; and resources
 * that leave their letter there.
 */
#ifndef TESTS_RC_TRACE_H
#define TESTS_RC_TRACE_H

#include "rc/scope.h"
#include "tests/harness.h"

/* What was given back, in order: one letter each. */
static char trace[64];

static inline void note(char letter)
{
    size_t end = strlen(trace);
    ck_assert_uint_lt(end + 1, sizeof trace);
    trace[end] = letter;
    trace[end + 1] = '\0';
}

/* Compare, and begin anew. */
#define ck_assert_trace(expected)                                                                  \
    do {                                                                                           \
        ck_assert_str_eq(trace, expected);                                                         \
        trace[0] = '\0';                                                                           \
    } while (0)

RC_DEFINE_DEFER(note, char);

/* A foreign resource: a letter that is noted when it is closed; '-' is none. */
RC_DEFINE_SCOPED(letter, char, '-', note(_v));

struct thing {
    char letter;
};

static void thing_finalize(void *self)
{
    note(((struct thing *)self)->letter);
}

RC_UNUSED static const rc_type thing_type = {
    .name = "thing", .size = sizeof(struct thing), .finalize = thing_finalize};

static inline struct thing *thing_new(char letter)
{
    struct thing *thing = rc_new(struct thing, &thing_type);
    ck_assert_ptr_nonnull(thing);
    thing->letter = letter;
    return thing;
}

#endif
