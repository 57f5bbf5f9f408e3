/* SPDX-License-Identifier: MIT */
/* Buffers whose bytes are pages of their own: how far they grow ahead, and what they give back. */
#define _GNU_SOURCE 1 /* mincore */
#include "buffer/buffer.h"
#include "support.h"
#include "tests/rc/pages_support.h"

static size_t live_bytes(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now.live_bytes;
}

/* Bytes of the pages from @p place on that are resident, of @p size; 0 beyond what is mapped. */
static size_t resident(const unsigned char *place, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char state;
    size_t found = 0;
    uintptr_t first = ((uintptr_t)place + page - 1) / page * page;
    for (uintptr_t at = first; at < (uintptr_t)place + size; at += page)
        if (mincore((void *)at, 1, &state) == 0 && state & 1) found += page;
    return found;
}

static void append_until(rc_buffer *buffer, size_t size)
{
    unsigned char piece[1000];
    while (buffer->size < size) {
        size_t more = size - buffer->size < sizeof piece ? size - buffer->size : sizeof piece;
        support_write(piece, more, 1, buffer->size);
        ASSERT_OK(rc_buffer_append(buffer, piece, more));
    }
}

/* ---- ahead ----------------------------------------------------------------------------------- */

START_TEST(appending_takes_256_kib_ahead)
{
    rc_buffer *buffer = rc_buffer_new(MIB);
    size_t around = live_bytes() - MIB;
    append_until(buffer, MIB + 1);
    ck_assert_uint_eq(live_bytes() - around, MIB + MIB / 4);
    for (size_t size = 2 * MIB; size < 20 * MIB; size += 300000) {
        append_until(buffer, size);
        ck_assert_uint_le(live_bytes() - around - size, MIB / 4);
    }
    rc_release(buffer);
}
END_TEST

START_TEST(what_is_resident_beyond_the_size_is_bounded)
{
    rc__pages_trim();
    rc_buffer *buffer = rc_buffer_new(0);
    size_t around = live_bytes();
    for (size_t size = RC__PAGES_LEAST; size < 24 * MIB; size += size / 3) {
        append_until(buffer, size);
        ck_assert_uint_ge(resident(buffer->data, size), size - 4096);
        size_t capacity = live_bytes() - around;
        ck_assert_uint_le(resident(buffer->data + size, capacity - size), MIB / 4 + 4096);
    }
    support_assert_filled(buffer, 1, buffer->size);
    rc_release(buffer);
}
END_TEST

START_TEST(one_append_of_many_bytes_takes_little_more_than_them)
{
    rc_buffer *buffer = rc_buffer_new(MIB), *more = support_buffer(9 * MIB, 2);
    size_t around = live_bytes() - MIB;
    ASSERT_OK(rc_buffer_append(buffer, more->data, more->size));
    ck_assert_uint_eq(live_bytes() - around, 10 * MIB);
    ck_assert_mem_eq(buffer->data + MIB, more->data, more->size);
    rc_release(more);
    rc_release(buffer);
}
END_TEST

/* ---- content --------------------------------------------------------------------------------- */

START_TEST(bytes_are_kept_from_the_object_through_a_block_into_pages_and_back)
{
    rc_buffer *buffer = rc_buffer_new(0);
    for (int round = 0; round < 2; round++) {
        append_until(buffer, 9 * MIB + 77);
        support_assert_filled(buffer, 1, buffer->size);
        static const size_t sizes[] = {3 * MIB + 1, RC__PAGES_LEAST, RC__PAGES_LEAST - 1, 4000,
                                       100};
        for (size_t i = 0; i < 5; i++) {
            ASSERT_OK(rc_buffer_resize(buffer, sizes[i]));
            ASSERT_OK(rc_buffer_shrink(buffer));
            support_assert_filled(buffer, 1, sizes[i]);
        }
    }
    rc_release(buffer);
}
END_TEST

START_TEST(pages_appended_to_themselves_are_there_twice)
{
    rc_buffer *buffer = support_buffer(RC__PAGES_LEAST, 3);
    while (buffer->size < 16 * MIB) {
        size_t size = buffer->size;
        ASSERT_OK(rc_buffer_append(buffer, buffer->data, size));
        ck_assert_uint_eq(buffer->size, 2 * size);
        ck_assert(memcmp(buffer->data, buffer->data + size, size) == 0);
    }
    support_assert_filled(buffer, 3, RC__PAGES_LEAST);
    rc_release(buffer);
}
END_TEST

START_TEST(pages_keep_their_alignment)
{
    for (size_t alignment = 32; alignment <= 16384; alignment *= 2) {
        rc_buffer *buffer = rc_buffer_new_aligned(RC__PAGES_LEAST / 2, alignment);
        while (buffer->size < 5 * MIB) {
            size_t size = buffer->size;
            ASSERT_OK(rc_buffer_resize(buffer, size + size / 2));
            ck_assert_uint_eq((uintptr_t)buffer->data % alignment, 0);
            append_until(buffer, buffer->size + 200000);
            ck_assert_uint_eq((uintptr_t)buffer->data % alignment, 0);
        }
        rc_release(buffer);
    }
}
END_TEST

START_TEST(a_wiping_buffer_of_pages_leaves_none_of_its_bytes_idle)
{
    rc__pages_trim();
    rc_buffer *secret = rc_buffer_new_with(NULL, 3 * MIB, 0, RC_BUFFER_WIPE);
    memset(rc_buffer_edit(secret), SUPPORT_SECRET, secret->size);
    ASSERT_OK(rc_buffer_append(secret, secret->data, secret->size));
    ASSERT_OK(rc_buffer_append(secret, "x", 1));
    ck_assert(support_is_all(secret->data, 6 * MIB, SUPPORT_SECRET));
    rc_release(secret);
    size_t idle = rc__pages_idle().bytes;
    ck_assert_uint_gt(idle, 0);
    size_t range = idle / rc__pages_idle().ranges;
    for (size_t i = rc__pages_idle().ranges; i > 0; i--) {
        unsigned char *block = rc__pages_allocate(range);
        if (block) ck_assert(memchr(block, SUPPORT_SECRET, range) == NULL);
        rc__pages_free(block, range);
    }
}
END_TEST

/* ---- idle pages ------------------------------------------------------------------------------ */

START_TEST(a_buffer_that_grows_into_idle_pages_neither_moves_nor_leaves_any_behind)
{
    unsigned char *idle = idle_range(64 * MIB);
    rc_buffer *buffer = rc_buffer_new(0);
    append_until(buffer, MIB);
    ck_assert_ptr_eq(buffer->data, idle);
    append_until(buffer, 50 * MIB);
    ck_assert_ptr_eq(buffer->data, idle);
    ck_assert_uint_lt(rc__pages_idle().bytes, 14 * MIB);
    rc_release(buffer);
    ck_assert_uint_eq(rc__pages_idle().bytes, 64 * MIB);
    ck_assert_uint_eq(rc__pages_idle().ranges, 1);
}
END_TEST

START_TEST(shrinking_gives_pages_back_to_the_system)
{
    rc__pages_trim();
    rc_buffer *buffer = support_buffer(40 * MIB, 4);
    unsigned char *place = (unsigned char *)(uintptr_t)buffer->data;
    ASSERT_OK(rc_buffer_resize(buffer, 10 * MIB));
    ck_assert(is_mapped(place + 39 * MIB));
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert_ptr_eq(buffer->data, place);
    ck_assert(is_mapped(place + 9 * MIB) && !is_mapped(place + 10 * MIB));
    ASSERT_OK(rc_buffer_resize(buffer, 5000));
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert(!is_mapped(place + 9 * MIB));
    ASSERT_OK(rc_buffer_resize(buffer, 0));
    ASSERT_OK(rc_buffer_resize(buffer, 40 * MIB));
    ASSERT_OK(rc_buffer_resize(buffer, 0));
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert_uint_le(rc__pages_idle().bytes, 2 * RC__PAGES_LEAST);
    rc_release(buffer);
}
END_TEST

/* ---- no memory ------------------------------------------------------------------------------- */

static void assert_refused_unchanged(rc_buffer *buffer, const unsigned char *bytes)
{
    const unsigned char *place = buffer->data;
    size_t size = buffer->size, live = live_bytes();
    ASSERT_REFUSED(rc_buffer_append(buffer, bytes, 12 * MIB), RC_NO_MEMORY, "no room for");
    ASSERT_REFUSED(rc_buffer_resize(buffer, 24 * MIB), RC_NO_MEMORY, "no room for");
    ASSERT_REFUSED(rc_buffer_reserve(buffer, 24 * MIB), RC_NO_MEMORY, "no room for");
    ck_assert_ptr_eq(buffer->data, place);
    ck_assert_uint_eq(buffer->size, size);
    ck_assert_uint_eq(live_bytes(), live);
    support_assert_filled(buffer, 5, size);
}

START_TEST(a_limit_of_addresses_is_no_memory_and_changes_nothing)
{
    rc_buffer *buffer = support_buffer(12 * MIB, 5), *more = support_buffer(12 * MIB, 6);
    rc__pages_trim();
    if (limit_addresses(8 * MIB)) {
        assert_refused_unchanged(buffer, more->data);
        ASSERT_OK(rc_buffer_append(buffer, more->data, MIB));
        ck_assert_mem_eq(buffer->data + 12 * MIB, more->data, MIB);
    }
    rc_release(more);
    ASSERT_OK(rc_buffer_append(buffer, "x", 1));
    support_assert_filled(buffer, 5, 12 * MIB);
    rc_release(buffer);
}
END_TEST

START_TEST(without_addresses_to_spare_growing_takes_what_it_needs)
{
    rc_buffer *buffer = support_buffer(10 * MIB, 5);
    rc__pages_trim();
    if (limit_addresses(MIB / 8)) {
        rc_error_set(RC_BUSY, "from before");
        ck_assert_int_eq(rc_buffer_append(buffer, "x", 1), RC_OK);
        ck_assert_str_eq(rc_error_message(), "from before");
        rc_error_clear();
    }
    support_assert_filled(buffer, 5, 10 * MIB);
    rc_release(buffer);
}
END_TEST

HARNESS_MAIN("buffer/buffer_grow_pages", appending_takes_256_kib_ahead,
             what_is_resident_beyond_the_size_is_bounded,
             one_append_of_many_bytes_takes_little_more_than_them,
             bytes_are_kept_from_the_object_through_a_block_into_pages_and_back,
             pages_appended_to_themselves_are_there_twice, pages_keep_their_alignment,
             a_wiping_buffer_of_pages_leaves_none_of_its_bytes_idle,
             a_buffer_that_grows_into_idle_pages_neither_moves_nor_leaves_any_behind,
             shrinking_gives_pages_back_to_the_system,
             a_limit_of_addresses_is_no_memory_and_changes_nothing,
             without_addresses_to_spare_growing_takes_what_it_needs)
