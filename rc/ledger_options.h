/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_options.h
 * Private (not installed): what the list RCBUF_TRACE asks of the ledger.
 */
#ifndef RC_LEDGER_OPTIONS_H
#define RC_LEDGER_OPTIONS_H

#include "config.h"

#define RC__LEDGER_EXIT_CODE 23 /* LeakSanitizer's */
#define RC__LEDGER_NAME_MAX  4096

struct rc__ledger_options {
    bool is_on;     /* some word asks for the ledger */
    bool says_how;  /* one says more, and asks for leaks where no other does */
    bool leaks;     /* report them at exit */
    bool holders;   /* report all that is alive at exit */
    bool reachable; /* what is still reachable is an error too */
    bool stacks;
    bool children; /* those that fork() made report too */
    int exit_code;
    char log[RC__LEDGER_NAME_MAX];          /* the file's name, from the root; "": standard error */
    char suppressions[RC__LEDGER_NAME_MAX]; /* the same; "": there are none */
};

/* Tells of each word that means nothing in a line of its own. */
RC_HIDDEN struct rc__ledger_options rc__ledger_options_read(const char *list);

/* The name with %p replaced by the process. False: it does not fit. */
RC_HIDDEN bool rc__ledger_log_name(const char *log, char *name, size_t size);

#endif
