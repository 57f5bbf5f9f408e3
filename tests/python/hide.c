/* SPDX-License-Identifier: MIT */
/* Preloaded: dlsym() finds all but tracemalloc's functions, as in a Python that lacks them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

void *dlsym(void *restrict library, const char *restrict name)
{
    static void *(*real)(void *, const char *);
    if (strncmp(name, "PyTraceMalloc_", 14) == 0) return NULL;
    if (!real) {
        void *found = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
        if (!found) found = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
        if (!found) found = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.17");
        memcpy(&real, &found, sizeof found);
    }
    return real ? real(library, name) : NULL;
}
