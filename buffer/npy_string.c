/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Python's string literals: what stands between the quotes, in UTF-8. */
#include "npy_cursor.h"

static bool open_quote(struct rc__npy_cursor *cursor, unsigned char *quote)
{
    char room[RC__NPY_SHOWN];
    *quote = (unsigned char)rc__npy_peek(cursor);
    if (*quote == '\'' || *quote == '"') {
        cursor->at++;
        return true;
    }
    return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "%s where a string is wanted",
                         rc__npy_show(cursor, cursor->at, room));
}

bool rc__npy_plain(struct rc__npy_cursor *cursor, size_t *start, size_t *size)
{
    unsigned char quote;
    if (!open_quote(cursor, &quote)) return false;
    *start = cursor->at;
    const unsigned char *end = memchr(cursor->bytes + cursor->at, quote, cursor->end - cursor->at);
    if (!end) return rc__npy_fault(cursor, *start, RC_FORMAT, "a string has no end");
    *size = (size_t)(end - (cursor->bytes + *start));
    cursor->at += *size + 1;
    if (!memchr(cursor->bytes + *start, '\\', *size)) return true;
    return rc__npy_fault(cursor, *start, RC_FORMAT, "a string with an escape where none belongs");
}

/* ---- characters ------------------------------------------------------------------------------ */

static bool put_character(const struct rc__npy_cursor *cursor, size_t at, uint32_t character,
                          rc_buffer *text)
{
    unsigned char bytes[4];
    size_t size = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    bool is_surrogate = character >= 0xD800 && character < 0xE000;
    if (character > 0x10FFFF || is_surrogate)
        return rc__npy_fault(cursor, at, RC_FORMAT, "U+%04X is no character", (unsigned)character);
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size; i-- > 1; character >>= 6) bytes[i] = 0x80 | (character & 0x3F);
    bytes[0] = (unsigned char)(leads[size] | character);
    return rc_buffer_append(text, bytes, size) == RC_OK;
}

/* The bytes that follow a first one in UTF-8; 0: it is none. */
static size_t bytes_behind(unsigned char lead)
{
    if (lead < 0xC2 || lead > 0xF4) return 0;
    return lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
}

/* One character above 0x7F, in UTF-8, shortest form only. */
static bool take_utf8(struct rc__npy_cursor *cursor, uint32_t *character)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    unsigned char lead = cursor->bytes[cursor->at];
    size_t behind = bytes_behind(lead), i = 1;
    uint32_t value = lead & (0x3Fu >> behind);
    for (; i <= behind && cursor->at + i < cursor->end; i++) {
        unsigned char byte = cursor->bytes[cursor->at + i];
        if ((byte & 0xC0) != 0x80) break;
        value = value << 6 | (byte & 0x3F);
    }
    if (behind == 0 || i <= behind || value < least[behind])
        return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "0x%02x begins no UTF-8", lead);
    cursor->at += i;
    *character = value;
    return true;
}

bool rc__npy_is_utf8(const char *text)
{
    struct rc__npy_cursor cursor = {
        .bytes = (const unsigned char *)text, .end = strlen(text), .call = "", .is_utf8 = true};
    uint32_t character;
    while (cursor.at < cursor.end)
        if (cursor.bytes[cursor.at] < 0x80)
            cursor.at++;
        else if (!take_utf8(&cursor, &character) || (character >= 0xD800 && character < 0xE000) ||
                 character > 0x10FFFF)
            return false;
    return true;
}

/* ---- escapes --------------------------------------------------------------------------------- */

static int digit_of(unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char lower = byte >= 'A' && byte <= 'F' ? (unsigned char)(byte + 32) : byte;
    const char *found = lower ? strchr(digits, lower) : NULL;
    return found ? (int)(found - digits) : 16;
}

/* @p least to @p most digits of a number of that base. */
static bool take_digits(struct rc__npy_cursor *cursor, int base, size_t least, size_t most,
                        uint32_t *value)
{
    size_t count = 0, start = cursor->at;
    for (*value = 0; count < most && cursor->at < cursor->end; count++, cursor->at++) {
        int digit = digit_of(cursor->bytes[cursor->at]);
        if (digit >= base) break;
        *value = *value * (uint32_t)base + (uint32_t)digit;
    }
    if (count >= least) return true;
    return rc__npy_fault(cursor, start, RC_FORMAT, "an escape with %zu digits instead of %zu",
                         count, least);
}

/* Behind the backslash. */
static bool take_escape(struct rc__npy_cursor *cursor, uint32_t *character)
{
    static const char letters[] = "\\'\"abfnrtv", meanings[] = "\\'\"\a\b\f\n\r\t\v";
    char room[RC__NPY_SHOWN];
    unsigned char letter = cursor->at < cursor->end ? cursor->bytes[cursor->at] : 0;
    const char *simple = letter ? strchr(letters, letter) : NULL;
    if (letter >= '0' && letter <= '7') return take_digits(cursor, 8, 1, 3, character);
    cursor->at += letter != 0;
    if (simple) {
        *character = (unsigned char)meanings[simple - letters];
        return true;
    }
    if (letter == 'x') return take_digits(cursor, 16, 2, 2, character);
    if (letter == 'u') return take_digits(cursor, 16, 4, 4, character);
    if (letter == 'U') return take_digits(cursor, 16, 8, 8, character);
    size_t at = cursor->at - (letter != 0);
    return rc__npy_fault(cursor, at, RC_FORMAT, "an escape of %s", rc__npy_show(cursor, at, room));
}

static bool take_character(struct rc__npy_cursor *cursor, uint32_t *character)
{
    unsigned char byte = cursor->bytes[cursor->at];
    if (byte >= 0x80 && cursor->is_utf8) return take_utf8(cursor, character);
    cursor->at++;
    *character = byte;
    return byte != '\\' || take_escape(cursor, character);
}

bool rc__npy_string(struct rc__npy_cursor *cursor, rc_buffer *text)
{
    unsigned char quote;
    if (!open_quote(cursor, &quote)) return false;
    size_t start = cursor->at;
    while (cursor->at < cursor->end && cursor->bytes[cursor->at] != quote) {
        uint32_t character;
        size_t at = cursor->at;
        if (memchr("\n\r", cursor->bytes[at], 3) != NULL) /* or 0 */
            return rc__npy_fault(cursor, at, RC_FORMAT, "byte 0x%02x in a string",
                                 cursor->bytes[at]);
        if (!take_character(cursor, &character) || !put_character(cursor, at, character, text))
            return false;
    }
    if (cursor->at == cursor->end)
        return rc__npy_fault(cursor, start, RC_FORMAT, "a string has no end");
    cursor->at++;
    return true;
}
