/* SPDX-License-Identifier: MIT */
/* What idles between two requests: magazines, the depot, cells; what is counted, and what is given
 * back. They are forced on, since the tools that watch the tests switch them off. */
#include "rc/magazine.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buffer/buffer.h"
#include "rc/environment.h"
#include "rc/memory.h"
#include "rc/object.h"
#include "rc/plain.h"
#include "rc/weak.h"
#include "tests/child.h"
#include "tests/harness.h"

enum { MANY = 1000 };

struct small {
    unsigned char bytes[64];
};
struct other {
    unsigned char bytes[200];
};

static const rc_type small_type = {.name = "small", .size = sizeof(struct small)};
static const rc_type other_type = {.name = "other", .size = sizeof(struct other)};

HARNESS_EARLY
{
    setenv("RCBUF_FORCE", "pages,magazines,", 1);
    if (!rc__magazines_are_on()) abort();
}

static struct rc_memory_statistics statistics(void)
{
    struct rc_memory_statistics now;
    rc_memory_statistics_read(&now);
    ck_assert_uint_eq(now.struct_size, sizeof now);
    return now;
}

static size_t idle(void)
{
    return statistics().idle_bytes;
}

/* Without Check, whose lock on the pipe to the parent a fork may find held. */
static bool make_some(size_t count)
{
    void *objects[MANY];
    size_t made = 0;
    while (made < count && (objects[made] = rc_new(struct small, &small_type))) made++;
    for (size_t i = 0; i < made; i++) rc_release(objects[i]);
    return made == count;
}

/* Makes and releases a few of each; the library's own bookkeeping is then set up. */
static void make_and_release(size_t count)
{
    ck_assert(make_some(count));
}

/* ---- classes --------------------------------------------------------------------------------- */

START_TEST(each_size_has_a_class_that_wastes_less_than_32_bytes)
{
    size_t last = 0;
    for (size_t size = 1; size <= RC__MAGAZINE_BLOCK_MAX; size++) {
        size_t class_ = rc__magazine_class(size), room = rc__magazine_size(class_);
        ck_assert_msg(class_ < RC__MAGAZINE_CLASSES, "%zu", size);
        ck_assert_msg(class_ == last || class_ == last + 1, "%zu", size);
        ck_assert_msg(room >= size && room - size < (size <= RC__MAGAZINE_FINE ? 16 : 32), "%zu",
                      size);
        ck_assert_msg(rc__magazine_class(room) == class_, "%zu", size);
        last = class_;
    }
}
END_TEST

/* ---- used again ------------------------------------------------------------------------------ */

START_TEST(blocks_of_dead_objects_serve_the_next_ones)
{
    make_and_release(8);
    struct rc_memory_statistics before = statistics();
    ck_assert_uint_ge(before.idle_bytes, 8 * sizeof(struct small));
    make_and_release(8);
    struct rc_memory_statistics after = statistics();
    ck_assert_uint_eq(after.idle_bytes, before.idle_bytes);
    ck_assert_uint_eq(after.recycled - before.recycled, 8);
    ck_assert_uint_eq(after.magazine_hits - before.magazine_hits, 0);
}
END_TEST

START_TEST(what_a_cell_has_no_room_for_goes_through_the_magazine)
{
    const size_t in_cell = RC__CELL_BEHIND_MAX + 1, more = 10;
    make_and_release(in_cell + more);
    struct rc_memory_statistics before = statistics();
    make_and_release(in_cell + more);
    struct rc_memory_statistics after = statistics();
    ck_assert_uint_eq(after.idle_bytes, before.idle_bytes);
    ck_assert_uint_eq(after.recycled - before.recycled, in_cell);
    ck_assert_uint_eq(after.magazine_hits - before.magazine_hits, more);
}
END_TEST

static int finalized;

static void count_end(void *self)
{
    finalized++;
    memset(self, 0xff, sizeof(struct small));
}

static const rc_type finalized_type = {
    .name = "finalized", .size = sizeof(struct small), .finalize = count_end};

START_TEST(objects_with_a_finalizer_are_recycled_when_it_has_run)
{
    struct small *objects[20];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
            objects[i] = rc_new(struct small, &finalized_type);
            for (size_t j = 0; j < sizeof objects[i]->bytes; j++)
                ck_assert_uint_eq(objects[i]->bytes[j], 0);
            ck_assert_uint_eq(rc_count(objects[i]), 1);
        }
        for (int i = 0; i < 20; i++) rc_release(objects[i]);
        ck_assert_int_eq(finalized, 20 * (round + 1));
    }
    ck_assert_uint_eq(statistics().recycled, 40);
    ck_assert_uint_eq(rc_account_read_type(&finalized_type).live_objects, 0);
    ck_assert_uint_eq(rc_account_read_type(&finalized_type).total_objects, 60);
}
END_TEST

static const rc_type second_type = {.name = "second", .size = sizeof(struct small) + 16};

START_TEST(a_cell_stays_with_the_type_that_it_serves)
{
    for (int i = 0; i < 1000; i++) {
        rc_release(rc_new(struct small, &small_type));
        rc_release(rc_object_new(&second_type, 0));
    }
    ck_assert_uint_ge(statistics().recycled, 900); /* the first, each time or nearly */
    for (int i = 0; i < 100; i++) rc_release(rc_object_new(&second_type, 0));
    size_t before = statistics().recycled;
    for (int i = 0; i < 100; i++) rc_release(rc_object_new(&second_type, 0));
    ck_assert_uint_eq(statistics().recycled - before, 100);
}
END_TEST

START_TEST(an_object_made_again_is_zeroed_and_has_one_reference)
{
    for (int i = 0; i < 5; i++) {
        struct small *object = rc_new(struct small, &small_type);
        for (size_t j = 0; j < sizeof object->bytes; j++) ck_assert_uint_eq(object->bytes[j], 0);
        ck_assert_uint_eq(rc_count(object), 1);
        ck_assert(rc_is_unique(object));
        memset(object, 0xff, sizeof *object);
        rc_release(object);
    }
    ck_assert_uint_eq(statistics().recycled, 4);
}
END_TEST

START_TEST(a_buffer_made_again_is_as_new)
{
    for (size_t round = 0; round < 4; round++) {
        static const size_t sizes[] = {64, 4096, 100000, 1 << 20};
        for (size_t i = 0; i < 4; i++) {
            rc_buffer *buffer = rc_buffer_new(sizes[i]);
            ck_assert_ptr_nonnull(buffer);
            ck_assert_uint_eq(buffer->size, sizes[i]);
            ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
            memset(rc_buffer_edit(buffer), 0xaa, sizes[i]);
            ck_assert_int_eq(rc_buffer_append(buffer, "more", 4), RC_OK);
            ck_assert_uint_eq(buffer->size, sizes[i] + 4);
            rc_release(buffer);
        }
    }
}
END_TEST

/* What one does to a buffer before its end, and must not be seen in the next. */
static void change(rc_buffer *buffer, int how)
{
    if (how == 0) ck_assert_int_eq(rc_buffer_freeze(buffer), RC_OK);
    if (how == 1) ck_assert_int_eq(rc_buffer_resize(buffer, 10), RC_OK);
    if (how == 2) ck_assert_int_eq(rc_buffer_reserve(buffer, 5000), RC_OK);
    if (how == 3) rc_release(rc_buffer_slice(buffer, 3, 9));
    if (how == 4) rc_release(rc_weak_new(buffer));
}

START_TEST(what_was_done_to_a_buffer_is_not_seen_in_the_next)
{
    for (int how = 0; how < 5; how++)
        for (int i = 0; i < 40; i++) {
            rc_buffer *buffer = rc_buffer_new(64);
            ck_assert_ptr_nonnull(rc_buffer_edit(buffer));
            ck_assert_uint_eq(buffer->size, 64);
            ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
            if (i % 2) change(buffer, how);
            rc_release(buffer);
        }
    ck_assert_uint_gt(statistics().recycled, 20);
}
END_TEST

START_TEST(a_cell_changes_to_what_dies_most)
{
    rc_release(rc_new(struct small, &small_type));
    for (int i = 0; i < 100; i++) rc_release(rc_new(struct other, &other_type));
    struct rc_account_type small = rc_account_read_type(&small_type);
    struct rc_account_type other = rc_account_read_type(&other_type);
    ck_assert_uint_eq(small.total_objects, 1);
    ck_assert_uint_eq(small.live_objects, 0);
    ck_assert_uint_eq(other.total_objects, 100);
    ck_assert_uint_eq(other.live_objects, 0);
    ck_assert_uint_gt(statistics().recycled, 50);
}
END_TEST

START_TEST(a_cell_stays_with_its_kind_until_sixteen_others_came)
{
    make_and_release(1);
    struct rc__tally *tally = rc__tally_mine;
    struct rc__cell *cell = &tally->cells[RC__CELL_OTHER];
    const struct rc__cell_like own = {
        .type = &small_type, .size = 64, .key = 5, .by = RC__OFFER_NONE, .bytes = 64};
    struct rc__cell_like others[] = {own, own, own};
    others[0].type = &other_type;
    others[1].size = 65;
    others[2].key = 6;
    for (size_t i = 0; i < 3; i++) {
        rc__cell_set(tally, cell, NULL);
        ck_assert(rc__cell_turn(tally, cell, &own)); /* at once, since it has none */
        for (unsigned misses = 1; misses < 16; misses++) {
            ck_assert(!rc__cell_turn(tally, cell, &own));
            ck_assert(!rc__cell_turn(tally, cell, &others[i]));
            ck_assert_uint_eq(cell->misses, misses);
            ck_assert_ptr_eq(cell->type, own.type);
        }
        ck_assert(rc__cell_turn(tally, cell, &others[i]));
        ck_assert_uint_eq(cell->misses, 0);
        ck_assert_ptr_eq(cell->type, others[i].type);
        ck_assert_uint_eq(cell->size, others[i].size);
        ck_assert_uint_eq(cell->key, others[i].key);
        ck_assert_uint_eq(cell->bytes, 64);
    }
    rc__cell_set(tally, cell, NULL);
    struct rc__cell *nobodys = &rc__tally_nobody.cells[RC__CELL_OTHER];
    ck_assert(!rc__cell_turn(&rc__tally_nobody, nobodys, &own));
    ck_assert_ptr_null(nobodys->type);
}
END_TEST

START_TEST(blocks_keep_their_content_when_their_class_changes)
{
    static const size_t sizes[] = {1, 16, 17, 500, 481, 4000, 4200, 9000, 100000, 3000, 30, 5};
    unsigned char *block = NULL;
    size_t size = 0;
    for (size_t round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *moved = rc_memory_reallocate(block, sizes[i]);
            ck_assert_ptr_nonnull(moved);
            for (size_t j = 0; j < size && j < sizes[i]; j++)
                ck_assert_uint_eq(moved[j], (unsigned char)j);
            for (size_t j = 0; j < sizes[i]; j++) moved[j] = (unsigned char)j;
            block = moved;
            size = sizes[i];
        }
    rc_memory_free(block);
    unsigned char *zeroes = rc_memory_allocate_zeroed(100, 5);
    for (size_t i = 0; i < 500; i++) ck_assert_uint_eq(zeroes[i], 0);
    rc_memory_free(zeroes);
}
END_TEST

/* ---- counted --------------------------------------------------------------------------------- */

START_TEST(the_dead_are_not_alive)
{
    struct rc_account before, now;
    rc_account_read(&before);
    rc_buffer *buffer = rc_buffer_new(100000);
    void *object = rc_new(struct small, &small_type);
    rc_account_read(&now);
    ck_assert_uint_eq(now.live_objects - before.live_objects, 2);
    ck_assert_uint_eq(now.live_bytes - before.live_bytes, 100000 + 32 + sizeof(struct small));
    for (int i = 0; i < 3; i++) {
        rc_release(buffer);
        rc_release(object);
        rc_account_read(&now);
        ck_assert_uint_eq(now.live_objects, before.live_objects);
        ck_assert_uint_eq(now.live_bytes, before.live_bytes);
        ck_assert_uint_eq(idle() >= 100000, true);
        buffer = rc_buffer_new(100000);
        object = rc_new(struct small, &small_type);
    }
    rc_account_read(&now);
    ck_assert_uint_eq(now.total_objects - before.total_objects, 8);
    ck_assert_uint_eq(now.live_objects - before.live_objects, 2);
    rc_release(buffer);
    rc_release(object);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_OK);
}
END_TEST

START_TEST(the_dead_do_not_raise_the_peak)
{
    struct rc_account now;
    rc_release(rc_buffer_new(100000));
    rc_account_reset_peak();
    rc_account_read(&now);
    size_t base = now.live_bytes;
    ck_assert_uint_eq(now.peak_bytes, base);
    void *block = rc_memory_allocate(50000);
    rc_account_read(&now);
    ck_assert_uint_eq(now.peak_bytes, base + 50000);
    rc_memory_free(block);
    rc_release(rc_buffer_new(100000));
    rc_account_read(&now);
    ck_assert_uint_eq(now.live_bytes, base);
    ck_assert_uint_le(now.peak_bytes, base + 100032);
}
END_TEST

/* ---- given back ------------------------------------------------------------------------------ */

START_TEST(trim_gives_back_all_that_this_thread_and_the_depot_keep)
{
    make_and_release(MANY);
    rc_release(rc_buffer_new(1 << 20));
    size_t kept = idle();
    ck_assert_uint_gt(kept, 1 << 20);
    ck_assert_uint_eq(rc_memory_trim(), kept);
    ck_assert_uint_eq(idle(), 0);
    ck_assert_uint_eq(statistics().depot_bytes, 0);
    ck_assert_uint_eq(rc_memory_trim(), 0);
    make_and_release(10);
    ck_assert_uint_gt(idle(), 0);
}
END_TEST

static void *work(void *argument)
{
    make_and_release(20);
    rc_release(rc_buffer_new(1 << 20));
    return argument;
}

static void run_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, body, argument), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

START_TEST(a_thread_that_ends_leaves_its_blocks_to_the_others)
{
    make_and_release(1);
    rc_memory_trim();
    run_thread(work, NULL);
    struct rc_memory_statistics left = statistics();
    ck_assert_uint_gt(left.depot_bytes, 0);
    ck_assert_uint_lt(left.depot_bytes, 100000);
    make_and_release(10);
    ck_assert_uint_ge(statistics().magazine_hits - left.magazine_hits, 10);
}
END_TEST

START_TEST(what_idles_after_many_short_threads_is_bounded)
{
    size_t first = 0;
    for (int i = 0; i < 200; i++) {
        run_thread(work, NULL);
        if (i == 10) first = idle();
    }
    ck_assert_uint_le(idle(), first + 100000);
}
END_TEST

/* Objects on their way from one thread to another. */
struct ring {
    void *places[64];
    size_t count;
};

static void *consume(void *argument)
{
    struct ring *ring = argument;
    for (size_t i = 0; i < ring->count; i++) {
        void **place = &ring->places[i % 64], *object;
        while (!(object = __atomic_exchange_n(place, NULL, __ATOMIC_ACQUIRE))) sched_yield();
        rc_release(object);
    }
    return NULL;
}

START_TEST(what_another_thread_releases_comes_back_through_the_depot)
{
    static struct ring ring = {.count = 20000};
    pthread_t consumer;
    ck_assert_int_eq(pthread_create(&consumer, NULL, consume, &ring), 0);
    for (size_t i = 0; i < ring.count; i++) {
        void **place = &ring.places[i % 64], *object = rc_buffer_new(4000);
        while (__atomic_load_n(place, __ATOMIC_ACQUIRE)) sched_yield();
        __atomic_store_n(place, object, __ATOMIC_RELEASE);
    }
    ck_assert_int_eq(pthread_join(consumer, NULL), 0);
    struct rc_memory_statistics now = statistics();
    ck_assert_uint_gt(now.magazine_hits, ring.count / 2);
    ck_assert_uint_le(now.idle_bytes, (size_t)2 << 20);
}
END_TEST

START_TEST(the_depot_has_a_bound)
{
    static rc_buffer *buffers[8000];
    for (size_t i = 0; i < 8000; i++) buffers[i] = rc_buffer_new(1000 + i / 10 % 3000);
    for (size_t i = 0; i < 8000; i++) rc_release(buffers[i]);
    struct rc_memory_statistics now = statistics();
    ck_assert_uint_le(now.depot_bytes, RC__DEPOT_BYTES_MAX);
    ck_assert_uint_gt(now.depot_bytes, RC__DEPOT_BYTES_MAX / 2);
}
END_TEST

START_TEST(a_thread_keeps_no_more_blocks_of_a_class_than_a_magazine_has_rounds)
{
    static rc_buffer *buffers[1000];
    for (size_t i = 0; i < 1000; i++) buffers[i] = rc_buffer_new(4000);
    for (size_t i = 0; i < 1000; i++) rc_release(buffers[i]);
    struct rc_memory_statistics now = statistics();
    size_t kept = now.idle_bytes - now.depot_bytes;
    size_t block = rc__magazine_size(rc__magazine_class(4000 + 48));
    ck_assert_uint_ge(kept, RC__MAGAZINE_ROUNDS / 4 * block);
    ck_assert_uint_le(kept,
                      RC__MAGAZINE_ROUNDS * block + block + ((size_t)32 << 10)); /* the cell */
}
END_TEST

START_TEST(large_blocks_begin_a_cache_line)
{
    rc_buffer *buffers[20];
    for (size_t i = 0; i < 20; i++) {
        buffers[i] = rc_buffer_new(2048 + i * 100);
        ck_assert_uint_eq((uintptr_t)rc__header_of(buffers[i]) % 64, 0);
    }
    for (size_t i = 0; i < 20; i++) rc_release(buffers[i]);
}
END_TEST

/* ---- who is asked ---------------------------------------------------------------------------- */

static size_t requests;

static void *counting_allocate(void *context, size_t size, size_t alignment)
{
    requests++;
    return rc_allocator_system()->allocate(context, size, alignment);
}

static void counting_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    rc_allocator_system()->deallocate(context, block, size, alignment);
}

START_TEST(an_allocator_of_the_programs_own_gets_each_request)
{
    static const struct rc_allocator counting = {.struct_size = sizeof counting,
                                                 .name = "counting",
                                                 .allocate = counting_allocate,
                                                 .deallocate = counting_deallocate};
    rc_buffer *before = rc_buffer_new(64);
    rc_release(rc_buffer_new(64));
    ck_assert_int_eq(rc_allocator_set_default(&counting), RC_OK);
    for (int i = 0; i < 10; i++) {
        rc_release(rc_buffer_new(64));
        rc_release(rc_new(struct small, &small_type));
    }
    ck_assert_uint_eq(requests, 20);
    rc_release(before);
    ck_assert_int_eq(rc_allocator_set_default(NULL), RC_OK);
    rc_release(rc_buffer_new(64));
    ck_assert_uint_eq(requests, 20);
}
END_TEST

/* ---- fork ------------------------------------------------------------------------------------ */

static void *churn(void *argument)
{
    bool *stop = argument;
    while (!__atomic_load_n(stop, __ATOMIC_RELAXED))
        if (!make_some(100)) abort();
    return NULL;
}

static int use_all(void)
{
    struct rc_account before;
    rc_account_read(&before);
    if (!make_some(MANY)) return 2;
    rc_release(rc_buffer_new(3000));
    run_thread(work, NULL);
    rc_memory_trim();
    return rc_account_check_nothing_new(&before) == RC_OK ? 0 : 1;
}

START_TEST(a_child_goes_on_with_what_it_has)
{
    if (CHILD_HAS_TSAN || CHILD_HAS_ASAN) {
        puts("skipped: a child of a busy process: the sanitizer's own locks are held in it");
        return;
    }
    bool stop = false;
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, churn, &stop), 0);
    for (int i = 0; i < 20; i++) {
        make_and_release(50);
        pid_t child = fork();
        if (child == 0) _exit(use_all());
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

HARNESS_MAIN("rc/magazine", each_size_has_a_class_that_wastes_less_than_32_bytes,
             blocks_of_dead_objects_serve_the_next_ones,
             what_a_cell_has_no_room_for_goes_through_the_magazine,
             objects_with_a_finalizer_are_recycled_when_it_has_run,
             a_cell_stays_with_the_type_that_it_serves,
             an_object_made_again_is_zeroed_and_has_one_reference, a_buffer_made_again_is_as_new,
             what_was_done_to_a_buffer_is_not_seen_in_the_next, a_cell_changes_to_what_dies_most,
             a_cell_stays_with_its_kind_until_sixteen_others_came,
             blocks_keep_their_content_when_their_class_changes, the_dead_are_not_alive,
             the_dead_do_not_raise_the_peak,
             trim_gives_back_all_that_this_thread_and_the_depot_keep,
             a_thread_that_ends_leaves_its_blocks_to_the_others,
             what_idles_after_many_short_threads_is_bounded,
             what_another_thread_releases_comes_back_through_the_depot, the_depot_has_a_bound,
             a_thread_keeps_no_more_blocks_of_a_class_than_a_magazine_has_rounds,
             large_blocks_begin_a_cache_line, an_allocator_of_the_programs_own_gets_each_request,
             a_child_goes_on_with_what_it_has)
