/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_report.h
 * Private (not installed): the ledger's reports.
 */
#ifndef RC_LEDGER_REPORT_H
#define RC_LEDGER_REPORT_H

#include "ledger.h"
#include "ledger_options.h"
#include "ledger_table.h"

/* At exit: what the options ask for; does not come back where there are leaks and an exit code. */
RC_HIDDEN void rc__ledger_finish(const struct rc__ledger_options *options);

#endif
