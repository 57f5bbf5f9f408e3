/* SPDX-License-Identifier: MIT */
/**
 * @file rc/timeline.h
 * How much was alive over the run of a program: a table of moments, for gnuplot and spreadsheets.
 *
 * A program starts a timeline, marks moments in it and writes it. Or somebody sets
 * RCBUF_TIMELINE=FILE for a program that knows nothing of it, and finds the table in FILE when the
 * program has returned from main() or called exit(); "%p" in FILE becomes the process's number, so
 * that programs that start each other do not write over each other's. FILE is made, or a regular
 * file that is written over: not a pipe or a device, nor standard output or another one of those
 * three, as /dev/stdout is; that is told in a line, and no timeline runs. A program that a signal
 * ends leaves the file empty. In the child of a fork no timeline runs, and it writes none.
 *
 * A row is what rc_account_read() says at its moment: exact, but where other threads make and free
 * at the same time a sum of moments. Its peak is the most that was alive since the row before it.
 * So the most of all rows is the peak of the account since the start, and as exact as that is; with
 * several threads it may be above it by what moved between two of them while the sum was made.
 *
 * Samples are taken without a thread of their own, which would be measured with the rest: by
 * whichever thread has made more than it freed, or the other way round, by a 512th of the peak, 4
 * KiB at least and RC_ACCOUNT_PEAK_SLACK at most; one that ran before the start begins with the
 * latter. A sample takes some 0.2 microseconds with one thread, and 4 with 64. Where nothing
 * changes there are no rows: what was alive stays until the next one. Of RC_TIMELINE_ROWS those
 * that are closest in time are merged as more come; the first row, marks and peaks stay. Nothing is
 * allocated for all that, and none of it is in the account; while no timeline runs it costs
 * nothing.
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
 * Errors:   RC_BUSY if one runs already, as it does where RCBUF_TIMELINE is set. That goes on,
 *           and marks go there.
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
 * names, seconds,live_bytes,peak_bytes,live_objects,live_blocks,mark, and one for each row. Of one
 * that runs the last is of this moment. Seconds are since the start, with nine decimals; marks are
 * quoted, "" where there is none, and a quote in them is doubled (RFC 4180).
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
