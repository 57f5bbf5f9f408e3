/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/view_layout.h
 * Private (not installed): what a view is made of.
 *
 *     [ header 16 | rc_view | shape ... | strides ... | suboffsets ... ]      one block
 *
 * Invariants. The base is held: a root by an export, a slice, which is an export already, by a
 * reference. The format is held unless it is one of the immortal ones. Where there are no
 * suboffsets, every element lies inside of the base, its bytes are in [data - before, data + after +
 * itemsize) of rc__geometry_reach(), and none of that is more than PTRDIFF_MAX. The suboffsets are
 * NULL unless one of them is followed.
 */
#ifndef BUFFER_VIEW_LAYOUT_H
#define BUFFER_VIEW_LAYOUT_H

#include "exports.h"
#include "format_layout.h"
#include "view.h"
#include "view_geometry.h"

/* rc__state */
#define RC__VIEW_READ_ONLY 1u
#define RC__VIEW_BUILTIN   2u /* the format is immortal: nobody counts it */

struct rc__view {
    rc_view head;
    size_t geometry[];
};

extern RC_HIDDEN const struct rc__sized_type rc__view_type;

RC_HIDDEN void rc__view_describe(const void *self, struct rc__description *description);

/* What a view that is being made may still write. */
static inline size_t *rc__view_shape(const rc_view *view)
{
    return (size_t *)(uintptr_t)view->shape;
}

static inline ptrdiff_t *rc__view_strides(const rc_view *view)
{
    return (ptrdiff_t *)(uintptr_t)view->strides;
}

static inline ptrdiff_t *rc__view_suboffsets(const rc_view *view)
{
    return (ptrdiff_t *)(uintptr_t)view->suboffsets;
}

/* What rc__view_make() makes a view of. */
struct rc__view_parts {
    rc_buffer *base;         /* borrowed */
    const rc_format *format; /* borrowed */
    const unsigned char *data;
    size_t ndim;
    size_t size;
    uint32_t state; /* RC__VIEW_READ_ONLY or 0 */
    bool is_indirect;
};

static inline bool rc__view_hold_base(rc_buffer *base, RC_UNUSED const struct rc__view *view)
{
    if (RC_UNLIKELY(rc__buffer_kind(base) == RC__BUFFER_SLICE)) {
        (void)rc_retain(base);
        return true;
    }
    return rc__exports_add_for(base, view);
}

/* Give back a view without a base, and say why. Returns: NULL. */
RC_HIDDEN RC_COLD rc_view *rc__view_too_many(rc_view *view);

/* A view with its parts, whose shape, strides and suboffsets are for the caller to fill. */
static inline rc_view *rc__view_make(const struct rc__view_parts *parts, uint32_t builtin)
{
    size_t ndim = parts->ndim;
    struct rc__view *view = rc__object_new_sized(
        NULL, &rc__view_type, ndim * (parts->is_indirect ? 3 : 2) * sizeof(size_t), RC__CELL_VIEW);
    if (RC_UNLIKELY(!view)) return NULL;
    ptrdiff_t *strides = (ptrdiff_t *)(view->geometry + ndim);
    view->head = (rc_view){.data = parts->data,
                           .format = parts->format,
                           .itemsize = parts->format->itemsize,
                           .ndim = ndim,
                           .shape = view->geometry,
                           .strides = strides,
                           .suboffsets = parts->is_indirect ? strides + ndim : NULL,
                           .size = parts->size,
                           .base = parts->base,
                           .rc__state = parts->state | builtin};
    if (!builtin) (void)rc_retain(parts->format);
    if (RC_UNLIKELY(!rc__view_hold_base(parts->base, view))) return rc__view_too_many(&view->head);
    return &view->head;
}

/* Any format. */
static inline rc_view *rc__view_make_of(const struct rc__view_parts *parts)
{
    return rc__view_make(parts, rc__format_is_builtin(parts->format) ? RC__VIEW_BUILTIN : 0);
}

/* A view of the same elements with @p ndim dimensions; @p is_indirect: it has suboffsets. */
static inline rc_view *rc__view_derive(const rc_view *view, size_t ndim, bool is_indirect)
{
    struct rc__view_parts parts = {.base = view->base,
                                   .format = view->format,
                                   .data = view->data,
                                   .ndim = ndim,
                                   .size = view->size,
                                   .state = view->rc__state & RC__VIEW_READ_ONLY,
                                   .is_indirect = is_indirect};
    return rc__view_make(&parts, view->rc__state & RC__VIEW_BUILTIN);
}

/* RC_INVALID and a sentence that begins with @p call. */
RC_HIDDEN RC_COLD enum rc_status rc__view_not_alive(const rc_view *view, const char *call);

static inline enum rc_status rc__view_check(const rc_view *view, const char *call)
{
    if (RC_LIKELY(view && !rc__object_is_finalizing(view))) return RC_OK;
    return rc__view_not_alive(view, call);
}

/* RC_INVALID unless @p order is one of @p orders. */
RC_HIDDEN enum rc_status rc__view_check_order(char order, const char *orders, const char *call);

/* RC_READ_ONLY, and why, unless elements can be written. */
RC_HIDDEN enum rc_status rc__view_check_writable(const rc_view *view, const char *call);

/* The elements of a shape: RC_INVALID or RC_OVERFLOW where rc__geometry_count() finds a fault or
 * the dimensions are too many. */
RC_HIDDEN enum rc_status rc__view_count(const char *call, size_t ndim, const size_t *shape,
                                        size_t itemsize, size_t *count);

/* "(2, 3)", cut where it is too long for @p text. Returns: text. */
#define RC__VIEW_TEXT 80
RC_HIDDEN const char *rc__view_shape_text(char text[RC__VIEW_TEXT], size_t ndim,
                                          const size_t *shape);

/* The index of the next element in C order; behind the last comes the first. */
static inline void rc__view_advance(const rc_view *view, size_t *index)
{
    for (size_t i = view->ndim; i > 0 && ++index[i - 1] == view->shape[i - 1]; i--)
        index[i - 1] = 0;
}

/* What the address at @p place leads to. */
static inline const unsigned char *rc__view_follow(const unsigned char *place, ptrdiff_t suboffset)
{
    const void *address;
    memcpy(&address, place, sizeof(void *));
    return (const unsigned char *)address + suboffset;
}

/* Where the element at @p index is, each below its shape; suboffsets are followed. */
static inline const unsigned char *rc__view_place(const rc_view *view, const size_t *index)
{
    if (RC_LIKELY(!view->suboffsets))
        return view->data + rc__geometry_offset(view->ndim, view->strides, index);
    const unsigned char *place = view->data;
    for (size_t i = 0; i < view->ndim; i++) {
        place += (ptrdiff_t)index[i] * view->strides[i];
        if (view->suboffsets[i] >= 0) place = rc__view_follow(place, view->suboffsets[i]);
    }
    return place;
}

#endif
