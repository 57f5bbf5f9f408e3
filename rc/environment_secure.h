/* SPDX-License-Identifier: MIT */
/**
 * @file rc/environment_secure.h
 * Private (not installed): a variable of the environment, which a program that runs with more
 * rights than whoever started it does not read.
 *
 * One of RC__SECURE_BY_LIBC, RC__SECURE_BY_ISSETUGID, RC__SECURE_BY_AUXV and RC__SECURE_BY_SILENCE
 * says how that is known; whoever includes this may have chosen. _GNU_SOURCE comes first.
 */
#ifndef RC_ENVIRONMENT_SECURE_H
#define RC_ENVIRONMENT_SECURE_H

#include <stdbool.h>
#include <stdlib.h>

#if !defined(RC__SECURE_BY_LIBC) && !defined(RC__SECURE_BY_ISSETUGID) &&                           \
    !defined(RC__SECURE_BY_AUXV) && !defined(RC__SECURE_BY_SILENCE)
#if defined(__GLIBC__)
#define RC__SECURE_BY_LIBC
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || \
    defined(__DragonFly__) || defined(__sun)
#define RC__SECURE_BY_ISSETUGID
#elif defined(__linux__) /* musl, bionic */
#define RC__SECURE_BY_AUXV
#else
#define RC__SECURE_BY_SILENCE
#endif
#endif

#if defined(RC__SECURE_BY_LIBC)

static inline const char *rc__environment_secure(const char *name)
{
    return secure_getenv(name);
}

#else

#if defined(RC__SECURE_BY_ISSETUGID)

#include <unistd.h>

static inline bool rc__environment_is_trusted(void)
{
    return !issetugid();
}

#elif defined(RC__SECURE_BY_AUXV)

#include <sys/auxv.h>

static inline bool rc__environment_is_trusted(void)
{
    return !getauxval(AT_SECURE);
}

#else

static inline bool rc__environment_is_trusted(void)
{
    return false;
}

#endif

static inline const char *rc__environment_secure(const char *name)
{
    return rc__environment_is_trusted() ? getenv(name) : NULL;
}

#endif

#endif
