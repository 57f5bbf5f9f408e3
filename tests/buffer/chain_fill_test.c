/* SPDX-License-Identifier: MIT */
/* Bytes that are written where they are to lie, and text. */
#include "buffer/chain_fill.h"

#include <errno.h>
#include <wchar.h>

#include "chain_support.h"

static unsigned char *reserve(rc_chain *chain, size_t size, size_t *room)
{
    unsigned char *place = rc_chain_reserve(chain, size, room);
    ck_assert_msg(place != NULL, "%s", rc_error_message());
    ck_assert_uint_ge(*room, size);
    assert_chain_is_sound(chain);
    memset(place, '?', *room);
    return place;
}

static void fill(rc_chain *chain, const char *text, size_t reserved)
{
    size_t room, size = strlen(text);
    unsigned char *place = reserve(chain, reserved, &room);
    memcpy(place, text, size);
    ASSERT_OK(rc_chain_commit(chain, place, size));
    assert_chain_is_sound(chain);
}

/* ---- reserve and commit ---------------------------------------------------------------------- */

START_TEST(what_is_committed_follows_in_one_piece)
{
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "copied ", 7));
    fill(chain, "filled ", 20);
    ASSERT_OK(rc_chain_append_bytes(chain, "copied ", 7));
    fill(chain, "filled", 235);
    assert_text(chain, "copied filled copied filled");
    ck_assert_uint_eq(chain->count, 1);
    rc_release(chain);
}
END_TEST

START_TEST(what_is_not_committed_is_not_there)
{
    rc_chain *chain = chain_of("abc");
    size_t room, again;
    unsigned char *place = reserve(chain, 100, &room);
    assert_text(chain, "abc");
    ck_assert_ptr_eq(reserve(chain, 50, &again), place);
    ck_assert_uint_eq(again, room);
    ASSERT_OK(rc_chain_commit(chain, place, 0));
    ASSERT_OK(rc_chain_commit(chain, NULL, 0));
    assert_text(chain, "abc");
    rc_release(chain);
}
END_TEST

/* Part after part of a room, down to its last byte. */
START_TEST(a_room_is_committed_part_by_part)
{
    rc_chain *chain = new_chain();
    size_t room;
    unsigned char *place = reserve(chain, 0, &room);
    ck_assert_uint_eq(room, 256);
    for (size_t i = 0; i < 256; i += 32) {
        memset(place + i, 'a' + (int)(i / 32), 32);
        ASSERT_OK(rc_chain_commit(chain, place + i, 32));
    }
    ck_assert_uint_eq(chain->count, 1);
    ck_assert_uint_eq(chain->size, 256);
    ck_assert(rc_chain_equal(chain, 30, "aabb", 4) && rc_chain_equal(chain, 254, "hh", 2));
    ck_assert_ptr_null(rc__chain_of(chain)->rooms[RC__CHAIN_BACK].root);
    ck_assert_ptr_ne(reserve(chain, 1, &room), place);
    rc_release(chain);
}
END_TEST

START_TEST(a_room_that_is_too_small_gives_way)
{
    rc_chain *chain = new_chain();
    fill(chain, "small ", 100);
    fill(chain, "large ", 100000);
    fill(chain, "again", 99000);
    assert_text(chain, "small large again");
    ck_assert_uint_eq(chain->count, 2);
    size_t pinned;
    ASSERT_OK(rc_chain_pinned(chain, &pinned));
    ck_assert_uint_eq(pinned, 100000 + 256);
    rc_release(chain);
}
END_TEST

/* Slices of what came before see none of it. */
START_TEST(what_was_cut_off_is_not_written_again)
{
    rc_chain *chain = new_chain();
    rc_buffer *parts[4];
    for (int i = 0; i < 4; i++) {
        fill(chain, "part", 40);
        parts[i] = rc_chain_cut_slice(chain, 4);
    }
    for (int i = 0; i < 4; i++) {
        assert_buffer_text(parts[i], "part");
        ck_assert_ptr_eq(parts[i]->data, parts[0]->data + 4 * i);
    }
    for (int i = 0; i < 4; i++) rc_release(parts[i]);
    rc_release(chain);
}
END_TEST

/* The room stays where it is while buffers come behind it: what is committed comes behind them. */
START_TEST(buffers_may_come_between_reserving_and_committing)
{
    rc_chain *chain = new_chain();
    size_t room;
    fill(chain, "first ", 10);
    unsigned char *place = reserve(chain, 10, &room);
    rc_buffer *buffer = buffer_of("between ");
    ASSERT_OK(rc_chain_append(chain, buffer));
    memcpy(place, "last", 4);
    ASSERT_OK(rc_chain_commit(chain, place, 4));
    assert_text(chain, "first between last");
    ck_assert_uint_eq(chain->count, 3);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

START_TEST(a_place_that_is_no_longer_the_rooms_is_refused)
{
    rc_chain *chain = new_chain();
    size_t room;
    unsigned char *place = reserve(chain, 10, &room);
    ASSERT_REFUSED(rc_chain_commit(chain, place, room + 1), RC_RANGE,
                   "rc_chain_commit: 257 bytes pass the end of a room of 256 bytes");
    ASSERT_REFUSED(rc_chain_commit(chain, place, SIZE_MAX), RC_RANGE, "rc_chain_commit: ");
    ASSERT_REFUSED(rc_chain_commit(chain, place + 1, 1), RC_INVALID,
                   "rc_chain_commit: the room for 1 byte is not there: it was not reserved, or");
    ASSERT_OK(rc_chain_append_bytes(chain, "abc", 3));
    ASSERT_REFUSED(rc_chain_commit(chain, place, 3), RC_INVALID, "the room for 3 bytes is not");
    ASSERT_OK(rc_chain_compact(chain, 1));
    ASSERT_REFUSED(rc_chain_commit(chain, place, 3), RC_INVALID, "the room for 3 bytes is not");
    ASSERT_REFUSED(rc_chain_commit(chain, NULL, 3), RC_INVALID, "the 3 bytes are NULL");
    ASSERT_REFUSED(rc_chain_commit(NULL, place, 3), RC_INVALID, "rc_chain_commit: the chain is");
    ASSERT_NULL(rc_chain_reserve(NULL, 3, &room), RC_INVALID, "rc_chain_reserve: the chain is");
    assert_text(chain, "abc");
    rc_release(chain);
}
END_TEST

START_TEST(rooms_beyond_all_memory_are_refused)
{
    rc_chain *chain = chain_of("abc");
    size_t room = 99;
    ck_assert_ptr_null(rc_chain_reserve(chain, SIZE_MAX, &room));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    ck_assert_ptr_null(rc_chain_reserve(chain, SIZE_MAX - 2, &room));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    ck_assert_uint_eq(room, 99);
    assert_text(chain, "abc");
    rc_release(chain);
}
END_TEST

/* ---- text ------------------------------------------------------------------------------------ */

START_TEST(text_follows_as_printf_writes_it)
{
    rc_chain *chain = chain_of("abc");
    ASSERT_OK(rc_chain_printf(chain, "%d, %s; %5.2f%%", -7, "text", 2.5));
    ASSERT_OK(rc_chain_printf(chain, "%s", ""));
    ASSERT_OK(rc_chain_printf(chain, "|%-4c|\r\n", 'x'));
    assert_text(chain, "abc-7, text;  2.50%|x   |\r\n");
    ck_assert_uint_eq(chain->count, 2);
    rc_release(chain);
}
END_TEST

/* With every length up to beyond the room, and what is left of it: the NUL does not stay. */
START_TEST(text_of_any_length_is_in_one_piece)
{
    char text[600];
    for (size_t before = 0; before < 300; before += 51)
        for (int size = 1; size < 599; size += 7) {
            rc_chain *chain = new_chain();
            memset(text, 'x', sizeof text);
            ASSERT_OK(rc_chain_append_bytes(chain, text, before));
            memset(text + before, 'y', (size_t)size);
            ASSERT_OK(rc_chain_printf(chain, "%.*s", size, text + before));
            if (before == 0) ck_assert_uint_eq(chain->count, 1);
            ck_assert_uint_le(chain->count, 2);
            assert_bytes(chain, text, before + (size_t)size);
            rc_release(chain);
            if (before + (size_t)size > 590) break;
        }
}
END_TEST

START_TEST(text_of_the_chains_own_bytes_is_added)
{
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "ab", 3));
    size_t run;
    for (int i = 0; i < 9; i++) {
        const char *own = (const char *)rc_chain_peek(chain, 0, &run);
        ASSERT_OK(rc_chain_printf(chain, "%s%*s", own, 60, own));
    }
    ck_assert_uint_eq(chain->size, 3 + 9 * 62);
    ck_assert(rc_chain_equal(chain, 3, "ab", 2) && rc_chain_equal(chain, 63, "abab", 4));
    rc_release(chain);
}
END_TEST

static RC_PRINTF(2, 3) enum rc_status add_twice(rc_chain *chain, const char *format, ...)
{
    va_list arguments, copy;
    va_start(arguments, format);
    va_copy(copy, arguments);
    enum rc_status status = rc_chain_vprintf(chain, format, arguments);
    if (status == RC_OK) status = rc_chain_vprintf(chain, format, copy);
    va_end(copy);
    va_end(arguments);
    return status;
}

START_TEST(arguments_may_be_a_list)
{
    rc_chain *chain = new_chain();
    ASSERT_OK(add_twice(chain, "%d %300s;", 1, "x"));
    ck_assert_uint_eq(chain->size, 2 * 303);
    ck_assert(rc_chain_equal(chain, 300, " x;1 ", 5) || rc_chain_equal(chain, 301, "x;1 ", 4));
    rc_release(chain);
}
END_TEST

START_TEST(text_that_cannot_be_written_is_told)
{
    rc_chain *chain = chain_of("abc");
    const char *none = NULL;
    ASSERT_REFUSED(rc_chain_printf(chain, none, 1), RC_INVALID,
                   "rc_chain_printf: the format is NULL");
    ASSERT_REFUSED(rc_chain_printf(NULL, "x"), RC_INVALID, "rc_chain_printf: the chain is NULL");
    ASSERT_REFUSED(add_twice(NULL, "x"), RC_INVALID, "rc_chain_vprintf: the chain is NULL");
    const wchar_t *letter = L"\x20ac"; /* the C locale does not have it */
    ASSERT_REFUSED(rc_chain_printf(chain, "x%ls", letter), RC_SYSTEM,
                   "rc_chain_printf: cannot write by \"x%ls\": ");
    ck_assert_int_eq(errno, EILSEQ);
    const char *volatile wide = "%99999999999d"; /* more than an int counts */
    rc_error_clear();
    ASSERT_REFUSED(rc_chain_printf(chain, wide, 1), RC_SYSTEM, "cannot write by \"%9999");
    ck_assert_int_eq(errno, EOVERFLOW);
    assert_text(chain, "abc");
    rc_release(chain);
}
END_TEST

/* ---- without memory -------------------------------------------------------------------------- */

static bool do_reserve(rc_chain *chain, void *size)
{
    return rc_chain_reserve(chain, *(size_t *)size, NULL) != NULL;
}

static bool do_print(rc_chain *chain, void *size)
{
    return rc_chain_printf(chain, "%*d", (int)*(size_t *)size, 7) == RC_OK;
}

/* A new room, which is an object and its block, and, where the ring is full, a new ring. What was
 * reserved is committed without memory. */
START_TEST(without_memory_nothing_has_changed)
{
    for (size_t pieces = 0; pieces < 2; pieces++)
        for (size_t print = 0; print < 2; print++) {
            size_t size = 5000, room;
            support_fail_from_here();
            rc_chain *chain = chain_of(pieces ? "ab cd e f" : "ab");
            size_t failed = support_fail_each(print ? do_print : do_reserve, chain, &size);
            ck_assert_uint_eq(failed, 2 + pieces);
            support_failing.fail_at = rc_failing_allocator_requests(&support_failing) + 1;
            unsigned char *place = print ? NULL : reserve(chain, 4000, &room);
            if (place) ASSERT_OK(rc_chain_commit(chain, place, 5000));
            support_failing.fail_at = 0;
            ck_assert_uint_eq(chain->size, (pieces ? 6 : 2) + 5000);
            rc_release(chain);
            support_fail_none();
        }
}
END_TEST

/* ---- what ends runs the program's code ------------------------------------------------------- */

static rc_chain *used;

/* The old room goes, and its memory with it. */
static void use_chain(void *context, void *block, size_t size, size_t alignment)
{
    const struct rc_allocator *system = context;
    rc_chain *chain = used;
    used = NULL;
    if (chain && size > 1000)
        ASSERT_OK(rc_chain_append_bytes(chain, "meanwhile", 9));
    else
        used = chain;
    system->deallocate(system->context, block, size, alignment);
}

START_TEST(a_room_that_is_used_while_it_comes_is_asked_for_again)
{
    const struct rc_allocator *system = rc_allocator_system();
    struct rc_allocator telling = *system;
    telling.name = "telling";
    telling.context = (void *)(uintptr_t)system;
    telling.deallocate = use_chain;
    rc_chain *chain = new_chain();
    rc_buffer *old = rc_buffer_new_with(&telling, 5000, 0, 0);
    struct rc__chain *inside = rc__chain_of(chain);
    rc__chain_set_room(inside, RC__CHAIN_BACK, old, old->data);
    rc_release(old);
    used = chain;
    size_t room;
    unsigned char *place = rc_chain_reserve(chain, 6000, &room);
    ck_assert_ptr_null(used);
    ck_assert_ptr_nonnull(place);
    ck_assert_uint_ge(room, 6000);
    memset(place, 'x', room);
    ASSERT_OK(rc_chain_commit(chain, place, 1));
    assert_text(chain, "meanwhilex");
    rc_release(chain);
}
END_TEST

START_TEST(a_room_with_too_many_slices_is_not_committed)
{
    rc_chain *chain = new_chain();
    size_t room;
    unsigned char *place = reserve(chain, 10, &room);
    rc_buffer *root = rc__chain_of(chain)->rooms[RC__CHAIN_BACK].root;
    uint32_t exports = root->rc__exports;
    root->rc__exports = RC__EXPORTS_MAX;
    ASSERT_REFUSED(rc_chain_commit(chain, place, 3), RC_OVERFLOW,
                   "rc_chain_commit: 2147483648 slices of a buffer of 256 bytes live already");
    ASSERT_REFUSED(rc_chain_printf(chain, "abc"), RC_OVERFLOW, "rc_chain_printf: 2147483648");
    root->rc__exports = exports;
    assert_text(chain, "");
    memcpy(place, "abc", 3);
    ASSERT_OK(rc_chain_commit(chain, place, 3));
    assert_text(chain, "abc");
    rc_release(chain);
}
END_TEST

HARNESS_MAIN("buffer/chain_fill", what_is_committed_follows_in_one_piece,
             what_is_not_committed_is_not_there, a_room_is_committed_part_by_part,
             a_room_that_is_too_small_gives_way, what_was_cut_off_is_not_written_again,
             buffers_may_come_between_reserving_and_committing,
             a_place_that_is_no_longer_the_rooms_is_refused, rooms_beyond_all_memory_are_refused,
             text_follows_as_printf_writes_it, text_of_any_length_is_in_one_piece,
             text_of_the_chains_own_bytes_is_added, arguments_may_be_a_list,
             text_that_cannot_be_written_is_told, without_memory_nothing_has_changed,
             a_room_that_is_used_while_it_comes_is_asked_for_again,
             a_room_with_too_many_slices_is_not_committed)
