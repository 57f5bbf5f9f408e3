/* SPDX-License-Identifier: MIT */
/**
 * @file tests/fuzz/try_run.h
 * What generated functions call. Each mixes into one trace, which stands for the order and the
 * values of all that happened.
 */
#ifndef TESTS_FUZZ_TRY_RUN_H
#define TESTS_FUZZ_TRY_RUN_H

#include "rc/try.h"

void t(unsigned value);
unsigned flip(unsigned of);
unsigned *object(unsigned number);
void trace_deferred(unsigned number);
void trace_released(unsigned number);
unsigned message_number(const struct rc_exception *exception);

RC_DEFINE_SCOPED(number, unsigned, 0, trace_released(_v));
RC_DEFINE_DEFER(trace_deferred, unsigned);

typedef unsigned generated(unsigned argument);

struct generated_case {
    generated *function;
    unsigned long long expected[6];
};

extern const struct generated_case generated_cases[];
extern const unsigned generated_count;

#endif
