/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_symbol.h
 * Private (not installed): names of addresses in program and libraries, for the ledger's reports.
 * They come from the files' own tables of symbols, static ones among them, and lines from
 * addr2line, where there is one; nothing here fails, there are only fewer names.
 */
#ifndef RC_LEDGER_SYMBOL_H
#define RC_LEDGER_SYMBOL_H

#include <stdio.h>

#include "config.h"

struct rc__ledger_symbol {
    char module[256];  /* the file's path; "" : in none */
    char name[128];    /* ""; not known */
    uintptr_t address; /* in the file */
};

/* A function's or a variable's; one that is static in a function is "function.variable" where the
 * compiler says whose it is. */
RC_HIDDEN struct rc__ledger_symbol rc__ledger_symbol_find(const void *address, bool is_variable);

/* Stack frames, each on a new line behind @p indent, without the ledger's own. */
RC_HIDDEN void rc__ledger_stack_write(void *const *frames, unsigned depth, const char *indent,
                                      FILE *file);

#endif
