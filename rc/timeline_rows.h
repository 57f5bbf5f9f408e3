/* SPDX-License-Identifier: MIT */
/**
 * @file rc/timeline_rows.h
 * Private (not installed): the rows of a timeline, as many as fit; no locks, no clock.
 *
 * Invariants. Rows stand in the order of time. A row's peak is the most that was alive since the
 * row before it, so the most of all peaks is never lost, whatever rows are merged: two become the
 * later one, with the larger peak. The first row and those with a mark stay. No row without a mark
 * is followed by another one and by a third within one period.
 *
 * Bounds. The period begins as 0, when every sample is a row. When the rows are full it becomes
 * what divides the time so far by half as many, and at least twice what it was; those of one period
 * are merged. Then marks and the rows beside them take three quarters at the most.
 */
#ifndef RC_TIMELINE_ROWS_H
#define RC_TIMELINE_ROWS_H

#include "timeline.h"

struct rc__timeline_row {
    uint64_t time; /* nanoseconds since the start */
    size_t live_bytes, peak_bytes, live_objects, live_blocks;
    unsigned mark; /* 0: none; else one more than its place in words */
};

struct rc__timeline_rows {
    uint64_t period; /* nanoseconds */
    unsigned count, marks;
    struct rc__timeline_row rows[RC_TIMELINE_ROWS];
    char words[RC_TIMELINE_MARKS][RC_TIMELINE_MARK_SIZE];
};

/* None any more, and every sample is a row again. */
RC_HIDDEN void rc__timeline_rows_clear(struct rc__timeline_rows *rows);

/* A sample, not before the last: it becomes the last row, or takes its place. */
RC_HIDDEN void rc__timeline_rows_add(struct rc__timeline_rows *rows,
                                     const struct rc__timeline_row *sample);

/* A row of its own, that stays; there are less than RC_TIMELINE_MARKS of them. */
RC_HIDDEN void rc__timeline_rows_mark(struct rc__timeline_rows *rows,
                                      const struct rc__timeline_row *sample, const char *words);

#endif
