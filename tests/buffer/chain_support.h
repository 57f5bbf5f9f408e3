/* SPDX-License-Identifier: MIT */
/**
 * @file tests/buffer/chain_support.h
 * What the suites of chains share: chains and their bytes, each asserted to be there, what must be
 * true of a chain at any time, calls with each request for memory failing.
 */
#ifndef TESTS_BUFFER_CHAIN_SUPPORT_H
#define TESTS_BUFFER_CHAIN_SUPPORT_H

#include "buffer/chain.h"
#include "buffer/chain_layout.h"
#include "support.h"

static inline rc_chain *new_chain(void)
{
    rc_chain *chain = rc_chain_new();
    ck_assert_msg(chain != NULL, "%s", rc_error_message());
    return chain;
}

static inline rc_buffer *buffer_of(const char *text)
{
    rc_buffer *buffer = rc_buffer_copy(text, strlen(text));
    ck_assert_msg(buffer != NULL, "%s", rc_error_message());
    return buffer;
}

static inline rc_buffer *slice_of(rc_buffer *buffer, size_t offset, size_t size)
{
    rc_buffer *slice = rc_buffer_slice(buffer, offset, size);
    ck_assert_msg(slice != NULL, "%s", rc_error_message());
    return slice;
}

/** Append part of a buffer, without keeping the slice. */
static inline void append_part(rc_chain *chain, rc_buffer *buffer, size_t offset, size_t size)
{
    rc_buffer *slice = slice_of(buffer, offset, size);
    ASSERT_OK(rc_chain_append(chain, slice));
    rc_release(slice);
}

/** A piece for each word of the text: the blanks between them are not in the chain. */
static inline rc_chain *chain_of(const char *text)
{
    rc_chain *chain = new_chain();
    while (*text) {
        size_t size = strcspn(text, " ");
        rc_buffer *buffer = rc_buffer_copy(text, size);
        ASSERT_OK(rc_chain_append(chain, buffer));
        rc_release(buffer);
        text += size + (text[size] == ' ');
    }
    return chain;
}

/* ---- what must be true ----------------------------------------------------------------------- */

static inline bool support__is_inside(const rc_buffer *root, const unsigned char *data, size_t size)
{
    return data >= root->data && size <= root->size &&
           (size_t)(data - root->data) <= root->size - size;
}

/** As buffer/chain_layout.h says. */
static inline void assert_chain_is_sound(const rc_chain *head)
{
    const struct rc__chain *chain = rc__chain_of(head);
    size_t sum = 0, bad = 0;
    for (size_t i = 0; i < head->count; i++) {
        const struct rc__piece *piece = rc__chain_piece(chain, i);
        sum += piece->size;
        bad += piece->size == 0 || !support__is_inside(piece->root, piece->data, piece->size);
        bad += rc__buffer_kind(piece->root) == RC__BUFFER_SLICE || !rc_buffer_exports(piece->root);
        bad += i > 0 && rc__piece_is_before(rc__chain_piece(chain, i - 1), piece);
    }
    for (int end = RC__CHAIN_FRONT; end <= RC__CHAIN_BACK; end++) {
        const struct rc__room *room = &chain->rooms[end];
        if (!room->root) continue;
        size_t left = rc__room_left(room, (enum rc__chain_end)end);
        bad += left == 0 || left > room->root->size || !rc_buffer_exports(room->root);
    }
    ck_assert_uint_eq(bad, 0);
    ck_assert_uint_eq(sum, head->size);
    ck_assert_uint_le(head->count, chain->capacity);
    ck_assert_uint_eq(chain->capacity & (chain->capacity - 1), 0);
}

/** The chain has these bytes, whichever way they are read. */
static inline void assert_bytes(const rc_chain *chain, const void *bytes, size_t size)
{
    assert_chain_is_sound(chain);
    ck_assert_uint_eq(chain->size, size);
    unsigned char *copy = malloc(size + 1);
    ASSERT_OK(rc_chain_copy_out(chain, 0, copy, size));
    ck_assert_msg(size == 0 || memcmp(copy, bytes, size) == 0, "the chain has other bytes");
    free(copy);
    ck_assert_int_eq(rc_chain_compare(chain, bytes, size), 0);
    ck_assert(rc_chain_equal(chain, 0, bytes, size));
}

static inline void assert_text(const rc_chain *chain, const char *text)
{
    assert_bytes(chain, text, strlen(text));
}

static inline void assert_buffer_text(const rc_buffer *buffer, const char *text)
{
    ck_assert_msg(buffer != NULL, "%s", rc_error_message());
    ck_assert_uint_eq(buffer->size, strlen(text));
    ck_assert(memcmp(buffer->data, text, buffer->size) == 0);
}

/* ---- without memory -------------------------------------------------------------------------- */

static struct rc_failing_allocator support_failing;

/** What is made until support_fail_none() asks an allocator that support_fail_each() can make
 * fail. */
static inline void support_fail_from_here(void)
{
    rc_failing_allocator_init(&support_failing, NULL, 0, false);
    ASSERT_OK(rc_allocator_set_default(&support_failing.allocator));
}

static inline void support_fail_none(void)
{
    ASSERT_OK(rc_allocator_set_default(NULL));
}

/**
 * Call until it succeeds, with the first request for memory failing, then the second and so on.
 * Each time that it fails the chain is as it was. Returns: how often that was.
 */
static inline size_t support_fail_each(bool (*call)(rc_chain *chain, void *argument),
                                       rc_chain *chain, void *argument)
{
    unsigned char *before = malloc(chain->size + 1);
    size_t size = chain->size, count = chain->count, failed = 0;
    ASSERT_OK(rc_chain_copy_out(chain, 0, before, size));
    for (bool done = false; !done; failed += !done) {
        struct rc_account account;
        rc_account_read(&account);
        rc_error_clear();
        support_failing.fail_at = rc_failing_allocator_requests(&support_failing) + failed + 1;
        done = call(chain, argument);
        support_failing.fail_at = 0;
        if (done) continue;
        ASSERT_LAST_ERROR(RC_NO_MEMORY, "no room for");
        ck_assert_msg(rc_account_check_nothing_new(&account) == RC_OK, "%s", rc_error_message());
        ck_assert_uint_eq(chain->count, count);
        assert_bytes(chain, before, size);
    }
    free(before);
    return failed;
}

#endif
