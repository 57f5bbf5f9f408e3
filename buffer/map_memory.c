/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Shared memory by descriptor, and its seals. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#define _FILE_OFFSET_BITS 64
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "map_layout.h"

#define ALL_SEALS (RC_MAP_SEAL_SHRINK | RC_MAP_SEAL_GROW | RC_MAP_SEAL_WRITE)

struct rc__map *rc__map_of_memory(const rc_buffer *buffer, const char *call)
{
    if (rc__buffer_check(buffer, call) != RC_OK) return NULL;
    struct rc__map *map = (struct rc__map *)(uintptr_t)buffer;
    if (rc__buffer_kind(buffer) == RC__BUFFER_MAPPED && map->descriptor >= 0) return map;
    rc_error_set(RC_UNSUPPORTED, "%s: %s of %zu bytes is not the whole of shared memory", call,
                 rc__buffer_kind_text(buffer), buffer->size);
    return NULL;
}

int rc_map_memory_descriptor(const rc_buffer *map)
{
    const struct rc__map *memory = rc__map_of_memory(map, "rc_map_memory_descriptor");
    return memory ? memory->descriptor : -1;
}

#if defined(MFD_ALLOW_SEALING) && defined(F_ADD_SEALS)

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u /* Linux 6.3 */
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif

/* Not executable where the system knows that flag: some refuse executable memory files. */
static int create(const char *name)
{
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int descriptor = memfd_create(name, flags | MFD_NOEXEC_SEAL);
    return descriptor < 0 && errno == EINVAL ? memfd_create(name, flags) : descriptor;
}

static bool set_length(int descriptor, size_t size)
{
    int result;
    do {
        result = ftruncate(descriptor, (off_t)size);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

static struct rc__map *map_new_memory(int descriptor, const char *name, size_t size)
{
    if (!set_length(descriptor, size)) {
        rc__map_error("rc_map_memory: cannot have %zu bytes in %s", size, name);
        return NULL;
    }
    return rc__map_new("rc_map_memory", name, descriptor, 0, size, RC_MAP_SHARED);
}

rc_buffer *rc_map_memory(const char *name, size_t size)
{
    if (!name) name = "rcbuf";
    if (size > PTRDIFF_MAX) {
        rc_error_set(RC_OVERFLOW, "rc_map_memory: %zu bytes are more than memory can have", size);
        return NULL;
    }
    int descriptor = create(name);
    if (descriptor < 0) {
        rc__map_error("rc_map_memory: cannot create %s", name);
        return NULL;
    }
    struct rc__map *map = map_new_memory(descriptor, name, size);
    if (!map) {
        rc__map_close(descriptor);
        return NULL;
    }
    map->descriptor = descriptor;
    return &map->head;
}

/* An ordinary write seal is refused while the memory is mapped for writing, which ours is; the
 * future one leaves the maps that are there. */
enum rc_status rc_map_seal(rc_buffer *map, unsigned seals)
{
    struct rc__map *memory = rc__map_of_memory(map, "rc_map_seal");
    if (!memory) return rc_error_status();
    if (!seals || seals & ~ALL_SEALS)
        return rc_error_set(RC_INVALID, "rc_map_seal: seals %#x; there are only those in %#x",
                            seals, ALL_SEALS);
    int bits = 0;
    if (seals & RC_MAP_SEAL_SHRINK) bits |= F_SEAL_SHRINK;
    if (seals & RC_MAP_SEAL_GROW) bits |= F_SEAL_GROW;
    if (seals & RC_MAP_SEAL_WRITE) bits |= F_SEAL_FUTURE_WRITE;
    if (fcntl(memory->descriptor, F_ADD_SEALS, bits) == 0) return RC_OK;
    if (errno == EINVAL)
        return rc_error_set(RC_UNSUPPORTED,
                            "rc_map_seal: the system has no seals %#x for descriptor %d", seals,
                            memory->descriptor);
    return rc__map_error("rc_map_seal: cannot add seals %#x to %zu bytes of memory", seals,
                         map->size);
}

enum rc_status rc_map_seals(const rc_buffer *map, unsigned *seals)
{
    struct rc__map *memory = rc__map_of_memory(map, "rc_map_seals");
    if (!memory) return rc_error_status();
    if (!seals) return rc_error_set(RC_INVALID, "rc_map_seals: there is no place for the answer");
    int bits = fcntl(memory->descriptor, F_GET_SEALS);
    if (bits < 0 && errno == EINVAL)
        return rc_error_set(RC_UNSUPPORTED, "rc_map_seals: descriptor %d takes no seals",
                            memory->descriptor);
    if (bits < 0)
        return rc__map_error("rc_map_seals: cannot ask descriptor %d", memory->descriptor);
    *seals = (bits & F_SEAL_SHRINK ? RC_MAP_SEAL_SHRINK : 0) |
             (bits & F_SEAL_GROW ? RC_MAP_SEAL_GROW : 0) |
             (bits & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE) ? RC_MAP_SEAL_WRITE : 0);
    return RC_OK;
}

#else

rc_buffer *rc_map_memory(const char *name, size_t size)
{
    (void)name;
    rc_error_set(RC_UNSUPPORTED, "rc_map_memory: no %zu bytes: the system has no memfd_create()",
                 size);
    return NULL;
}

enum rc_status rc_map_seal(rc_buffer *map, unsigned seals)
{
    if (!rc__map_of_memory(map, "rc_map_seal")) return rc_error_status();
    return rc_error_set(RC_UNSUPPORTED, "rc_map_seal: the system has no seals %#x", seals);
}

enum rc_status rc_map_seals(const rc_buffer *map, unsigned *seals)
{
    (void)seals;
    if (!rc__map_of_memory(map, "rc_map_seals")) return rc_error_status();
    return rc_error_set(RC_UNSUPPORTED, "rc_map_seals: the system has no seals");
}

#endif
