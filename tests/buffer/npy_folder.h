/* SPDX-License-Identifier: MIT */
/** @file tests/buffer/npy_folder.h
 * For tests of files: a folder of a test's own, and what is in it. */
#ifndef TESTS_BUFFER_NPY_FOLDER_H
#define TESTS_BUFFER_NPY_FOLDER_H

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "npy_support.h"

static char folder[SUPPORT_PATH - 100];

static inline const char *folder_path(const char *name)
{
    static char paths[4][sizeof folder + 256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline void folder_enter(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.300s/rcbuf-test-XXXXXX",
             temporary && *temporary ? temporary : P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* How many files the folder has; all of them are removed. */
static inline size_t folder_leave(void)
{
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        count++;
        unlink(folder_path(entry->d_name));
    }
    closedir(entries);
    ck_assert_int_eq(rmdir(folder), 0);
    return count;
}

static inline void folder_put(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* The file has these bytes, and no more. */
static inline bool folder_has(const char *path, const void *bytes, size_t size)
{
    rc_buffer *map = rc_map_file(path, RC_MAP_READ);
    bool is_same = map && map->size == size && memcmp(map->data, bytes, size) == 0;
    rc_release(map);
    return is_same;
}

static inline rc_view *numbered(size_t rows)
{
    const size_t shape[] = {rows, 3};
    rc_view *view = rc_view_new_zeroed("<i", 2, shape);
    ck_assert_ptr_nonnull(view);
    unsigned char *bytes = rc_view_edit(view);
    for (size_t i = 0; i < rc_view_byte_count(view); i++) bytes[i] = support_byte(9, i);
    return view;
}

static inline rc_view *mapped(const char *path, enum rc_map_mode mode)
{
    rc_view *view = rc_npy_map(path, mode);
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    return view;
}

static inline bool is_saved(const char *path, const rc_view *view)
{
    rc_view *again = mapped(path, RC_MAP_READ);
    bool is_same = rc_view_equal(view, again) && rc_format_equal(view->format, again->format);
    rc_release(again);
    return is_same;
}

/* Files may not grow beyond the limit. No assertion may be made meanwhile: Check writes to a file. */
static inline void folder_limit(rlim_t size)
{
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, RLIM_INFINITY}) != 0) abort();
    rc_error_clear();
    errno = 0;
}

static inline void folder_unlimit(void)
{
    int number = errno;
    if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}) != 0) abort();
    ck_assert_int_eq(number, EFBIG);
}

#endif
