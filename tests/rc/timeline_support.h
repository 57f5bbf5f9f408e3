/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/timeline_support.h
 * Reading what rc_timeline_write_csv() wrote, strictly.
 */
#ifndef TESTS_RC_TIMELINE_SUPPORT_H
#define TESTS_RC_TIMELINE_SUPPORT_H

#include "rc/timeline.h"
#include "tests/harness.h"

struct csv_row {
    double seconds;
    size_t live, peak, objects, blocks;
    char mark[RC_TIMELINE_MARK_SIZE];
};

struct csv {
    size_t count;
    struct csv_row rows[RC_TIMELINE_ROWS];
};

#define CSV_NAMES "seconds,live_bytes,peak_bytes,live_objects,live_blocks,mark\n"

static const char *csv_number(const char *at, size_t *number)
{
    char *end;
    *number = (size_t)strtoull(at, &end, 10);
    ck_assert_msg(end > at && *end == ',', "no number and comma: %.40s", at);
    return end + 1;
}

static const char *csv_seconds(const char *at, double *seconds)
{
    char *end;
    *seconds = strtod(at, &end);
    ck_assert_msg(strspn(at, "0123456789") > 0 && end == at + strcspn(at, ".") + 10 && *end == ',',
                  "no seconds: %.40s", at);
    return end + 1;
}

static const char *csv_mark(const char *at, struct csv_row *row)
{
    size_t length = 0;
    ck_assert_msg(*at == '"', "no mark: %.40s", at);
    for (at++; *at != '"' || at[1] == '"'; at++) {
        ck_assert(*at && *at != '\n' && length < sizeof row->mark - 1);
        if (*at == '"') at++;
        row->mark[length++] = *at;
    }
    row->mark[length] = '\0';
    ck_assert_msg(at[1] == '\n', "something behind the mark: %.40s", at);
    return at + 2;
}

/* Rows in the order of time, none with more alive than its peak. */
static void csv_read(struct csv *csv, const char *text)
{
    ck_assert_int_eq(strncmp(text, CSV_NAMES, strlen(CSV_NAMES)), 0);
    const char *at = text + strlen(CSV_NAMES);
    for (csv->count = 0; *at; csv->count++) {
        ck_assert_uint_lt(csv->count, RC_TIMELINE_ROWS);
        struct csv_row *row = &csv->rows[csv->count];
        at = csv_seconds(at, &row->seconds);
        at = csv_number(at, &row->live);
        at = csv_number(at, &row->peak);
        at = csv_number(at, &row->objects);
        at = csv_number(at, &row->blocks);
        at = csv_mark(at, row);
        ck_assert_uint_ge(row->peak, row->live);
        if (csv->count) ck_assert_double_ge(row->seconds, row[-1].seconds);
    }
    ck_assert_uint_gt(csv->count, 0);
}

static inline size_t csv_peak(const struct csv *csv)
{
    size_t peak = 0;
    for (size_t i = 0; i < csv->count; i++)
        if (csv->rows[i].peak > peak) peak = csv->rows[i].peak;
    return peak;
}

/* What the timeline is now. */
static inline void csv_take(struct csv *csv)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(rc_timeline_write_csv(stream), RC_OK);
    fclose(stream);
    csv_read(csv, text);
    free(text);
}

#endif
