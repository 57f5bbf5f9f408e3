/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Creating objects, and immortality. The count's rare cases: object_count.c; the last
 * release: object_release.c. */
#include "bias.h"

#include "gdb_section.h"
#include "object_prefixed.h"
#include "owner.h"
#include "plain.h"

/* ---- create ---------------------------------------------------------------------------------- */

/* Payloads up to this size are cleared by memset. */
#define CLEARED_MAX 4096u

/* What a creation asks for, checked. */
struct request {
    const rc_type *type;
    const struct rc_allocator *allocator;
    size_t extra;     /* bytes of payload beyond type->size */
    size_t payload;   /* both */
    size_t alignment; /* of the payload, >= RC_ALIGNMENT_DEFAULT */
    uint16_t owner;   /* of a biased object; 0: it is none */
    bool sized;       /* the type knows its extra bytes; they need no zeroes */
    struct rc_home *home;
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
    return request->owner || request->allocator != &rc__allocator_system || request->home ||
           request->alignment > RC_ALIGNMENT_DEFAULT || (request->extra && !request->sized) ||
           rc__type_may_cycle(request->type);
}

static void *request_block(const struct request *request, size_t offset)
{
    size_t total;
    if (!rc__size_add(request->payload, offset, &total)) return NULL;
    return request->sized
               ? rc__block_allocate(request->allocator, total, request->alignment)
               : rc__block_allocate_zeroed(request->allocator, total, request->alignment);
}

static void *request_make(const struct request *request)
{
    bool prefixed = needs_prefix(request);
    size_t offset = prefixed ? rc__prefixed_offset(request->alignment, request->home != NULL)
                             : sizeof(struct rc__header);
    unsigned char *block = request_block(request, offset);
    if (!block) return NULL;

    struct rc__header *header = rc__header_of(block + offset);
    unsigned flags = (prefixed ? RC__FLAG_PREFIX : 0) | (request->home ? RC__FLAG_HOMED : 0);
    *header = (struct rc__header){
        .owner = request->owner, .flags = flags & RC__FLAGS_MAX, .type = request->type};
    if (prefixed)
        *rc__prefix_of(header) = (struct rc__prefix){
            .allocator = request->allocator,
            .extra = request->extra & RC__PREFIX_EXTRA_MAX,
            .alignment_log2 = (unsigned)__builtin_ctzll(request->alignment) & 0x1f};
    if (request->home) *rc__homed_of(header) = (struct rc__homed){.home = request->home};
    rc__tally_object_made(request->type, request->payload);
    rc__ledger_made(block + offset);
    RC__PROBE_NEW(block + offset);
    return block + offset;
}

void *rc__object_make(const struct rc_allocator *allocator, const rc_type *type, size_t extra,
                      size_t alignment, bool sized)
{
    struct request request = {.type = type, .allocator = allocator, .extra = extra, .sized = sized};
    if (request_check(&request, alignment) != RC_OK) return NULL;
    if (type->flags & RC_TYPE_BIASED) request.owner = rc__owner_index();
    return request_make(&request);
}

void *rc__object_make_biased(const struct rc_allocator *allocator, const rc_type *type,
                             size_t extra, bool sized)
{
    struct request request = {.type = type, .allocator = allocator, .extra = extra, .sized = sized};
    if (request_check(&request, 0) != RC_OK) return NULL;
    request.owner = rc__owner_index();
    return request_make(&request);
}

/* The library's own types have others, with members that those of a program lack. */
static bool flags_are_known(const rc_type *type)
{
    const unsigned known = RC_TYPE_BIASED | RC_TYPE_CLEARED;
    if (RC_LIKELY(!type || !(type->flags & ~known))) return true;
    rc_error_set(RC_INVALID, "type %s has the flags 0x%x, of which 0x%x mean nothing", type->name,
                 type->flags, type->flags & ~known);
    return false;
}

void *rc__object_make_homed(const struct rc_allocator *allocator, const rc_type *type, size_t extra,
                            struct rc_home *home)
{
    struct request request = {.type = type, .allocator = allocator, .extra = extra, .home = home};
    if (request_check(&request, 0) != RC_OK || !flags_are_known(type)) return NULL;
    return request_make(&request);
}

/* memset, without the call for what most structs are; the stores may overlap. */
static inline void clear(unsigned char *bytes, size_t size)
{
    if (RC_UNLIKELY(size < 32 || size > 64)) {
        memset(bytes, 0, size);
        return;
    }
    unsigned char *end = bytes + size;
    memset(bytes, 0, 16);
    memset(bytes + 16, 0, 16);
    memset(end - 32, 0, 16);
    memset(end - 16, 0, 16);
}

/* What comes clear from the system, too. */
static __attribute__((noinline)) void *object_new_rarely(const rc_type *type, size_t extra_bytes)
{
    return flags_are_known(type) ? rc__object_make(NULL, type, extra_bytes, 0, false) : NULL;
}

static __attribute__((noinline)) void *object_new_plain(const rc_type *type)
{
    void *object = rc__plain_make(type, type->size);
    return RC_LIKELY(object) ? memset(object, 0, type->size) : object_new_rarely(type, 0);
}

static __attribute__((noinline)) void *object_new_prefixed(const rc_type *type)
{
    void *object = rc__prefixed_take(type);
    if (RC_UNLIKELY(!object) && type->size <= CLEARED_MAX) object = rc__prefixed_make(type);
    return RC_LIKELY(object) ? memset(object, 0, type->size) : object_new_rarely(type, 0);
}

/* Small payloads are cleared here; large ones come clear from the system. */
static __attribute__((noinline)) void *object_new(const rc_type *type, size_t extra_bytes)
{
    if (RC_UNLIKELY(!type || extra_bytes || type->flags & ~RC_TYPE_CLEARED ||
                    !rc__object_is_plain(NULL, type)))
        return object_new_rarely(type, extra_bytes);
    if (rc__type_may_cycle(type)) return object_new_prefixed(type);
    return RC_LIKELY(type->size <= CLEARED_MAX) ? object_new_plain(type)
                                                : object_new_rarely(type, 0);
}

void *rc_object_new_slow(const rc_type *type, size_t extra_bytes)
{
    struct rc__cell *cell = &rc_object_cells[RC__CELL_OBJECT];
    void *dead = rc__cell_look(cell, (uintptr_t)type), *behind = NULL;
    if (!dead) behind = rc__cell_look_behind(cell, (uintptr_t)type);
    if (RC_UNLIKELY((!dead && !behind) || extra_bytes) ||
        RC_UNLIKELY(!rc__cell_is_like(cell, type)))
        return object_new(type, extra_bytes);
    void *object = dead ? rc__cell_wake(cell, dead) : rc__cell_wake_behind(cell, behind);
    clear(object, type->size);
    return object;
}

void *rc_object_new(const rc_type *type, size_t extra_bytes)
{
    return rc_object_new_slow(type, extra_bytes);
}

void *rc_object_new_with(const struct rc_allocator *allocator, const rc_type *type,
                         size_t extra_bytes)
{
    if (!allocator) return rc_object_new_slow(type, extra_bytes);
    if (rc__allocator_check(allocator) != RC_OK || !flags_are_known(type)) return NULL;
    return rc__object_make(allocator, type, extra_bytes, 0, false);
}

void *rc_object_new_checked_slow(const rc_type *type, size_t size_of_t)
{
    if (RC_LIKELY(!type || size_of_t <= type->size)) return rc_object_new_slow(type, 0);
    rc_error_set(RC_INVALID, "a struct of %zu bytes does not fit type %s of %zu bytes", size_of_t,
                 type->name, type->size);
    return NULL;
}

void *rc_object_new_checked(const rc_type *type, size_t size_of_t)
{
    return rc_object_new_checked_slow(type, size_of_t);
}

const struct rc_allocator *rc__object_allocator(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    return rc__header_flags(header) & RC__FLAG_PREFIX ? rc__prefix_of(header)->allocator
                                                      : &rc__allocator_system;
}

/* ---- for ever -------------------------------------------------------------------------------- */

intptr_t rc_object_aside;
RC_HOT_THREAD_LOCAL const struct rc__header *rc_object_last_retained;

static size_t bytes_apart(const struct rc__header *header)
{
    if (!(header->type->flags & RC__TYPE_SIZED)) return 0;
    const struct rc__sized_type *sized = (const struct rc__sized_type *)header->type;
    return sized->apart ? sized->apart(rc__payload_of(header)) : 0;
}

void rc_make_immortal_object(const void *object)
{
    if (!object) return;
    struct rc__header *header = rc__header_of(object);
    rc_bias_share(object);
    __atomic_store_n(&rc_object_aside, -1, __ATOMIC_RELAXED);
    unsigned before = __atomic_fetch_or(&header->flags, RC__FLAG_IMMORTAL, __ATOMIC_RELAXED);
    if (before & RC__FLAG_IMMORTAL) return;
    __atomic_store_n(&header->shared, RC__COUNT_SATURATED, __ATOMIC_RELAXED);
    rc__ledger_immortal(object);
    rc__tally_object_immortal(header->type,
                              header->type->size + rc__object_extra(header) + bytes_apart(header));
}
