/* SPDX-License-Identifier: MIT */
/* Buffers over memory that somebody else allocated: adopted, and given back by the program's own
 * function; or borrowed, and left alone. */
#include "layout.h"

static const struct rc__sized_type adopted_type;

/* A release function that keeps the buffer for good finds it empty afterwards. */
static void adopted_finalize(void *self)
{
    struct rc__adopted *adopted = self;
    rc__buffer_check_end(&adopted->head);
    const unsigned char *data = adopted->head.data;
    void *bytes = data == rc__buffer_nothing ? NULL : (void *)(uintptr_t)data;
    size_t size = adopted->head.size;
    adopted->head.data = rc__buffer_nothing;
    adopted->head.size = 0;
    RC__CALLBACK("release function", adopted_type.base.name,
                 adopted->release(bytes, size, adopted->context));
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
    .end_plain = rc__object_end,
};

/* It has a finalizer so that its end is announced as that of every other kind. */
static const struct rc__sized_type borrowed_type = {
    .base = {.name = "rc_buffer borrowed",
             .size = sizeof(rc_buffer),
             .finalize = borrowed_finalize,
             .flags = RC__TYPE_SIZED},
    .extra = rc__buffer_no_extra,
    .end_plain = rc__object_end,
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

rc_buffer *rc_buffer_adopt(void *bytes, size_t size,
                           void (*release)(void *bytes, size_t size, void *context), void *context)
{
    if (!has_bytes(bytes, size, "rc_buffer_adopt")) return NULL;
    if (!release) {
        rc_error_set(RC_INVALID, "rc_buffer_adopt: the release function for %zu bytes is NULL",
                     size);
        return NULL;
    }
    struct rc__adopted *adopted =
        rc__buffer_new_kind(&adopted_type, RC__BUFFER_ADOPTED, bytes, size);
    if (!adopted) return NULL;
    adopted->release = release;
    adopted->context = context;
    return &adopted->head;
}

rc_buffer *rc_buffer_borrow(const void *bytes, size_t size)
{
    if (!has_bytes(bytes, size, "rc_buffer_borrow")) return NULL;
    return rc__buffer_new_kind(&borrowed_type, RC__BUFFER_BORROWED | RC__STATE_READ_ONLY, bytes,
                               size);
}
