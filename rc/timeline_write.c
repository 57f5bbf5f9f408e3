/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* A timeline as comma-separated values. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"
#include "timeline_state.h"

/* Under the lock. */
static void copy_locked(struct rc__timeline_rows *copy)
{
    const struct rc__timeline_rows *rows = &rc__timeline.rows;
    if (rc__tally_watched) rc__timeline_add_locked();
    copy->count = rows->count;
    copy->marks = rows->marks;
    memcpy(copy->rows, rows->rows, rows->count * sizeof rows->rows[0]);
    memcpy(copy->words, rows->words, rows->marks * sizeof rows->words[0]);
}

/* Whether that worked is asked at the end. */
static void write_mark(FILE *stream, const char *words)
{
    putc('"', stream);
    for (; *words; words++) {
        if (*words == '"') putc('"', stream);
        putc(*words, stream);
    }
    putc('"', stream);
}

static void write_row(FILE *stream, const struct rc__timeline_rows *rows,
                      const struct rc__timeline_row *row)
{
    fprintf(stream, "%" PRIu64 ".%09" PRIu64 ",%zu,%zu,%zu,%zu,", row->time / 1000000000,
            row->time % 1000000000, row->live_bytes, row->peak_bytes, row->live_objects,
            row->live_blocks);
    write_mark(stream, row->mark ? rows->words[row->mark - 1] : "");
    putc('\n', stream);
}

static enum rc_status write_rows(FILE *stream, const struct rc__timeline_rows *rows)
{
    if (rows->count == 0) return rc_error_set(RC_INVALID, "no timeline was started");
    fputs("seconds,live_bytes,peak_bytes,live_objects,live_blocks,mark\n", stream);
    for (unsigned i = 0; i < rows->count && !ferror(stream); i++)
        write_row(stream, rows, &rows->rows[i]);
    if (!ferror(stream) && fflush(stream) == 0) return RC_OK;
    return rc_error_set(RC_SYSTEM, "the timeline was not written: %s", strerror(errno));
}

enum rc_status rc_timeline_write_csv(FILE *stream)
{
    if (!stream) return rc_error_set(RC_INVALID, "the stream to write the timeline to is NULL");
    struct rc__timeline_rows *copy = malloc(sizeof *copy); /* which no account counts */
    if (!copy)
        return rc_error_set(RC_NO_MEMORY, "no memory for a copy of the timeline: %zu bytes",
                            sizeof *copy);
    rc__tally_lock();
    copy_locked(copy);
    rc__tally_unlock();
    enum rc_status status = write_rows(stream, copy);
    int number = errno;
    free(copy);
    errno = number;
    return status;
}
