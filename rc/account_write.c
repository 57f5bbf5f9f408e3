/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* An account as text: for people, as JSON, as Prometheus text exposition. */
#include <errno.h>
#include <string.h>

#include "account_more.h"
#include "account_table.h"
#include "tally.h"
#include "utf8.h"

/* What is being written. */
struct report {
    FILE *stream;
    bool failed;
    struct rc_account now;
    struct rc__account_more more;
    size_t type_count;
    struct rc_account_type types[RC__TALLY_TYPES + 1];
};

static void keep_type(const struct rc_account_type *entry, void *context)
{
    struct report *report = context;
    report->types[report->type_count++] = *entry;
}

static enum rc_status report_begin(struct report *report, FILE *stream)
{
    if (!stream) return rc_error_set(RC_INVALID, "the stream to write the account to is NULL");
    report->stream = stream;
    report->failed = false;
    report->type_count = 0;
    rc_account_read(&report->now);
    report->more = rc__account_read_more();
    rc_account_each_type(keep_type, report);
    return RC_OK;
}

static enum rc_status report_end(struct report *report)
{
    if (!report->failed && fflush(report->stream) == 0) return RC_OK;
    return rc_error_set(RC_SYSTEM, "the account was not written: %s", strerror(errno));
}

static RC_PRINTF(2, 3) void put(struct report *report, const char *format, ...)
{
    if (report->failed) return;
    va_list arguments;
    va_start(arguments, format);
    report->failed = vfprintf(report->stream, format, arguments) < 0;
    va_end(arguments);
}

static const char *name_of(const struct rc_account_type *entry)
{
    return entry->type ? rc__type_name(entry->type) : "(others)";
}

/* ---- names that may hold anything ------------------------------------------------------------ */

/* The character that stands at *at, which goes on to the next; what is no UTF-8 is the replacement
 * character, byte by byte. */
static const char *next_character(const char **at, size_t *length)
{
    const char *character = *at;
    *length = rc__utf8_length((const unsigned char *)character);
    *at += *length ? *length : 1;
    if (*length) return character;
    *length = 3;
    return "\xef\xbf\xbd";
}

/* They are written the same. */
static bool is_same_text(const char *a, const char *b)
{
    while (*a && *b) {
        size_t length, other_length;
        const char *character = next_character(&a, &length);
        const char *other = next_character(&b, &other_length);
        if (length != other_length || memcmp(character, other, length) != 0) return false;
    }
    return *a == *b;
}

/* Both formats are UTF-8 and escape the quote and the backslash; JSON escapes control characters
 * too, of which Prometheus knows the newline alone. */
static void put_quoted(struct report *report, const char *text, bool json)
{
    put(report, "\"");
    while (*text) {
        size_t length;
        const char *character = next_character(&text, &length);
        if (*character == '"' || *character == '\\')
            put(report, "\\%c", *character);
        else if (*character == '\n')
            put(report, "\\n");
        else if (json && (unsigned char)*character < 0x20)
            put(report, "\\u%04x", (unsigned)*character);
        else
            put(report, "%.*s", (int)length, character);
    }
    put(report, "\"");
}

/* A line stays one. */
static void put_line_of(struct report *report, const char *text)
{
    while (*text) {
        size_t length;
        const char *character = next_character(&text, &length);
        bool is_control = (unsigned char)*character < 0x20 || *character == 0x7f;
        put(report, "%.*s", (int)length, is_control ? "?" : character);
    }
}

/* ---- for people ------------------------------------------------------------------------------ */

enum rc_status rc_account_write_text(FILE *stream)
{
    struct report report;
    if (report_begin(&report, stream) != RC_OK) return RC_INVALID;
#define TEXT(member, series, kind, words) put(&report, "%20zu  %s\n", report.now.member, words);
    RC__ACCOUNT_TABLE(TEXT)
#undef TEXT
#define TEXT(member, series, kind, words)                                                          \
    if (report.more.member) put(&report, "%20zu  %s\n", report.more.member, words);
    RC__ACCOUNT_MORE_TABLE(TEXT)
#undef TEXT
    for (size_t i = 0; i < report.type_count; i++) {
        put(&report, "%20zu  of type ", report.types[i].live_objects);
        put_line_of(&report, name_of(&report.types[i]));
        put(&report, ", of %zu made\n", report.types[i].total_objects);
    }
    return report_end(&report);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

enum rc_status rc_account_write_json(FILE *stream)
{
    struct report report;
    if (report_begin(&report, stream) != RC_OK) return RC_INVALID;
    put(&report, "{\n  \"version\": %u,\n", report.now.version);
#define JSON(member, series, kind, words)                                                          \
    put(&report, "  \"" #member "\": %zu,\n", report.now.member);
    RC__ACCOUNT_TABLE(JSON)
#undef JSON
#define JSON(member, series, kind, words)                                                          \
    put(&report, "  \"" #member "\": %zu,\n", report.more.member);
    RC__ACCOUNT_MORE_TABLE(JSON)
#undef JSON
    put(&report, "  \"types\": [");
    for (size_t i = 0; i < report.type_count; i++) {
        put(&report, "%s\n    {\"name\": ", i ? "," : "");
        put_quoted(&report, name_of(&report.types[i]), true);
        put(&report, ", \"live_objects\": %zu, \"total_objects\": %zu}",
            report.types[i].live_objects, report.types[i].total_objects);
    }
    put(&report, "%s]\n}\n", report.type_count ? "\n  " : "");
    return report_end(&report);
}

/* ---- Prometheus ------------------------------------------------------------------------------ */

/* A name that appears twice would be one series twice: add up what is written with the same name. */
static void merge_names(struct report *report)
{
    size_t kept = 0;
    for (size_t i = 0; i < report->type_count; i++) {
        size_t same = 0;
        while (same < kept &&
               !is_same_text(name_of(&report->types[same]), name_of(&report->types[i])))
            same++;
        if (same == kept) {
            report->types[kept++] = report->types[i];
        } else {
            report->types[same].live_objects += report->types[i].live_objects;
            report->types[same].total_objects += report->types[i].total_objects;
        }
    }
    report->type_count = kept;
}

static void put_series(struct report *report, const char *name, const char *kind, const char *words)
{
    put(report, "# HELP rcbuf_%s %s\n# TYPE rcbuf_%s %s\n", name, words, name, kind);
}

static void put_sample(struct report *report, const char *name, const struct rc_account_type *entry,
                       size_t value)
{
    put(report, "rcbuf_%s{type=", name);
    put_quoted(report, name_of(entry), false);
    put(report, "} %zu\n", value);
}

enum rc_status rc_account_write_prometheus(FILE *stream)
{
    struct report report;
    if (report_begin(&report, stream) != RC_OK) return RC_INVALID;
#define SERIES(member, series, kind, words)                                                        \
    put_series(&report, series, kind, words);                                                      \
    put(&report, "rcbuf_%s %zu\n", series, report.now.member);
    RC__ACCOUNT_TABLE(SERIES)
#undef SERIES
#define SERIES(member, series, kind, words)                                                        \
    put_series(&report, series, kind, words);                                                      \
    put(&report, "rcbuf_%s %zu\n", series, report.more.member);
    RC__ACCOUNT_MORE_TABLE(SERIES)
#undef SERIES
    merge_names(&report);
    put_series(&report, "type_live_objects", "gauge", "objects of a type alive");
    for (size_t i = 0; i < report.type_count; i++)
        put_sample(&report, "type_live_objects", &report.types[i], report.types[i].live_objects);
    put_series(&report, "type_objects_total", "counter", "objects of a type ever made");
    for (size_t i = 0; i < report.type_count; i++)
        put_sample(&report, "type_objects_total", &report.types[i], report.types[i].total_objects);
    return report_end(&report);
}
