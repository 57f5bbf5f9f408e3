/* SPDX-License-Identifier: MIT */
/* What a thread keeps whole in its cells: taken inline or by a call, cleared, withdrawn while another
 * allocator is the default, and known when it is released or retained once too often. Magazines are forced on,
 * since cells stay empty without them. */
#include "rc/cell_inline.h"

#include <pthread.h>

#include "buffer/buffer.h"
#include "buffer/pool.h"
#include "rc/environment.h"
#include "rc/magazine.h"
#include "rc/memory.h"
#include "rc/object.h"
#include "tests/child.h"
#include "tests/harness.h"

enum { TURNS = 40 }; /* more than a cell takes to change to others */

HARNESS_EARLY
{
    setenv("RCBUF_FORCE", "pages,magazines,", 1);
    if (!rc__magazines_are_on()) abort();
}

struct small {
    unsigned char bytes[64];
};
static const rc_type small_type = {.name = "small", .size = sizeof(struct small)};

static void release_nothing(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
}

static unsigned char foreign[8];

static rc_buffer *adopt(void)
{
    return rc_buffer_adopt(foreign, sizeof foreign, release_nothing, NULL);
}

/* Afterwards the cells of objects, buffers and adopted buffers hold one of each. */
static void fill_cells(void)
{
    for (int i = 0; i < TURNS; i++) {
        struct small *object = rc_new(struct small, &small_type);
        rc_buffer *buffer = rc_buffer_new(64);
        ck_assert(object && buffer);
        rc_release(object);
        rc_release(buffer);
    }
    for (int i = 0; i < TURNS; i++) rc_release(adopt());
    ck_assert_ptr_nonnull(rc_object_cells[RC__CELL_OBJECT].object);
    ck_assert_ptr_nonnull(rc_object_cells[RC__CELL_BUFFER].object);
    ck_assert_ptr_nonnull(rc_object_cells[RC__CELL_SLICE].object);
}

/* ---- taking ---------------------------------------------------------------------------------- */

START_TEST(a_call_by_address_takes_what_lies_there)
{
    void *(*new_object)(const rc_type *, size_t) = rc_object_new;
    void *(*new_checked)(const rc_type *, size_t) = rc_object_new_checked;
    rc_buffer *(*new_buffer)(size_t) = rc_buffer_new;
    rc_buffer *(*adopt_by)(void *, size_t, void (*)(void *, size_t, void *), void *) =
        rc_buffer_adopt;
    fill_cells();
    void *kept = rc_object_cells[RC__CELL_OBJECT].object;
    void *object = new_object(&small_type, 0);
    ck_assert_ptr_eq(object, kept);
    rc_release(object);
    object = new_checked(&small_type, sizeof(struct small));
    ck_assert_ptr_eq(object, kept);
    rc_release(object);
    kept = rc_object_cells[RC__CELL_BUFFER].object;
    rc_buffer *buffer = new_buffer(64);
    ck_assert_ptr_eq(buffer, kept);
    rc_release(buffer);
    kept = rc_object_cells[RC__CELL_SLICE].object;
    buffer = adopt_by(foreign, 4, release_nothing, NULL);
    ck_assert_ptr_eq(buffer, kept);
    ck_assert(buffer->data == foreign && buffer->size == 4);
    rc_release(buffer);
}
END_TEST

START_TEST(arguments_are_evaluated_once)
{
    size_t size = 63;
    int asked = 0;
    fill_cells();
    rc_buffer *buffer = rc_buffer_new(++size);
    ck_assert(size == 64 && buffer->size == 64);
    rc_release(buffer);
    void *object = rc_object_new((asked++, &small_type), 0);
    ck_assert_int_eq(asked, 1);
    rc_release(object);
    buffer =
        rc_buffer_adopt((asked++, foreign), (unsigned char[]){1, 2, 3}[2], release_nothing, NULL);
    ck_assert(asked == 2 && buffer->size == 3);
    rc_release(buffer);
    rc_pool *pool = rc_pool_new(64, 0, 4);
    buffer = rc_pool_take((asked++, pool));
    ck_assert(asked == 3 && buffer->size == 64);
    rc_release(buffer);
    rc_release(pool);
}
END_TEST

/* Seen by the compiler, which clears small ones itself, and hidden from it. */
#define CHECK_CLEARED(bytes)                                                                       \
    do {                                                                                           \
        static const rc_type type = {.name = #bytes, .size = (bytes)};                             \
        const rc_type *hidden = &type;                                                             \
        __asm__("" : "+r"(hidden));                                                                \
        for (int i = 0; i < TURNS; i++) {                                                          \
            unsigned char *object = rc_object_new(i % 2 ? hidden : &type, 0);                      \
            for (size_t j = 0; j < (bytes); j++) ck_assert_uint_eq(object[j], 0);                  \
            ck_assert_uint_eq(rc_count(object), 1);                                                \
            memset(object, 0xa5, (bytes));                                                         \
            rc_release(object);                                                                    \
        }                                                                                          \
        unsigned char *seen = rc_object_new(&type, 0);                                             \
        for (size_t j = 0; j < (bytes); j++) ck_assert_uint_eq(seen[j], 0);                        \
        rc_release(seen);                                                                          \
    } while (0)

START_TEST(an_object_of_any_size_is_cleared)
{
    CHECK_CLEARED(1);
    CHECK_CLEARED(8);
    CHECK_CLEARED(31);
    CHECK_CLEARED(32);
    CHECK_CLEARED(64);
    CHECK_CLEARED(65);
    CHECK_CLEARED(256);
    CHECK_CLEARED(257);
    CHECK_CLEARED(3000);
}
END_TEST

START_TEST(extra_bytes_do_not_come_out_of_a_cell)
{
    fill_cells();
    unsigned char *object = rc_object_new(&small_type, 100);
    ck_assert_ptr_nonnull(rc_object_cells[RC__CELL_OBJECT].object);
    for (size_t i = 0; i < 164; i++) ck_assert_uint_eq(object[i], 0);
    memset(object, 0xa5, 164);
    rc_release(object);
}
END_TEST

START_TEST(a_struct_that_does_not_fit_is_refused_beside_a_kept_object)
{
    struct large {
        unsigned char bytes[65];
    };
    fill_cells();
    ck_assert_ptr_null(rc_new(struct large, &small_type));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_nonnull(rc_object_cells[RC__CELL_OBJECT].object);
    rc_error_clear();
}
END_TEST

START_TEST(bad_bytes_are_refused_beside_a_kept_adopted_buffer)
{
    fill_cells();
    ck_assert_ptr_null(rc_buffer_adopt(foreign, 1, NULL, NULL));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_null(rc_buffer_adopt(NULL, 1, release_nothing, NULL));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_null(rc_buffer_adopt(foreign, SIZE_MAX, release_nothing, NULL));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    ck_assert_ptr_nonnull(rc_object_cells[RC__CELL_SLICE].object);
    rc_error_clear();
}
END_TEST

/* A type lives as long as an object of it: another may stand at its address by then. */
static rc_type unloaded;
static size_t finalized;

static void count_end(void *self)
{
    (void)self;
    finalized++;
}

START_TEST(a_type_at_the_address_of_another_is_not_taken_for_it)
{
    const rc_type *hidden = &unloaded;
    __asm__("" : "+r"(hidden));
    unloaded = (rc_type){.name = "small", .size = 24};
    for (int i = 0; i < TURNS; i++) rc_release(rc_object_new(hidden, 0));
    ck_assert_ptr_eq(rc_object_cells[RC__CELL_OBJECT].type, hidden);
    unloaded = (rc_type){.name = "large", .size = 240};
    unsigned char *large = rc_object_new(hidden, 0);
    memset(large, 0xa5, 240);
    unloaded = (rc_type){.name = "with an end", .size = 240, .finalize = count_end};
    rc_release(large);
    ck_assert_uint_eq(finalized, 1);
    unloaded = (rc_type){.name = "aligned", .size = 24, .alignment = 128};
    void *aligned = rc_object_new(hidden, 0);
    ck_assert_uint_eq((uintptr_t)aligned % 128, 0);
    unloaded =
        (rc_type){.name = "with an end", .size = 24, .alignment = 128, .finalize = count_end};
    rc_release(aligned);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

START_TEST(a_large_object_is_not_kept)
{
    static const rc_type large_type = {.name = "large", .size = (size_t)1 << 20};
    for (int i = 0; i < TURNS; i++) rc_release(rc_object_new(&large_type, 0));
    ck_assert_ptr_ne(rc_object_cells[RC__CELL_OBJECT].type, &large_type);
}
END_TEST

static rc_buffer *ending;
static size_t size_at_the_end;

static void look(void *bytes, size_t size, void *context)
{
    (void)context;
    ck_assert(bytes == foreign && size == sizeof foreign);
    size_at_the_end = ending->size;
}

START_TEST(an_adopted_buffer_is_empty_while_its_bytes_are_given_back)
{
    fill_cells();
    for (int i = 0; i < 3; i++) {
        ending = rc_buffer_adopt(foreign, sizeof foreign, look, NULL);
        ck_assert_uint_eq(ending->size, sizeof foreign);
        size_at_the_end = 1;
        rc_release(ending);
        ck_assert_uint_eq(size_at_the_end, 0);
    }
}
END_TEST

/* ---- another default allocator --------------------------------------------------------------- */

static size_t requests;

static void *counting_allocate(void *context, size_t size, size_t alignment)
{
    (void)context;
    __atomic_add_fetch(&requests, 1, __ATOMIC_RELAXED);
    return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void counting_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    (void)context, (void)size, (void)alignment;
    free(block);
}

static const struct rc_allocator counting = {
    .struct_size = sizeof(struct rc_allocator),
    .name = "counting",
    .allocate = counting_allocate,
    .deallocate = counting_deallocate,
};

static size_t requests_of_one_each(void)
{
    size_t before = __atomic_load_n(&requests, __ATOMIC_RELAXED);
    struct small *object = rc_new(struct small, &small_type);
    rc_buffer *buffer = rc_buffer_new(64), *adopted = adopt();
    rc_release(object);
    rc_release(buffer);
    rc_release(adopted);
    return __atomic_load_n(&requests, __ATOMIC_RELAXED) - before;
}

START_TEST(nothing_is_taken_while_another_allocator_is_the_default)
{
    fill_cells();
    ck_assert_uint_eq(requests_of_one_each(), 0);
    ck_assert_int_eq(rc_allocator_set_default(&counting), RC_OK);
    ck_assert_uint_ge(requests_of_one_each(), 3);
    ck_assert_ptr_null(
        rc_buffer_new(SIZE_MAX)); /* which is what a cell reads that offers nothing */
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    ck_assert_ptr_null((rc_buffer_new)(SIZE_MAX));
    rc_error_clear();
    ck_assert_int_eq(rc_allocator_set_default(NULL), RC_OK);
    void *kept = rc_object_cells[RC__CELL_OBJECT].object;
    ck_assert_uint_eq(requests_of_one_each(), 0);
    ck_assert_ptr_eq(rc_object_cells[RC__CELL_OBJECT].object, kept);
}
END_TEST

START_TEST(a_cell_that_is_set_meanwhile_offers_nothing_either)
{
    ck_assert_int_eq(rc_allocator_set_default(&counting), RC_OK);
    for (int i = 0; i < TURNS; i++) {
        rc_buffer *buffer = rc_buffer_new_with(rc_allocator_system(), 64, 0, 0);
        rc_release(buffer);
    }
    ck_assert_uint_ge(requests_of_one_each(), 3);
    ck_assert_int_eq(rc_allocator_set_default(NULL), RC_OK);
}
END_TEST

static pthread_barrier_t barrier;

static void *one_each_before_and_after(void *counts)
{
    size_t *count = counts;
    fill_cells();
    count[0] = requests_of_one_each();
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    count[1] = requests_of_one_each();
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    count[2] = requests_of_one_each();
    return NULL;
}

START_TEST(other_threads_take_nothing_either)
{
    size_t counts[3];
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    ck_assert_int_eq(pthread_create(&thread, NULL, one_each_before_and_after, counts), 0);
    pthread_barrier_wait(&barrier);
    ck_assert_int_eq(rc_allocator_set_default(&counting), RC_OK);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    ck_assert_int_eq(rc_allocator_set_default(NULL), RC_OK);
    pthread_barrier_wait(&barrier);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(counts[0], 0);
    ck_assert_uint_ge(counts[1], 3);
    ck_assert_uint_eq(counts[2], 0);
    pthread_barrier_destroy(&barrier);
}
END_TEST

/* ---- once too often -------------------------------------------------------------------------- */

static void release_object_twice(void *unused)
{
    (void)unused;
    fill_cells();
    struct small *object = rc_new(struct small, &small_type);
    rc_release(object);
    rc_release(object);
}

static void release_buffer_twice(void *unused)
{
    (void)unused;
    fill_cells();
    rc_buffer *buffer = rc_buffer_new(64);
    rc_release(buffer);
    rc_release(buffer);
}

static void *nothing(void *unused)
{
    return unused;
}

static void start_a_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) == 0) pthread_join(thread, NULL);
}

static void release_object_twice_beside_threads(void *unused)
{
    start_a_thread();
    release_object_twice(unused);
}

/* Kept while the process had one thread, released again when it had several. */
static void release_buffer_again_later(void *unused)
{
    (void)unused;
    fill_cells();
    rc_buffer *buffer = rc_buffer_new(64);
    rc_release(buffer);
    start_a_thread();
    rc_release(buffer);
}

static void retain_the_dead(void *unused)
{
    (void)unused;
    fill_cells();
    rc_buffer *buffer = rc_buffer_new(64);
    rc_release(buffer);
    (void)rc_retain(buffer);
    rc_release(rc_buffer_new(64));
}

START_TEST(a_release_too_many_of_a_kept_object_stops)
{
    const char *line = "is dead: it was released more often than retained";
    CHILD_ASSERT_STOPS(release_object_twice, NULL, line);
    CHILD_ASSERT_STOPS(release_buffer_twice, NULL, line);
    CHILD_ASSERT_STOPS(release_object_twice_beside_threads, NULL, line);
    CHILD_ASSERT_STOPS(release_buffer_again_later, NULL, line);
}
END_TEST

START_TEST(a_retain_of_a_kept_object_stops_at_the_latest_when_it_is_taken)
{
    CHILD_ASSERT_STOPS(retain_the_dead, NULL, "rc_retain: the object at");
}
END_TEST

HARNESS_MAIN("rc/cell", a_call_by_address_takes_what_lies_there, arguments_are_evaluated_once,
             an_object_of_any_size_is_cleared, extra_bytes_do_not_come_out_of_a_cell,
             a_struct_that_does_not_fit_is_refused_beside_a_kept_object,
             bad_bytes_are_refused_beside_a_kept_adopted_buffer,
             a_type_at_the_address_of_another_is_not_taken_for_it, a_large_object_is_not_kept,
             an_adopted_buffer_is_empty_while_its_bytes_are_given_back,
             nothing_is_taken_while_another_allocator_is_the_default,
             a_cell_that_is_set_meanwhile_offers_nothing_either, other_threads_take_nothing_either,
             a_release_too_many_of_a_kept_object_stops,
             a_retain_of_a_kept_object_stops_at_the_latest_when_it_is_taken)
