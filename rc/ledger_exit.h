/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_exit.h
 * Private (not installed): the ledger's report when the process ends, and its exit code.
 */
#ifndef RC_LEDGER_EXIT_H
#define RC_LEDGER_EXIT_H

#include "ledger_options.h"

/* Before main(): what the options ask for will be done when this process ends by exit(). */
RC_HIDDEN void rc__ledger_exit_prepare(const struct rc__ledger_options *options);

#endif
