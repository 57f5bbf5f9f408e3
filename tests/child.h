/* SPDX-License-Identifier: MIT */
/**
 * @file tests/child.h
 * Tests of what must stop the program: run a function in a forked child, keep what it wrote to
 * standard error and how it ended, and assert on both.
 *
 *     static void release_twice(void *unused) { ... }
 *     CHILD_ASSERT_STOPS(release_twice, NULL, "double_buffer");
 *
 * The child ends by _exit(0) when the function returns: no leak check, no exit handlers. It leaves
 * no core file. The call is for a test that has no other threads at that moment.
 */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* 1 in programs compiled with AddressSanitizer. */
#if defined(__SANITIZE_ADDRESS__)
#define CHILD_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHILD_HAS_ASAN 1
#endif
#endif
#ifndef CHILD_HAS_ASAN
#define CHILD_HAS_ASAN 0
#endif

/* 1 in programs compiled with ThreadSanitizer. */
#if defined(__SANITIZE_THREAD__)
#define CHILD_HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CHILD_HAS_TSAN 1
#endif
#endif
#ifndef CHILD_HAS_TSAN
#define CHILD_HAS_TSAN 0
#endif

struct child_result {
    int status;         /* as waitpid() gives it */
    size_t size;        /* bytes of output, its final NUL not counted */
    char output[16384]; /* standard error; what is beyond is dropped */
};

static inline void child__read_all(int from, struct child_result *result)
{
    char rest[512];
    for (;;) {
        size_t room = sizeof result->output - 1 - result->size;
        ssize_t got =
            read(from, room ? result->output + result->size : rest, room ? room : sizeof rest);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        if (room) result->size += (size_t)got;
    }
    result->output[result->size] = '\0';
}

/** Run function(argument) in a child, and wait for its end. */
static inline struct child_result child_run(void (*function)(void *argument), void *argument)
{
    struct child_result result = {.status = -1};
    int pipe_ends[2];
    ck_assert_int_eq(pipe(pipe_ends), 0);
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        dup2(pipe_ends[1], STDERR_FILENO);
        close(pipe_ends[0]);
        close(pipe_ends[1]);
        function(argument);
        _exit(0);
    }
    close(pipe_ends[1]);
    child__read_all(pipe_ends[0], &result);
    close(pipe_ends[0]);
    while (waitpid(child, &result.status, 0) < 0 && errno == EINTR) {
    }
    return result;
}

/** True if the child returned from its function and wrote nothing. */
static inline bool child_was_quiet(const struct child_result *result)
{
    return WIFEXITED(result->status) && WEXITSTATUS(result->status) == 0 && result->size == 0;
}

/** True if the library stopped the child: abort(), after a line that starts "rcbuf: ". */
static inline bool child_was_stopped(const struct child_result *result)
{
    return WIFSIGNALED(result->status) && WTERMSIG(result->status) == SIGABRT &&
           strstr(result->output, "rcbuf: ") != NULL;
}

/** True if the child ended by a signal or with a status other than 0, a sanitizer's say. */
static inline bool child_died(const struct child_result *result)
{
    return WIFSIGNALED(result->status) ||
           (WIFEXITED(result->status) && WEXITSTATUS(result->status) != 0);
}

/* AddressSanitizer looks up each address of a report in the debug information of all libraries, which
 * takes a fifth of a second. A child that is expected to die says the name of the fault, and no more.
 * Weak, since a program may hold several suites; clang's runtime has its own, and reports in full. */
__attribute__((weak)) bool child__is_brief;
#if CHILD_HAS_ASAN
const char *__asan_get_report_description(void);
__attribute__((weak)) void __asan_on_error(void)
{
    if (!child__is_brief) return;
    dprintf(STDERR_FILENO, "AddressSanitizer: %s\n", __asan_get_report_description());
    _exit(1);
}
#endif

/* Once more, and with all that there is to say, if it does not end as expected. */
static inline struct child_result child__run_to_death(void (*function)(void *argument),
                                                      void *argument, const char *text)
{
    child__is_brief = true;
    struct child_result result = child_run(function, argument);
    child__is_brief = false;
    if (!child_died(&result) || !strstr(result.output, text))
        result = child_run(function, argument);
    return result;
}

/** The library stops the program in function(argument), and its line contains @p text. */
#define CHILD_ASSERT_STOPS(function, argument, text)                                               \
    do {                                                                                           \
        struct child_result child__result = child_run((function), (argument));                     \
        ck_assert_msg(child_was_stopped(&child__result) &&                                         \
                          strstr(child__result.output, (text)) != NULL,                            \
                      "expected a stop that says \"%s\", got wait status %#x and: %s", (text),     \
                      (unsigned)child__result.status, child__result.output);                       \
    } while (0)

/** The program dies in function(argument), and standard error contains @p text. */
#define CHILD_ASSERT_DIES(function, argument, text)                                                \
    do {                                                                                           \
        struct child_result child__result = child__run_to_death((function), (argument), (text));   \
        ck_assert_msg(child_died(&child__result) && strstr(child__result.output, (text)) != NULL,  \
                      "expected an end that says \"%s\", got wait status %#x and: %s", (text),     \
                      (unsigned)child__result.status, child__result.output);                       \
    } while (0)

/* The tools see each end of an object: it does not idle in the library, as RCBUF_FORCE can have it. */
static inline bool child_frees_at_once(void)
{
    const char *forced = getenv("RCBUF_FORCE");
    return !forced || !strstr(forced, "magazines");
}

#endif
