/* SPDX-License-Identifier: MIT */
/* Magazines of no thread, and the depot: which blocks go where, and how many. */
#include <errno.h>
#include <malloc.h>

#include "rc/magazine.h"
#include "tests/harness.h"

/* Of blocks that nothing else here is made of. */
enum { SIZE = 3000, ROUNDS = RC__MAGAZINE_ROUNDS, LOAD = 24, SHELF = 256 };

static struct rc__magazine magazines[RC__MAGAZINE_CLASSES];

HARNESS_EARLY
{
    setenv("RCBUF_FORCE", "magazines", 1);
    if (!rc__magazines_are_on()) abort();
}

static struct rc__magazine *magazine_of(size_t size)
{
    return &magazines[rc__magazine_class(size)];
}

static size_t block_size(size_t size)
{
    return rc__magazine_size(rc__magazine_class(size));
}

static void *take(size_t size)
{
    void *block = rc__magazine_pop(magazine_of(size));
    if (!block) block = rc__magazine_refill(magazine_of(size), rc__magazine_class(size), size);
    ck_assert_ptr_nonnull(block);
    memset(block, 1, size);
    return block;
}

static void give(size_t size, void *block)
{
    if (!rc__magazine_push(magazine_of(size), block))
        rc__magazine_spill(magazine_of(size), rc__magazine_class(size), block);
}

static void give_new(size_t size, size_t count)
{
    for (size_t i = 0; i < count; i++) give(size, malloc(block_size(size)));
}

static void end(void)
{
    rc__magazines_empty(magazines, false);
    rc__depot_empty();
    ck_assert_uint_eq(rc__depot_bytes(), 0);
    ck_assert_uint_eq(rc__magazines_bytes(magazines), 0);
}

static void begin(void)
{
    memset(magazines, 0, sizeof magazines);
    end();
}

/* ---- a magazine ------------------------------------------------------------------------------ */

START_TEST(a_magazine_opens_at_its_first_use_with_all_its_rounds)
{
    begin();
    struct rc__magazine *magazine = magazine_of(SIZE);
    free(take(SIZE));
    ck_assert_uint_eq(magazine->room, ROUNDS);
    ck_assert_uint_eq(magazine->count, 0);
    ck_assert_uint_eq(magazine->hits, 0);
    *magazine = (struct rc__magazine){.count = 0};
    give_new(SIZE, 1);
    ck_assert_uint_eq(magazine->room, ROUNDS);
    ck_assert_uint_eq(magazine->count, 1);
    end();
}
END_TEST

START_TEST(a_full_magazine_leaves_its_oldest_blocks_to_the_depot)
{
    begin();
    struct rc__magazine *magazine = magazine_of(SIZE);
    void *blocks[ROUNDS + 1];
    for (size_t i = 0; i < ROUNDS; i++) give(SIZE, blocks[i] = malloc(block_size(SIZE)));
    ck_assert_uint_eq(magazine->count, ROUNDS);
    ck_assert_uint_eq(rc__depot_bytes(), 0);
    errno = 77;
    give(SIZE, blocks[ROUNDS] = malloc(block_size(SIZE)));
    ck_assert_int_eq(errno, 77);
    ck_assert_uint_eq(magazine->count, ROUNDS - LOAD + 1);
    for (size_t i = 0; i <= ROUNDS - LOAD; i++)
        ck_assert_ptr_eq(magazine->rounds[i], blocks[LOAD + i]);
    ck_assert_uint_eq(rc__depot_bytes(), LOAD * block_size(SIZE));
    ck_assert_uint_eq(rc__magazines_bytes(magazines), (ROUNDS - LOAD + 1) * block_size(SIZE));

    /* Another one gets them, the last first. */
    *magazine = (struct rc__magazine){.count = 0};
    for (size_t i = LOAD; i > 0; i--) {
        ck_assert_ptr_eq(take(SIZE), blocks[i - 1]);
        ck_assert_uint_eq(magazine->count, i - 1);
        ck_assert_uint_eq(magazine->hits, LOAD - i + 1);
        ck_assert_uint_eq(rc__depot_bytes(), 0);
    }
    for (size_t i = 0; i <= ROUNDS; i++) free(blocks[i]);
    end();
}
END_TEST

START_TEST(a_magazine_takes_no_more_than_three_quarters_or_than_there_is)
{
    static const size_t counts[] = {1, 2, LOAD - 1, LOAD, LOAD + 1, ROUNDS, ROUNDS + LOAD + 1};
    struct rc__magazine *magazine = magazine_of(SIZE);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        begin();
        give_new(SIZE, counts[i]);
        rc__magazines_empty(magazines, true);
        ck_assert_uint_eq(magazine->count, 0);
        ck_assert_uint_eq(rc__depot_bytes(), counts[i] * block_size(SIZE));
        for (size_t left = counts[i]; left > 0;) {
            size_t load = left < LOAD ? left : LOAD;
            free(take(SIZE));
            ck_assert_uint_eq(magazine->count, load - 1);
            left -= load;
            ck_assert_uint_eq(rc__depot_bytes(), left * block_size(SIZE));
            rc__magazines_empty(magazines, false);
            ck_assert_uint_eq(rc__depot_bytes(), left * block_size(SIZE));
        }
        end();
    }
}
END_TEST

START_TEST(a_recalled_magazine_gives_all_it_has_back_once)
{
    begin();
    struct rc__magazine *magazine = magazine_of(SIZE);
    give_new(SIZE, ROUNDS);
    rc__magazines_recall();
    give_new(SIZE, 1);
    ck_assert_uint_eq(magazine->count, 1);
    ck_assert_uint_eq(rc__depot_bytes(), 0);
    give_new(SIZE, ROUNDS);
    ck_assert_uint_eq(magazine->count, ROUNDS - LOAD + 1);
    ck_assert_uint_eq(rc__depot_bytes(), LOAD * block_size(SIZE));

    /* One that is empty has obeyed when it comes for more. */
    rc__magazines_empty(magazines, false);
    rc__magazines_recall();
    free(take(SIZE));
    ck_assert_uint_eq(magazine->count, LOAD - 1);
    give_new(SIZE, ROUNDS - LOAD + 2);
    ck_assert_uint_eq(magazine->count, ROUNDS - LOAD + 1);

    /* And one that was opened later has nothing to obey. */
    rc__magazines_empty(magazines, false);
    *magazine = (struct rc__magazine){.count = 0};
    give_new(SIZE, ROUNDS + 1);
    ck_assert_uint_eq(magazine->count, ROUNDS - LOAD + 1);
    end();
}
END_TEST

START_TEST(all_classes_of_a_thread_are_counted_and_emptied)
{
    for (int to_depot = 0; to_depot < 2; to_depot++) {
        begin();
        size_t bytes = 0;
        for (size_t class_ = 1; class_ < RC__MAGAZINE_CLASSES; class_++) {
            give_new(rc__magazine_size(class_), class_ % 3 + 1);
            magazines[class_].hits = class_;
            bytes += (class_ % 3 + 1) * rc__magazine_size(class_);
            ck_assert_uint_eq(rc__magazines_bytes(magazines), bytes);
        }
        ck_assert_uint_eq(rc__magazines_hits(magazines),
                          RC__MAGAZINE_CLASSES * (RC__MAGAZINE_CLASSES - 1) / 2);
        rc__magazines_empty(magazines, to_depot);
        ck_assert_uint_eq(rc__magazines_bytes(magazines), 0);
        ck_assert_uint_eq(rc__depot_bytes(), to_depot ? bytes : 0);
        ck_assert_uint_eq(rc__depot_empty(), to_depot ? bytes : 0);
        ck_assert_uint_eq(rc__depot_empty(), 0);
        end();
    }
}
END_TEST

START_TEST(blocks_of_no_magazine_come_from_malloc_and_go_there)
{
    begin();
    size_t class_ = rc__magazine_class(SIZE);
    give_new(SIZE, ROUNDS + 1);
    size_t bytes = rc__depot_bytes();
    errno = 77;
    rc__magazine_spill(NULL, class_, malloc(block_size(SIZE)));
    ck_assert_int_eq(errno, 77);
    void *block = rc__magazine_refill(NULL, class_, SIZE);
    ck_assert_ptr_nonnull(block);
    free(block);
    ck_assert_uint_eq(rc__depot_bytes(), bytes);
    end();
}
END_TEST

/* ---- the depot ------------------------------------------------------------------------------- */

START_TEST(the_depot_keeps_no_more_blocks_of_a_class_than_its_shelf_has_places)
{
    begin();
    for (size_t loads = 1; loads < 14; loads++) {
        give_new(SIZE, loads == 1 ? ROUNDS + 1 : LOAD);
        size_t kept = loads * LOAD < SHELF ? loads * LOAD : SHELF;
        ck_assert_uint_eq(magazine_of(SIZE)->count, ROUNDS - LOAD + 1);
        ck_assert_uint_eq(rc__depot_bytes(), kept * block_size(SIZE));
    }
    ck_assert_uint_eq(rc__depot_empty(), SHELF * block_size(SIZE));
    give_new(SIZE, LOAD);
    ck_assert_uint_eq(rc__depot_bytes(), LOAD * block_size(SIZE));
    end();
}
END_TEST

START_TEST(the_depot_is_filled_up_to_its_bound_and_no_further)
{
    begin();
    size_t size = RC__MAGAZINE_BLOCK_MAX - 9 * 32, class_ = rc__magazine_class(size), most = 0;
    for (; class_ < RC__MAGAZINE_CLASSES; class_++)
        for (size_t i = 0; i < SHELF / ROUNDS; i++) {
            size_t block = rc__magazine_size(class_), before = rc__depot_bytes();
            give_new(block, ROUNDS);
            rc__magazines_empty(magazines, true);
            bool fits = before + ROUNDS * block <= RC__DEPOT_BYTES_MAX;
            ck_assert_uint_eq(rc__depot_bytes(), before + (fits ? ROUNDS * block : 0));
            most += ROUNDS * block;
        }
    ck_assert_uint_gt(most, RC__DEPOT_BYTES_MAX);

    /* To the byte: what is left is given in blocks of the smallest class. */
    size_t left = (RC__DEPOT_BYTES_MAX - rc__depot_bytes()) / 16, steps = 0;
    for (class_ = rc__magazine_class(2000); left >= rc__magazine_size(class_) / 16;) {
        give_new(rc__magazine_size(class_), 1);
        rc__magazines_empty(magazines, true);
        left -= rc__magazine_size(class_) / 16;
        ck_assert_uint_eq(rc__depot_bytes(), RC__DEPOT_BYTES_MAX - left * 16);
        ck_assert_uint_lt(++steps, 200);
    }
    if (left > 0) give_new(left * 16, 1);
    rc__magazines_empty(magazines, true);
    ck_assert_uint_eq(rc__depot_bytes(), RC__DEPOT_BYTES_MAX);
    give_new(16, 1);
    rc__magazines_empty(magazines, true);
    ck_assert_uint_eq(rc__depot_bytes(), RC__DEPOT_BYTES_MAX);
    end();
}
END_TEST

/* ---- what malloc is asked for ---------------------------------------------------------------- */

START_TEST(a_block_has_the_size_of_its_class)
{
    begin();
    for (size_t size = 1; size <= RC__MAGAZINE_BLOCK_MAX; size += 7) {
        void *block = take(size);
        ck_assert_uint_ge(malloc_usable_size(block), block_size(size));
        free(block);
    }
    ck_assert_uint_eq(rc__small_size(1), 16);
    ck_assert_uint_eq(rc__small_size(RC__MAGAZINE_FINE + 1), RC__MAGAZINE_FINE + 32);
    ck_assert_uint_eq(rc__small_size(RC__MAGAZINE_BLOCK_MAX - 1), RC__MAGAZINE_BLOCK_MAX);
    ck_assert_uint_eq(rc__small_size(RC__MAGAZINE_BLOCK_MAX), RC__MAGAZINE_BLOCK_MAX);
    ck_assert_uint_eq(rc__small_size(RC__MAGAZINE_BLOCK_MAX + 1), RC__MAGAZINE_BLOCK_MAX + 1);
    end();
}
END_TEST

START_TEST(blocks_of_2048_bytes_and_more_begin_a_cache_line)
{
    begin();
    for (size_t size = 2048; size <= RC__MAGAZINE_BLOCK_MAX; size += size == 2048 ? 2045 : 131) {
        void *blocks[16];
        for (size_t i = 0; i < 16; i++) {
            blocks[i] =
                i % 2 ? take(size) : rc__magazine_refill(NULL, rc__magazine_class(size), size);
            ck_assert_uint_eq((uintptr_t)blocks[i] % 64, 0);
        }
        for (size_t i = 0; i < 16; i++) free(blocks[i]);
    }
    end();
}
END_TEST

HARNESS_MAIN("rc/magazine_depot", a_magazine_opens_at_its_first_use_with_all_its_rounds,
             a_full_magazine_leaves_its_oldest_blocks_to_the_depot,
             a_magazine_takes_no_more_than_three_quarters_or_than_there_is,
             a_recalled_magazine_gives_all_it_has_back_once,
             all_classes_of_a_thread_are_counted_and_emptied,
             blocks_of_no_magazine_come_from_malloc_and_go_there,
             the_depot_keeps_no_more_blocks_of_a_class_than_its_shelf_has_places,
             the_depot_is_filled_up_to_its_bound_and_no_further, a_block_has_the_size_of_its_class,
             blocks_of_2048_bytes_and_more_begin_a_cache_line)
