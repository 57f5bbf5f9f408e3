/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Buffers that own their bytes: creation and end; what all kinds share. */
#include "buffer.h"

#include "../rc/block.h"
#include "../rc/tally.h"
#include "exports.h"
#include "layout.h"
#include "poison.h"

/* Bytes that a thread may keep in a dead buffer. */
#define KEPT_MAX ((size_t)1 << 20)

_Alignas(RC_ALIGNMENT_DEFAULT) unsigned char rc__buffer_nothing[RC_ALIGNMENT_DEFAULT];

size_t rc__buffer_no_extra(const void *self)
{
    (void)self;
    return 0;
}

/* ---- sentences ------------------------------------------------------------------------------- */

const char *rc__buffer_kind_text(const rc_buffer *buffer)
{
    static const char *const texts[] = {
        [RC__BUFFER_OWNER] = "a buffer",
        [RC__BUFFER_SLICE] = "a slice",
        [RC__BUFFER_ADOPTED] = "an adopted buffer",
        [RC__BUFFER_BORROWED] = "a borrowed buffer",
        [RC__BUFFER_MAPPED] = "a mapped buffer",
        [RC__BUFFER_POOLED] = "a pooled buffer",
    };
    return texts[rc__buffer_kind(buffer)];
}

enum rc_status rc__buffer_not_alive(const rc_buffer *buffer, const char *call)
{
    if (!buffer) return rc_error_set(RC_INVALID, "%s: the buffer is NULL", call);
    const char *kind = rc__buffer_kind_text(buffer);
    if (rc__buffer_kind(buffer) == RC__BUFFER_ADOPTED) /* its release function has the bytes */
        return rc_error_set(RC_INVALID, "%s: %s, at %p, is being finalized", call, kind,
                            (const void *)buffer);
    return rc_error_set(RC_INVALID, "%s: %s of %zu bytes is being finalized", call, kind,
                        buffer->size);
}

void rc__buffer_stop_exported(const rc_buffer *buffer)
{
    rc__stop("rc_release: %s of %zu bytes, at %p, was released more often than retained: exports "
             "of it still live: %zu",
             rc__buffer_kind_text(buffer), buffer->size, (const void *)buffer,
             (size_t)rc__exports_read(buffer));
}

/* ---- the type -------------------------------------------------------------------------------- */

static size_t owner_extra(const void *self)
{
    return rc__owner_room(self);
}

static size_t owner_apart(const void *self)
{
    const struct rc__owner *owner = self;
    return owner->head.rc__state & RC__STATE_APART ? owner->capacity : 0;
}

static void end_apart(struct rc__owner *owner)
{
    size_t room = rc__owner_room(owner);
    rc__poison_change(owner->inline_bytes, room, 0, room);
    rc__tally_bytes_less(owner->capacity);
    rc__block_free(rc__object_allocator(owner), (void *)(uintptr_t)owner->head.data,
                   owner->capacity, rc__buffer_alignment(&owner->head));
}

static __attribute__((noinline)) void end_bytes(struct rc__owner *owner)
{
    rc_buffer *head = &owner->head;
    rc__poison_change(head->data, owner->capacity, head->size, owner->capacity);
    if (head->rc__state & RC__STATE_WIPE) rc__buffer_wipe(head->data, owner->capacity);
    if (head->rc__state & RC__STATE_APART) end_apart(owner);
}

/* Inline bytes without spare capacity need nothing. */
static inline size_t owner_end(void *self)
{
    struct rc__owner *owner = self;
    uint32_t state = owner->head.rc__state;
    rc__buffer_check_end(&owner->head);
    if (state & (RC__STATE_WIPE | RC__STATE_APART) || owner->capacity != owner->head.size)
        end_bytes(owner);
    return state >> 16;
}

/* The memory of a dead owner that was kept whole. */
static void discard(void *object, size_t size)
{
    struct rc__owner *owner = object;
    struct rc__header *header = rc__header_of(owner);
    if (owner->head.rc__state & RC__STATE_APART)
        rc__block_free(&rc__allocator_system, (void *)(uintptr_t)owner->head.data, size,
                       RC_ALIGNMENT_DEFAULT);
    rc__small_free(rc__tally_mine, header, sizeof *header + sizeof *owner + rc__owner_room(owner));
}

_Static_assert(offsetof(rc_buffer, rc__exports) == RC__CELL_KEY_OFFSET &&
                   offsetof(rc_buffer, rc__state) == RC__CELL_KEY_OFFSET + 4,
               "a buffer's key is its exports and its state");

/* It is as rc_buffer_new() made it, but for its content: a writable owner without exports and without
 * spare capacity, inline or apart, of no more bytes than a thread may keep. Inline, its key says so. */
static bool is_as_new(const struct rc__owner *owner)
{
    uint32_t state = owner->head.rc__state & 0xffff & ~RC__STATE_APART;
    return state == rc__state_of_alignment(RC_ALIGNMENT_DEFAULT) && owner->capacity <= KEPT_MAX &&
           owner->capacity == owner->head.size;
}

/* Counted out, and its block given back. Its bytes are inline, with nothing to be done about them. */
static inline void free_inline(struct rc__tally *tally, struct rc__owner *owner, size_t payload)
{
    struct rc__header *header = rc__header_of(owner);
    __atomic_store_n(&header->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
    rc__ledger_ended(owner);
    rc__tally_object_freed(&rc__owner_type.base, payload);
    rc__small_free(tally, header, sizeof *header + payload);
}

static __attribute__((noinline)) void owner_end_rarely(struct rc__owner *owner)
{
    struct rc__tally *tally = rc__tally_mine;
    struct rc__cell *cell = &tally->cells[RC__CELL_BUFFER];
    bool apart = owner->head.rc__state & RC__STATE_APART;
    const struct rc__cell_like like = {.by = owner->capacity,
                                       .type = &rc__owner_type.base,
                                       .size = owner->capacity,
                                       .bytes = sizeof *owner + owner->capacity,
                                       .key = apart ? RC__CELL_KEY_NONE : rc__cell_key_of(owner),
                                       .discard = discard};
    rc__buffer_check_end(&owner->head);
    if (is_as_new(owner) && rc__cell_turn(tally, cell, &like)) {
        rc__cell_keep(cell, owner);
        return;
    }
    free_inline(tally, owner, sizeof *owner + owner_end(owner));
}

/* Where another of this size lies in the cell it stays, and the block goes to the magazine: so it is with
 * buffers that others make. A function of its own, for the sake of the one that calls it. */
static __attribute__((noinline)) void owner_end_inline(struct rc__owner *owner)
{
    struct rc__tally *tally = rc__tally_mine;
    const struct rc__cell *cell = &tally->cells[RC__CELL_BUFFER];
    if (RC_LIKELY(rc__cell_key_of(owner) == cell->key))
        free_inline(tally, owner, cell->bytes);
    else
        owner_end_rarely(owner);
}

/* The next one of this size finds it in the cell. Inline ones do so without this: rc/object_release.c. */
static void owner_end_plain(void *self)
{
    struct rc__owner *owner = self;
    struct rc__cell *cell = &rc_object_cells[RC__CELL_BUFFER];
    uint32_t state = RC__STATE_APART | rc__state_of_alignment(RC_ALIGNMENT_DEFAULT);
    if (RC_LIKELY(owner->head.rc__state == state && owner->head.rc__exports == 0 &&
                  cell->key == RC__CELL_KEY_NONE && owner->capacity == cell->size)) {
        if (RC_LIKELY(!cell->object)) {
            rc__cell_keep(cell, owner);
            return;
        }
        if (rc__cell_keep_behind(cell, owner)) return;
    }
    owner_end_inline(owner);
}

const struct rc__sized_type rc__owner_type = {
    .base = {.name = "rc_buffer", .size = sizeof(struct rc__owner), .flags = RC__TYPE_SIZED},
    .extra = owner_extra,
    .end = owner_end,
    .end_plain = owner_end_plain,
    .apart = owner_apart,
    .describe = rc__buffer_describe,
};

/* ---- create ---------------------------------------------------------------------------------- */

struct request {
    const struct rc_allocator *allocator; /* NULL: the default */
    size_t size;
    size_t alignment; /* checked, >= RC_ALIGNMENT_DEFAULT */
    uint32_t state;   /* RC__STATE_WIPE or 0 */
    bool zeroed, biased;
};

/* Nothing of it is initialised. */
static void *new_owner(const struct rc_allocator *allocator, size_t room, bool biased)
{
    const rc_type *type = &rc__owner_type.base;
    void *owner = NULL;
    if (biased) return rc__object_make_biased(allocator, type, room, true);
    if (RC_LIKELY(rc__object_is_plain(allocator, type)))
        owner = rc__plain_make(type, type->size + room);
    return RC_LIKELY(owner) ? owner : rc__object_make(allocator, type, room, 0, true);
}

static inline rc_buffer *make_inline(const struct rc_allocator *allocator, size_t size,
                                     uint32_t state, bool biased)
{
    struct rc__owner *owner = new_owner(allocator, size, biased);
    if (RC_UNLIKELY(!owner)) return NULL;
    owner->capacity = size;
    owner->head = (rc_buffer){
        .data = owner->inline_bytes,
        .size = size,
        .rc__state = state | rc__state_of_alignment(RC_ALIGNMENT_DEFAULT) | (uint32_t)size << 16,
    };
    return &owner->head;
}

/* The block is made first, so that no object is half built. An aligned buffer of no bytes has a
 * block too, of one spare byte, so that its data is aligned. */
static __attribute__((noinline)) rc_buffer *make_apart(const struct request *request)
{
    const struct rc_allocator *allocator = request->allocator;
    if (!allocator) allocator = __atomic_load_n(&rc__allocator_default, __ATOMIC_ACQUIRE);
    size_t capacity = request->size ? request->size : 1, alignment = request->alignment;
    void *block = request->zeroed ? rc__block_allocate_zeroed(allocator, capacity, alignment)
                                  : rc__block_allocate(allocator, capacity, alignment);
    if (!block) return NULL;
    struct rc__owner *owner = new_owner(allocator, 0, request->biased);
    if (!owner) {
        rc__block_free(allocator, block, capacity, alignment);
        return NULL;
    }
    rc__tally_bytes_more(capacity);
    owner->capacity = capacity;
    owner->head = (rc_buffer){
        .data = block,
        .size = request->size,
        .rc__state = request->state | RC__STATE_APART | rc__state_of_alignment(alignment),
    };
    rc__poison_change(block, capacity, capacity, request->size);
    return &owner->head;
}

static rc_buffer *clear(rc_buffer *buffer)
{
    memset((void *)(uintptr_t)buffer->data, 0, buffer->size);
    return buffer;
}

static rc_buffer *make(const struct request *request)
{
    if (request->size > RC__BUFFER_INLINE_MAX || request->alignment > RC_ALIGNMENT_DEFAULT)
        return make_apart(request);
    rc_buffer *buffer =
        make_inline(request->allocator, request->size, request->state, request->biased);
    return buffer && request->zeroed ? clear(buffer) : buffer;
}

rc_buffer *rc__owner_new(const struct rc_allocator *allocator, size_t size, size_t alignment,
                         uint32_t state)
{
    return make(&(struct request){
        .allocator = allocator, .size = size, .alignment = alignment, .state = state});
}

static __attribute__((noinline)) rc_buffer *make_large(size_t size)
{
    return make_apart(&(struct request){.size = size, .alignment = RC_ALIGNMENT_DEFAULT});
}

rc_buffer *rc_buffer_new_slow(size_t size)
{
    struct rc__cell *cell = &rc_object_cells[RC__CELL_BUFFER];
    void *behind = rc__cell_look_behind(cell, size);
    if (RC_LIKELY(behind && size != RC__OFFER_NONE)) return rc__cell_wake_behind(cell, behind);
    return size <= RC__BUFFER_INLINE_MAX ? make_inline(NULL, size, 0, false) : make_large(size);
}

/* One that died lately is as good as new. */
rc_buffer *rc_buffer_new(size_t size)
{
    return rc__buffer_new(size);
}

rc_buffer *rc_buffer_new_zeroed(size_t size)
{
    if (RC_LIKELY(size <= RC__BUFFER_INLINE_MAX)) {
        rc_buffer *buffer = rc__buffer_new(size);
        return buffer ? clear(buffer) : NULL;
    }
    return make(&(struct request){.size = size, .alignment = RC_ALIGNMENT_DEFAULT, .zeroed = true});
}

rc_buffer *rc_buffer_new_aligned(size_t size, size_t alignment)
{
    return rc_buffer_new_with(NULL, size, alignment, 0);
}

rc_buffer *rc_buffer_new_with(const struct rc_allocator *allocator, size_t size, size_t alignment,
                              unsigned flags)
{
    if (flags & ~(RC_BUFFER_WIPE | RC_BUFFER_BIASED)) {
        rc_error_set(RC_INVALID, "rc_buffer_new_with: there is no flag in %#x but %#x and %#x",
                     flags, RC_BUFFER_WIPE, RC_BUFFER_BIASED);
        return NULL;
    }
    if (allocator && rc__allocator_check(allocator) != RC_OK) return NULL;
    if (alignment < RC_ALIGNMENT_DEFAULT && !(alignment & (alignment - 1)))
        alignment = RC_ALIGNMENT_DEFAULT;
    if (rc__alignment_check(alignment) != RC_OK) return NULL;
    if (!allocator && alignment == RC_ALIGNMENT_DEFAULT && !flags) return rc__buffer_new(size);
    return make(&(struct request){.allocator = allocator,
                                  .size = size,
                                  .alignment = alignment,
                                  .state = flags & RC_BUFFER_WIPE ? RC__STATE_WIPE : 0,
                                  .biased = flags & RC_BUFFER_BIASED});
}

rc_buffer *rc_buffer_copy(const void *bytes, size_t size)
{
    if (!bytes && size) {
        rc_error_set(RC_INVALID, "rc_buffer_copy: the %zu bytes are NULL", size);
        return NULL;
    }
    rc_buffer *copy = rc_buffer_new(size);
    if (copy && size) memcpy((void *)(uintptr_t)copy->data, bytes, size);
    return copy;
}

/* ---- ask ------------------------------------------------------------------------------------- */

size_t rc_buffer_exports(const rc_buffer *buffer)
{
    if (rc__buffer_check(buffer, "rc_buffer_exports") != RC_OK) return 0;
    return rc__exports_read(buffer);
}
