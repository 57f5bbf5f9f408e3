/* SPDX-License-Identifier: MIT */
/* Runs all generated functions and compares their traces with the simulator's. */
#include "tests/fuzz/try_run.h"

#include <stdio.h>

static unsigned long long trace, random_state;

void t(unsigned value)
{
    trace = (trace ^ value) * 0x100000001b3u;
}

unsigned flip(unsigned of)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 40) % of;
}

static void finalize(void *self)
{
    t(4000 + *(unsigned *)self);
}

static const rc_type type = {.name = "number", .size = sizeof(unsigned), .finalize = finalize};

unsigned *object(unsigned number)
{
    unsigned *object = RC_CHECK(rc_new(unsigned, &type), RC_NO_MEMORY);
    *object = number;
    return object;
}

void trace_deferred(unsigned number)
{
    t(2000 + number);
}

void trace_released(unsigned number)
{
    t(1000 + number);
}

unsigned message_number(const struct rc_exception *exception)
{
    return exception->message[0] == 'm' ? (unsigned)strtoul(exception->message + 1, NULL, 10) : 7;
}

static unsigned long long run(generated *function, unsigned index, unsigned round)
{
    trace = 0xcbf29ce484222325u;
    random_state = index * 64ull + round;
    RC_TRY()
    {
        t(function(round));
    }
    RC_EXCEPT(e)
    {
        t(9000u - (unsigned)e->status);
        t(message_number(e));
    }
    RC_END
    return trace;
}

int main(void)
{
    unsigned mismatches = 0;
    for (unsigned i = 0; i < generated_count; i++) {
        unsigned wrong = 0;
        for (unsigned round = 0; round < 6; round++)
            wrong +=
                run(generated_cases[i].function, i, round) != generated_cases[i].expected[round];
        if (wrong && mismatches++ < 5) printf("f%u differs in %u of 6 runs\n", i, wrong);
    }
    if (rc_scope_open_count != 0) printf("%zu scoped variables left open\n", rc_scope_open_count);
    printf("%u functions, %u mismatches\n", generated_count, mismatches);
    return mismatches != 0 || rc_scope_open_count != 0;
}
