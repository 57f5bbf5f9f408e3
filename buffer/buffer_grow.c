/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Changing the size of a buffer and of the room that it has.
 *
 * Each call first finds out whether it may, then moves the bytes to a place of the new capacity,
 * and only then changes the buffer: what fails has changed nothing. A block of bytes that need no
 * wiping is resized by the allocator, in place where it can be; bytes that do are copied, and
 * wiped where they were, because a realloc() could leave a copy behind.
 *
 * A large block of the system's allocator is pages of its own (rc/pages.h), which grow without
 * being copied. So an append takes no more than AHEAD beyond what it needs, and has it filled in by
 * the kernel at once: cheaper than a fault for each page, and still in the processor's cache when
 * the bytes arrive, which an eighth of the size would not be.
 */
#include "../rc/block.h"
#include "../rc/pages.h"
#include "../rc/tally.h"
#include "exports.h"
#include "layout.h"
#include "poison.h"

#define MIB   ((size_t)1 << 20)
#define AHEAD ((size_t)256 << 10)

/* ---- who may --------------------------------------------------------------------------------- */

static RC_COLD enum rc_status refuse_growing(const rc_buffer *buffer, const char *call)
{
    const char *kind = rc__buffer_kind_text(buffer);
    uint32_t exports = rc__exports_read(buffer);
    if (rc__buffer_kind(buffer) != RC__BUFFER_OWNER)
        return rc_error_set(RC_UNSUPPORTED, "%s: %s of %zu bytes keeps its size; copy it first",
                            call, kind, buffer->size);
    if (buffer->rc__state & RC__STATE_UNWRITABLE)
        return rc_error_set(RC_READ_ONLY, "%s: %s of %zu bytes is frozen", call, kind,
                            buffer->size);
    char site[RC_ERROR_MESSAGE_SIZE];
    return rc_error_set(
        RC_BUSY, "%s: the %zu bytes are exported: %u slice%s or view%s of them live%s%s", call,
        buffer->size, exports, exports == 1 ? "" : "s", exports == 1 ? "" : "s",
        exports == 1 ? "s" : "", rc__exports_site(buffer, site, sizeof site));
}

static inline enum rc_status check_growing(const rc_buffer *buffer, const char *call)
{
    uint32_t against = buffer->rc__state & (RC__STATE_KIND | RC__STATE_UNWRITABLE);
    if (RC_LIKELY(!against && rc__exports_read(buffer) == 0)) return RC_OK;
    return refuse_growing(buffer, call);
}

/* ---- places for the bytes -------------------------------------------------------------------- */

/* All of a place is in use while it moves; the one that the bytes are in then has its spare. */
static void use_capacity(const struct rc__owner *owner)
{
    rc__poison_change(owner->head.data, owner->capacity, owner->head.size, owner->capacity);
}

static void use_size(const struct rc__owner *owner)
{
    rc__poison_change(owner->head.data, owner->capacity, owner->capacity, owner->head.size);
}

static void count_more(const struct rc__owner *owner, size_t bytes)
{
    if (RC_UNLIKELY(rc__is_immortal(owner)))
        rc__tally_immortal_more(bytes);
    else
        rc__tally_bytes_more(bytes);
}

static void count_less(const struct rc__owner *owner, size_t bytes)
{
    if (RC_UNLIKELY(rc__is_immortal(owner)))
        rc__tally_immortal_less(bytes);
    else
        rc__tally_bytes_less(bytes);
}

static void set_room(struct rc__owner *owner, size_t capacity)
{
    owner->capacity = capacity;
    owner->head.rc__state |= RC__STATE_RESIZED;
}

/* The place that the state still speaks of. */
static void free_place(struct rc__owner *owner, const unsigned char *place, size_t capacity)
{
    if (owner->head.rc__state & RC__STATE_WIPE) rc__buffer_wipe(place, capacity);
    if (!(owner->head.rc__state & RC__STATE_APART)) {
        rc__poison_change(place, capacity, capacity, 0);
        return;
    }
    count_less(owner, capacity);
    rc__block_free(rc__object_allocator(owner), (void *)(uintptr_t)place, capacity,
                   rc__buffer_alignment(&owner->head));
}

/* Copies the bytes to @p place, which holds them from then on, and frees the place they were at. */
static void move_to(struct rc__owner *owner, unsigned char *place, size_t capacity)
{
    const unsigned char *old = owner->head.data;
    size_t old_capacity = owner->capacity;
    memcpy(place, old, owner->head.size);
    owner->head.data = place;
    set_room(owner, capacity);
    free_place(owner, old, old_capacity);
}

static void move_inline(struct rc__owner *owner)
{
    size_t room = rc__owner_room(owner);
    use_capacity(owner);
    rc__poison_change(owner->inline_bytes, room, 0, room);
    move_to(owner, owner->inline_bytes, room);
    owner->head.rc__state &= ~RC__STATE_APART;
    use_size(owner);
}

static enum rc_status move_apart(struct rc__owner *owner, size_t capacity)
{
    unsigned char *block = rc__block_allocate(rc__object_allocator(owner), capacity,
                                              rc__buffer_alignment(&owner->head));
    if (!block) return RC_NO_MEMORY;
    count_more(owner, capacity);
    move_to(owner, block, capacity);
    owner->head.rc__state |= RC__STATE_APART;
    return RC_OK;
}

static void set_block(struct rc__owner *owner, void *block, size_t capacity)
{
    if (capacity > owner->capacity)
        count_more(owner, capacity - owner->capacity);
    else
        count_less(owner, owner->capacity - capacity);
    owner->head.data = block;
    set_room(owner, capacity);
}

static enum rc_status resize_block(struct rc__owner *owner, size_t capacity)
{
    void *block =
        rc__block_reallocate(rc__object_allocator(owner), (void *)(uintptr_t)owner->head.data,
                             owner->capacity, capacity, rc__buffer_alignment(&owner->head));
    if (!block) return RC_NO_MEMORY;
    set_block(owner, block, capacity);
    return RC_OK;
}

/* capacity: >= the size, > 0, not the present one. */
static enum rc_status set_capacity(struct rc__owner *owner, size_t capacity)
{
    uint32_t state = owner->head.rc__state & (RC__STATE_APART | RC__STATE_WIPE);
    use_capacity(owner);
    enum rc_status status =
        state == RC__STATE_APART ? resize_block(owner, capacity) : move_apart(owner, capacity);
    use_size(owner);
    return status;
}

static void set_size(struct rc__owner *owner, size_t size)
{
    rc__poison_change(owner->head.data, owner->capacity, owner->head.size, size);
    owner->head.size = size;
    owner->head.rc__state |= RC__STATE_RESIZED;
}

/* ---- how much -------------------------------------------------------------------------------- */

/* The larger of @p size and capacity + more. */
static size_t at_least(size_t size, size_t capacity, size_t more)
{
    size_t grown;
    return __builtin_add_overflow(capacity, more, &grown) || grown < size ? size : grown;
}

static size_t capacity_to_append(size_t capacity, size_t size)
{
    if (capacity < MIB) return at_least(size, capacity, capacity > 64 ? capacity : 64);
    return at_least(size, capacity, capacity < 64 * MIB ? capacity / 2 : capacity / 8);
}

/* Source: bytearray's PyByteArray_Resize in CPython. */
static size_t capacity_to_resize(size_t capacity, size_t size)
{
    size_t eighth = capacity / 8;
    return size - capacity < eighth ? capacity + eighth : size;
}

/* Where memory does not suffice for room to spare, what is needed may still fit. The last error is
 * then as it was. */
static enum rc_status grow(struct rc__owner *owner, size_t wanted, size_t needed)
{
    struct rc__error before = {.status = rc_error_now};
    if (before.status != RC_OK) strcpy(before.message, rc_error_message());
    enum rc_status status = set_capacity(owner, wanted);
    if (status == RC_OK || wanted == needed) return status;
    status = set_capacity(owner, needed);
    if (status != RC_OK) return status;
    rc_error_clear();
    if (before.status != RC_OK) rc_error_set(before.status, "%s", before.message);
    return RC_OK;
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* The bytes are pages of their own, and may move without being wiped. */
static bool is_paged(const struct rc__owner *owner)
{
    return rc__pages_fit(owner->capacity, rc__buffer_alignment(&owner->head)) &&
           !(owner->head.rc__state & RC__STATE_WIPE) &&
           rc__object_allocator(owner) == &rc__allocator_system;
}

/* False: nothing has changed, and no error is left. */
static bool extend_pages(struct rc__owner *owner, size_t needed)
{
    size_t capacity = at_least(needed, owner->capacity, AHEAD);
    if (capacity > PTRDIFF_MAX) return false;
    capacity = rc__pages_whole(capacity);
    use_capacity(owner);
    void *block = rc__pages_extend((void *)(uintptr_t)owner->head.data, owner->capacity, capacity);
    if (block) set_block(owner, block, capacity);
    use_size(owner);
    return block != NULL;
}

static enum rc_status grow_to_append(struct rc__owner *owner, size_t needed)
{
    if (is_paged(owner) && extend_pages(owner, needed)) return RC_OK;
    return grow(owner, capacity_to_append(owner->capacity, needed), needed);
}

/* ---- the calls ------------------------------------------------------------------------------- */

enum rc_status rc_buffer_resize(rc_buffer *buffer, size_t size)
{
    if (rc__buffer_check(buffer, "rc_buffer_resize") != RC_OK) return RC_INVALID;
    if (size == buffer->size) return RC_OK;
    enum rc_status status = check_growing(buffer, "rc_buffer_resize");
    if (status != RC_OK) return status;
    struct rc__owner *owner = (struct rc__owner *)buffer;
    if (size > owner->capacity) {
        status = grow(owner, capacity_to_resize(owner->capacity, size), size);
        if (status != RC_OK) return status;
    }
    set_size(owner, size);
    return RC_OK;
}

enum rc_status rc_buffer_reserve(rc_buffer *buffer, size_t capacity)
{
    if (rc__buffer_check(buffer, "rc_buffer_reserve") != RC_OK) return RC_INVALID;
    enum rc_status status = check_growing(buffer, "rc_buffer_reserve");
    if (status != RC_OK) return status;
    struct rc__owner *owner = (struct rc__owner *)buffer;
    return capacity > owner->capacity ? set_capacity(owner, capacity) : RC_OK;
}

/* True if @p bytes begin in the owner's own place, with their offset in it. Before it the offset
 * wraps, and is more than any capacity. */
static inline bool is_own(const struct rc__owner *owner, const void *bytes, size_t *offset)
{
    *offset = (uintptr_t)bytes - (uintptr_t)owner->head.data;
    return *offset < owner->capacity;
}

static enum rc_status refuse_own(const rc_buffer *buffer, size_t offset, size_t size)
{
    return rc_error_set(RC_RANGE,
                        "rc_buffer_append: %zu bytes at %zu pass the end of the buffer of %zu "
                        "bytes that they are in",
                        size, offset, buffer->size);
}

static __attribute__((noinline)) enum rc_status append_rarely(rc_buffer *buffer, const void *bytes,
                                                              size_t size)
{
    if (rc__buffer_check(buffer, "rc_buffer_append") != RC_OK) return RC_INVALID;
    if (size == 0) return RC_OK;
    if (!bytes) return rc_error_set(RC_INVALID, "rc_buffer_append: the %zu bytes are NULL", size);
    enum rc_status status = check_growing(buffer, "rc_buffer_append");
    if (status != RC_OK) return status;
    struct rc__owner *owner = (struct rc__owner *)buffer;
    size_t old_size = buffer->size, new_size, offset;
    if (!rc__size_add(old_size, size, &new_size)) return RC_OVERFLOW;
    bool own = is_own(owner, bytes, &offset);
    if (own && (offset > old_size || size > old_size - offset))
        return refuse_own(buffer, offset, size);
    if (new_size > owner->capacity) {
        status = grow_to_append(owner, new_size);
        if (status != RC_OK) return status;
    }
    set_size(owner, new_size);
    memcpy((void *)(uintptr_t)(buffer->data + old_size), own ? buffer->data + offset : bytes, size);
    return RC_OK;
}

/* Nothing speaks against it, nobody watches the spare bytes, there is room, and the bytes are not
 * the buffer's own; and the state tells already that the size was changed. */
static inline bool is_easy(const struct rc__owner *owner, const void *bytes, size_t size)
{
    size_t offset;
    return owner && bytes && !rc__object_is_finalizing(owner) &&
           (owner->head.rc__state & (RC__STATE_KIND | RC__STATE_UNWRITABLE | RC__STATE_RESIZED)) ==
               RC__STATE_RESIZED &&
           rc__exports_read(&owner->head) == 0 && !(RC__POISON_ASAN || rc__poison_valgrind) &&
           size <= owner->capacity - owner->head.size && !is_own(owner, bytes, &offset);
}

/* memcpy, without the call for sizes around 64; the stores may overlap. */
static inline void copy(unsigned char *to, const unsigned char *from, size_t size)
{
    typedef unsigned char chunk __attribute__((vector_size(16)));
    if (size < 2 * sizeof(chunk) || size > 4 * sizeof(chunk)) {
        memcpy(to, from, size);
        return;
    }
    chunk first, second, third, last;
    size_t tail = size - 2 * sizeof(chunk);
    memcpy(&first, from, sizeof first);
    memcpy(&second, from + sizeof first, sizeof second);
    memcpy(&third, from + tail, sizeof third);
    memcpy(&last, from + tail + sizeof third, sizeof last);
    memcpy(to, &first, sizeof first);
    memcpy(to + sizeof first, &second, sizeof second);
    memcpy(to + tail, &third, sizeof third);
    memcpy(to + tail + sizeof third, &last, sizeof last);
}

enum rc_status rc_buffer_append(rc_buffer *buffer, const void *bytes, size_t size)
{
    struct rc__owner *owner = (struct rc__owner *)buffer;
    if (RC_UNLIKELY(!is_easy(owner, bytes, size))) return append_rarely(buffer, bytes, size);
    size_t old_size = buffer->size;
    buffer->size = old_size + size;
    copy((unsigned char *)(uintptr_t)buffer->data + old_size, bytes, size);
    return RC_OK;
}

static bool fits_inline(const struct rc__owner *owner)
{
    return owner->head.size <= rc__owner_room(owner) &&
           rc__buffer_alignment(&owner->head) <= RC_ALIGNMENT_DEFAULT;
}

enum rc_status rc_buffer_shrink(rc_buffer *buffer)
{
    if (rc__buffer_check(buffer, "rc_buffer_shrink") != RC_OK) return RC_INVALID;
    enum rc_status status = check_growing(buffer, "rc_buffer_shrink");
    if (status != RC_OK) return status;
    struct rc__owner *owner = (struct rc__owner *)buffer;
    if (!(buffer->rc__state & RC__STATE_APART)) return RC_OK; /* part of the object */
    if (is_paged(owner) && buffer->size < RC__PAGES_LEAST)
        set_capacity(owner, RC__PAGES_LEAST); /* the rest is not to idle */
    if (fits_inline(owner)) {
        move_inline(owner);
        return RC_OK;
    }
    size_t capacity = buffer->size ? buffer->size : 1;
    return capacity < owner->capacity ? set_capacity(owner, capacity) : RC_OK;
}
