/* SPDX-License-Identifier: MIT */
/* Scenarios of rc/magazine.c and of the cells in rc/tally.h: a block is in one place, is freed once,
 * and what threads keep can be read beside them. Magazines are opened here, and small. */
#include "explorer.h"

#include <stdlib.h>

#include "rc/memory.h"
#include "rc/plain.h"

enum { SIZE = 64, ROOM = 2 };

static struct rc__magazine magazines[EXPLORER_THREADS][RC__MAGAZINE_CLASSES];

static size_t class_of_size(void)
{
    return rc__magazine_class(SIZE);
}

/* Each holds that many blocks. */
static void fill_magazines(size_t threads, uint32_t count)
{
    for (size_t i = 0; i < threads; i++) {
        struct rc__magazine *mine = &magazines[i][class_of_size()];
        *mine = (struct rc__magazine){.room = ROOM};
        for (uint32_t j = 0; j < count; j++) {
            void *block = malloc(SIZE);
            CHECK(block && rc__magazine_push(mine, block));
        }
    }
}

static void empty_magazines(void)
{
    for (size_t i = 0; i < EXPLORER_THREADS; i++) rc__magazines_empty(magazines[i], false);
    rc__depot_empty();
    CHECK(rc__depot_bytes() == 0);
}

/* Nobody else has it. */
static void write_to(void *block, unsigned char value)
{
    unsigned char *bytes = block;
    bytes[0] = value;
    bytes[SIZE - 1] = value;
    CHECK(bytes[0] == value && bytes[SIZE - 1] == value);
}

static void *take(size_t thread)
{
    struct rc__magazine *mine = &magazines[thread][class_of_size()];
    void *block = rc__magazine_pop(mine);
    if (!block) block = rc__magazine_refill(mine, class_of_size(), SIZE);
    CHECK(block);
    write_to(block, (unsigned char)thread);
    return block;
}

static void give(size_t thread, void *block)
{
    struct rc__magazine *mine = &magazines[thread][class_of_size()];
    write_to(block, (unsigned char)(thread + 10));
    if (!rc__magazine_push(mine, block)) rc__magazine_spill(mine, class_of_size(), block);
}

/* ---- the depot ------------------------------------------------------------------------------- */

static void prepare_full(void)
{
    fill_magazines(3, ROOM);
}

static void prepare_empty(void)
{
    fill_magazines(3, 0);
}

static void give_one_more_0(void)
{
    give(0, malloc(SIZE));
}

static void give_one_more_1(void)
{
    give(1, malloc(SIZE));
}

/* Two that are there, and one from the depot or malloc. */
static void take_three(void)
{
    void *first = take(2), *second = take(2), *third = take(2);
    CHECK(first != second && second != third && third != first);
    give(2, first);
    give(2, second);
    give(2, third);
}

static void prepare_depot(void)
{
    fill_magazines(3, ROOM);
    give(0, malloc(SIZE));
    give(0, malloc(SIZE));
    CHECK(rc__depot_bytes() == 2 * SIZE);
}

static void take_three_0(void)
{
    void *blocks[] = {take(0), take(0), take(0)};
    for (size_t i = 0; i < 3; i++) free(blocks[i]);
}

static void take_three_1(void)
{
    void *blocks[] = {take(1), take(1), take(1)};
    for (size_t i = 0; i < 3; i++) free(blocks[i]);
}

static void empty_depot(void)
{
    CHECK(rc__depot_empty() <= 4 * SIZE);
}

static void recall(void)
{
    rc__magazines_recall();
    rc__depot_empty();
}

static void end_with_depot(void)
{
    rc__magazines_empty(magazines[1], true);
}

/* ---- cells ----------------------------------------------------------------------------------- */

static const rc_type kept_type = {.name = "kept", .size = 40};
static const rc_type other_type = {.name = "other", .size = 40};
static void *object;
static struct rc_account_type before;
static struct rc_memory_statistics kept_before;

static void discard(void *dead, size_t size)
{
    (void)size;
    free(rc__header_of(dead));
}

static const struct rc__cell_like kept_like = {
    .by = (uintptr_t)&kept_type, .type = &kept_type, .size = 40, .bytes = 40, .discard = discard};
static const struct rc__cell_like other_like = {
    .by = (uintptr_t)&other_type, .type = &other_type, .size = 40, .bytes = 40, .discard = discard};

static struct rc__cell *cell_of_mine(void)
{
    CHECK(rc__tally_mine != &rc__tally_nobody);
    return &rc__tally_mine->cells[RC__CELL_OBJECT];
}

static void make_object(void)
{
    object = rc_object_new(&kept_type, 0);
    CHECK(object);
    before = rc_account_read_type(&kept_type);
    rc_memory_statistics_read(&kept_before);
}

/* The cell takes a dead object, gives it back, and changes to others: all of it beside a reader. */
static void keep_and_change(void)
{
    void *mine = rc_object_new(&kept_type, 0);
    CHECK(mine);
    rc__cell_set(rc__tally_mine, cell_of_mine(), &kept_like);
    rc_release(mine);
    CHECK(cell_of_mine()->object);
    mine = rc_object_new(&kept_type, 0);
    CHECK(mine && !cell_of_mine()->object && rc_count(mine) == 1);
    rc_release(mine);
    rc__cell_set(rc__tally_mine, cell_of_mine(), &other_like);
    rc__cell_set(rc__tally_mine, cell_of_mine(), NULL);
}

/* The same with one that lies behind the first, and is there when the cell changes. */
static void keep_two_and_change(void)
{
    void *first = rc_object_new(&kept_type, 0), *second = rc_object_new(&kept_type, 0);
    CHECK(first && second);
    rc__cell_set(rc__tally_mine, cell_of_mine(), &kept_like);
    rc_release(first);
    rc_release(second);
    CHECK(rc__cell_content(cell_of_mine()) == 2);
    CHECK(rc_object_new(&kept_type, 0) == first && rc_object_new(&kept_type, 0) == second);
    CHECK(rc__cell_content(cell_of_mine()) == 0 && rc_count(second) == 1);
    rc_release(first);
    rc_release(second);
    rc__cell_set(rc__tally_mine, cell_of_mine(), NULL);
}

/* One object is alive all the while; a sum of moments may have one more, or count one twice. */
static void read_account(void)
{
    struct rc_account_type kept = rc_account_read_type(&kept_type);
    CHECK(kept.live_objects <= before.live_objects + 2);
    CHECK(kept.total_objects - before.total_objects <= 3);
    struct rc_memory_statistics statistics;
    rc_memory_statistics_read(&statistics);
    CHECK(statistics.recycled - kept_before.recycled <= 1);
}

static void add_content(struct rc__tally *tally, void *content)
{
    *(size_t *)content += rc__cell_content(&tally->cells[RC__CELL_OBJECT]);
}

/* Not the whole account, which takes long. */
static void read_content(void)
{
    size_t content = 0;
    rc__tally_each(add_content, &content);
    CHECK(content <= 2);
}

static void end_object_of_three(void)
{
    struct rc_account_type kept = rc_account_read_type(&kept_type);
    CHECK(kept.live_objects == before.live_objects);
    CHECK(kept.total_objects == before.total_objects + 4);
    rc_release(object);
}

static void end_object(void)
{
    struct rc_account_type kept = rc_account_read_type(&kept_type);
    CHECK(kept.live_objects == before.live_objects);
    CHECK(kept.total_objects == before.total_objects + 2);
    rc_release(object);
}

const struct scenario magazine_scenarios[] = {
    {"magazine_spilled_by_two", prepare_full, {give_one_more_0, give_one_more_1}, empty_magazines},
    {"magazine_refilled_beside_spill",
     prepare_full,
     {give_one_more_0, take_three},
     empty_magazines},
    {"magazine_refilled_by_two", prepare_depot, {take_three_0, take_three_1}, empty_magazines},
    {"depot_emptied_beside_two",
     prepare_empty,
     {empty_depot, give_one_more_0, take_three},
     empty_magazines},
    {"magazines_recalled_beside_spill", prepare_full, {recall, give_one_more_1}, empty_magazines},
    {"thread_ends_beside_refill", prepare_full, {end_with_depot, take_three}, empty_magazines},
    {"cell_changed_beside_reader", make_object, {keep_and_change, read_account}, end_object},
    {"cell_of_two_changed_beside_reader",
     make_object,
     {keep_two_and_change, read_content},
     end_object_of_three},
    {0},
};
