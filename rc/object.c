/* SPDX-License-Identifier: MIT */
/* Creating objects, the count's rare cases, immortality. How an object ends: object_end.c. */
#include "object.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "block.h"
#include "callback.h"
#include "header.h"
#include "object_end.h"
#include "tally.h"

/* ---- create ---------------------------------------------------------------------------------- */

/* What a creation asks for, checked. */
struct request {
    const rc_type *type;
    const struct rc_allocator *allocator;
    size_t extra;     /* bytes of payload beyond type->size */
    size_t payload;   /* both */
    size_t alignment; /* of the payload, >= RC_ALIGNMENT_DEFAULT */
    bool sized;       /* the type knows its extra bytes; they need no zeroes */
};

static enum rc_status request_check(struct request *request, size_t alignment)
{
    const rc_type *type = request->type;
    if (!type) return rc_error_set(RC_INVALID, "an object needs a type; it is NULL");
    if (!request->allocator)
        request->allocator = __atomic_load_n(&rc__allocator_default, __ATOMIC_ACQUIRE);
    if (!alignment) alignment = type->alignment;
    if (alignment & (alignment - 1) || alignment > RC_ALIGNMENT_MAX)
        return rc__alignment_check(alignment);
    request->alignment = alignment < RC_ALIGNMENT_DEFAULT ? RC_ALIGNMENT_DEFAULT : alignment;
    return rc__size_add(type->size, request->extra, &request->payload) ? RC_OK : RC_OVERFLOW;
}

static bool needs_prefix(const struct request *request)
{
    return request->allocator != &rc__allocator_system ||
           request->alignment > RC_ALIGNMENT_DEFAULT || (request->extra && !request->sized);
}

/* Bytes from the block's start to the payload. */
static size_t payload_offset(bool prefixed, size_t alignment)
{
    size_t before = sizeof(struct rc__header) + (prefixed ? sizeof(struct rc__prefix) : 0);
    return (before + alignment - 1) & ~(alignment - 1);
}

static void *request_block(const struct request *request, size_t offset)
{
    size_t total;
    if (!rc__size_add(request->payload, offset, &total)) return NULL;
    if (!request->sized)
        return rc__block_allocate_zeroed(request->allocator, total, request->alignment);
    unsigned char *block = rc__block_allocate(request->allocator, total, request->alignment);
    if (block) memset(block + offset, 0, request->type->size);
    return block;
}

static void *request_make(const struct request *request)
{
    bool prefixed = needs_prefix(request);
    size_t offset = payload_offset(prefixed, request->alignment);
    unsigned char *block = request_block(request, offset);
    if (!block) return NULL;

    struct rc__header *header = rc__header_of(block + offset);
    *header = (struct rc__header){.flags = prefixed ? RC__FLAG_PREFIX : 0, .type = request->type};
    if (prefixed)
        *rc__prefix_of(header) = (struct rc__prefix){.allocator = request->allocator,
                                                     .extra = request->extra,
                                                     .alignment = (uint32_t)request->alignment};
    rc__tally_object_made(request->type, request->payload);
    return block + offset;
}

void *rc_object_new_with(const struct rc_allocator *allocator, const rc_type *type,
                         size_t extra_bytes)
{
    if (allocator && rc__allocator_check(allocator) != RC_OK) return NULL;
    struct request request = {.type = type, .allocator = allocator, .extra = extra_bytes};
    return request_check(&request, 0) == RC_OK ? request_make(&request) : NULL;
}

void *rc_object_new(const rc_type *type, size_t extra_bytes)
{
    return rc_object_new_with(NULL, type, extra_bytes);
}

void *rc_object_new_checked(const rc_type *type, size_t size_of_t)
{
    if (type && size_of_t > type->size) {
        rc_error_set(RC_INVALID, "a struct of %zu bytes does not fit type %s of %zu bytes",
                     size_of_t, type->name, type->size);
        return NULL;
    }
    return rc_object_new_with(NULL, type, 0);
}

void *rc__object_new_sized(const struct rc_allocator *allocator, const struct rc__sized_type *type,
                           size_t extra, size_t alignment)
{
    struct request request = {
        .type = &type->base, .allocator = allocator, .extra = extra, .sized = true};
    return request_check(&request, alignment) == RC_OK ? request_make(&request) : NULL;
}

/* ---- give back ------------------------------------------------------------------------------- */

const struct rc_allocator *rc__object_allocator(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    return header->flags & RC__FLAG_PREFIX ? rc__prefix_of(header)->allocator
                                           : &rc__allocator_system;
}

static size_t extra_bytes(const struct rc__header *header)
{
    if (header->flags & RC__FLAG_PREFIX) return rc__prefix_of(header)->extra;
    if (!(header->type->flags & RC__TYPE_SIZED)) return 0;
    return ((const struct rc__sized_type *)header->type)->extra(rc__payload_of(header));
}

void rc__object_give_back(struct rc__header *header)
{
    size_t payload = header->type->size + extra_bytes(header);
    rc__tally_object_freed(header->type, payload);
    size_t offset = sizeof *header, alignment = RC_ALIGNMENT_DEFAULT;
    const struct rc_allocator *allocator = &rc__allocator_system;
    if (header->flags & RC__FLAG_PREFIX) {
        const struct rc__prefix *prefix = rc__prefix_of(header);
        allocator = prefix->allocator;
        alignment = prefix->alignment;
        offset = payload_offset(true, alignment);
    }
    unsigned char *block = (unsigned char *)rc__payload_of(header) - offset;
    rc__block_free(allocator, block, offset + payload, alignment);
}

/* ---- the count's rare cases ------------------------------------------------------------------ */

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

static RC_NORETURN RC_COLD void stop_for_dead(const void *object, const char *call)
{
    const struct rc__header *header = rc__header_of(object);
    rc__stop("%s: the object at %p of type %s is dead: it was released more often than retained",
             call, object, name_if_readable(header->type));
}

/* Back to the middle of the saturated range; an immortal object's word is there and stays
 * unwritten. */
static void saturate(struct rc__header *header, int32_t word)
{
    if (word != RC__COUNT_SATURATED)
        __atomic_store_n(&header->shared, RC__COUNT_SATURATED, __ATOMIC_RELAXED);
}

void rc_object_retain_slow(const void *object, bool counted)
{
    struct rc__header *header = rc__header_of(object);
    int32_t word = __atomic_load_n(&header->shared, __ATOMIC_RELAXED);
    bool overflowed = !counted && word >= 0;
    if (rc__count_is_gone(word)) stop_for_dead(object, "rc_retain");
    if (overflowed || rc__count_is_saturated(word)) saturate(header, word);
}

void rc_object_release_slow(void *object, bool counted)
{
    struct rc__header *header = rc__header_of(object);
    /* The acquire load that the essay in count.h speaks of. */
    int32_t word = __atomic_load_n(&header->shared, __ATOMIC_ACQUIRE);
    bool last = word == (counted ? -RC__COUNT_ONE : 0);
    if (last)
        rc__object_end(header);
    else if (rc__count_is_saturated(word))
        saturate(header, word);
    else if (word < 0)
        stop_for_dead(object, "rc_release");
}

/* ---- for ever -------------------------------------------------------------------------------- */

void rc_make_immortal_object(const void *object)
{
    if (!object) return;
    struct rc__header *header = rc__header_of(object);
    unsigned before = __atomic_fetch_or(&header->flags, RC__FLAG_IMMORTAL, __ATOMIC_RELAXED);
    if (before & RC__FLAG_IMMORTAL) return;
    __atomic_store_n(&header->shared, RC__COUNT_SATURATED, __ATOMIC_RELAXED);
    rc__tally_object_immortal(header->type, header->type->size + extra_bytes(header));
}
