/* SPDX-License-Identifier: MIT */
#include "rc/memory.h"
#include "rc/object.h"
#include "tests/child.h"
#include "tests/harness.h"

static const rc_type node_type = {.name = "node", .size = 64};
static const rc_type list_type = {.name = "list", .size = 40};
static const rc_type nameless_type = {.size = 8};

static struct rc_account taken(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now;
}

static struct rc_account_difference since(const struct rc_account *before)
{
    struct rc_account now = taken();
    return rc_account_subtract(&now, before);
}

/* ---- snapshots ------------------------------------------------------------------------------- */

START_TEST(a_snapshot_says_its_size_and_version)
{
    struct rc_account now;
    memset(&now, 0xaa, sizeof now);
    rc_account_read(&now);
    ck_assert_uint_eq(now.struct_size, sizeof now);
    ck_assert_uint_eq(now.version, RC_ACCOUNT_VERSION);
    ck_assert_uint_eq(now.reserved, 0);
}
END_TEST

START_TEST(objects_and_their_payload_are_counted)
{
    struct rc_account before = taken();
    void *node = rc_object_new(&node_type, 0), *wide = rc_object_new(&list_type, 100);
    struct rc_account_difference more = since(&before);
    ck_assert_int_eq(more.live_objects, 2);
    ck_assert_int_eq(more.live_bytes, 64 + 40 + 100);
    ck_assert_int_eq(more.total_objects, 2);
    ck_assert_int_eq(more.live_blocks, 0);
    rc_release(node);
    rc_release(wide);
    more = since(&before);
    ck_assert_int_eq(more.live_objects, 0);
    ck_assert_int_eq(more.live_bytes, 0);
    ck_assert_int_eq(more.total_objects, 2);
}
END_TEST

START_TEST(immortal_objects_are_counted_apart)
{
    struct rc_account before = taken();
    static void *node; /* for ever, as the leak checker sees it */
    node = rc_object_new(&node_type, 6);
    rc_make_immortal(node);
    rc_make_immortal(node);
    struct rc_account_difference more = since(&before);
    ck_assert_int_eq(more.live_objects, 0);
    ck_assert_int_eq(more.live_bytes, 0);
    ck_assert_int_eq(more.total_objects, 1);
    ck_assert_int_eq(more.immortal_objects, 1);
    ck_assert_int_eq(more.immortal_bytes, 70);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_OK);
    ck_assert_uint_eq(rc_account_read_type(&node_type).live_objects, 0);
    ck_assert_uint_eq(rc_account_read_type(&node_type).total_objects, 1);
}
END_TEST

static void *owner_of(void *owned)
{
    void **node = rc_object_new(&node_type, 0);
    *node = owned;
    rc_make_immortal(node);
    return node;
}

START_TEST(what_an_immortal_object_owns_counts_as_alive_until_it_is_immortal_too)
{
    static void *with_a_block, *with_an_object;
    struct rc_account before = taken();
    void *block = rc_memory_allocate(10), *object = rc_object_new(&list_type, 0);
    with_a_block = owner_of(block);
    with_an_object = owner_of(object);
    struct rc_account_difference more = since(&before);
    ck_assert_int_eq(more.immortal_bytes, 2 * 64);
    ck_assert_int_eq(more.live_blocks, 1);
    ck_assert_int_eq(more.live_objects, 1);
    ck_assert_int_eq(more.live_bytes, 10 + 40);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    rc_make_immortal(object);
    rc_memory_free(block);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_OK);
    ck_assert(with_a_block && with_an_object);
}
END_TEST

START_TEST(a_caller_of_another_version_gets_as_many_bytes_as_it_has)
{
    void *block = rc_memory_allocate(10);
    struct rc_account whole = taken();
    for (size_t size = 0; size <= sizeof whole; size++) {
        unsigned char bytes[sizeof whole];
        struct rc_account expected = whole;
        expected.struct_size = size;
        memset(bytes, 0xaa, sizeof bytes);
        struct rc_account *now = (void *)bytes;
        rc_account_read_sized(now, size);
        ck_assert_int_eq(memcmp(bytes, &expected, size), 0);
        for (size_t i = size; i < sizeof bytes; i++) ck_assert_int_eq(bytes[i], 0xaa);
    }
    struct {
        struct rc_account known;
        unsigned char unknown[32];
    } later;
    memset(&later, 0xaa, sizeof later);
    rc_account_read_sized(&later.known, sizeof later);
    ck_assert_uint_eq(later.known.struct_size, sizeof(struct rc_account));
    for (size_t i = 0; i < 32; i++) ck_assert_int_eq(later.unknown[i], 0xaa);
    rc_memory_free(block);
}
END_TEST

START_TEST(through_null_nothing_is_written)
{
    rc_account_read(NULL);
    rc_memory_statistics_read(NULL);
    ck_assert_int_eq(rc_error_status(), RC_OK);
}
END_TEST

START_TEST(differences_are_signed_member_by_member)
{
    struct rc_account a = {.struct_size = sizeof a}, b = a;
    a.live_objects = 1, b.live_objects = 3;
    a.live_blocks = 10, b.live_blocks = 4;
    a.live_bytes = 5, b.live_bytes = 5;
    a.peak_bytes = 100, b.peak_bytes = 1;
    a.total_objects = 0, b.total_objects = 7;
    a.total_blocks = 8, b.total_blocks = 7;
    a.failures = 3, b.failures = 1;
    a.immortal_objects = 2, b.immortal_objects = 5;
    a.immortal_bytes = 20, b.immortal_bytes = 25;
    struct rc_account_difference more = rc_account_subtract(&a, &b);
    ck_assert_int_eq(more.live_objects, -2);
    ck_assert_int_eq(more.live_blocks, 6);
    ck_assert_int_eq(more.live_bytes, 0);
    ck_assert_int_eq(more.peak_bytes, 99);
    ck_assert_int_eq(more.total_objects, -7);
    ck_assert_int_eq(more.total_blocks, 1);
    ck_assert_int_eq(more.failures, 2);
    ck_assert_int_eq(more.immortal_objects, -3);
    ck_assert_int_eq(more.immortal_bytes, -5);
}
END_TEST

START_TEST(what_a_smaller_snapshot_lacks_counts_as_zero)
{
    struct rc_account a, b;
    memset(&a, 0xaa, sizeof a);
    memset(&b, 0, sizeof b);
    rc_account_read_sized(&a, offsetof(struct rc_account, live_blocks));
    b.struct_size = sizeof b;
    b.live_blocks = 4;
    struct rc_account_difference more = rc_account_subtract(&a, &b);
    ck_assert_int_eq(more.live_blocks, -4);
    ck_assert_int_eq(more.immortal_bytes, 0);
}
END_TEST

START_TEST(a_difference_of_another_version_has_as_many_bytes_as_the_caller)
{
    struct rc_account a = {.struct_size = sizeof a, .live_objects = 7, .immortal_bytes = 9},
                      b = {0};
    b.struct_size = sizeof b;
    struct rc_account_difference whole = rc_account_subtract(&a, &b);
    for (size_t size = 0; size <= sizeof whole + 24; size++) {
        unsigned char bytes[sizeof whole + 32];
        memset(bytes, 0xaa, sizeof bytes);
        rc_account_subtract_sized((void *)bytes, size, &a, &b);
        size_t known = size < sizeof whole ? size : sizeof whole;
        ck_assert_int_eq(memcmp(bytes, &whole, known), 0);
        for (size_t i = known; i < size; i++) ck_assert_int_eq(bytes[i], 0);
        for (size_t i = size; i < sizeof bytes; i++) ck_assert_int_eq(bytes[i], 0xaa);
    }
    rc_account_subtract_sized(NULL, sizeof whole, &a, &b);
}
END_TEST

START_TEST(what_a_larger_snapshot_has_more_is_left_out)
{
    struct {
        struct rc_account known;
        unsigned char unknown[32];
    } later;
    struct rc_account now = taken();
    memset(&later, 0xaa, sizeof later);
    later.known = now;
    later.known.struct_size = sizeof later;
    later.known.live_blocks += 4;
    struct rc_account_difference more = rc_account_subtract(&later.known, &now);
    ck_assert_int_eq(more.live_blocks, 4);
    ck_assert_int_eq(more.immortal_bytes, 0);
    ck_assert_int_eq(rc_account_check_nothing_new(&later.known), RC_OK);
}
END_TEST

START_TEST(refused_requests_and_overflows_are_failures)
{
    struct rc_account before = taken();
    ck_assert_ptr_null(rc_memory_allocate(PTRDIFF_MAX));
    ck_assert_ptr_null(rc_memory_allocate_zeroed(SIZE_MAX, 2));
    ck_assert_ptr_null(rc_object_new(&node_type, SIZE_MAX - 10));
    ck_assert_int_eq(since(&before).failures, 3);
}
END_TEST

/* ---- the peak of one thread ------------------------------------------------------------------ */

static void rise_and_fall(size_t bytes)
{
    rc_memory_free(rc_memory_allocate(bytes));
}

START_TEST(the_peak_of_one_thread_is_exact)
{
    rc_account_reset_peak();
    size_t start = taken().live_bytes;
    ck_assert_uint_eq(taken().peak_bytes, start);
    size_t sizes[] = {1,
                      100,
                      RC_ACCOUNT_PEAK_SLACK - 1,
                      RC_ACCOUNT_PEAK_SLACK,
                      RC_ACCOUNT_PEAK_SLACK + 1,
                      5 * RC_ACCOUNT_PEAK_SLACK + 7};
    for (size_t i = 0; i < 6; i++) {
        rise_and_fall(sizes[i]);
        ck_assert_uint_eq(taken().live_bytes, start);
        ck_assert_uint_eq(taken().peak_bytes, start + sizes[i]);
    }
    rise_and_fall(50);
    ck_assert_uint_eq(taken().peak_bytes, start + sizes[5]);
}
END_TEST

START_TEST(the_peak_of_one_thread_is_exact_over_many_small_steps)
{
    enum { BLOCKS = 2000, SIZE = 1000 };
    static void *blocks[BLOCKS];
    rc_account_reset_peak();
    size_t live = taken().live_bytes, peak = live;
    unsigned seed = 12345;
    for (int step = 0; step < 40000; step++) {
        seed = seed * 1103515245u + 12345u;
        void **block = &blocks[(seed >> 8) % BLOCKS];
        if (*block) {
            live -= rc_memory_size(*block);
            rc_memory_free(*block);
            *block = NULL;
        } else {
            size_t size = (seed >> 4) % SIZE;
            *block = rc_memory_allocate(size);
            live += size;
        }
        if (live > peak) peak = live;
        if (step % 1000 == 0) {
            ck_assert_uint_eq(taken().live_bytes, live);
            ck_assert_uint_eq(taken().peak_bytes, peak);
        }
    }
    for (int i = 0; i < BLOCKS; i++) rc_memory_free(blocks[i]);
    ck_assert_uint_eq(taken().peak_bytes, peak);
}
END_TEST

START_TEST(a_reset_peak_starts_at_what_is_alive)
{
    void *block = rc_memory_allocate(1000);
    rise_and_fall(3 * RC_ACCOUNT_PEAK_SLACK);
    rise_and_fall(100000);
    size_t live = taken().live_bytes;
    ck_assert_uint_gt(taken().peak_bytes, live);
    rc_account_reset_peak();
    ck_assert_uint_eq(taken().peak_bytes, live);
    rise_and_fall(77);
    ck_assert_uint_eq(taken().peak_bytes, live + 77);
    rc_memory_free(block);
    ck_assert_uint_eq(taken().peak_bytes, live + 77);
}
END_TEST

/* ---- types ----------------------------------------------------------------------------------- */

START_TEST(each_type_has_its_own_count)
{
    void *nodes[3];
    for (int i = 0; i < 3; i++) nodes[i] = rc_object_new(&node_type, 0);
    void *list = rc_object_new(&list_type, 0);
    rc_release(nodes[2]);
    struct rc_account_type node = rc_account_read_type(&node_type);
    ck_assert_ptr_eq(node.type, &node_type);
    ck_assert_uint_eq(node.live_objects, 2);
    ck_assert_uint_eq(node.total_objects, 3);
    ck_assert_uint_eq(rc_account_read_type(&list_type).live_objects, 1);
    rc_release(nodes[0]);
    rc_release(nodes[1]);
    rc_release(list);
    ck_assert_uint_eq(rc_account_read_type(&node_type).live_objects, 0);
    ck_assert_uint_eq(rc_account_read_type(&node_type).total_objects, 3);
}
END_TEST

START_TEST(a_type_without_objects_has_zeroes)
{
    struct rc_account_type none = rc_account_read_type(&nameless_type);
    ck_assert_ptr_eq(none.type, &nameless_type);
    ck_assert_uint_eq(none.live_objects, 0);
    ck_assert_uint_eq(none.total_objects, 0);
    ck_assert_ptr_null(rc_account_read_type(NULL).type);
    ck_assert_uint_eq(rc_account_read_type(NULL).live_objects, 0);
}
END_TEST

static void sum_entry(const struct rc_account_type *entry, void *context)
{
    size_t *sums = context;
    sums[0]++;
    if (entry->type == &node_type) sums[1] += entry->live_objects;
    if (entry->type == &list_type) sums[2] += entry->live_objects;
}

START_TEST(types_with_live_objects_are_visited_once)
{
    void *node = rc_object_new(&node_type, 0), *other = rc_object_new(&node_type, 0);
    void *list = rc_object_new(&list_type, 0);
    rc_release(list);
    size_t sums[3] = {0, 0, 0};
    ck_assert_uint_eq(rc_account_each_type(sum_entry, sums), 1);
    ck_assert_uint_eq(sums[0], 1);
    ck_assert_uint_eq(sums[1], 2);
    ck_assert_uint_eq(sums[2], 0);
    ck_assert_uint_eq(rc_account_each_type(NULL, NULL), 1);
    rc_release(node);
    rc_release(other);
    ck_assert_uint_eq(rc_account_each_type(NULL, NULL), 0);
}
END_TEST

enum { MANY = 600 };

START_TEST(more_types_than_there_are_places_share_one)
{
    static rc_type types[MANY];
    static void *objects[MANY][2];
    struct rc_account before = taken();
    for (size_t i = 0; i < MANY; i++) {
        types[i] = (rc_type){.name = "one of many", .size = 8};
        for (int k = 0; k < 2; k++) objects[i][k] = rc_object_new(&types[i], 0);
    }
    ck_assert_int_eq(since(&before).live_objects, 2 * MANY);
    size_t with_place = 0;
    for (size_t i = 0; i < MANY; i++) {
        struct rc_account_type entry = rc_account_read_type(&types[i]);
        ck_assert(entry.live_objects == 2 || entry.total_objects == 0);
        with_place += entry.live_objects == 2;
    }
    ck_assert_uint_gt(with_place, 200);
    ck_assert_uint_lt(with_place, MANY);
    ck_assert_uint_eq(rc_account_read_type(NULL).live_objects, 2 * (MANY - with_place));
    ck_assert_uint_eq(rc_account_each_type(NULL, NULL), with_place + 1);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);

    for (size_t i = 0; i < MANY; i++)
        for (int k = 0; k < 2; k++) rc_release(objects[i][k]);
    ck_assert_int_eq(since(&before).live_objects, 0);
    ck_assert_uint_eq(rc_account_each_type(NULL, NULL), 0);
}
END_TEST

/* ---- nothing new ----------------------------------------------------------------------------- */

START_TEST(nothing_new_is_success_and_leaves_the_last_error)
{
    void *old = rc_object_new(&node_type, 0);
    struct rc_account before = taken();
    rc_error_set(RC_BUSY, "kept");
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_OK);
    rc_release(old); /* less is no leak */
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_OK);
    RC_ASSERT_NOTHING_NEW(&before);
    ck_assert_str_eq(rc_error_message(), "kept");
}
END_TEST

START_TEST(what_is_new_is_told_with_its_figures_and_types)
{
    struct rc_account before = taken();
    void *nodes[3];
    for (int i = 0; i < 3; i++) nodes[i] = rc_object_new(&node_type, 0);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "3 objects, 0 blocks, 192 bytes more than at the "
                                         "snapshot; alive now: node x3");
    void *list = rc_object_new(&list_type, 0);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "4 objects, 0 blocks, 232 bytes more"));
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "list x1"));
    ck_assert_ptr_nonnull(strstr(rc_error_message(), ", "));
    for (int i = 0; i < 3; i++) rc_release(nodes[i]);
    rc_release(list);
}
END_TEST

START_TEST(a_block_or_a_byte_alone_is_new_too)
{
    void *block = rc_memory_allocate(8);
    void *node = rc_object_new(&nameless_type, 0);
    struct rc_account before = taken();
    void *empty = rc_memory_allocate(0);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "0 objects, 1 block, 0 bytes more than at the snapshot; "
                                         "alive now: ? x1");
    rc_release(node);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "-1 object, 1 block, -8 bytes more than at the snapshot;"
                                         " alive now: no objects");
    rc_memory_free(empty);
    block = rc_memory_reallocate(block, 17);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    rc_memory_free(block);
}
END_TEST

START_TEST(a_long_list_of_types_is_cut)
{
    static rc_type types[60];
    static void *objects[60];
    struct rc_account before = taken();
    for (int i = 0; i < 60; i++) {
        types[i] = (rc_type){.name = "a type with a long name", .size = 1};
        objects[i] = rc_object_new(&types[i], 0);
    }
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    ck_assert_uint_eq(strlen(rc_error_message()), RC_ERROR_MESSAGE_SIZE - 1);
    for (int i = 0; i < 60; i++) rc_release(objects[i]);
}
END_TEST

START_TEST(no_snapshot_is_refused)
{
    ck_assert_int_eq(rc_account_check_nothing_new(NULL), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "the snapshot to compare with is NULL");
}
END_TEST

static void leak_and_assert(void *unused)
{
    (void)unused;
    struct rc_account before = taken();
    void *volatile leaked = rc_object_new(&node_type, 0);
    (void)leaked;
    rc_account_assert_nothing_new(&before, "some/file.c", 123);
}

START_TEST(the_assertion_stops_with_file_line_and_figures)
{
    CHILD_ASSERT_STOPS(leak_and_assert, NULL,
                       "rcbuf: some/file.c:123: 1 object, 0 blocks, 64 bytes more than at the "
                       "snapshot; alive now: node x1\n");
}
END_TEST

HARNESS_MAIN("rc/account", a_snapshot_says_its_size_and_version,
             objects_and_their_payload_are_counted, immortal_objects_are_counted_apart,
             what_an_immortal_object_owns_counts_as_alive_until_it_is_immortal_too,
             a_caller_of_another_version_gets_as_many_bytes_as_it_has,
             through_null_nothing_is_written, differences_are_signed_member_by_member,
             what_a_smaller_snapshot_lacks_counts_as_zero,
             a_difference_of_another_version_has_as_many_bytes_as_the_caller,
             what_a_larger_snapshot_has_more_is_left_out,
             refused_requests_and_overflows_are_failures, the_peak_of_one_thread_is_exact,
             the_peak_of_one_thread_is_exact_over_many_small_steps,
             a_reset_peak_starts_at_what_is_alive, each_type_has_its_own_count,
             a_type_without_objects_has_zeroes, types_with_live_objects_are_visited_once,
             more_types_than_there_are_places_share_one,
             nothing_new_is_success_and_leaves_the_last_error,
             what_is_new_is_told_with_its_figures_and_types, a_block_or_a_byte_alone_is_new_too,
             a_long_list_of_types_is_cut, no_snapshot_is_refused,
             the_assertion_stops_with_file_line_and_figures)
