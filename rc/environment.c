/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* secure_getenv */
#endif
#include "environment.h"

#include <stdio.h>
#include <string.h>

#include "environment_secure.h"

/* ---- sanitizers ------------------------------------------------------------------------------ */

/* Each defines its own in a program that is linked for it, and the others stay NULL. */
extern void __asan_init(void) __attribute__((weak));
extern void __hwasan_init(void) __attribute__((weak));
extern void __msan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

static bool is_sanitized(void)
{
    return &__asan_init || &__hwasan_init || &__msan_init || &__tsan_init;
}

/* ---- the environment ------------------------------------------------------------------------- */

const char *rc__environment_read(const char *name)
{
    const char *text = rc__environment_secure(name);
    return text ? text : "";
}

const char *rc__trace_list(void)
{
    return rc__environment_read("RCBUF_TRACE");
}

#ifdef RCBUF_LEDGER
static void tell_of_trace(void)
{
}
#else
static void tell_of_trace(void)
{
    static bool told;
    if (!*rc__trace_list() || __atomic_exchange_n(&told, true, __ATOMIC_RELAXED)) return;
    fprintf(stderr,
            "rcbuf: RCBUF_TRACE=%s traces nothing: this library was compiled without "
            "RCBUF_LEDGER\n",
            rc__trace_list());
}
#endif

/* Every tool of valgrind has a library of its own loaded into the program. */
static bool runs_on_valgrind(void)
{
    return strstr(rc__environment_read("LD_PRELOAD"), "vgpreload") != NULL;
}

/* Whether @p word is one of those in a comma list. */
static bool lists(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (;;) {
        size_t next = strcspn(list, ",");
        if (next == length && memcmp(list, word, length) == 0) return true;
        if (!list[next]) return false;
        list += next + 1;
    }
}

/* ---- found out once -------------------------------------------------------------------------- */

enum { KNOWN = 1, CHECKED = 2, FORCED_MAGAZINES = 4, FORCED_BIAS = 8, FORCED_PAGES = 16 };

/* Threads that ask first at the same time find the same. */
static unsigned find_out(void)
{
    static unsigned facts;
    unsigned found = __atomic_load_n(&facts, __ATOMIC_RELAXED);
    if (RC_LIKELY(found)) return found;
    const char *list = rc__environment_read("RCBUF_FORCE");
    found = KNOWN;
    if (is_sanitized() || runs_on_valgrind()) found |= CHECKED;
    if (lists(list, "magazines")) found |= FORCED_MAGAZINES;
    if (lists(list, "bias")) found |= FORCED_BIAS;
    if (lists(list, "pages")) found |= FORCED_PAGES;
    tell_of_trace();
    __atomic_store_n(&facts, found, __ATOMIC_RELAXED);
    return found;
}

bool rc__checked_run(void)
{
    return find_out() & CHECKED;
}

bool rc__forced(const char *what)
{
    unsigned asked = strcmp(what, "bias") == 0    ? FORCED_BIAS
                     : strcmp(what, "pages") == 0 ? FORCED_PAGES
                                                  : FORCED_MAGAZINES;
    return find_out() & asked;
}
