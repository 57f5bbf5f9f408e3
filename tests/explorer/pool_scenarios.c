/* SPDX-License-Identifier: MIT */
/* Scenarios of buffer/pool.h: each buffer is in one place, and its memory is freed once, whoever
 * takes, releases, trims or ends the pool meanwhile. */
#include "explorer.h"

#include "buffer/pool.h"
#include "buffer/pool_layout.h"
#include "rc/weak.h"

enum { SIZE = 16 };

static rc_pool *pool;
static rc_buffer *buffer, *slice;
static rc_weak *weak;

/* A pool without magazines, so that all goes through the depot. */
enum { DEPOT_ALONE = 1 };
/* A pool in which threads get magazines of two or more. */
enum { WITH_MAGAZINES = 8 };

static void make_pool(size_t keep)
{
    slice = NULL;
    weak = NULL;
    pool = rc_pool_new(SIZE, 0, keep);
    CHECK(pool);
    buffer = rc_pool_take(pool);
    CHECK(buffer);
}

/* The bytes are this thread's alone. */
static void write_to(rc_buffer *mine, unsigned char value)
{
    unsigned char *bytes = rc_buffer_edit(mine);
    CHECK(bytes && mine->size == SIZE);
    bytes[0] = value;
    bytes[SIZE - 1] = value;
    CHECK(bytes[0] == value);
}

static rc_buffer *take_and_write(void)
{
    rc_buffer *mine = rc_pool_take(pool);
    CHECK(mine);
    write_to(mine, 'x');
    return mine;
}

/* What a thread does last. */
static void end_thread(void)
{
    rc__pool_magazines_end();
}

static struct rc_pool_statistics read_pool(void)
{
    struct rc_pool_statistics now;
    CHECK(rc_pool_read(pool, &now) == RC_OK);
    CHECK(now.idle <= now.most_idle);
    return now;
}

static void release_pool(void)
{
    end_thread();
    rc_release(pool);
}

/* All came back, and the pool is all that is left. */
static void check_and_release_pool(void)
{
    struct rc_pool_statistics now = read_pool();
    CHECK(now.out == 0);
    CHECK(now.idle <= now.misses);
    release_pool();
}

/* ---- take and release ------------------------------------------------------------------------ */

static void make_with_depot(void)
{
    make_pool(DEPOT_ALONE);
}

static void make_with_magazines(void)
{
    make_pool(WITH_MAGAZINES);
}

static void use_one(void)
{
    rc_release(take_and_write());
    end_thread();
}

static void write_and_release(void)
{
    write_to(buffer, 'y');
    rc_release(buffer);
    end_thread();
}

/* Two at once are two. */
static void use_two(void)
{
    rc_buffer *one = take_and_write(), *two = take_and_write();
    CHECK(one != two && one->data != two->data);
    rc_release(one);
    rc_release(two);
    end_thread();
}

/* ---- the last of several references ---------------------------------------------------------- */

static void make_shared(void)
{
    make_pool(DEPOT_ALONE);
    rc_retain(buffer);
    write_to(buffer, 'a');
}

static void read_and_release(void)
{
    CHECK(buffer->data[0] == 'a');
    rc_release(buffer);
    end_thread();
}

/* Its bytes are written again only by whoever takes it afterwards. */
static void read_release_and_use(void)
{
    CHECK(buffer->data[0] == 'a');
    rc_release(buffer);
    rc_release(take_and_write());
    end_thread();
}

static void make_sliced(void)
{
    make_pool(DEPOT_ALONE);
    write_to(buffer, 'a');
    slice = rc_buffer_slice(buffer, 0, 4);
    CHECK(slice);
}

static void read_and_release_slice(void)
{
    CHECK(slice->data[0] == 'a');
    rc_release(slice);
    end_thread();
}

/* ---- weak references to an earlier life ------------------------------------------------------ */

static void make_weak(void)
{
    make_pool(DEPOT_ALONE);
    write_to(buffer, 'a');
    weak = rc_weak_new(buffer);
    CHECK(weak);
}

static void lock_and_read(void)
{
    rc_buffer *locked = rc_weak_lock(weak);
    if (locked) CHECK(locked->data[0] == 'a');
    rc_release(locked);
    end_thread();
}

static void release_and_use_again(void)
{
    rc_release(buffer);
    rc_release(take_and_write());
    end_thread();
}

static void after_weak(void)
{
    CHECK(rc_weak_is_dead(weak));
    rc_release(weak);
    check_and_release_pool();
}

/* ---- the pool ends --------------------------------------------------------------------------- */

static void release_pool_in_thread(void)
{
    rc_release(pool);
    end_thread();
}

static void after_all(void)
{
    end_thread();
}

static void make_held_by_two(void)
{
    make_pool(WITH_MAGAZINES);
    rc_release(buffer);
    rc_retain(pool);
    end_thread();
}

static void use_one_and_release_pool(void)
{
    rc_release(take_and_write());
    rc_release(pool);
    end_thread();
}

/* A magazine is left empty: another thread has what was taken from it. */
static void leave_one_and_release_pool(void)
{
    rc_buffer *mine = take_and_write();
    __atomic_store_n(&slice, mine, __ATOMIC_RELEASE);
    rc_release(pool);
    end_thread();
}

static void release_what_was_left(void)
{
    rc_release(__atomic_exchange_n(&slice, NULL, __ATOMIC_ACQUIRE));
}

static void release_what_was_left_and_pool(void)
{
    release_what_was_left();
    rc_release(pool);
    end_thread();
}

static void after_left(void)
{
    release_what_was_left();
    end_thread();
}

/* ---- trim and statistics --------------------------------------------------------------------- */

static void make_idle(void)
{
    make_pool(WITH_MAGAZINES);
    rc_buffer *another = rc_pool_take(pool);
    rc_release(buffer);
    rc_release(another);
    end_thread();
}

static void trim_all(void)
{
    CHECK(rc_pool_trim(pool, 0) == RC_OK);
    end_thread();
}

static void read_statistics(void)
{
    struct rc_pool_statistics now = read_pool();
    CHECK(now.out + now.idle <= 3);
    CHECK(now.bytes_idle == now.idle * SIZE);
    end_thread();
}

static void make_with_two_places(void)
{
    make_pool(2);
    rc_release(buffer);
    end_thread();
}

/* ---- takes that miss though some idle -------------------------------------------------------- */

enum { WITH_TWO_PLACES = 2 };

/* All that may idle is out, one of it with the other thread. A magazine may have one place. */
static void make_handed_over(void)
{
    make_pool(WITH_TWO_PLACES);
    slice = rc_pool_take(pool);
    CHECK(slice);
    end_thread();
}

static void release_what_was_handed_over(void)
{
    write_to(slice, 'z');
    rc_release(slice);
    slice = NULL;
    end_thread();
}

/* Either thread has the place of the magazine, and a take may miss while the other one's idles. */
static void release_and_use_two(void)
{
    rc_release(buffer);
    use_two();
}

/* Nothing is reserved, so that the depot has places for as many as may idle. */
static void after_handed_over(void)
{
    rc_buffer *one = take_and_write(), *two = take_and_write(), *three = take_and_write();
    rc_release(one);
    rc_release(two);
    rc_release(three);
    end_thread();
    CHECK(pool->core->reserved == 0);
    CHECK(pool->core->depot_count <= pool->core->limit);
    check_and_release_pool();
}

/* The next take that misses gathers the pool, beside whatever another thread does. */
static void make_about_to_gather(void)
{
    make_pool(WITH_TWO_PLACES);
    pool->core->freed_early = true;
}

static void miss_and_release(void)
{
    rc_buffer *one = rc_pool_take(pool), *two = rc_pool_take(pool);
    CHECK(one && two && one != two);
    CHECK(rc__pool_is_gathered(pool->core));
    rc_release(one);
    rc_release(two);
    const struct rc__pool_magazine *mine = rc__pool_magazines[pool->core->slot];
    CHECK(!mine || mine->capacity + mine->count == 0);
    end_thread();
}

static void make_two_about_to_gather(void)
{
    make_handed_over();
    pool->core->freed_early = true;
}

static void release_two(void)
{
    rc_release(buffer);
    release_what_was_handed_over();
}

static void after_gathered(void)
{
    CHECK(pool->core->gathered && pool->core->reserved == 0);
    CHECK(read_pool().idle == WITH_TWO_PLACES);
    check_and_release_pool();
}

static void after_gathered_beside_trim(void)
{
    rc_release(buffer);
    end_thread();
    CHECK(pool->core->reserved == 0);
    check_and_release_pool();
}

const struct scenario pool_scenarios[] = {
    {"pool_depot_by_two", make_with_depot, {use_one, write_and_release}, check_and_release_pool},
    {"pool_depot_by_three",
     make_with_depot,
     {use_one, use_one, write_and_release},
     check_and_release_pool},
    {"pool_magazines_by_two",
     make_with_magazines,
     {use_two, write_and_release},
     check_and_release_pool},
    {"pool_bound_by_two", make_with_two_places, {use_two, use_one}, check_and_release_pool},
    {"pool_last_release_by_two",
     make_shared,
     {read_and_release, read_release_and_use},
     check_and_release_pool},
    {"pool_root_and_slice",
     make_sliced,
     {read_and_release_slice, release_and_use_again},
     check_and_release_pool},
    {"pool_weak_of_an_earlier_life", make_weak, {lock_and_read, release_and_use_again}, after_weak},
    {"pool_gone_before_buffer",
     make_with_depot,
     {release_pool_in_thread, write_and_release},
     after_all},
    {"pool_gone_before_magazine",
     make_held_by_two,
     {use_one_and_release_pool, release_pool_in_thread},
     after_all},
    {"pool_gone_before_empty_magazine",
     make_held_by_two,
     {leave_one_and_release_pool, release_what_was_left_and_pool},
     after_left},
    {"pool_trimmed_beside_use", make_idle, {trim_all, use_one}, check_and_release_pool},
    {"pool_handed_over_by_two",
     make_handed_over,
     {release_and_use_two, release_what_was_handed_over},
     after_handed_over},
    {"pool_gathered_beside_release",
     make_about_to_gather,
     {miss_and_release, write_and_release},
     after_gathered},
    {"pool_gathered_between_releases",
     make_two_about_to_gather,
     {use_one, release_two},
     check_and_release_pool},
    {"pool_gathered_beside_trim",
     make_about_to_gather,
     {use_two, trim_all},
     after_gathered_beside_trim},
    {"pool_read_beside_use", make_idle, {read_statistics, use_one}, check_and_release_pool},
    {0},
};
