/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Slices: second buffers over the bytes of a root. */
#include "exports.h"
#include "layout.h"

static size_t slice_end(void *self)
{
    struct rc__slice *slice = self;
    if (slice->root) rc__exports_drop_of(slice->root, slice);
    return 0;
}

static const struct rc__sized_type slice_type;

static __attribute__((noinline)) void end_without_cell(struct rc__slice *slice)
{
    slice_end(slice);
    rc__plain_end(rc__header_of(slice), sizeof(struct rc__slice), RC__CELL_SLICE);
}

/* What ends with the root may make a slice and find this one, which is done by then. */
static void slice_end_plain(void *self)
{
    struct rc__cell *cell = &rc_object_cells[RC__CELL_SLICE];
    struct rc__slice *slice = self;
    rc_buffer *root = slice->root;
    if (RC_UNLIKELY(cell->type != &slice_type.base || cell->object || !root)) {
        end_without_cell(slice);
        return;
    }
    rc__cell_keep(cell, slice);
    rc__exports_drop_of(root, slice);
}

static void slice_traverse(void *self, rc_visit *visit, void *argument)
{
    struct rc__slice *slice = self;
    if (slice->root) visit(slice->root, argument);
}

static const struct rc__sized_type slice_type = {
    .base = {.name = "rc_buffer slice",
             .size = sizeof(struct rc__slice),
             .traverse = slice_traverse,
             .flags = RC__TYPE_SIZED},
    .extra = rc__buffer_no_extra,
    .end = slice_end,
    .end_plain = slice_end_plain,
    .describe = rc__slice_describe,
};

/* A copy of any slice is aligned and wiped as the root is. */
static inline uint32_t state_of(const rc_buffer *root)
{
    return RC__BUFFER_SLICE | (root->rc__state & (RC__STATE_WIPE | RC__STATE_ALIGNMENT));
}

/* What a slice takes over for good: a frozen slice has frozen slices. An empty one has no root to ask
 * later. */
static uint32_t slice_state(const rc_buffer *parent, const rc_buffer *root, size_t size)
{
    uint32_t state = state_of(root);
    if (parent != root) state |= parent->rc__state & RC__STATE_UNWRITABLE;
    if (size == 0 && (root->rc__state & RC__STATE_UNWRITABLE)) state |= RC__STATE_READ_ONLY;
    return state;
}

static enum rc_status check_range(const rc_buffer *buffer, size_t offset, size_t size)
{
    if (RC_LIKELY(offset <= buffer->size && size <= buffer->size - offset)) return RC_OK;
    size_t end;
    if (__builtin_add_overflow(offset, size, &end))
        return rc_error_set(RC_RANGE,
                            "a slice of %zu bytes at %zu passes the end of %s of %zu bytes", size,
                            offset, rc__buffer_kind_text(buffer), buffer->size);
    return rc_error_set(RC_RANGE, "slice [%zu, %zu) passes the end of %s of %zu bytes", offset, end,
                        rc__buffer_kind_text(buffer), buffer->size);
}

static RC_COLD rc_buffer *refuse_export(struct rc__slice *slice)
{
    slice->root = NULL;
    rc_release(slice);
    rc_error_set(RC_OVERFLOW, "rc_buffer_slice: %u slices of one buffer live already",
                 RC__EXPORTS_MAX);
    return NULL;
}

static __attribute__((noinline)) rc_buffer *slice_slowly(rc_buffer *buffer, size_t offset,
                                                         size_t size)
{
    if (rc__buffer_check(buffer, "rc_buffer_slice") != RC_OK) return NULL;
    if (check_range(buffer, offset, size) != RC_OK) return NULL;
    rc_buffer *root = rc__buffer_root(buffer);
    struct rc__slice *slice = rc__object_new_sized(NULL, &slice_type, 0, RC__CELL_SLICE);
    if (RC_UNLIKELY(!slice)) return NULL;
    slice->head = (rc_buffer){.data = size ? buffer->data + offset : rc__buffer_nothing,
                              .size = size,
                              .rc__state = slice_state(buffer, root, size)};
    slice->root = size ? root : NULL;
    if (size && RC_UNLIKELY(!rc__exports_add_for(root, slice))) return refuse_export(slice);
    return &slice->head;
}

/* In a process with one thread: bytes of a root that is alive, and not too many slices of it. */
static inline bool is_easy(const rc_buffer *buffer, size_t offset, size_t size)
{
    return rc__is_there_and(buffer, rc__alone()) && !rc__object_is_finalizing(buffer) &&
           rc__buffer_kind(buffer) != RC__BUFFER_SLICE && offset <= buffer->size && size &&
           size <= buffer->size - offset && buffer->rc__exports < RC__EXPORTS_MAX;
}

/* From the beginning of a cache line on it takes a tenth less. */
__attribute__((aligned(64))) rc_buffer *rc_buffer_slice(rc_buffer *buffer, size_t offset,
                                                        size_t size)
{
    struct rc__cell *cell = &rc_object_cells[RC__CELL_SLICE];
    void *dead = rc__cell_look(cell, (uintptr_t)&slice_type);
    if (RC_UNLIKELY(!is_easy(buffer, offset, size) || !dead))
        return slice_slowly(buffer, offset, size);
    struct rc__slice *slice = rc__cell_revive(cell, dead);
    slice->head.data = buffer->data + offset;
    slice->head.size = size;
    slice->head.rc__exports = 0;
    slice->head.rc__state = slice_state(buffer, buffer, size);
    slice->root = buffer;
    rc__exports_add_alone(buffer);
    return &slice->head;
}

rc_buffer *rc__slice_of_export(rc_buffer *root, const unsigned char *data, size_t size,
                               uint32_t unwritable)
{
    struct rc__slice *slice = rc__object_new_sized(NULL, &slice_type, 0, RC__CELL_SLICE);
    if (RC_UNLIKELY(!slice)) return NULL;
    slice->head = (rc_buffer){.data = data, .size = size, .rc__state = state_of(root) | unwritable};
    slice->root = root;
    rc__ledger_passed_on(root, slice);
    return &slice->head;
}
