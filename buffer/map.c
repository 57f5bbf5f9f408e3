/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Mapping files, and the type of all maps. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#define _FILE_OFFSET_BITS 64
#include "map.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../rc/block.h"
#include "../rc/cancel.h"
#include "map_layout.h"

/* ---- errors ---------------------------------------------------------------------------------- */

static const char *text_of(int number, char *room, size_t size)
{
#if defined(__GLIBC__)
    return strerror_r(number, room, size);
#else
    return strerror_r(number, room, size) == 0 ? room : "unknown error";
#endif
}

enum rc_status rc__map_error(const char *format, ...)
{
    int number = errno;
    char sentence[RC_ERROR_MESSAGE_SIZE - 80], room[80];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    enum rc_status status = number == ENOSYS ? RC_UNSUPPORTED : RC_SYSTEM;
    rc_error_set(status, "%s: %s", sentence, text_of(number, room, sizeof room));
    errno = number;
    return status;
}

enum rc_status rc__map_check_mode(const char *call, enum rc_map_mode mode)
{
    if (mode == RC_MAP_READ || mode == RC_MAP_PRIVATE || mode == RC_MAP_SHARED) return RC_OK;
    return rc_error_set(RC_INVALID, "%s: there is no mode %d", call, (int)mode);
}

void rc__map_close(int descriptor)
{
    int number = errno, cancel = rc__cancel_hold();
    close(descriptor);
    rc__cancel_allow(cancel);
    errno = number;
}

/* ---- the type -------------------------------------------------------------------------------- */

static void map_finalize(void *self)
{
    struct rc__map *map = self;
    int number = errno;
    rc__buffer_check_end(&map->head);
    if (map->pages) munmap(map->pages, map->length);
    if (map->descriptor >= 0) rc__map_close(map->descriptor);
    errno = number;
}

static const struct rc__sized_type map_type = {
    .base = {.name = "rc_buffer mapped",
             .size = sizeof(struct rc__map),
             .finalize = map_finalize,
             .flags = RC__TYPE_SIZED},
    .extra = rc__buffer_no_extra,
    .end_plain = rc__object_end_self,
    .describe = rc__buffer_describe,
};

/* ---- mapping --------------------------------------------------------------------------------- */

static void *map_pages(int descriptor, uint64_t offset, size_t length, enum rc_map_mode mode)
{
    int protection = mode == RC_MAP_READ ? PROT_READ : PROT_READ | PROT_WRITE;
    int flags = mode == RC_MAP_PRIVATE ? MAP_PRIVATE : MAP_SHARED;
    return mmap(NULL, length, protection, flags, descriptor, (off_t)offset);
}

struct rc__map *rc__map_new(const char *call, const char *name, int descriptor, uint64_t offset,
                            size_t size, enum rc_map_mode mode)
{
    size_t before = (size_t)(offset % (uint64_t)sysconf(_SC_PAGESIZE)), length;
    if (!rc__size_add(size, before, &length)) return NULL;
    uint32_t state = RC__BUFFER_MAPPED | (mode == RC_MAP_READ ? RC__STATE_READ_ONLY : 0);
    struct rc__map *map = rc__buffer_new_kind(&map_type, state, NULL, size);
    if (!map) return NULL;
    map->descriptor = -1;
    map->mode = mode;
    if (size == 0) return map;

    unsigned char *pages = map_pages(descriptor, offset - before, length, mode);
    if (pages == MAP_FAILED) {
        if (errno == ENOMEM)
            rc_error_set(RC_NO_MEMORY, "%s: no room for %zu bytes of %.120s", call, size, name);
        else
            rc__map_error("%s: cannot map %zu bytes of %s", call, size, name);
        rc_release(map);
        return NULL;
    }
    map->pages = pages;
    map->length = length;
    map->head.data = pages + before;
    return map;
}

/* ---- files ----------------------------------------------------------------------------------- */

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode)) return "directory";
    if (S_ISFIFO(mode)) return "FIFO";
    if (S_ISSOCK(mode)) return "socket";
    return "device";
}

static enum rc_status check_regular(const char *call, const char *name, const struct stat *status)
{
    if (S_ISREG(status->st_mode)) return RC_OK;
    return rc_error_set(RC_UNSUPPORTED, "%s: %.150s is a %s, no regular file", call, name,
                        kind_of(status->st_mode));
}

/* Looks before it opens, since opening a FIFO or a device has effects, and again afterwards, since
 * the path may lead elsewhere by then. -1: the error is set. */
static int open_regular(const char *path, enum rc_map_mode mode, struct stat *status)
{
    static const char call[] = "rc_map_file";
    if (stat(path, status) != 0) {
        rc__map_error("rc_map_file: cannot open %s", path);
        return -1;
    }
    if (check_regular(call, path, status) != RC_OK) return -1;
    int access = mode == RC_MAP_SHARED ? O_RDWR : O_RDONLY, descriptor;
    do {
        descriptor = open(path, access | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    } while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) {
        rc__map_error("rc_map_file: cannot open %s", path);
        return -1;
    }
    bool known = fstat(descriptor, status) == 0;
    if (!known) rc__map_error("rc_map_file: cannot ask the size of %s", path);
    if (known && check_regular(call, path, status) == RC_OK) return descriptor;
    rc__map_close(descriptor);
    return -1;
}

static rc_buffer *map_path(const char *path, enum rc_map_mode mode)
{
    struct stat status;
    int descriptor = open_regular(path, mode, &status);
    if (descriptor < 0) return NULL;
    struct rc__map *map = NULL;
    uint64_t size = (uint64_t)status.st_size;
    if (size > PTRDIFF_MAX)
        rc_error_set(RC_OVERFLOW, "rc_map_file: %.150s has %llu bytes, which memory cannot have",
                     path, (unsigned long long)size);
    else
        map = rc__map_new("rc_map_file", path, descriptor, 0, (size_t)size, mode);
    rc__map_close(descriptor);
    return map ? &map->head : NULL;
}

rc_buffer *rc_map_file(const char *path, enum rc_map_mode mode)
{
    if (!path) {
        rc_error_set(RC_INVALID, "rc_map_file: the path is NULL");
        return NULL;
    }
    if (rc__map_check_mode("rc_map_file", mode) != RC_OK) return NULL;
    int cancel = rc__cancel_hold();
    rc_buffer *map = map_path(path, mode);
    rc__cancel_allow(cancel);
    return map;
}

rc_buffer *rc_map_descriptor(int descriptor, uint64_t offset, size_t size, enum rc_map_mode mode)
{
    static const char call[] = "rc_map_descriptor";
    if (rc__map_check_mode(call, mode) != RC_OK) return NULL;
    char name[32];
    snprintf(name, sizeof name, "descriptor %d", descriptor);
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        rc__map_error("%s: cannot ask the size of %s", call, name);
        return NULL;
    }
    if (check_regular(call, name, &status) != RC_OK) return NULL;
    uint64_t length = (uint64_t)status.st_size;
    if (offset > length || size > length - offset) {
        rc_error_set(RC_RANGE, "%s: %zu bytes at %llu pass the end of a file of %llu bytes", call,
                     size, (unsigned long long)offset, (unsigned long long)length);
        return NULL;
    }
    if (size > PTRDIFF_MAX) {
        rc_error_set(RC_OVERFLOW, "%s: %zu bytes of %s are more than memory can have", call, size,
                     name);
        return NULL;
    }
    struct rc__map *map = rc__map_new(call, name, descriptor, offset, size, mode);
    return map ? &map->head : NULL;
}
