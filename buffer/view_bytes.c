/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Elements without gaps: as a new view, as bytes, and out of bytes. */
#include "view_copy.h"

/* What 'A' stands for: 'F' for a view that is contiguous so and not in C, else 'C'. */
static char order_for(const rc_view *view, char order)
{
    if (order != 'A') return order;
    return !rc_view_is_contiguous(view, 'C') && rc_view_is_contiguous(view, 'F') ? 'F' : 'C';
}

/* A new buffer with the elements in order 'C' or 'F'. */
static rc_buffer *gathered(const rc_view *view, char order)
{
    rc_buffer *bytes = rc_buffer_new(view->size * view->itemsize);
    if (bytes && view->size) rc__view_gather(view, order, (unsigned char *)(uintptr_t)bytes->data);
    return bytes;
}

static rc_view *view_of(rc_buffer *bytes, const rc_view *view, char order)
{
    struct rc__view_parts parts = {.base = bytes,
                                   .format = view->format,
                                   .data = bytes->data,
                                   .ndim = view->ndim,
                                   .size = view->size};
    rc_view *result = rc__view_make(&parts, view->rc__state & RC__VIEW_BUILTIN);
    if (!result) return NULL;
    for (size_t i = 0; i < view->ndim; i++) rc__view_shape(result)[i] = view->shape[i];
    rc__geometry_fill_strides(view->ndim, view->shape, view->itemsize, order,
                              rc__view_strides(result));
    return result;
}

rc_view *rc_view_copy_new(const rc_view *view, char order)
{
    static const char call[] = "rc_view_copy_new";
    if (rc__view_check(view, call) != RC_OK || rc__view_check_order(order, "CFA", call) != RC_OK)
        return NULL;
    order = order_for(view, order);
    rc_buffer *bytes = gathered(view, order);
    if (!bytes) return NULL;
    rc_view *result = view_of(bytes, view, order);
    rc_release(bytes);
    return result;
}

rc_buffer *rc_view_to_bytes(const rc_view *view, char order)
{
    static const char call[] = "rc_view_to_bytes";
    if (rc__view_check(view, call) != RC_OK || rc__view_check_order(order, "CFA", call) != RC_OK)
        return NULL;
    return gathered(view, order_for(view, order));
}

static enum rc_status check_bytes(const rc_view *view, const void *bytes, size_t size, char order)
{
    static const char call[] = "rc_view_from_bytes";
    if (rc__view_check(view, call) != RC_OK || rc__view_check_order(order, "CFA", call) != RC_OK)
        return RC_INVALID;
    if (!bytes && size) return rc_error_set(RC_INVALID, "%s: the %zu bytes are NULL", call, size);
    if (size != view->size * view->itemsize)
        return rc_error_set(RC_RANGE, "%s: %zu bytes for %zu elements of %zu", call, size,
                            view->size, view->itemsize);
    return rc__view_check_writable(view, call);
}

enum rc_status rc_view_from_bytes(const rc_view *view, const void *bytes, size_t size, char order)
{
    enum rc_status status = check_bytes(view, bytes, size, order);
    if (status != RC_OK || size == 0) return status;
    order = order_for(view, order);
    if (!rc__view_may_have(view, bytes, size)) {
        rc__view_scatter(view, order, bytes);
        return RC_OK;
    }
    rc_buffer *copy = rc_buffer_copy(bytes, size);
    if (!copy) return RC_NO_MEMORY;
    rc__view_scatter(view, order, copy->data);
    rc_release(copy);
    return RC_OK;
}
