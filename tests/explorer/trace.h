/* SPDX-License-Identifier: MIT */
/**
 * @file tests/explorer/trace.h
 * Private to the explorer: which schedules are equal, and how one is printed.
 */
#ifndef TESTS_EXPLORER_TRACE_H
#define TESTS_EXPLORER_TRACE_H

/* Remember the schedule that just ended, by a hash that is the same for two that only reorder
 * independent operations: explorer->trace_count is the number of different ones. */
void trace_note(void);

/* The operations of the current schedule, to standard error. */
void trace_print(void);

#endif
