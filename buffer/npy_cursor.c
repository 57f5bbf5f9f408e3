/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Python's literals, as far as .npy headers have them: numbers, tuples, booleans. */
#include "npy_cursor.h"

#include <stdio.h>

/* As much of a path as a sentence shows. */
#define PATH_SHOWN 80

bool rc__npy_fault(const struct rc__npy_cursor *cursor, size_t at, enum rc_status status,
                   const char *format, ...)
{
    char sentence[RC_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    const char *path = cursor->path ? cursor->path : "";
    size_t length = strlen(path);
    if (length > PATH_SHOWN) path += length - PATH_SHOWN;
    rc_error_set(status, "%s: %s%s%sbyte %zu: %s", cursor->call, length > PATH_SHOWN ? "..." : "",
                 path, length ? ": " : "", at, sentence);
    return false;
}

const char *rc__npy_show(const struct rc__npy_cursor *cursor, size_t at, char room[RC__NPY_SHOWN])
{
    if (at >= cursor->end) return "the header's end";
    unsigned char byte = cursor->bytes[at];
    bool is_printable = byte > ' ' && byte < 127;
    snprintf(room, RC__NPY_SHOWN, is_printable ? "'%c'" : "byte 0x%02x", byte);
    return room;
}

/* ---- marks ----------------------------------------------------------------------------------- */

char rc__npy_peek(struct rc__npy_cursor *cursor)
{
    while (cursor->at < cursor->end && memchr(" \t\n\r\f", cursor->bytes[cursor->at], 5) != NULL)
        cursor->at++;
    return cursor->at < cursor->end ? (char)cursor->bytes[cursor->at] : '\0';
}

bool rc__npy_take(struct rc__npy_cursor *cursor, char wanted)
{
    bool is_next = rc__npy_peek(cursor) == wanted && cursor->at < cursor->end;
    cursor->at += is_next;
    return is_next;
}

bool rc__npy_expect(struct rc__npy_cursor *cursor, char wanted, const char *where)
{
    if (RC_LIKELY(rc__npy_take(cursor, wanted))) return true;
    char room[RC__NPY_SHOWN];
    return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "%s where '%c' is wanted %s",
                         rc__npy_show(cursor, cursor->at, room), wanted, where);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool take_word(struct rc__npy_cursor *cursor, const char *word)
{
    size_t size = strlen(word);
    if (cursor->end - cursor->at < size) return false;
    bool is_next = memcmp(cursor->bytes + cursor->at, word, size) == 0;
    if (is_next) cursor->at += size;
    return is_next;
}

bool rc__npy_boolean(struct rc__npy_cursor *cursor, bool *value)
{
    char room[RC__NPY_SHOWN];
    (void)rc__npy_peek(cursor);
    *value = take_word(cursor, "True");
    if (*value || take_word(cursor, "False")) return true;
    return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "%s where True or False is wanted",
                         rc__npy_show(cursor, cursor->at, room));
}

static bool is_digit(const struct rc__npy_cursor *cursor)
{
    return cursor->at < cursor->end && cursor->bytes[cursor->at] >= '0' &&
           cursor->bytes[cursor->at] <= '9';
}

bool rc__npy_count(struct rc__npy_cursor *cursor, size_t *value)
{
    char room[RC__NPY_SHOWN];
    size_t start = (rc__npy_peek(cursor), cursor->at), number = 0;
    if (rc__npy_take(cursor, '-'))
        return rc__npy_fault(cursor, start, RC_FORMAT, "a negative number in a shape");
    if (!is_digit(cursor))
        return rc__npy_fault(cursor, start, RC_FORMAT, "%s where a number is wanted",
                             rc__npy_show(cursor, start, room));
    for (; is_digit(cursor); cursor->at++) {
        size_t digit = cursor->bytes[cursor->at] - (size_t)'0';
        if (number > ((size_t)PTRDIFF_MAX - digit) / 10)
            return rc__npy_fault(cursor, start, RC_OVERFLOW, "a number in a shape is above %td",
                                 PTRDIFF_MAX);
        number = number * 10 + digit;
    }
    if (cursor->bytes[start] == '0' && cursor->at - start > 1)
        return rc__npy_fault(cursor, start, RC_FORMAT, "a number of %zu digits begins with 0",
                             cursor->at - start);
    bool may_be_long = !cursor->is_utf8; /* version 3.0 is younger than Python 2's last */
    if (may_be_long && cursor->at < cursor->end && cursor->bytes[cursor->at] == 'L') cursor->at++;
    *value = number;
    return true;
}

bool rc__npy_tuple(struct rc__npy_cursor *cursor, size_t most, size_t *values, size_t *count)
{
    *count = 0;
    if (!rc__npy_expect(cursor, '(', "at the start of a shape")) return false;
    while (!rc__npy_take(cursor, ')')) {
        if (*count == most)
            return rc__npy_fault(cursor, cursor->at, RC_UNSUPPORTED,
                                 "a shape of more than %zu dimensions", most);
        if (!rc__npy_count(cursor, &values[*count])) return false;
        ++*count;
        if (rc__npy_take(cursor, ',')) continue;
        if (!rc__npy_expect(cursor, ')', "after a number of a shape")) return false;
        if (*count > 1) return true;
        return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "a shape of one number needs a comma");
    }
    return true;
}
