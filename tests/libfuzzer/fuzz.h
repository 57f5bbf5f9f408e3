/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/fuzz.h
 * What the fuzz targets share: an input that is read byte by byte, and checks that stop the program
 * with a line, so that libFuzzer keeps the input. A target is
 *
 *     #include "tests/libfuzzer/fuzz.h"
 *     static void run(struct fuzz_input *input) { ... FUZZ_CHECK(a == b, "%d is not %d", a, b); }
 *     FUZZ_TARGET(run)
 *
 * After each input nothing new may be alive, and every request for memory of the default allocator
 * can be failed: fuzz_memory.fail_at.
 */
#ifndef TESTS_LIBFUZZER_FUZZ_H
#define TESTS_LIBFUZZER_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rc/account.h"
#include "rc/status.h"

struct fuzz_input {
    const uint8_t *next;
    size_t left;
};

/** Stop, and say why, unless the condition holds. */
#define FUZZ_CHECK(condition, ...)                                                                 \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "wrong: %s:%d: %s: ", __FILE__, __LINE__, #condition);                 \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fprintf(stderr, " (last error: %s)\n", rc_error_message());                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/** The next byte; 0 when there is none. */
static inline unsigned fuzz_byte(struct fuzz_input *input)
{
    if (input->left == 0) return 0;
    input->left--;
    return *input->next++;
}

/** A number below @p limit, 1 to 256, from one byte. */
static inline size_t fuzz_below(struct fuzz_input *input, size_t limit)
{
    return fuzz_byte(input) % limit;
}

/** A number below @p limit, 1 to 65536, from two bytes. */
static inline size_t fuzz_wide_below(struct fuzz_input *input, size_t limit)
{
    unsigned high = fuzz_byte(input);
    return (high << 8 | fuzz_byte(input)) % limit;
}

/** The default allocator of the target. */
static struct rc_failing_allocator fuzz_memory;

/** The request for memory after @p more others fails. */
static inline void fuzz_fail_memory(size_t more)
{
    fuzz_memory.fail_at = rc_failing_allocator_requests(&fuzz_memory) + 1 + more;
}

/** Whether a request was failed since then; none is from here on. */
static inline bool fuzz_memory_has_failed(void)
{
    size_t requests = rc_failing_allocator_requests(&fuzz_memory);
    bool failed = fuzz_memory.fail_at != 0 && fuzz_memory.fail_at <= requests;
    fuzz_memory.fail_at = 0;
    return failed;
}

#define BIT(status) (1u << -(status))

/** One of the answers, or that there is no memory where a request was failed. True for RC_OK. */
static inline bool answers(const char *call, enum rc_status status, unsigned allowed)
{
    if (fuzz_memory_has_failed() && status == RC_NO_MEMORY) return false;
    FUZZ_CHECK(allowed & BIT(status), "%s answers %s", call, rc_status_name(status));
    FUZZ_CHECK(status == RC_OK || (rc_error_status() == status && *rc_error_message()),
               "%s says nothing about its %s", call, rc_status_name(status));
    return status == RC_OK;
}

/** The same for a call that returns a pointer. */
static inline bool returns(const char *call, const void *result, unsigned allowed)
{
    FUZZ_CHECK(result || rc_error_status() != RC_OK, "%s returns NULL without an error", call);
    return answers(call, result ? RC_OK : rc_error_status(), allowed);
}

static inline int fuzz__run(void (*run)(struct fuzz_input *input), const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct rc_account before;
    rc_account_read(&before);
    rc_error_clear();
    fuzz_memory.fail_at = 0;
    run(&input);
    FUZZ_CHECK(rc_account_check_nothing_new(&before) == RC_OK, "something is left alive");
    return 0;
}

/* The sanitizers' own hooks have names that are theirs. */
#define FUZZ_TARGET(run)                                                                           \
    const char *__asan_default_options(void);                                                      \
    const char *__asan_default_options(void)                                                       \
    {                                                                                              \
        return "allocator_may_return_null=1:detect_stack_use_after_return=1";                      \
    }                                                                                              \
    int LLVMFuzzerInitialize(int *count, char ***arguments);                                       \
    int LLVMFuzzerInitialize(int *count, char ***arguments)                                        \
    {                                                                                              \
        (void)count, (void)arguments;                                                              \
        rc_failing_allocator_init(&fuzz_memory, NULL, 0, false);                                   \
        return rc_allocator_set_default(&fuzz_memory.allocator);                                   \
    }                                                                                              \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);                                  \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                   \
    {                                                                                              \
        return fuzz__run((run), data, size);                                                       \
    }

#endif
