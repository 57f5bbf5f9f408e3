/* SPDX-License-Identifier: MIT */
/* Inside a pool: who reserves how much of its bounds, and what moves between magazine and depot. */
#include <pthread.h>

#include "buffer/pool_layout.h"
#include "pool_support.h"

static void use_once(rc_pool *pool)
{
    rc_release(take(pool));
}

/* This thread's magazine of a pool that it has just used. */
static struct rc__pool_magazine *magazine_of(const rc_pool *pool)
{
    struct rc__pool_magazine *magazine = rc__pool_magazines[pool->core->slot];
    ck_assert_ptr_nonnull(magazine);
    ck_assert_ptr_eq(magazine->core, pool->core);
    return magazine;
}

static size_t length_of(const struct rc__pool_magazine *magazine)
{
    size_t length = 0;
    for (; magazine; magazine = magazine->next) length++;
    return length;
}

/* ---- shares ---------------------------------------------------------------------------------- */

START_TEST(a_magazine_has_at_most_half_of_the_pool_32_places_and_256_kib)
{
    static const struct {
        size_t size, keep, most;
    } cases[] = {{64, 0, 0},        {64, 1, 0},        {64, 2, 1},        {64, 3, 1},
                 {64, 62, 31},      {64, 63, 31},      {64, 64, 32},      {64, 1000, 32},
                 {0, 1000, 32},     {1, 1000, 32},     {8192, 1000, 32},  {8193, 1000, 31},
                 {16384, 1000, 16}, {262144, 1000, 1}, {262145, 1000, 0}, {16384, 20, 10}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rc_pool *pool = pool_of(cases[i].size, cases[i].keep);
        ck_assert_uint_eq(pool->core->magazine_most, cases[i].most);
        ck_assert_uint_eq(pool->core->limit, cases[i].keep);
        rc_release(pool);
    }
}
END_TEST

START_TEST(alignments_below_the_least_are_the_least_if_they_are_powers_of_two)
{
    for (size_t alignment = 0; alignment <= 64; alignment++) {
        bool is_power = (alignment & (alignment ? alignment - 1 : 0)) == 0;
        rc_pool *pool = rc_pool_new(64, alignment, 4);
        ck_assert_int_eq(pool != NULL, is_power);
        if (!pool) continue;
        size_t wanted = alignment < RC_ALIGNMENT_DEFAULT ? RC_ALIGNMENT_DEFAULT : alignment;
        ck_assert_uint_eq(pool->core->shape.alignment, wanted);
        rc_release(pool);
    }
    rc_error_clear();
}
END_TEST

/* Threads that live all at once, each begun by the one before: what is reserved once each has come. */
struct chain {
    rc_pool *pool;
    const size_t *reserved;
    size_t count, at;
};

static void *join_chain(void *argument)
{
    struct chain *chain = argument;
    struct rc__pool_core *core = chain->pool->core;
    size_t at = chain->at++, before = core->reserved, magazines = length_of(core->magazines);
    use_once(chain->pool);
    ck_assert_uint_eq(core->reserved, chain->reserved[at]);
    bool has_one = core->reserved > before;
    ck_assert_uint_eq(length_of(core->magazines), magazines + has_one);
    if (has_one) {
        struct rc__pool_magazine *mine = magazine_of(chain->pool);
        ck_assert_uint_eq(mine->capacity + (mine->cell != NULL), core->reserved - before);
        ck_assert(mine->cell == NULL || core->reserved - before >= 2);
        ck_assert_uint_eq(mine->key, core->key);
    }
    if (chain->at < chain->count) {
        pthread_t next;
        ck_assert_int_eq(pthread_create(&next, NULL, join_chain, chain), 0);
        ck_assert_int_eq(pthread_join(next, NULL), 0);
    }
    ck_assert_uint_eq(core->reserved, chain->reserved[at]);
    ck_assert_uint_eq(length_of(core->magazines), magazines + has_one);
    return NULL;
}

START_TEST(each_thread_gets_a_quarter_of_what_is_left_or_a_few)
{
    static const struct {
        size_t size, keep, reserved[6];
    } cases[] = {{64, 1, {0, 0, 0, 0, 0, 0}},
                 {64, 3, {1, 1, 1, 1, 1, 1}},
                 {64, 4, {2, 2, 2, 2, 2, 2}},
                 {64, 9, {4, 4, 4, 4, 4, 4}},
                 {64, 10, {4, 5, 5, 5, 5, 5}},
                 {64, 20, {4, 8, 10, 10, 10, 10}},
                 {64, 40, {5, 9, 13, 17, 20, 20}},
                 {64, 100, {12, 21, 28, 33, 37, 41}},
                 {64, 400, {32, 64, 96, 122, 141, 155}},
                 {100000, 100, {2, 4, 6, 8, 10, 12}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rc_pool *pool = pool_of(cases[i].size, cases[i].keep);
        struct chain chain = {.pool = pool, .reserved = cases[i].reserved, .count = 6};
        join_chain(&chain);
        ck_assert_uint_eq(chain.at, 6);
        ck_assert_uint_le(length_of(pool->core->spares), 2);
        if (cases[i].reserved[2] > cases[i].reserved[1])
            ck_assert_uint_eq(length_of(pool->core->spares), 2);
        ck_assert_uint_eq(read_pool(pool).out, 0);
        rc_release(pool);
    }
}
END_TEST

/* ---- what moves ------------------------------------------------------------------------------ */

START_TEST(a_load_is_three_quarters_and_at_least_one)
{
    static const size_t loads[] = {0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9};
    for (size_t places = 0; places < 13; places++)
        ck_assert_uint_eq(rc__pool_load_of(places), loads[places]);
    ck_assert_uint_eq(rc__pool_load_of(25), 19);
    ck_assert_uint_eq(rc__pool_load_of(32), 24);
}
END_TEST

START_TEST(the_depot_has_a_place_for_each_buffer_that_exists)
{
    static rc_buffer *buffers[150];
    rc_pool *pool = pool_of(64, 100);
    const struct rc__pool_core *core = pool->core;
    for (size_t i = 0; i < 150; i++) {
        buffers[i] = take(pool);
        ck_assert_uint_eq(core->blocks, i + 1);
        ck_assert_uint_eq(core->depot_room, i < 16 ? 16 : i < 32 ? 32 : i < 64 ? 64 : 100);
    }
    for (size_t i = 0; i < 150; i++) rc_release(buffers[i]);
    ck_assert_uint_eq(core->blocks, 100);
    ck_assert_uint_eq(read_pool(pool).idle, 100);
    rc_release(pool);
}
END_TEST

/* Released one after another: each stands last in the magazine, whose oldest make place for it. */
static void give_back_all(rc_pool *pool, rc_buffer *const *buffers, size_t count)
{
    const struct rc__pool_core *core = pool->core;
    rc_release(buffers[0]); /* the cell's, if there is one */
    struct rc__pool_magazine *magazine = magazine_of(pool);
    for (size_t i = 1; i < count; i++) {
        size_t filled = magazine->count, in_depot = core->depot_count;
        size_t places = core->limit - core->reserved - in_depot;
        size_t load = rc__pool_load_of(filled) < places ? rc__pool_load_of(filled) : places;
        bool is_full = filled == magazine->capacity;
        rc_release(buffers[i]);
        ck_assert_ptr_eq(magazine->items[magazine->count - 1], buffers[i]);
        ck_assert_uint_eq(core->depot_count, in_depot + (is_full ? load : 0));
        if (!is_full)
            ck_assert_uint_eq(magazine->count, filled + 1);
        else
            ck_assert_uint_eq(magazine->count, load ? filled + 1 - load : filled);
        ck_assert_uint_eq(read_pool(pool).out, count - 1 - i);
    }
}

static void take_all(rc_pool *pool, rc_buffer **buffers, size_t count)
{
    const struct rc__pool_core *core = pool->core;
    struct rc__pool_magazine *magazine = magazine_of(pool);
    if (count && magazine->cell) *buffers++ = take(pool), count--;
    for (size_t i = 0; i < count; i++) {
        size_t filled = magazine->count, in_depot = core->depot_count;
        size_t left = in_depot ? in_depot - 1 : 0, load = rc__pool_load_of(magazine->capacity);
        if (load > left) load = left;
        buffers[i] = take(pool);
        ck_assert_uint_eq(rc_count(buffers[i]), 1);
        ck_assert_uint_eq(rc__header_flags(rc__header_of(buffers[i])), 0);
        ck_assert_uint_eq(magazine->count, filled ? filled - 1 : load);
        ck_assert_uint_eq(core->depot_count, filled ? in_depot : left - load);
    }
}

START_TEST(the_oldest_go_to_the_depot_and_come_back_a_load_at_a_time)
{
    static rc_buffer *buffers[200];
    static const struct {
        size_t keep, count;
    } cases[] = {{200, 120}, {200, 200}, {400, 200}, {40, 60}, {9, 30}, {4, 10}, {2, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rc_pool *pool = pool_of(100, cases[i].keep);
        size_t idle = cases[i].count < cases[i].keep ? cases[i].count : cases[i].keep;
        for (size_t j = 0; j < cases[i].count; j++) buffers[j] = take(pool);
        for (size_t turn = 0; turn < 3; turn++) {
            give_back_all(pool, buffers, cases[i].count);
            ck_assert_uint_eq(read_pool(pool).idle, idle);
            take_all(pool, buffers, idle);
            ck_assert_uint_eq(read_pool(pool).idle, 0);
            for (size_t j = idle; j < cases[i].count; j++) buffers[j] = take(pool);
        }
        ck_assert_uint_eq(read_pool(pool).hits, 3 * idle);
        for (size_t j = 0; j < cases[i].count; j++) rc_release(buffers[j]);
        rc_release(pool);
    }
}
END_TEST

START_TEST(the_depot_gives_up_what_a_magazine_reserves)
{
    static const struct {
        size_t keep, idle, in_depot, in_magazine;
    } cases[] = {{8, 8, 4, 4}, {8, 5, 4, 1}, {8, 4, 4, 0}, {40, 40, 35, 5}, {40, 12, 12, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rc_buffer *buffers[40];
        rc_pool *pool = pool_of(100, cases[i].keep);
        for (size_t j = 0; j < cases[i].idle; j++) buffers[j] = take(pool);
        for (size_t j = 0; j < cases[i].idle; j++) rc_release(buffers[j]);
        ASSERT_OK(rc_pool_trim(pool, cases[i].keep)); /* this thread's magazine is settled */
        ck_assert_uint_eq(pool->core->reserved, 0);
        ck_assert_uint_eq(pool->core->depot_count, cases[i].idle);
        struct rc__pool_magazine *magazine = rc__pool_magazine_find(pool->core);
        ck_assert_uint_eq(pool->core->reserved, magazine->capacity + (magazine->cell != NULL));
        ck_assert_uint_eq(pool->core->depot_count, cases[i].in_depot);
        ck_assert_uint_eq(magazine->count, cases[i].in_magazine);
        ck_assert_uint_eq(read_pool(pool).idle, cases[i].idle);
        for (size_t j = 0; j < cases[i].idle; j++) buffers[j] = take(pool);
        ck_assert_uint_eq(read_pool(pool).hits, cases[i].idle);
        ck_assert_uint_eq(read_pool(pool).misses, cases[i].idle);
        for (size_t j = 0; j < cases[i].idle; j++) rc_release(buffers[j]);
        rc_release(pool);
    }
}
END_TEST

/* What a thread that no magazine is left for takes and gives goes through the depot. */
static void *use_depot(void *argument)
{
    rc_pool *pool = argument;
    size_t in_depot = pool->core->depot_count;
    rc_buffer *one = take(pool), *two = take(pool);
    ck_assert_ptr_null(rc__pool_magazines[pool->core->slot]);
    ck_assert_uint_eq(pool->core->depot_count, in_depot - 2);
    ck_assert_uint_eq(read_pool(pool).hits, 2);
    rc_release(one);
    ck_assert_uint_eq(pool->core->depot_count, in_depot - 1);
    rc_release(two);
    ck_assert_uint_eq(pool->core->depot_count, in_depot);
    return NULL;
}

START_TEST(a_thread_without_a_magazine_uses_the_depot)
{
    rc_pool *pool = pool_of(100, 8);
    rc_buffer *buffers[8];
    for (size_t i = 0; i < 8; i++) buffers[i] = take(pool);
    for (size_t i = 0; i < 8; i++) rc_release(buffers[i]);
    ck_assert_uint_eq(pool->core->reserved, 4);
    ck_assert_uint_eq(pool->core->depot_count, 4);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, use_depot, pool), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(read_pool(pool).misses, 8);
    rc_release(pool);
}
END_TEST

/* ---- the cell -------------------------------------------------------------------------------- */

START_TEST(a_pool_gets_the_cell_of_another_at_each_1024th_hit_of_its_magazine)
{
    rc_pool *one = pool_of(64, 40), *two = pool_of(64, 40), *tiny = pool_of(64, 3);
    use_once(one);
    use_once(two);
    use_once(tiny);
    struct rc__pool_magazine *first = magazine_of(one), *second = magazine_of(two);
    if (one->core->shape.watched) { /* idle buffers are poisoned, so that nothing is taken inline */
        ck_assert(!first->cell && !second->cell);
    } else {
        ck_assert(first->cell && !second->cell);
        ck_assert_uint_eq(first->capacity, 4);
        for (size_t i = 0; i < 3; i++) use_once(one);
        ck_assert_uint_eq(read_pool(one).hits, 3);
        use_once(two); /* its first hit */
        ck_assert(!first->cell && second->cell);
        ck_assert_uint_eq(first->capacity, 5);
        ck_assert_uint_eq(second->capacity, 4);
        for (size_t i = 3; i < 1024; i++) {
            ck_assert_uint_eq(first->hits, i);
            use_once(one);
            ck_assert(!first->cell);
        }
        use_once(one);
        ck_assert(first->cell && !second->cell);
        use_once(tiny);
        use_once(tiny);
        ck_assert_ptr_null(magazine_of(tiny)->cell); /* a magazine needs a place besides */
        ck_assert_ptr_null(first->cell);
    }
    rc_release(tiny);
    rc_release(two);
    rc_release(one);
}
END_TEST

/* ---- keys ------------------------------------------------------------------------------------ */

static bool is_listed(const struct rc__pool_core *core, unsigned slot)
{
    const struct rc__pool_core *at = rc__pool_cores(slot);
    while (at && at != core) at = at->next;
    return at;
}

START_TEST(pools_have_keys_of_their_own_and_stand_in_their_slots)
{
    enum { POOLS = 30 };
    rc_pool *pools[POOLS];
    struct rc__pool_core *cores[POOLS];
    for (size_t i = 0; i < POOLS; i++) {
        cores[i] = (pools[i] = pool_of(64, 8))->core;
        ck_assert_uint_gt(cores[i]->key, RC__KEY_SPENT);
        ck_assert_uint_eq(cores[i]->hot, cores[i]->shape.watched ? RC__KEY_NONE : cores[i]->key);
        ck_assert_uint_eq(pools[i]->head.hot, cores[i]->hot);
        ck_assert_uint_eq(cores[i]->slot, cores[i]->key % RC__POOL_SLOTS);
        ck_assert_uint_eq(cores[i]->key / RC__POOL_SLOTS, rc__pool_numbers);
        if (i) ck_assert_uint_eq(cores[i]->slot, (cores[i - 1]->slot + 1) % RC__POOL_SLOTS);
        use_once(pools[i]);
    }
    for (size_t gone = 0; gone < POOLS; gone++) {
        size_t next = gone * 7 % POOLS;
        unsigned slot = cores[next]->slot;
        rc_release(pools[next]);
        ck_assert(!is_listed(cores[next], slot));
        cores[next] = NULL;
        for (size_t i = 0; i < POOLS; i++)
            if (cores[i]) ck_assert(is_listed(cores[i], cores[i]->slot));
    }
}
END_TEST

static void use_spent(rc_pool *pool)
{
    rc_buffer *buffers[20];
    for (size_t turn = 1; turn < 4; turn++) {
        for (size_t i = 0; i < 20; i++) buffers[i] = take(pool);
        ck_assert_uint_eq(read_pool(pool).out, 20);
        for (size_t i = 0; i < 20; i++) rc_release(buffers[i]);
        ck_assert_uint_eq(read_pool(pool).idle, 12);
        ASSERT_OK(rc_pool_trim(pool, turn));
        ck_assert_uint_eq(read_pool(pool).idle, turn);
    }
}

START_TEST(pools_work_when_all_keys_were_used)
{
    rc_pool *before = pool_of(64, 12);
    use_once(before);
    rc__pool_numbers = RC__POOL_NUMBERS_MOST - 1;
    rc_pool *last = pool_of(64, 12);
    ck_assert_uint_eq(rc__pool_numbers, RC__POOL_NUMBERS_MOST);
    ck_assert_uint_eq(last->core->key / RC__POOL_SLOTS, RC__POOL_NUMBERS_MOST);
    ck_assert_uint_eq(last->core->key % RC__POOL_SLOTS, last->core->slot);
    rc_pool *spent[2] = {pool_of(64, 12), pool_of(100, 12)};
    ck_assert_uint_eq(rc__pool_numbers, RC__POOL_NUMBERS_MOST);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(spent[i]->core->key, RC__KEY_SPENT);
        ck_assert_uint_eq(spent[i]->core->hot, RC__KEY_NONE);
        ck_assert_uint_eq(spent[i]->core->slot, 0);
        use_spent(spent[i]);
    }
    use_spent(last);
    use_spent(before);
    rc__pool_lock(last->core);
    rc__pool_change_key(last->core, false);
    rc__pool_unlock(last->core);
    ck_assert_uint_eq(last->core->key, RC__KEY_SPENT);
    ck_assert_uint_eq(last->core->hot, RC__KEY_NONE);
    use_spent(last);
    use_spent(spent[0]);
    rc_release(spent[0]);
    use_spent(spent[1]);
    rc_release(spent[1]);
    rc_release(last);
    rc_release(before);
}
END_TEST

HARNESS_MAIN("buffer/pool_bounds", a_magazine_has_at_most_half_of_the_pool_32_places_and_256_kib,
             alignments_below_the_least_are_the_least_if_they_are_powers_of_two,
             each_thread_gets_a_quarter_of_what_is_left_or_a_few,
             a_load_is_three_quarters_and_at_least_one,
             the_depot_has_a_place_for_each_buffer_that_exists,
             the_oldest_go_to_the_depot_and_come_back_a_load_at_a_time,
             the_depot_gives_up_what_a_magazine_reserves,
             a_thread_without_a_magazine_uses_the_depot,
             a_pool_gets_the_cell_of_another_at_each_1024th_hit_of_its_magazine,
             pools_have_keys_of_their_own_and_stand_in_their_slots,
             pools_work_when_all_keys_were_used)
