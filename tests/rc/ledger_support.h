/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/ledger_support.h
 * For the suites of the ledger: it is on in their programs, and what it writes comes as text. In a
 * build without RCBUF_LEDGER there is nothing to be seen, and the tests say that they skip.
 */
#ifndef TESTS_RC_LEDGER_SUPPORT_H
#define TESTS_RC_LEDGER_SUPPORT_H

#include "rc/ledger.h"
#include "rc/scope.h"
#include "tests/harness.h"

#ifdef RCBUF_LEDGER
#define LEDGER_IS_HERE 1
#else
#define LEDGER_IS_HERE 0
#endif

#define LEDGER_OR_SKIP(name)                                                                       \
    do {                                                                                           \
        if (!LEDGER_IS_HERE) {                                                                     \
            printf("skipped: %s: this build keeps no ledger\n", (name));                           \
            fflush(stdout);                                                                        \
            ck_assert(!rc_ledger_is_on());                                                         \
            return;                                                                                \
        }                                                                                          \
        ck_assert(rc_ledger_is_on());                                                              \
    } while (0)

static char ledger__text[65536];

static inline const char *ledger__read(FILE *file)
{
    rewind(file);
    size_t size = fread(ledger__text, 1, sizeof ledger__text - 1, file);
    ledger__text[size] = '\0';
    fclose(file);
    return ledger__text;
}

/* Who holds the object, as rc_ledger_holders() writes it. */
static inline const char *holders_of(const void *object)
{
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    (void)rc_ledger_holders(object, file);
    return ledger__read(file);
}

/* The report of now. */
static inline const char *report_of(size_t *leaked)
{
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    *leaked = rc_ledger_report(file);
    return ledger__read(file);
}

#define ck_assert_says(text, part)                                                                 \
    do {                                                                                           \
        const char *said = (text), *wanted = (part);                                               \
        ck_assert_msg(strstr(said, wanted) != NULL, "no \"%s\" in: %.3000s", wanted, said);        \
    } while (0)
#define ck_assert_says_not(text, part)                                                             \
    do {                                                                                           \
        const char *said = (text), *unwanted = (part);                                             \
        ck_assert_msg(strstr(said, unwanted) == NULL, "there is \"%s\" in: %.3000s", unwanted,     \
                      said);                                                                       \
    } while (0)

#endif
