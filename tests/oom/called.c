/* SPDX-License-Identifier: MIT */
/*
 * Which public functions were called while a scenario acted: the library is compiled with
 * -finstrument-functions, which calls __cyg_profile_func_enter at the start of each function. The
 * list of functions is made from the headers by functions.awk. It is kept in memory that forked
 * children share, for the functions that end the program.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "oom.h"

#define QUIET __attribute__((no_instrument_function))

enum { FUNCTIONS_MAX = 1024 };

/* Ended by a NULL name; not there in a program without the list. */
extern const struct public_function public_functions[] __attribute__((weak));

static unsigned char *called; /* shared with children; NULL: not watching yet */
static bool on;

size_t called_count(void)
{
    size_t count = 0;
    while (public_functions && public_functions[count].name) count++;
    return count;
}

void called_watch(bool now)
{
    if (!called) {
        void *shared =
            mmap(NULL, FUNCTIONS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared != MAP_FAILED) called = shared;
    }
    on = now;
}

QUIET void __cyg_profile_func_enter(void *function, void *call_site);
QUIET void __cyg_profile_func_exit(void *function, void *call_site);

QUIET void __cyg_profile_func_enter(void *function, void *call_site)
{
    (void)call_site;
    if (!on || !called || !public_functions) return;
    for (size_t i = 0; i < FUNCTIONS_MAX && public_functions[i].name; i++)
        if ((uintptr_t)public_functions[i].address == (uintptr_t)function) called[i] = 1;
}

QUIET void __cyg_profile_func_exit(void *function, void *call_site)
{
    (void)function, (void)call_site;
}

size_t called_print_missing(void)
{
    size_t missing = 0;
    for (size_t i = 0; i < called_count(); i++) {
        if (called && i < FUNCTIONS_MAX && called[i]) continue;
        printf("failed: no scenario calls %s()\n", public_functions[i].name);
        missing++;
    }
    return missing;
}
