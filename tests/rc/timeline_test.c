/* SPDX-License-Identifier: MIT */
#include "rc/timeline.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rc/memory.h"
#include "rc/object.h"
#include "rc/tally.h"
#include "tests/rc/timeline_support.h"

static const rc_type node_type = {.name = "node", .size = 64};

static struct csv csv;

static struct rc_account taken(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now;
}

/* ---- its life -------------------------------------------------------------------------------- */

START_TEST(there_is_none_until_one_is_started)
{
    ck_assert_int_eq(rc_timeline_write_csv(stderr), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "no timeline was started");
    rc_error_clear();
    rc_timeline_stop();
    ck_assert_int_eq(rc_timeline_mark("nobody looks"), RC_OK);
    ck_assert_int_eq(rc_error_status(), RC_OK);
}
END_TEST

START_TEST(one_runs_at_a_time_and_the_next_forgets_it)
{
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    ck_assert_int_eq(rc_timeline_start(), RC_BUSY);
    ck_assert_str_eq(rc_error_message(), "a timeline runs already");
    ck_assert_int_eq(rc_timeline_mark("first"), RC_OK);
    rc_timeline_stop();
    rc_timeline_stop();
    ck_assert_int_eq(rc_timeline_mark("when it is over"), RC_OK);
    csv_take(&csv);
    ck_assert_uint_eq(csv.count, 3);
    ck_assert_str_eq(csv.rows[1].mark, "first");
    csv_take(&csv); /* it is still there */
    ck_assert_uint_eq(csv.count, 3);
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_uint_eq(csv.count, 2);
    ck_assert(!csv.rows[0].mark[0] && !csv.rows[1].mark[0]);
}
END_TEST

START_TEST(a_row_is_what_the_account_says)
{
    void *block = rc_memory_allocate(100);
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    void *node = rc_object_new(&node_type, 0);
    rc_timeline_mark("made");
    rc_memory_free(block);
    rc_timeline_mark("freed");
    rc_release(node);
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_uint_eq(csv.count, 4);
    struct csv_row *row = csv.rows;
    ck_assert(row[0].live == 100 && row[0].peak == 100 && !row[0].objects && row[0].blocks == 1);
    ck_assert(row[1].live == 164 && row[1].peak == 164 && row[1].objects == 1);
    ck_assert(row[2].live == 64 && row[2].peak == 164 && !row[2].blocks);
    ck_assert(row[3].live == 0 && row[3].peak == 64 && !row[3].objects && !row[3].mark[0]);
}
END_TEST

START_TEST(a_running_one_can_be_written_up_to_this_moment)
{
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    void *block = rc_memory_allocate(1000);
    csv_take(&csv);
    ck_assert_uint_eq(csv.rows[csv.count - 1].live, 1000);
    rc_memory_free(block);
    csv_take(&csv);
    ck_assert_uint_eq(csv.rows[csv.count - 1].live, 0);
    ck_assert_uint_eq(csv_peak(&csv), 1000);
    rc_timeline_stop();
}
END_TEST

/* ---- peaks ----------------------------------------------------------------------------------- */

/* Ups and downs of all sizes; the most that was alive. */
static size_t go_up_and_down(unsigned steps)
{
    enum { BLOCKS = 300 };
    static void *blocks[BLOCKS];
    unsigned seed = 12345;
    size_t live = taken().live_bytes, peak = live;
    for (unsigned step = 0; step < steps; step++) {
        seed = (unsigned)((seed * 1103515245ull + 12345) & 0xffffffff);
        void **block = &blocks[(seed >> 8) % BLOCKS];
        size_t size = (size_t)1 << (seed >> 4) % 17;
        if (*block) live -= rc_memory_size(*block);
        rc_memory_free(*block);
        *block = *block ? NULL : rc_memory_allocate(size);
        if (*block) live += size;
        if (live > peak) peak = live;
    }
    for (int i = 0; i < BLOCKS; i++) {
        rc_memory_free(blocks[i]);
        blocks[i] = NULL;
    }
    return peak;
}

START_TEST(the_most_of_all_rows_is_the_peak_of_the_account)
{
    rc_memory_free(rc_memory_allocate(3 << 20)); /* before it: none of its business */
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    csv_take(&csv);
    ck_assert_uint_eq(csv_peak(&csv), 0);
    rc_account_reset_peak();
    for (unsigned steps = 10; steps < 100000; steps *= 7) {
        size_t peak = go_up_and_down(steps);
        csv_take(&csv);
        ck_assert_uint_eq(csv_peak(&csv), peak);
        ck_assert_uint_eq(taken().peak_bytes, peak);
    }
    rc_timeline_stop();
    ck_assert_uint_gt(csv.count, 100);
}
END_TEST

START_TEST(a_peak_that_is_set_back_stays_in_its_row)
{
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    rc_memory_free(rc_memory_allocate(1000));
    rc_account_reset_peak();
    rc_memory_free(rc_memory_allocate(10));
    rc_timeline_mark("after");
    rc_memory_free(rc_memory_allocate(500));
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_uint_eq(csv.count, 3);
    ck_assert_uint_eq(csv.rows[1].peak, 1000);
    ck_assert_uint_eq(csv.rows[2].peak, 500);
    ck_assert_uint_eq(taken().peak_bytes, 500);
}
END_TEST

START_TEST(small_changes_show_where_little_is_alive)
{
    enum { STEPS = 200, STEP = 5000 };
    static void *blocks[STEPS];
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    for (int i = 0; i < STEPS; i++) blocks[i] = rc_memory_allocate(STEP);
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_uint_ge(csv.count, STEPS);
    for (size_t i = 1; i < csv.count; i++)
        ck_assert_uint_le(csv.rows[i].live - csv.rows[i - 1].live, 2 * STEP);
    for (int i = 0; i < STEPS; i++) rc_memory_free(blocks[i]);
}
END_TEST

START_TEST(records_publish_as_before_when_it_is_over)
{
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    rc_timeline_stop();
    rc_account_reset_peak();
    go_up_and_down(1000);
    size_t ceiling = rc__tally_mine->ceiling, floor = rc__tally_mine->floor;
    ck_assert_uint_eq(ceiling - floor, 2 * RC_ACCOUNT_PEAK_SLACK);
    csv_take(&csv);
    ck_assert_uint_eq(csv.count, 2);
}
END_TEST

/* ---- marks ----------------------------------------------------------------------------------- */

START_TEST(marks_are_quoted)
{
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    ck_assert_int_eq(rc_timeline_mark("a \"word\", and\na line"), RC_OK);
    ck_assert_int_eq(rc_timeline_mark(""), RC_OK);
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_str_eq(csv.rows[1].mark, "a \"word\", and a line");
    ck_assert(csv.count == 4 && !csv.rows[2].mark[0]);
}
END_TEST

START_TEST(one_mark_too_many_is_refused_and_changes_nothing)
{
    ck_assert_int_eq(rc_timeline_mark(NULL), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "the words of a mark are NULL");
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    for (int i = 0; i < RC_TIMELINE_MARKS; i++) ck_assert_int_eq(rc_timeline_mark("one"), RC_OK);
    rc_memory_free(rc_memory_allocate(77));
    ck_assert_int_eq(rc_timeline_mark("another"), RC_RANGE);
    ck_assert_str_eq(rc_error_message(),
                     "the timeline has its 256 marks: \"another\" finds no place");
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_uint_eq(csv.count, RC_TIMELINE_MARKS + 2);
    ck_assert_uint_eq(csv.rows[csv.count - 1].peak, 77);
}
END_TEST

/* ---- writing --------------------------------------------------------------------------------- */

START_TEST(a_stream_that_cannot_be_written_is_a_system_error)
{
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    rc_timeline_stop();
    ck_assert_int_eq(rc_timeline_write_csv(NULL), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "the stream to write the timeline to is NULL");
    FILE *full = fopen("/dev/full", "w"), *read_only = fopen("/dev/null", "r");
    ck_assert_ptr_nonnull(read_only);
    ck_assert_int_eq(rc_timeline_write_csv(read_only), RC_SYSTEM);
    ck_assert_str_eq(rc_error_message(), "the timeline was not written: Bad file descriptor");
    ck_assert_int_eq(errno, EBADF);
    if (full) {
        ck_assert_int_eq(rc_timeline_write_csv(full), RC_SYSTEM);
        ck_assert_str_eq(rc_error_message(),
                         "the timeline was not written: No space left on device");
        ck_assert_int_eq(errno, ENOSPC);
        fclose(full);
    }
    fclose(read_only);
    csv_take(&csv); /* and it is still there */
    ck_assert_uint_eq(csv.count, 2);
}
END_TEST

START_TEST(nothing_of_it_is_counted)
{
    struct rc_account before = taken();
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    rc_timeline_mark("here");
    csv_take(&csv);
    struct rc_account after = taken();
    ck_assert_uint_eq(after.total_blocks, before.total_blocks);
    ck_assert_uint_eq(after.total_objects, before.total_objects);
    ck_assert_uint_eq(after.peak_bytes, before.peak_bytes);
    rc_timeline_stop();
}
END_TEST

/* ---- forks and threads ----------------------------------------------------------------------- */

/* 0: all is as it should be in a child. */
static int be_a_child(void)
{
    if (rc_timeline_write_csv(stdout) != RC_INVALID) return 1;
    if (rc_timeline_start() != RC_OK) return 2;
    void *block = rc_memory_allocate(123);
    rc_timeline_mark("in the child");
    rc_memory_free(block);
    rc_timeline_stop();
    csv_take(&csv);
    if (csv.count != 3 || strcmp(csv.rows[1].mark, "in the child") != 0) return 3;
    return csv.rows[1].live == 123 + csv.rows[0].live ? 0 : 4;
}

START_TEST(none_runs_in_the_child_of_a_fork)
{
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    rc_timeline_mark("before");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) _exit(be_a_child());
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    rc_timeline_mark("after");
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_uint_eq(csv.count, 4);
    ck_assert_str_eq(csv.rows[2].mark, "after");
}
END_TEST

enum { THREADS = 8, ROUNDS = 300 };

static void *make_and_free(void *number)
{
    void *blocks[20];
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < 20; i++) blocks[i] = rc_memory_allocate(1 + 100 * i * (round % 9));
        void *node = rc_object_new(&node_type, 0);
        if (round % 100 == 0) rc_timeline_mark("a hundred");
        for (size_t i = 0; i < 20; i++) rc_memory_free(blocks[i]);
        rc_release(node);
    }
    return number;
}

/* Somebody else starts, writes and stops timelines meanwhile. */
static void *write_them(void *ended)
{
    static struct csv seen;
    while (!__atomic_load_n((bool *)ended, __ATOMIC_ACQUIRE)) {
        csv_take(&seen);
        rc_timeline_stop();
        rc_account_reset_peak();
        ck_assert_int_eq(rc_timeline_start(), RC_OK);
    }
    return NULL;
}

static void storm(pthread_t *threads)
{
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_and_free, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

START_TEST(threads_that_come_and_go_are_all_in_it)
{
    pthread_t threads[THREADS];
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    rc_account_reset_peak();
    storm(threads);
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_uint_gt(csv.count, 100);
    ck_assert_uint_ge(csv_peak(&csv), taken().peak_bytes);
    ck_assert_uint_eq(csv.rows[csv.count - 1].live, 0);
    ck_assert_uint_eq(csv.rows[csv.count - 1].objects, 0);
    size_t marks = 0;
    for (size_t i = 0; i < csv.count; i++) marks += csv.rows[i].mark[0] != 0;
    ck_assert_uint_eq(marks, THREADS * 3);
}
END_TEST

START_TEST(it_can_be_written_and_started_while_threads_run)
{
    pthread_t threads[THREADS], writer;
    bool ended = false;
    ck_assert_int_eq(rc_timeline_start(), RC_OK);
    ck_assert_int_eq(pthread_create(&writer, NULL, write_them, &ended), 0);
    storm(threads);
    __atomic_store_n(&ended, true, __ATOMIC_RELEASE);
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
    rc_timeline_stop();
    csv_take(&csv);
    ck_assert_uint_eq(csv.rows[csv.count - 1].live, 0);
}
END_TEST

HARNESS_MAIN("rc/timeline", there_is_none_until_one_is_started,
             one_runs_at_a_time_and_the_next_forgets_it, a_row_is_what_the_account_says,
             a_running_one_can_be_written_up_to_this_moment,
             the_most_of_all_rows_is_the_peak_of_the_account,
             a_peak_that_is_set_back_stays_in_its_row, small_changes_show_where_little_is_alive,
             records_publish_as_before_when_it_is_over, marks_are_quoted,
             one_mark_too_many_is_refused_and_changes_nothing,
             a_stream_that_cannot_be_written_is_a_system_error, nothing_of_it_is_counted,
             none_runs_in_the_child_of_a_fork, threads_that_come_and_go_are_all_in_it,
             it_can_be_written_and_started_while_threads_run)
