/* SPDX-License-Identifier: MIT */
/* The count's rare cases: saturation, and what is dead. */
#include <sys/syscall.h>
#include <unistd.h>

#include "callback.h"
#include "object_end.h"

/* True if the kernel can read there: it answers EFAULT where we would crash. The bare system call,
 * since a sanitizer's write() would inspect the memory itself. */
static bool is_readable(int pipe_end, const void *address, size_t size)
{
#ifdef SYS_write
    return syscall(SYS_write, pipe_end, address, size) == (long)size;
#else
    (void)pipe_end, (void)address, (void)size;
    return false;
#endif
}

/* The type's name, for a last word about memory that may be anything. */
static const char *name_if_readable(const rc_type *type)
{
    const char *name = "?";
    int ends[2];
    if (pipe(ends) != 0) return name;
    if (is_readable(ends[1], type, sizeof *type) && is_readable(ends[1], type->name, 1))
        name = type->name;
    close(ends[0]);
    close(ends[1]);
    return name;
}

void rc__object_stop_dead(const void *object, const char *call)
{
    const struct rc__header *header = rc__header_of(object);
    bool by_release = strcmp(call, "rc_release") == 0;
    rc__stop("%s: the object at %p of type %s is dead: %s", call, object,
             name_if_readable(header->type),
             by_release ? "it was released more often than retained"
                        : "there is no reference to it any more");
}

void rc_object_stop_retained(const void *object)
{
    rc__object_stop_dead(object, "rc_retain");
}

/* Back to the middle of the saturated range; an immortal object's word is there and stays
 * unwritten. */
static void saturate(struct rc__header *header, int32_t word)
{
    if (word != RC__COUNT_SATURATED)
        __atomic_store_n(&header->shared, RC__COUNT_SATURATED, __ATOMIC_RELAXED);
}

void rc__object_saturate(struct rc__header *header)
{
    saturate(header, 0);
}

void rc_object_retain_slow(const void *object, bool counted)
{
    struct rc__header *header = rc__header_of(object);
    if (rc__owner_of(header)) { /* and the process has one thread */
        rc_bias_retain_slow(object, false);
        return;
    }
    int32_t word = __atomic_load_n(&header->shared, __ATOMIC_RELAXED);
    bool overflowed = !counted && word >= 0;
    if (rc__count_is_gone(word)) rc__object_stop_dead(object, "rc_retain");
    if (overflowed || rc__count_is_saturated(word)) saturate(header, word);
}

void rc__object_release_rare(struct rc__header *header, int32_t word)
{
    if (rc__count_is_saturated(word))
        saturate(header, word);
    else if (word < 0)
        rc__object_stop_dead(rc__payload_of(header), "rc_release");
}
