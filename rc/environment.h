/* SPDX-License-Identifier: MIT */
/**
 * @file rc/environment.h
 * Private (not installed): what kind of run this is, found out once and the same for ever.
 */
#ifndef RC_ENVIRONMENT_H
#define RC_ENVIRONMENT_H

#include "config.h"

/* A sanitizer that watches memory or threads, or valgrind, runs the program, whoever of program and
 * library was built for it: what would hide a mistake from it stays off. */
RC_HIDDEN bool rc__checked_run(void);

/* The comma list RCBUF_FORCE has @p what in it: "magazines", "pages" and "bias" are then on in
 * such a run too. A set-uid program does not read it. */
RC_HIDDEN bool rc__forced(const char *what);

/* A variable, which stays the environment's; "" if there is none, and always in a set-uid program
 * and where it cannot be known whether this is one. */
RC_HIDDEN const char *rc__environment_read(const char *name);

/* The list RCBUF_TRACE, for whoever keeps a ledger; "" in a set-uid program. In a library that
 * keeps none the first call of rc__checked_run() says so in one line, if there is one. */
RC_HIDDEN const char *rc__trace_list(void);

#endif
