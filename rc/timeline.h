/* SPDX-License-Identifier: MIT */
/**
 * @file rc/timeline.h
 * How much was alive over the run of a program: a table of moments, for gnuplot and spreadsheets.
 *
 * A program starts a timeline, marks moments in it and writes it; or somebody sets
 * RCBUF_TIMELINE=FILE for a program that knows nothing of it, and finds the table in FILE when it has
 * ended by exit() or by returning from main(). "%p" in FILE becomes the process's number, so that
 * programs that start each other do not write over each other's. Nothing is written by a program that a
 * signal ends, nor by the child of a fork, in which no timeline runs.
 *
 * A row is what rc_account_read() would say at its moment; its peak is the most that was alive since
 * the row before, so that the most of all rows is the account's peak, if nobody set that back, as exact
 * as that is, and no thread waits for a clock: there is no thread for it. A sample is taken by a thread
 * whose bytes have changed by as much as a 512th of the peak, 4 KiB at least and RC_ACCOUNT_PEAK_SLACK
 * at most. Objects that a thread keeps whole and takes out again (rc/memory.h) change nothing in that.
 * There are RC_TIMELINE_ROWS rows at most: when they are full those that lie closest in time become
 * one, and so on; the first row, marks and peaks stay.
 *
 * While none runs it costs nothing, and allocates nothing when one does.
 *
 * Threads: everything here is safe from any thread. There is one timeline in a process.
 */
#ifndef RC_TIMELINE_H
#define RC_TIMELINE_H

#include <stdio.h>

#include "status.h"

RC_BEGIN_DECLS

/** Rows at most; marks among them; bytes of a mark's words with their NUL. */
#define RC_TIMELINE_ROWS      2048
#define RC_TIMELINE_MARKS     256
#define RC_TIMELINE_MARK_SIZE 48

/**
 * Start a timeline, with a row of this moment. What there was of another one is forgotten.
 *
 * Errors:   RC_BUSY if one runs already, as it does where RCBUF_TIMELINE is set; marks go there.
 */
RC_API enum rc_status rc_timeline_start(void);

/**
 * A row of this moment, that stays, with @p words beside it: "loaded", "sorted".
 *
 * Borrows:  words, not NULL; the first 47 bytes are copied, control characters as blanks.
 * Returns:  RC_OK also where none runs, so that a program may keep its marks.
 * Errors:   RC_INVALID if words is NULL, RC_RANGE if the timeline has its RC_TIMELINE_MARKS marks.
 */
RC_API enum rc_status rc_timeline_mark(const char *words);

/** The last row, of this moment. It can be written until the next start. Nothing if none runs. */
RC_API void rc_timeline_stop(void);

/**
 * Write what there is of the running or the stopped timeline as comma-separated values: a line of
 * names, seconds,live_bytes,peak_bytes,live_objects,live_blocks,mark, and one for each row. Of one that
 * runs the last is of this moment. Seconds are since the start, with nine decimals; marks are quoted,
 * "" where there is none, and a quote in them is doubled (RFC 4180).
 *
 * @code
 * rc_timeline_start();
 * // work
 * rc_timeline_mark("sorted");
 * // and more of it
 * rc_timeline_stop();
 * FILE *file = fopen("timeline.csv", "w");
 * if (!file || rc_timeline_write_csv(file) != RC_OK) puts(rc_error_message());
 * if (file) fclose(file);
 * @endcode
 *
 * Borrows:  stream, which is flushed.
 * Errors:   RC_INVALID if stream is NULL or no timeline was started, RC_NO_MEMORY, RC_SYSTEM if
 *           writing failed.
 */
RC_API enum rc_status rc_timeline_write_csv(FILE *stream);

RC_END_DECLS

#endif
