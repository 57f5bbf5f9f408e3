/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Views: their type, what is asked of them, and the refusals that all rooms share. */
#include "view.h"

#include <stdio.h>

#include "view_layout.h"

/* ---- sentences ------------------------------------------------------------------------------- */

enum rc_status rc__view_not_alive(const rc_view *view, const char *call)
{
    if (!view) return rc_error_set(RC_INVALID, "%s: the view is NULL", call);
    return rc_error_set(RC_INVALID, "%s: a view of %zu elements is being finalized", call,
                        view->size);
}

enum rc_status rc__view_check_order(char order, const char *orders, const char *call)
{
    if (order && strchr(orders, order)) return RC_OK;
    return rc_error_set(RC_INVALID, "%s: the order '%c' (%d) is none of the characters of \"%s\"",
                        call, order > ' ' && order < 127 ? order : '?', order, orders);
}

const char *rc__view_shape_text(char text[RC__VIEW_TEXT], size_t ndim, const size_t *shape)
{
    enum { LAST = 26 }; /* bytes for what ends it: ", ...)", or ", " with an entry and ")" */
    size_t length = 0;
    text[length++] = '(';
    for (size_t i = 0; i < ndim; i++) {
        const char *comma = i ? ", " : "";
        if (length > RC__VIEW_TEXT - LAST) {
            length += (size_t)snprintf(text + length, RC__VIEW_TEXT - length, "%s...", comma);
            break;
        }
        length += (size_t)snprintf(text + length, RC__VIEW_TEXT - length, "%s%td", comma,
                                   (ptrdiff_t)shape[i]);
    }
    snprintf(text + length, RC__VIEW_TEXT - length, ndim == 1 ? ",)" : ")");
    return text;
}

enum rc_status rc__view_count(const char *call, size_t ndim, const size_t *shape, size_t itemsize,
                              size_t *count)
{
    char text[RC__VIEW_TEXT];
    if (ndim > RC_VIEW_DIMENSIONS_MAX)
        return rc_error_set(RC_INVALID, "%s: %zu dimensions, and %d are the most", call, ndim,
                            RC_VIEW_DIMENSIONS_MAX);
    if (ndim && !shape)
        return rc_error_set(RC_INVALID, "%s: the shape of %zu dimensions is NULL", call, ndim);
    if (rc__geometry_count(ndim, shape, itemsize, count)) return RC_OK;
    rc__view_shape_text(text, ndim, shape);
    if (rc__geometry_has_negative(ndim, shape))
        return rc_error_set(RC_INVALID, "%s: an entry of the shape %s is negative", call, text);
    return rc_error_set(RC_OVERFLOW,
                        "%s: elements of %zu bytes in the shape %s have more than %td bytes", call,
                        itemsize, text, PTRDIFF_MAX);
}

/* ---- the type -------------------------------------------------------------------------------- */

static size_t view_extra(const void *self)
{
    const rc_view *view = self;
    return view->ndim * (view->suboffsets ? 3 : 2) * sizeof(size_t);
}

static inline size_t view_end(void *self)
{
    rc_view *view = self;
    size_t extra = view_extra(view);
    if (!(view->rc__state & RC__VIEW_BUILTIN)) rc_release(view->format);
    rc_buffer *base = view->base;
    if (RC_UNLIKELY(!base)) return extra;
    if (RC_UNLIKELY(rc__buffer_kind(base) == RC__BUFFER_SLICE))
        rc_release(base);
    else
        rc__exports_drop_of(base, view);
    return extra;
}

/* Of its own, since the inlined body would be larger than the call. */
static size_t view_end_sized(void *self)
{
    return view_end(self);
}

static void view_end_plain(void *self)
{
    size_t extra = view_end(self);
    rc__object_give_back_plain(self, &rc__view_type.base, extra, RC__CELL_VIEW);
}

static void view_traverse(void *self, rc_visit *visit, void *argument)
{
    rc_view *view = self;
    visit(view->base, argument);
    if (!(view->rc__state & RC__VIEW_BUILTIN))
        visit((rc_format *)(uintptr_t)view->format, argument);
}

const struct rc__sized_type rc__view_type = {
    .base = {.name = "rc_view",
             .size = sizeof(struct rc__view),
             .traverse = view_traverse,
             .flags = RC__TYPE_SIZED},
    .extra = view_extra,
    .end = view_end_sized,
    .end_plain = view_end_plain,
    .describe = rc__view_describe,
};

rc_view *rc__view_too_many(rc_view *view)
{
    view->base = NULL;
    rc_release(view);
    rc_error_set(RC_OVERFLOW, "rc_view: %u slices and views of one buffer live already",
                 RC__EXPORTS_MAX);
    return NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool is_writable(const rc_view *view)
{
    const rc_buffer *base = view->base;
    uint32_t state = base->rc__state | rc__buffer_root(base)->rc__state;
    return !(view->rc__state & RC__VIEW_READ_ONLY) && !(state & RC__STATE_UNWRITABLE);
}

enum rc_status rc__view_check_writable(const rc_view *view, const char *call)
{
    if (RC_LIKELY(is_writable(view))) return RC_OK;
    bool is_its_own = view->rc__state & RC__VIEW_READ_ONLY;
    return rc_error_set(RC_READ_ONLY, "%s: %s of %zu bytes is read-only or frozen", call,
                        is_its_own ? "the view" : rc__buffer_kind_text(view->base),
                        is_its_own ? rc_view_byte_count(view) : view->base->size);
}

void *rc_view_edit(const rc_view *view)
{
    if (rc__view_check(view, "rc_view_edit") != RC_OK) return NULL;
    if (rc__view_check_writable(view, "rc_view_edit") != RC_OK) return NULL;
    return (void *)(uintptr_t)view->data;
}

bool rc_view_is_read_only(const rc_view *view)
{
    return rc__view_check(view, "rc_view_is_read_only") != RC_OK || !is_writable(view);
}

/* ---- ask ------------------------------------------------------------------------------------- */

size_t rc_view_byte_count(const rc_view *view)
{
    if (rc__view_check(view, "rc_view_byte_count") != RC_OK) return 0;
    return view->size * view->itemsize;
}

bool rc_view_is_contiguous(const rc_view *view, char order)
{
    static const char call[] = "rc_view_is_contiguous";
    if (rc__view_check(view, call) != RC_OK || rc__view_check_order(order, "CFA", call) != RC_OK)
        return false;
    if (view->suboffsets) return false;
    bool either = order == 'A';
    return ((either || order == 'C') &&
            rc__geometry_is_contiguous(view->ndim, view->shape, view->strides, view->itemsize,
                                       'C')) ||
           ((either || order == 'F') &&
            rc__geometry_is_contiguous(view->ndim, view->shape, view->strides, view->itemsize,
                                       'F'));
}

static enum rc_status check_index(const rc_view *view, const size_t *index, const char *call)
{
    if (rc__view_check(view, call) != RC_OK) return RC_INVALID;
    if (view->ndim && !index) return rc_error_set(RC_INVALID, "%s: the index is NULL", call);
    for (size_t i = 0; i < view->ndim; i++)
        if (RC_UNLIKELY(index[i] >= view->shape[i]))
            return rc_error_set(RC_RANGE, "%s: index %zu of dimension %zu, which has %zu elements",
                                call, index[i], i, view->shape[i]);
    return RC_OK;
}

const void *rc_view_at(const rc_view *view, const size_t *index)
{
    if (check_index(view, index, "rc_view_at") != RC_OK) return NULL;
    return rc__view_place(view, index);
}

void *rc_view_edit_at(const rc_view *view, const size_t *index)
{
    static const char call[] = "rc_view_edit_at";
    if (check_index(view, index, call) != RC_OK) return NULL;
    if (rc__view_check_writable(view, call) != RC_OK) return NULL;
    return (void *)(uintptr_t)rc__view_place(view, index);
}
