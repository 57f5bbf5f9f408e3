/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Buffers over memory that somebody else allocated: adopted, and given back by the program's own
 * function; or borrowed, and left alone. */
#include "../rc/object_end.h"
#include "layout.h"

static const struct rc__sized_type adopted_type;

static const struct rc__callback_kind calling = {"release function", "rc_buffer adopted"};

static void empty(struct rc__adopted *adopted)
{
    adopted->head.data = rc__buffer_nothing;
    adopted->head.size = 0;
}

/* A release function that keeps the buffer for good finds it empty afterwards. */
static void adopted_finalize(void *self)
{
    struct rc__adopted *adopted = self;
    void *bytes = (void *)(uintptr_t)adopted->head.data;
    size_t size = adopted->head.size;
    rc__buffer_check_end(&adopted->head);
    empty(adopted);
    RC__CALLBACK_OF(&calling, adopted->release(bytes == rc__buffer_nothing ? NULL : bytes, size,
                                               adopted->context));
}

/* Its key as rc_buffer_adopt() made it. */
static inline uint64_t plain_key(void)
{
    const uint32_t exports_and_state[] = {0, RC__BUFFER_ADOPTED};
    uint64_t key;
    memcpy(&key, exports_and_state, sizeof key);
    return key;
}

static __attribute__((noinline)) void end_kept(struct rc__adopted *adopted)
{
    rc__end_enter();
    rc__end_rest(rc__header_shared(adopted));
    rc__end_leave();
}

static inline __attribute__((always_inline)) void end_bytes(struct rc__adopted *adopted)
{
    void *bytes = (void *)(uintptr_t)adopted->head.data;
    size_t size = adopted->head.size;
    empty(adopted);
    adopted->release(bytes, size, adopted->context);
}

/* The same where nothing speaks against a few steps. */
static void adopted_end_plain(void *self)
{
    struct rc__adopted *adopted = self;
    if (RC_UNLIKELY(rc__cell_key_of(adopted) != plain_key()) || !rc__end_begin(adopted)) {
        rc__object_end(rc__header_shared(adopted));
        return;
    }
    RC__CALLBACK_OF(&calling, rc__end_enter(); end_bytes(adopted));
    rc__end_leave();
    __asm__("" : "+r"(adopted)); /* or the header's address would be kept since before the call */
    if (!rc__end_is_plain(adopted)) {
        end_kept(adopted);
        return;
    }
    struct rc__cell *cell = &rc_object_cells[RC__CELL_SLICE];
    uintptr_t by = __atomic_load_n(&cell->offer, __ATOMIC_RELAXED);
    if (RC_LIKELY(by == RC__OFFER_ADOPTED && !cell->object))
        rc__cell_keep(cell, adopted);
    else
        rc__plain_end(rc__header_shared(adopted), sizeof *adopted, RC__CELL_SLICE);
}

static void borrowed_finalize(void *self)
{
    rc__buffer_check_end(self);
}

static const struct rc__sized_type adopted_type = {
    .base = {.name = "rc_buffer adopted",
             .size = sizeof(struct rc__adopted),
             .finalize = adopted_finalize,
             .flags = RC__TYPE_SIZED},
    .extra = rc__buffer_no_extra,
    .end_plain = adopted_end_plain,
    .by = RC__OFFER_ADOPTED,
    .describe = rc__buffer_describe,
};

/* It has a finalizer so that its end is announced as that of every other kind. */
static const struct rc__sized_type borrowed_type = {
    .base = {.name = "rc_buffer borrowed",
             .size = sizeof(rc_buffer),
             .finalize = borrowed_finalize,
             .flags = RC__TYPE_SIZED},
    .extra = rc__buffer_no_extra,
    .end_plain = rc__object_end_self,
    .describe = rc__buffer_describe,
};

static bool has_bytes(const void *bytes, size_t size, const char *call)
{
    bool fits = size <= PTRDIFF_MAX && size <= UINTPTR_MAX - (uintptr_t)bytes;
    if (RC_LIKELY(fits && (bytes || !size))) return true;
    if (!fits)
        rc_error_set(RC_OVERFLOW, "%s: %zu bytes at %p pass the end of memory", call, size, bytes);
    else
        rc_error_set(RC_INVALID, "%s: the %zu bytes are NULL", call, size);
    return false;
}

rc_buffer *rc_buffer_adopt_slow(void *bytes, size_t size, rc__release_function *release,
                                void *context)
{
    if (!has_bytes(bytes, size, "rc_buffer_adopt")) return NULL;
    if (!release) {
        rc_error_set(RC_INVALID, "rc_buffer_adopt: the release function for %zu bytes is NULL",
                     size);
        return NULL;
    }
    struct rc__adopted *adopted = rc__object_new_sized(NULL, &adopted_type, 0, RC__CELL_SLICE);
    if (!adopted) return NULL;
    rc__adopted_fill(adopted, bytes ? bytes : rc__buffer_nothing, size, release, context);
    if (!bytes) adopted->head.rc__state |= RC__STATE_NULL;
    return &adopted->head;
}

rc_buffer *rc_buffer_adopt(void *bytes, size_t size, rc__release_function *release, void *context)
{
    return rc__buffer_adopt(bytes, size, release, context);
}

rc_buffer *rc_buffer_borrow(const void *bytes, size_t size)
{
    if (!has_bytes(bytes, size, "rc_buffer_borrow")) return NULL;
    return rc__buffer_new_kind(&borrowed_type, RC__BUFFER_BORROWED | RC__STATE_READ_ONLY, bytes,
                               size);
}
