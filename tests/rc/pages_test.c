/* SPDX-License-Identifier: MIT */
/* Blocks that are pages: what they hold, over every change of size. */
#define _GNU_SOURCE 1 /* MADV_DONTDUMP */
#include "rc/pages.h"

#include "pages_support.h"
#include "rc/memory.h"
#include "rc/object.h"

/* ---- bytes ----------------------------------------------------------------------------------- */

enum { PERIOD = 1 << 16 }; /* after so many places the bytes begin again */

static unsigned char byte_at(unsigned seed, size_t i)
{
    return (unsigned char)(seed * 31u + i * 7u + (i >> 8) * 3u + 1u);
}

static void *filled(void *block, size_t size, unsigned seed)
{
    ck_assert_ptr_nonnull(block);
    unsigned char *bytes = block;
    size_t done = size < PERIOD ? size : PERIOD;
    for (size_t i = 0; i < done; i++) bytes[i] = byte_at(seed, i);
    for (size_t part; done < size; done += part) {
        part = size - done < done ? size - done : done;
        memcpy(bytes + done, bytes, part);
    }
    return block;
}

static void assert_filled(const void *block, size_t size, unsigned seed)
{
    const unsigned char *bytes = block;
    size_t same = 0, all = size < PERIOD ? size : PERIOD;
    while (same < all && bytes[same] == byte_at(seed, same)) same++;
    ck_assert_uint_eq(same, all);
    if (size > all) ck_assert(memcmp(bytes, bytes + all, size - all) == 0);
}

static bool is_zero(const void *block, size_t size)
{
    const unsigned char *bytes = block;
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* ---- which, and what they hold --------------------------------------------------------------- */

START_TEST(size_and_alignment_alone_decide_which_blocks_are_pages)
{
    ck_assert(rc__pages_are_on());
    ck_assert(rc__pages_fit(RC__PAGES_LEAST, 16));
    ck_assert(rc__pages_fit(PTRDIFF_MAX, 4096));
    ck_assert(!rc__pages_fit(RC__PAGES_LEAST - 1, 16));
    ck_assert(!rc__pages_fit(RC__PAGES_LEAST, 8192));
}
END_TEST

START_TEST(a_block_begins_a_page_and_has_all_of_its_bytes)
{
    static const size_t sizes[] = {RC__PAGES_LEAST, RC__PAGES_LEAST + 1, MIB - 1, 3 * MIB + 5};
    void *blocks[4];
    for (unsigned i = 0; i < 4; i++) blocks[i] = filled(rc__pages_allocate(sizes[i]), sizes[i], i);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq((uintptr_t)blocks[i] % RC__PAGES_ALIGNMENT, 0);
        assert_filled(blocks[i], sizes[i], i);
        rc__pages_free(blocks[i], sizes[i]);
    }
}
END_TEST

START_TEST(content_is_kept_over_every_change_of_size)
{
    static const size_t sizes[] = {100,    5000, RC__PAGES_LEAST - 1, RC__PAGES_LEAST,
                                   300000, MIB,  3 * MIB + 5};
    enum { N = sizeof sizes / sizeof *sizes };
    const struct rc_allocator *system = rc_allocator_system();
    for (size_t alignment = 16; alignment <= 8192; alignment *= 8)
        for (unsigned from = 0; from < N; from++)
            for (unsigned to = 0; to < N; to++) {
                void *block = system->allocate(NULL, sizes[from], alignment);
                filled(block, sizes[from], from);
                block = system->reallocate(NULL, block, sizes[from], sizes[to], alignment);
                ck_assert_ptr_nonnull(block);
                ck_assert_uint_eq((uintptr_t)block % alignment, 0);
                assert_filled(block, sizes[from] < sizes[to] ? sizes[from] : sizes[to], from);
                memset(block, 1, sizes[to]);
                system->deallocate(NULL, block, sizes[to], alignment);
            }
}
END_TEST

START_TEST(zeroed_blocks_are_zero_whatever_their_pages_were)
{
    static const size_t sizes[] = {RC__PAGES_LEAST, MIB + 1, 2 * MIB, 8 * MIB};
    for (size_t i = 0; i < 4; i++)
        for (int round = 0; round < 3; round++) {
            void *block = rc__pages_allocate_zeroed(sizes[i]);
            ck_assert_ptr_nonnull(block);
            ck_assert(is_zero(block, sizes[i]));
            memset(block, 0xff, sizes[i]);
            rc__pages_free(block, sizes[i]);
        }
}
END_TEST

START_TEST(large_objects_and_blocks_of_all_kinds_come_and_go)
{
    static const rc_type plain = {.name = "large", .size = MIB};
    static const rc_type aligned = {.name = "large, aligned", .size = MIB, .alignment = 64};
    for (int round = 0; round < 3; round++) {
        void *object = rc_object_new(&plain, 0), *prefixed = rc_object_new(&plain, MIB);
        void *other = rc_object_new(&aligned, 0);
        ck_assert(is_zero(object, MIB) && is_zero(prefixed, 2 * MIB) && is_zero(other, MIB));
        memset(object, 1, MIB);
        memset(prefixed, 2, 2 * MIB);
        memset(other, 3, MIB);
        rc_release(object);
        rc_release(prefixed);
        rc_release(other);
        unsigned char *block = rc_memory_allocate(RC__PAGES_LEAST - 32);
        filled(block, RC__PAGES_LEAST - 32, 7);
        block = rc_memory_reallocate(block, 5 * MIB);
        assert_filled(block, RC__PAGES_LEAST - 32, 7);
        block = rc_memory_reallocate(block, 1000);
        assert_filled(block, 1000, 7);
        rc_memory_free(block);
    }
}
END_TEST

/* ---- growing and shrinking ------------------------------------------------------------------- */

START_TEST(a_block_grows_into_idle_pages_behind_it_and_stays)
{
    unsigned char *start = idle_range(12 * MIB);
    unsigned char *block = rc__pages_allocate(3 * MIB);
    ck_assert_ptr_eq(block, start);
    filled(block, 3 * MIB, 1);
    ck_assert_ptr_eq(rc__pages_reallocate(block, 3 * MIB, 3 * MIB + 1), block);
    ck_assert_ptr_eq(rc__pages_extend(block, 3 * MIB + 1, 12 * MIB), block);
    ck_assert_uint_eq(rc__pages_idle().bytes, 0);
    assert_filled(block, 3 * MIB, 1);
    memset(block, 1, 12 * MIB);
    rc__pages_free(block, 12 * MIB);
}
END_TEST

START_TEST(a_block_without_idle_pages_behind_it_grows_with_its_content)
{
    rc__pages_trim();
    unsigned char *block = filled(rc__pages_allocate(RC__PAGES_LEAST), RC__PAGES_LEAST, 2);
    unsigned char *behind = filled(rc__pages_allocate(RC__PAGES_LEAST), RC__PAGES_LEAST, 3);
    size_t size = RC__PAGES_LEAST;
    for (size_t next = size + 1; next < 40 * MIB; next += next / 3) {
        block = size % 2 ? rc__pages_reallocate(block, size, next)
                         : rc__pages_extend(block, size, next);
        ck_assert_ptr_nonnull(block);
        block[next - 1] = 1;
        size = next;
    }
    assert_filled(block, RC__PAGES_LEAST, 2);
    assert_filled(behind, RC__PAGES_LEAST, 3);
    rc__pages_free(block, size);
    rc__pages_free(behind, RC__PAGES_LEAST);
}
END_TEST

START_TEST(a_block_that_moves_has_room_to_double_where_it_comes)
{
    rc__pages_trim();
    unsigned char *behind = filled(rc__pages_allocate(3 * MIB), 3 * MIB, 3);
    unsigned char *block = filled(rc__pages_allocate(3 * MIB), 3 * MIB, 2);
    unsigned char *moved = rc__pages_reallocate(block, 3 * MIB, 4 * MIB);
    ck_assert_ptr_nonnull(moved);
    if (moved == block) puts("skipped: a block that moves: there was room behind it");
    unsigned char *doubled = rc__pages_reallocate(moved, 4 * MIB, 8 * MIB);
    if (moved != block) ck_assert_ptr_eq(doubled, moved);
    assert_filled(doubled, 3 * MIB, 2);
    assert_filled(behind, 3 * MIB, 3);
    rc__pages_free(doubled, 8 * MIB);
    rc__pages_free(behind, 3 * MIB);
}
END_TEST

START_TEST(what_is_cut_off_goes_back_to_the_system)
{
    rc__pages_trim();
    unsigned char *block = filled(rc__pages_allocate(8 * MIB), 8 * MIB, 4);
    ck_assert_ptr_eq(rc__pages_reallocate(block, 8 * MIB, 3 * MIB + 1), block);
    ck_assert(is_mapped(block + 3 * MIB));
    ck_assert(!is_mapped(block + 3 * MIB + 4 * RC__PAGES_LEAST));
    ck_assert_uint_eq(rc__pages_idle().bytes, 0);
    assert_filled(block, 3 * MIB + 1, 4);
    rc__pages_free(block, 3 * MIB + 1);
}
END_TEST

/* Pages with advice of their own are a mapping of their own. */
START_TEST(a_block_that_the_kernel_does_not_move_is_copied)
{
    rc__pages_trim();
    unsigned char *block = filled(rc__pages_allocate(MIB), MIB, 5);
    ck_assert_int_eq(madvise(block + MIB / 2, MIB / 2, MADV_DONTDUMP), 0);
    unsigned char *moved = rc__pages_reallocate(block, MIB, 50 * MIB);
    ck_assert_ptr_nonnull(moved);
    assert_filled(moved, MIB, 5);
    moved[50 * MIB - 1] = 1;
    rc__pages_free(moved, 50 * MIB);
}
END_TEST

/* ---- no memory ------------------------------------------------------------------------------- */

START_TEST(what_cannot_be_had_leaves_the_block_as_it_was)
{
    const size_t absurd = (SIZE_MAX > UINT32_MAX ? PTRDIFF_MAX : SIZE_MAX) - 100000;
    ck_assert_ptr_null(rc__pages_allocate(absurd));
    ck_assert_ptr_null(rc__pages_allocate_zeroed(absurd));
    unsigned char *block = filled(rc__pages_allocate(MIB), MIB, 6);
    ck_assert_ptr_null(rc__pages_reallocate(block, MIB, absurd));
    ck_assert_ptr_null(rc__pages_extend(block, MIB, absurd));
    assert_filled(block, MIB, 6);
    rc__pages_free(block, MIB);
    void *small = rc_memory_allocate(100);
    ck_assert_ptr_null(rc_memory_reallocate(small, absurd));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    rc_memory_free(small);
}
END_TEST

START_TEST(idle_pages_are_given_back_before_there_is_no_memory)
{
    idle_range(64 * MIB);
    if (!limit_addresses(8 * MIB)) return;
    unsigned char *block = rc__pages_allocate(65 * MIB);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_eq(rc__pages_idle().bytes, 0);
    filled(block, 65 * MIB, 1);
    ck_assert_ptr_null(rc__pages_allocate(64 * MIB));
    ck_assert_ptr_null(rc__pages_reallocate(block, 65 * MIB, 100 * MIB));
    ck_assert_ptr_null(rc__pages_extend(block, 65 * MIB, 100 * MIB));
    assert_filled(block, 65 * MIB, 1);
    rc__pages_free(block, 65 * MIB);
    block = rc__pages_allocate(3 * MIB);
    ck_assert_ptr_nonnull(block);
    rc__pages_free(block, 3 * MIB);
}
END_TEST

HARNESS_MAIN("rc/pages", size_and_alignment_alone_decide_which_blocks_are_pages,
             a_block_begins_a_page_and_has_all_of_its_bytes,
             content_is_kept_over_every_change_of_size,
             zeroed_blocks_are_zero_whatever_their_pages_were,
             large_objects_and_blocks_of_all_kinds_come_and_go,
             a_block_grows_into_idle_pages_behind_it_and_stays,
             a_block_without_idle_pages_behind_it_grows_with_its_content,
             a_block_that_moves_has_room_to_double_where_it_comes,
             what_is_cut_off_goes_back_to_the_system,
             a_block_that_the_kernel_does_not_move_is_copied,
             what_cannot_be_had_leaves_the_block_as_it_was,
             idle_pages_are_given_back_before_there_is_no_memory)
