/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "buffer/map.h"

#include <pthread.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#define ALL (RC_MAP_SEAL_SHRINK | RC_MAP_SEAL_GROW | RC_MAP_SEAL_WRITE)

START_TEST(shared_memory_is_zero_and_writable_and_has_its_size)
{
    rc_buffer *map = rc_map_memory("a name", 10000);
    ck_assert_uint_eq(map->size, 10000);
    ck_assert(support_is_all(map->data, 10000, 0));
    support_fill(map, 4, 0);
    struct stat status;
    ck_assert_int_eq(fstat(rc_map_memory_descriptor(map), &status), 0);
    ck_assert_int_eq(status.st_size, 10000);
    rc_release(map);
}
END_TEST

START_TEST(a_second_map_of_the_descriptor_shows_the_same_bytes)
{
    rc_buffer *map = rc_map_memory(NULL, 10000);
    rc_buffer *other = rc_map_descriptor(rc_map_memory_descriptor(map), 5000, 5000, RC_MAP_SHARED);
    support_fill(map, 4, 0);
    ck_assert_uint_eq(other->data[0], support_byte(4, 5000));
    ((unsigned char *)rc_buffer_edit(other))[4999] = 99;
    ck_assert_uint_eq(map->data[9999], 99);
    rc_release(other);
    rc_release(map);
}
END_TEST

START_TEST(the_descriptor_is_closed_with_the_last_slice_and_not_inherited_by_exec)
{
    rc_buffer *map = rc_map_memory(NULL, 100), *slice = rc_buffer_slice(map, 1, 1);
    int descriptor = rc_map_memory_descriptor(map);
    ck_assert_int_ne(fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
    rc_release(map);
    ck_assert_int_ge(fcntl(descriptor, F_GETFD), 0);
    rc_release(slice);
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), -1);
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(empty_shared_memory_works_and_can_be_sealed)
{
    rc_buffer *map = rc_map_memory(NULL, 0);
    ck_assert_uint_eq(map->size, 0);
    ck_assert_int_ge(rc_map_memory_descriptor(map), 0);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_GROW));
    rc_release(map);
}
END_TEST

START_TEST(sizes_and_names_that_the_system_cannot_have_are_refused)
{
    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ASSERT_NULL(rc_map_memory(name, 1), RC_SYSTEM, "rc_map_memory: cannot create nnn");
    ck_assert_int_eq(errno, EINVAL);
    ASSERT_NULL(rc_map_memory(NULL, SIZE_MAX), RC_OVERFLOW, "are more than memory can have");
#if UINTPTR_MAX == UINT64_MAX
    ASSERT_NULL(rc_map_memory(NULL, (size_t)1 << 60), RC_NO_MEMORY,
                "rc_map_memory: no room for 1152921504606846976 bytes of rcbuf");
#endif
}
END_TEST

START_TEST(only_shared_memory_has_a_descriptor_and_seals)
{
    rc_buffer *buffer = rc_buffer_new(100), *map = rc_map_memory(NULL, 100);
    rc_buffer *slice = rc_buffer_slice(map, 0, 100);
    unsigned seals = 77;
    rc_buffer *none[] = {buffer, slice};
    for (size_t i = 0; i < 2; i++) {
        rc_error_clear();
        ck_assert_int_eq(rc_map_memory_descriptor(none[i]), -1);
        ASSERT_LAST_ERROR(RC_UNSUPPORTED, "of 100 bytes is not the whole of shared memory");
        ASSERT_REFUSED(rc_map_seal(none[i], ALL), RC_UNSUPPORTED, "rc_map_seal: a ");
        ASSERT_REFUSED(rc_map_seals(none[i], &seals), RC_UNSUPPORTED, "rc_map_seals: a ");
        ASSERT_REFUSED(rc_map_send(0, none[i]), RC_UNSUPPORTED, "rc_map_send: a ");
    }
    ck_assert_uint_eq(seals, 77);
    rc_error_clear();
    ck_assert_int_eq(rc_map_memory_descriptor(NULL), -1);
    ASSERT_LAST_ERROR(RC_INVALID, "rc_map_memory_descriptor: the buffer is NULL");
    ASSERT_REFUSED(rc_map_seal(NULL, ALL), RC_INVALID, "the buffer is NULL");
    ASSERT_REFUSED(rc_map_seals(NULL, &seals), RC_INVALID, "the buffer is NULL");
    rc_release(slice);
    rc_release(map);
    rc_release(buffer);
}
END_TEST

START_TEST(a_mapped_file_has_no_descriptor)
{
    char path[SUPPORT_PATH];
    close(support_file(path, 10, 1));
    rc_buffer *map = rc_map_file(path, RC_MAP_READ);
    unlink(path);
    ck_assert_int_eq(rc_map_memory_descriptor(map), -1);
    ASSERT_LAST_ERROR(RC_UNSUPPORTED, "a mapped buffer of 10 bytes is not the whole");
    rc_release(map);
}
END_TEST

/* ---- seals ----------------------------------------------------------------------------------- */

static unsigned seals_of(const rc_buffer *map)
{
    unsigned seals = 77;
    ASSERT_OK(rc_map_seals(map, &seals));
    return seals;
}

START_TEST(seals_add_up_and_each_is_seen)
{
    rc_buffer *map = rc_map_memory(NULL, 100);
    ck_assert_uint_eq(seals_of(map), 0);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_GROW));
    ck_assert_uint_eq(seals_of(map), RC_MAP_SEAL_GROW);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_SHRINK));
    ck_assert_uint_eq(seals_of(map), RC_MAP_SEAL_GROW | RC_MAP_SEAL_SHRINK);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_WRITE));
    ck_assert_uint_eq(seals_of(map), ALL);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_GROW));
    rc_release(map);
}
END_TEST

START_TEST(memory_sealed_against_shrinking_or_growing_keeps_its_length)
{
    rc_buffer *map = rc_map_memory(NULL, 8192);
    int descriptor = rc_map_memory_descriptor(map);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_SHRINK));
    ck_assert_int_eq(ftruncate(descriptor, 4096), -1);
    ck_assert_int_eq(errno, EPERM);
    ck_assert_int_eq(ftruncate(descriptor, 16384), 0);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_GROW));
    ck_assert_int_eq(ftruncate(descriptor, 32768), -1);
    support_fill(map, 1, 0);
    rc_release(map);
}
END_TEST

START_TEST(memory_sealed_against_writing_takes_no_new_writer_and_keeps_the_old)
{
    rc_buffer *map = rc_map_memory(NULL, 100);
    int descriptor = rc_map_memory_descriptor(map);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_WRITE));
    ck_assert_int_eq(write(descriptor, "x", 1), -1);
    ASSERT_NULL(rc_map_descriptor(descriptor, 0, 100, RC_MAP_SHARED), RC_SYSTEM,
                "cannot map 100 bytes");
    ck_assert_int_eq(errno, EPERM);
    rc_buffer *reader = rc_map_descriptor(descriptor, 0, 100, RC_MAP_READ);
    support_fill(map, 9, 0);
    support_assert_filled(reader, 9, 100);
    rc_release(reader);
    rc_release(map);
}
END_TEST

START_TEST(seals_that_there_are_not_and_a_missing_place_are_refused)
{
    rc_buffer *map = rc_map_memory(NULL, 100);
    ASSERT_REFUSED(rc_map_seal(map, 0), RC_INVALID, "rc_map_seal: seals 0; there are only those");
    ASSERT_REFUSED(rc_map_seal(map, 8), RC_INVALID, "seals 0x8");
    ASSERT_REFUSED(rc_map_seals(map, NULL), RC_INVALID, "no place for the answer");
    ck_assert_uint_eq(seals_of(map), 0);
    rc_release(map);
}
END_TEST

START_TEST(sealed_memory_takes_no_seal_more)
{
    rc_buffer *map = rc_map_memory(NULL, 100);
    ck_assert_int_eq(fcntl(rc_map_memory_descriptor(map), F_ADD_SEALS, F_SEAL_SEAL), 0);
    ASSERT_REFUSED(rc_map_seal(map, RC_MAP_SEAL_SHRINK), RC_SYSTEM,
                   "rc_map_seal: cannot add seals 0x1 to 100 bytes of memory: Operation not");
    ck_assert_int_eq(errno, EPERM);
    rc_release(map);
}
END_TEST

static void *release_while_cancelled(void *map)
{
    pthread_cancel(pthread_self());
    rc_release(map);
    pthread_testcancel();
    return NULL;
}

START_TEST(a_cancelled_thread_gives_everything_back_first)
{
    int before = dup(0);
    close(before);
    rc_buffer *map = rc_map_memory("shared", 4096);
    pthread_t thread;
    void *result = NULL;
    ck_assert_int_eq(pthread_create(&thread, NULL, release_while_cancelled, map), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
    int after = dup(0);
    close(after);
    ck_assert_int_eq(before, after);
}
END_TEST

HARNESS_MAIN("buffer/map_memory", a_cancelled_thread_gives_everything_back_first,
             shared_memory_is_zero_and_writable_and_has_its_size,
             a_second_map_of_the_descriptor_shows_the_same_bytes,
             the_descriptor_is_closed_with_the_last_slice_and_not_inherited_by_exec,
             empty_shared_memory_works_and_can_be_sealed,
             sizes_and_names_that_the_system_cannot_have_are_refused,
             only_shared_memory_has_a_descriptor_and_seals, a_mapped_file_has_no_descriptor,
             seals_add_up_and_each_is_seen,
             memory_sealed_against_shrinking_or_growing_keeps_its_length,
             memory_sealed_against_writing_takes_no_new_writer_and_keeps_the_old,
             sealed_memory_takes_no_seal_more,
             seals_that_there_are_not_and_a_missing_place_are_refused)
