/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/chain_model.h
 * What chains have to hold, in plain strings, over buffers whose bytes never change. For
 * chain_target.c.
 */
#ifndef TESTS_LIBFUZZER_CHAIN_MODEL_H
#define TESTS_LIBFUZZER_CHAIN_MODEL_H

#include "tests/libfuzzer/fuzz.h"

#include "buffer/chain_fill.h"
#include "buffer/chain_io.h"
#include "buffer/chain_layout.h"

enum { CHAINS = 3, BUFFERS = 4, SLICES = 4, BYTES_MAX = 6000 };

struct string {
    rc_chain *chain;
    size_t size;
    unsigned char bytes[BYTES_MAX];
};

struct cut {
    rc_buffer *slice; /* NULL: there is none */
    unsigned char bytes[BYTES_MAX];
};

static struct string strings[CHAINS];
static struct cut cuts[SLICES];
static rc_buffer *buffers[BUFFERS];
static rc_buffer *frozen; /* a slice of the last buffer, of which nothing else is ever appended */

/* ---- strings --------------------------------------------------------------------------------- */

static bool has_room(const struct string *string, size_t size)
{
    return size <= BYTES_MAX - string->size;
}

static void insert(struct string *string, bool in_front, const unsigned char *bytes, size_t size)
{
    if (in_front) memmove(string->bytes + size, string->bytes, string->size);
    memmove(string->bytes + (in_front ? 0 : string->size), bytes, size);
    string->size += size;
}

static void cut_off(struct string *string, size_t size)
{
    string->size -= size;
    memmove(string->bytes, string->bytes + size, string->size);
}

/* ---- what must be true ----------------------------------------------------------------------- */

static bool is_of(const rc_buffer *buffer, const unsigned char *data)
{
    return data >= buffer->data && (size_t)(data - buffer->data) < buffer->size;
}

/* As buffer/chain_layout.h says. */
static void check_sound(const rc_chain *head)
{
    const struct rc__chain *chain = rc__chain_of(head);
    size_t sum = 0;
    for (size_t i = 0; i < head->count; i++) {
        const struct rc__piece *piece = rc__chain_piece(chain, i);
        const rc_buffer *root = piece->root;
        FUZZ_CHECK(piece->size > 0, "piece %zu of %zu is empty", i, head->count);
        FUZZ_CHECK(is_of(root, piece->data) && is_of(root, piece->data + piece->size - 1),
                   "piece %zu lies outside of its buffer", i);
        FUZZ_CHECK(i == 0 || !rc__piece_is_before(rc__chain_piece(chain, i - 1), piece),
                   "pieces %zu and %zu are one", i - 1, i);
        sum += piece->size;
    }
    FUZZ_CHECK(sum == head->size, "%zu bytes in %zu pieces", sum, head->count);
}

static void compare(const struct string *string)
{
    check_sound(string->chain);
    FUZZ_CHECK(string->chain->size == string->size, "%zu, not %zu bytes", string->chain->size,
               string->size);
    FUZZ_CHECK(rc_chain_compare(string->chain, string->bytes, string->size) == 0,
               "%zu bytes differ", string->size);
}

static void compare_cut(const struct cut *cut)
{
    if (!cut->slice) return;
    const rc_buffer *slice = cut->slice;
    FUZZ_CHECK(memcmp(slice->data, cut->bytes, slice->size) == 0, "%zu bytes differ", slice->size);
    bool is_frozen = slice->size > 0 && is_of(buffers[BUFFERS - 1], slice->data);
    FUZZ_CHECK((rc_buffer_edit(cut->slice) == NULL) == is_frozen, "it is %swritable",
               is_frozen ? "" : "not ");
}

static void compare_all(void)
{
    for (size_t i = 0; i < CHAINS; i++) compare(&strings[i]);
    for (size_t i = 0; i < SLICES; i++) compare_cut(&cuts[i]);
}

/* ---- before and after an input --------------------------------------------------------------- */

static void begin(void)
{
    static const size_t sizes[BUFFERS] = {5, 40, 4500, 60};
    for (size_t i = 0; i < BUFFERS; i++) {
        buffers[i] = rc_buffer_new(sizes[i]);
        unsigned char *bytes = rc_buffer_edit(buffers[i]);
        for (size_t j = 0; j < sizes[i]; j++) bytes[j] = (unsigned char)('a' + (i + j / 3) % 5);
    }
    frozen = rc_buffer_slice(buffers[BUFFERS - 1], 0, sizes[BUFFERS - 1]);
    FUZZ_CHECK(rc_buffer_freeze(frozen) == RC_OK, "a slice cannot be frozen");
    for (size_t i = 0; i < CHAINS; i++) {
        strings[i].chain = rc_chain_new();
        strings[i].size = 0;
    }
}

/* Nothing is held any more but what the strings and the cuts hold. */
static void end(void)
{
    for (size_t i = 0; i < CHAINS; i++) rc_clear(&strings[i].chain);
    for (size_t i = 0; i < SLICES; i++) rc_clear(&cuts[i].slice);
    rc_clear(&frozen);
    for (size_t i = 0; i < BUFFERS; i++) {
        FUZZ_CHECK(rc_buffer_exports(buffers[i]) == 0, "%zu slices of buffer %zu are left",
                   rc_buffer_exports(buffers[i]), i);
        rc_clear(&buffers[i]);
    }
}

#endif
