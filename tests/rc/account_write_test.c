/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>

#include "rc/memory.h"
#include "rc/object.h"
#include "tests/harness.h"

static const rc_type node_type = {.name = "node", .size = 64};
static const rc_type node_too_type = {.name = "node", .size = 8};
/* A quote, a backslash, a newline, a tab, UTF-8 of every length, the first and the last character of
 * each, and those beside the surrogates; and bytes that are no UTF-8: a lone lead, a lone
 * continuation, an overlong slash, a surrogate, one beyond the last character, the last overlong one
 * of each length, the first and the last surrogate. */
#define ENDS      "\x1f" ENDS_LATER
#define ENDS_JSON "\\u001f" ENDS_LATER
#define ENDS_LATER                                                                                 \
    "\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf \xed\x9f\xbf \xee\x80\x80 "                  \
    "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf "
static const rc_type odd_type = {
    .name = "q\" b\\ n\n t\t \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 " ENDS
            "\xc3 \x80 \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 "
            "\xc1\xbf \xe0\x9f\xbf \xf0\x8f\xbf\xbf \xed\xbf\xbf \xf8\x88\x80\x80\x80",
    .size = 8,
};
#define BAD      "\xef\xbf\xbd"
#define ODD_UTF8 "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 "
#define BAD_2    BAD BAD
#define BAD_3    BAD BAD BAD
#define ODD_REPLACED                                                                               \
    BAD " " BAD " " BAD_2 " " BAD_3 " " BAD_2 BAD_2 " " BAD_2 " " BAD_3 " " BAD_2 BAD_2 " " BAD_3  \
        " " BAD_2 BAD_3
#define ODD_JSON       "q\\\" b\\\\ n\\n t\\u0009 " ODD_UTF8 ENDS_JSON ODD_REPLACED
#define ODD_PROMETHEUS "q\\\" b\\\\ n\\n t\t " ODD_UTF8 ENDS ODD_REPLACED

static void *objects[5];
static void *block;

static void make_some(void)
{
    objects[0] = rc_object_new(&node_type, 0);
    objects[1] = rc_object_new(&node_type, 0);
    objects[2] = rc_object_new(&node_too_type, 0);
    objects[3] = rc_object_new(&odd_type, 0);
    objects[4] = rc_object_new(&node_type, 0);
    block = rc_memory_allocate(1000);
    rc_clear(&objects[4]);
}

static void free_some(void)
{
    for (int i = 0; i < 4; i++) rc_clear(&objects[i]);
    rc_memory_free(block);
}

/* What write() writes, the caller's to free. */
static char *written(enum rc_status (*write)(FILE *stream))
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(write(stream), RC_OK);
    fclose(stream);
    ck_assert_uint_eq(strlen(text), size);
    return text;
}

#define ASSERT_HAS(text, part)                                                                     \
    ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" is not in:\n%s", (part), (text))

/* ---- a small reader of JSON: NULL where it is none --------------------------------------------
 */

static const char *value(const char *at);

static const char *blank(const char *at)
{
    while (at && *at && strchr(" \n\t\r", *at)) at++;
    return at;
}

static const char *text_of(const char *at)
{
    if (!at || *at++ != '"') return NULL;
    for (; *at != '"'; at++) {
        if ((unsigned char)*at < 0x20) return NULL;
        if (*at != '\\') continue;
        at++;
        if (*at == 'u')
            for (int i = 0; i < 4; i++)
                if (!isxdigit((unsigned char)*++at)) return NULL;
        if (!strchr("\"\\/bfnrtu", *at) && !isxdigit((unsigned char)*at)) return NULL;
    }
    return at + 1;
}

static const char *member(const char *at)
{
    at = blank(text_of(blank(at)));
    return at && *at == ':' ? value(at + 1) : NULL;
}

static const char *many(const char *at, char end, const char *one(const char *))
{
    const char *next = blank(at);
    if (*next == end) return next + 1;
    for (;;) {
        next = blank(one(next));
        if (!next) return NULL;
        if (*next == end) return next + 1;
        if (*next++ != ',') return NULL;
    }
}

static const char *value(const char *at)
{
    at = blank(at);
    if (!at) return NULL;
    if (*at == '{') return many(at + 1, '}', member);
    if (*at == '[') return many(at + 1, ']', value);
    if (*at == '"') return text_of(at);
    const char *end = at;
    while (isdigit((unsigned char)*end)) end++;
    return end > at ? end : NULL;
}

static bool is_json(const char *text)
{
    const char *end = blank(value(text));
    return end && *end == '\0';
}

START_TEST(the_reader_of_json_tells_good_from_bad)
{
    ck_assert(is_json("{\"a\": [1, 2, {\"b\": \"c\\n\\u00ff\"}], \"d\": []}\n"));
    ck_assert(!is_json("{\"a\": 1,}"));
    ck_assert(!is_json("{\"a\": \"\n\"}"));
    ck_assert(!is_json("{\"a\": \"\\x\"}"));
    ck_assert(!is_json("{\"a\" 1}"));
    ck_assert(!is_json("[1 2]"));
    ck_assert(!is_json("{} {}"));
}
END_TEST

/* ---- the three forms ------------------------------------------------------------------------- */

START_TEST(json_is_well_formed_and_has_every_member)
{
    make_some();
    char *text = written(rc_account_write_json);
    ck_assert_msg(is_json(text), "no JSON:\n%s", text);
    ASSERT_HAS(text, "\"version\": 1,");
    ASSERT_HAS(text, "\"live_objects\": 4,");
    ASSERT_HAS(text, "\"live_blocks\": 1,");
    ASSERT_HAS(text, "\"live_bytes\": 1144,");
    ASSERT_HAS(text, "\"peak_bytes\": 1208,");
    ASSERT_HAS(text, "\"total_objects\": 5,");
    ASSERT_HAS(text, "\"total_blocks\": 1,");
    ASSERT_HAS(text, "\"failures\": 0,");
    ASSERT_HAS(text, "\"immortal_objects\": 0,");
    ASSERT_HAS(text, "\"immortal_bytes\": 0,");
    ASSERT_HAS(text, "{\"name\": \"node\", \"live_objects\": 2, \"total_objects\": 3}");
    ASSERT_HAS(text, "{\"name\": \"node\", \"live_objects\": 1, \"total_objects\": 1}");
    ASSERT_HAS(text, "{\"name\": \"" ODD_JSON "\", \"live_objects\": 1, \"total_objects\": 1}");
    free(text);
    free_some();
}
END_TEST

START_TEST(json_without_types_is_well_formed_too)
{
    char *text = written(rc_account_write_json);
    ck_assert(is_json(text));
    ASSERT_HAS(text, "\"types\": []");
    free(text);
}
END_TEST

/* name, then optional {type="..."}, then a number. */
static bool is_sample(const char *line)
{
    if (strncmp(line, "rcbuf_", 6) != 0) return false;
    while (isalnum((unsigned char)*line) || *line == '_') line++;
    if (*line == '{') {
        if (strncmp(line, "{type=\"", 7) != 0) return false;
        for (line += 7; *line != '"'; line++) {
            if (*line == '\0') return false;
            if (*line == '\\' && !strchr("\\\"n", *++line)) return false;
        }
        if (*++line != '}') return false;
        line++;
    }
    if (*line++ != ' ') return false;
    return *line && line[strspn(line, "0123456789")] == '\0';
}

START_TEST(prometheus_text_has_help_type_and_samples)
{
    make_some();
    char *text = written(rc_account_write_prometheus);
    ASSERT_HAS(text, "# HELP rcbuf_live_bytes bytes alive\n# TYPE rcbuf_live_bytes gauge\n"
                     "rcbuf_live_bytes 1144\n");
    ASSERT_HAS(text, "# TYPE rcbuf_objects_total counter\nrcbuf_objects_total 5\n");
    ASSERT_HAS(text, "# TYPE rcbuf_failures_total counter\nrcbuf_failures_total 0\n");
    ASSERT_HAS(text, "\nrcbuf_type_live_objects{type=\"node\"} 3\n"); /* both types of the name */
    ASSERT_HAS(text, "\nrcbuf_type_objects_total{type=\"node\"} 4\n");
    ASSERT_HAS(text, "\nrcbuf_type_live_objects{type=\"" ODD_PROMETHEUS "\"} 1\n");
    size_t helps = 0, types = 0, samples = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (strncmp(line, "# HELP rcbuf_", 13) == 0)
            helps++;
        else if (strncmp(line, "# TYPE rcbuf_", 13) == 0)
            types++;
        else if (is_sample(line))
            samples++;
        else
            ck_abort_msg("no line of the format: %s", line);
    }
    ck_assert_uint_eq(helps, 11 + 12);
    ck_assert_uint_eq(types, 11 + 12);
    ck_assert_uint_eq(samples, 9 + 12 + 2 * 2);
    free(text);
    free_some();
}
END_TEST

START_TEST(types_whose_names_are_written_the_same_are_one_series)
{
    static const rc_type types[] = {{.name = "a\x80 b", .size = 8},
                                    {.name = "a\xff b", .size = 8},
                                    {.name = "a" BAD " b", .size = 8},
                                    {.name = "a" BAD, .size = 8},
                                    {.name = "(others)", .size = 8}};
    void *made[5];
    for (int i = 0; i < 5; i++) made[i] = rc_object_new(&types[i], 0);
    char *text = written(rc_account_write_prometheus);
    ASSERT_HAS(text, "\nrcbuf_type_live_objects{type=\"a" BAD " b\"} 3\n");
    ASSERT_HAS(text, "\nrcbuf_type_live_objects{type=\"a" BAD "\"} 1\n");
    ASSERT_HAS(text, "\nrcbuf_type_live_objects{type=\"(others)\"} 1\n");
    free(text);
    for (int i = 0; i < 5; i++) rc_release(made[i]);
}
END_TEST

START_TEST(text_for_people_names_figures_and_types)
{
    make_some();
    char *text = written(rc_account_write_text);
    ASSERT_HAS(text, "                   4  objects alive\n");
    ASSERT_HAS(text, "                1144  bytes alive\n");
    ASSERT_HAS(text, "                1208  bytes alive at the peak\n");
    ASSERT_HAS(text, "                   2  of type node, of 3 made\n");
    ASSERT_HAS(text, "  of type q\" b\\ n? t? \xc3\xa9 "); /* a name does not end its line */
    free(text);
    free_some();
}
END_TEST

START_TEST(types_without_a_place_or_a_name_are_written_too)
{
    static rc_type types[600];
    static void *made[600];
    for (int i = 0; i < 600; i++) {
        types[i] = (rc_type){.size = 1};
        made[i] = rc_object_new(&types[i], 0);
    }
    char *json = written(rc_account_write_json), *series = written(rc_account_write_prometheus);
    ck_assert(is_json(json));
    ASSERT_HAS(json, "{\"name\": \"?\", \"live_objects\": 1, \"total_objects\": 1}");
    ASSERT_HAS(json, "{\"name\": \"(others)\", \"live_objects\": ");
    ASSERT_HAS(series, "rcbuf_type_live_objects{type=\"(others)\"} ");
    for (int i = 0; i < 600; i++) rc_release(made[i]);
    free(json);
    free(series);
}
END_TEST

/* ---- failures -------------------------------------------------------------------------------- */

START_TEST(a_stream_that_cannot_be_written_is_a_system_error)
{
    enum rc_status (*const writers[])(FILE *) = {rc_account_write_text, rc_account_write_json,
                                                 rc_account_write_prometheus};
    FILE *full = fopen("/dev/full", "w");
    FILE *read_only = fopen("/dev/null", "r");
    ck_assert_ptr_nonnull(read_only);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(writers[i](read_only), RC_SYSTEM);
        ck_assert_str_eq(rc_error_message(), "the account was not written: Bad file descriptor");
        ck_assert_int_eq(errno, EBADF);
        if (!full) continue;
        ck_assert_int_eq(writers[i](full), RC_SYSTEM);
        ck_assert_str_eq(rc_error_message(),
                         "the account was not written: No space left on device");
        ck_assert_int_eq(errno, ENOSPC);
        clearerr(full);
    }
    if (full) fclose(full);
    fclose(read_only);
}
END_TEST

START_TEST(no_stream_is_refused)
{
    ck_assert_int_eq(rc_account_write_text(NULL), RC_INVALID);
    ck_assert_int_eq(rc_account_write_json(NULL), RC_INVALID);
    ck_assert_int_eq(rc_account_write_prometheus(NULL), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "the stream to write the account to is NULL");
}
END_TEST

HARNESS_MAIN("rc/account_write", the_reader_of_json_tells_good_from_bad,
             json_is_well_formed_and_has_every_member, json_without_types_is_well_formed_too,
             prometheus_text_has_help_type_and_samples,
             types_whose_names_are_written_the_same_are_one_series,
             text_for_people_names_figures_and_types,
             types_without_a_place_or_a_name_are_written_too,
             a_stream_that_cannot_be_written_is_a_system_error, no_stream_is_refused)
