/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "timeline_rows.h"

#include <string.h>

void rc__timeline_rows_clear(struct rc__timeline_rows *rows)
{
    rows->period = 0;
    rows->count = 0;
    rows->marks = 0;
}

/* @p later stands where @p row stood. */
static void merge(struct rc__timeline_row *row, const struct rc__timeline_row *later)
{
    size_t peak = row->peak_bytes;
    *row = *later;
    if (row->peak_bytes < peak) row->peak_bytes = peak;
}

/* Rows of one period become the last of them. */
static void thin(struct rc__timeline_rows *rows)
{
    uint64_t least = rows->rows[rows->count - 1].time / (RC_TIMELINE_ROWS / 2) + 1;
    uint64_t period = 2 * rows->period > least ? 2 * rows->period : least;
    unsigned kept = 1;
    for (unsigned i = 1; i < rows->count; i++) {
        struct rc__timeline_row *last = &rows->rows[kept - 1], *row = &rows->rows[i];
        bool merges = kept > 1 && !last->mark && last->time / period == row->time / period;
        if (merges)
            merge(last, row);
        else
            rows->rows[kept++] = *row;
    }
    rows->count = kept;
    rows->period = period;
}

static void append(struct rc__timeline_rows *rows, const struct rc__timeline_row *row)
{
    if (rows->count == RC_TIMELINE_ROWS) thin(rows);
    rows->rows[rows->count++] = *row;
}

/* The last row may give way to one at this time. */
static bool gives_way(const struct rc__timeline_rows *rows, uint64_t time)
{
    unsigned count = rows->count;
    return count > 1 && !rows->rows[count - 1].mark &&
           time - rows->rows[count - 2].time < rows->period;
}

void rc__timeline_rows_add(struct rc__timeline_rows *rows, const struct rc__timeline_row *sample)
{
    if (gives_way(rows, sample->time))
        merge(&rows->rows[rows->count - 1], sample);
    else
        append(rows, sample);
}

/* Bytes of UTF-8 that a text is cut to: not in the middle of a character. */
static size_t cut(const char *text, size_t most)
{
    size_t length = strnlen(text, most + 1);
    if (length <= most) return length;
    length = most;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
    return length ? length : most;
}

/* In one line, and short. */
static void keep_words(char *to, const char *words)
{
    size_t length = cut(words, RC_TIMELINE_MARK_SIZE - 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)words[i];
        to[i] = byte < 0x20 || byte == 0x7f ? ' ' : words[i];
    }
    to[length] = '\0';
}

void rc__timeline_rows_mark(struct rc__timeline_rows *rows, const struct rc__timeline_row *sample,
                            const char *words)
{
    keep_words(rows->words[rows->marks], words);
    append(rows, sample);
    rows->rows[rows->count - 1].mark = ++rows->marks;
}
