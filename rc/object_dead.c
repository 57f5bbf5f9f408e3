/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Last words about memory that is no object, or no object any more. It may be anything, so it is
 * read through the kernel. */
#include <sys/syscall.h>
#include <unistd.h>

#include "block.h"
#include "guarded.h"
#include "object_end.h"

/* ---- what may not be there ------------------------------------------------------------------- */

/* False if the kernel cannot read there: it answers EFAULT where we would crash. The bare system
 * call, since a sanitizer's write() would inspect the memory itself. */
static bool read_through(const int ends[2], const void *address, void *copy, size_t size)
{
#ifdef SYS_write
    return syscall(SYS_write, ends[1], address, size) == (long)size &&
           read(ends[0], copy, size) == (ssize_t)size;
#else
    (void)ends, (void)address, (void)copy, (void)size;
    return false;
#endif
}

static bool read_if_readable(const void *address, void *copy, size_t size)
{
    int ends[2];
    if (pipe(ends) != 0) return false;
    bool is_readable = read_through(ends, address, copy, size);
    close(ends[0]);
    close(ends[1]);
    return is_readable;
}

const char *rc__type_name_if_readable(const rc_type *type)
{
    rc_type copy;
    char first;
    bool is_readable =
        read_if_readable(type, &copy, sizeof copy) && read_if_readable(copy.name, &first, 1);
    return is_readable ? copy.name : "?";
}

/* ---- what the guarding allocator knows ------------------------------------------------------- */

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define LOOKED_AT_ON_PURPOSE(bytes, size) ((void)VALGRIND_MAKE_MEM_DEFINED((bytes), (size)))
#else
#define LOOKED_AT_ON_PURPOSE(bytes, size) ((void)(bytes), (void)(size))
#endif

/* Where it would start if it has a home, or none. */
static bool is_in_at(const void *block, size_t size, size_t alignment,
                     const struct rc_allocator *allocator, bool homed, struct rc__guarded_use *use)
{
    size_t offset = rc__prefixed_offset(alignment, homed);
    if (size < offset) return false;
    struct {
        struct rc__prefix prefix;
        struct rc__header header;
    } before;
    memcpy(&before, (const unsigned char *)block + offset - sizeof before, sizeof before);
    LOOKED_AT_ON_PURPOSE(&before, sizeof before); /* a buffer's bytes may be nobody's yet */
    *use = (struct rc__guarded_use){.offset = offset, .object = before.header.type};
    unsigned flags = before.header.flags & (RC__FLAG_PREFIX | RC__FLAG_HOMED);
    return before.prefix.allocator == allocator &&
           flags == (RC__FLAG_PREFIX | (homed ? RC__FLAG_HOMED : 0)) &&
           before.prefix.alignment_log2 == (unsigned)__builtin_ctzll(alignment);
}

bool rc__object_is_in(const void *block, size_t size, size_t alignment,
                      const struct rc_allocator *allocator, struct rc__guarded_use *use)
{
    return is_in_at(block, size, alignment, allocator, false, use) ||
           is_in_at(block, size, alignment, allocator, true, use);
}

/* The type of an object whose block a guarding allocator has filled, which stands in the block's
 * head; how far before the object that is depends on the object's alignment. */
static const rc_type *type_of_filled_at(const void *object, size_t offset)
{
    struct rc__guarded_head head;
    size_t before = offset + RC__GUARD_SIZE + sizeof head;
    if ((uintptr_t)object < before) return NULL;
    uintptr_t at = (uintptr_t)object - before;
    uint64_t mark = rc__guarded_mark(at + sizeof head + RC__GUARD_SIZE, RC__GUARD_MARK_FREED);
    bool is_there = read_if_readable((const void *)at, &head, sizeof head) && head.mark == mark;
    return is_there ? head.object : NULL;
}

static const rc_type *type_of_filled(const void *object)
{
    const rc_type *type = NULL;
    for (size_t alignment = RC_ALIGNMENT_DEFAULT; !type && alignment <= RC_ALIGNMENT_MAX;
         alignment *= 2) {
        type = type_of_filled_at(object, rc__prefixed_offset(alignment, false));
        if (!type) type = type_of_filled_at(object, rc__prefixed_offset(alignment, true));
    }
    return type;
}

/* ---- last words ------------------------------------------------------------------------------ */

static RC_NORETURN void stop_for_block(const void *block, const char *call, const char *what)
{
    rc__stop("%s: what is at %p is %s and no object%s", call, block, what,
             strcmp(what, RC__BLOCK_LIVE) == 0
                 ? ": it has no references, and rc_memory_free() gives it back"
                 : "");
}

void rc__object_stop_dead(const void *object, const char *call)
{
    const rc_type *type = rc__header_of(object)->type;
    if ((uintptr_t)type == RC__GUARD_FREED_WORD) type = type_of_filled(object);
    const char *name = rc__type_name_if_readable(type);
    if (strcmp(name, RC__BLOCK_LIVE) == 0 || strcmp(name, RC__BLOCK_FREED) == 0)
        stop_for_block(object, call, name);
    bool by_release = strcmp(call, "rc_release") == 0;
    rc__stop("%s: the object at %p of type %s is dead: %s", call, object, name,
             by_release ? "it was released more often than retained"
                        : "there is no reference to it any more");
}

void rc__object_check_size(const void *object, size_t size_of_t, const char *type_name,
                           const char *call)
{
    const rc_type *type = rc_type_of(object);
    size_t size = type->size + rc__object_extra(rc__header_of(object));
    if (size_of_t > size)
        rc__stop("%s: %s has %zu bytes, but the object at %p is of type %s with %zu", call,
                 type_name, size_of_t, object, type->name, size);
}

void rc_object_stop_retained(const void *object)
{
    rc__object_stop_dead(object, "rc_retain");
}
