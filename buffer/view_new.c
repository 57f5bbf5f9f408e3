/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Views over a buffer's bytes: what they are asked for is checked here, once and for all. */
#include "view_layout.h"

#include <stdio.h>

/* What is known of a view before it is made. */
struct plan {
    const char *call;
    rc_buffer *buffer;
    const rc_format *format;
    const struct rc_view_layout *layout;
    size_t size;    /* elements */
    size_t fitting; /* the shape, where it was left out */
    const size_t *shape;
    const ptrdiff_t *strides; /* NULL: C order, without gaps */
    bool is_indirect;
};

/* The format of @p text, "B" for NULL: one new reference, which for the immortal ones counts
 * nothing. The short way for one letter. */
static const rc_format *format_of(const char *text)
{
    size_t taken;
    if (!text) text = "B";
    enum rc__format_row row =
        text[0] && !text[1] ? rc__format_read_code(text, 1, &taken) : RC__ROW_NONE;
    return row != RC__ROW_NONE ? rc__format_builtin(row) : rc_format_new(text);
}

/* ---- outside --------------------------------------------------------------------------------- */

/* The element that lies furthest to one side: indices that go there are at their last. */
static void furthest(const struct plan *plan, size_t ndim, bool before, size_t *index)
{
    for (size_t i = 0; i < ndim; i++) {
        bool goes = before ? plan->strides[i] < 0 : plan->strides[i] > 0;
        index[i] = goes ? plan->shape[i] - 1 : 0;
    }
}

static enum rc_status refuse_far(const struct plan *plan)
{
    char text[RC__VIEW_TEXT];
    return rc_error_set(RC_RANGE,
                        "%s: elements of the shape %s lie further apart than memory reaches, in %s "
                        "of %zu bytes",
                        plan->call, rc__view_shape_text(text, plan->layout->ndim, plan->shape),
                        rc__buffer_kind_text(plan->buffer), plan->buffer->size);
}

static enum rc_status refuse_outside(const struct plan *plan, size_t ndim, size_t bytes,
                                     const struct rc__geometry_reach *reach)
{
    size_t index[RC_VIEW_DIMENSIONS_MAX], offset = plan->layout->offset;
    bool before = reach->before > offset;
    char text[RC__VIEW_TEXT];
    furthest(plan, ndim, before, index);
    rc__view_shape_text(text, ndim, index);
    if (before)
        return rc_error_set(RC_RANGE, "%s: element %s lies %zu bytes before the first of %s",
                            plan->call, text, reach->before - offset,
                            rc__buffer_kind_text(plan->buffer));
    if (offset > SIZE_MAX - reach->after || bytes > SIZE_MAX - reach->after - offset)
        return refuse_far(plan);
    return rc_error_set(RC_RANGE, "%s: element %s, bytes [%zu, %zu), passes the end of %s of %zu",
                        plan->call, text, offset + reach->after, offset + reach->after + bytes,
                        rc__buffer_kind_text(plan->buffer), plan->buffer->size);
}

/* Dimensions up to the first suboffset that is followed, and the size of what they lead to. */
static size_t direct_dimensions(const struct plan *plan, size_t *bytes)
{
    const ptrdiff_t *suboffsets = plan->layout->suboffsets;
    size_t i = 0;
    while (suboffsets[i] < 0) i++;
    *bytes = sizeof(void *);
    return i + 1;
}

static enum rc_status check_offset(const struct plan *plan)
{
    size_t offset = plan->layout->offset;
    if (offset <= plan->buffer->size) return RC_OK;
    return rc_error_set(RC_RANGE, "%s: offset %zu passes the end of %s of %zu bytes", plan->call,
                        offset, rc__buffer_kind_text(plan->buffer), plan->buffer->size);
}

/* Strides that were left out, where they are needed: for pointers on the way, and to say what lies
 * outside. */
static void fill_strides(struct plan *plan, ptrdiff_t *strides)
{
    if (plan->strides) return;
    rc__geometry_fill_strides(plan->layout->ndim, plan->shape, plan->format->itemsize, 'C',
                              strides);
    plan->strides = strides;
}

static inline bool find_reach(const struct plan *plan, size_t ndim,
                              struct rc__geometry_reach *reach)
{
    if (plan->strides) return rc__geometry_reach(ndim, plan->shape, plan->strides, reach);
    *reach = (struct rc__geometry_reach){0, (plan->size - 1) * plan->format->itemsize};
    return true;
}

/* Without elements there is still a place where the first would be. @p strides: room for those that
 * were left out. */
static inline enum rc_status check_inside(struct plan *plan, ptrdiff_t *strides)
{
    size_t bytes = plan->format->itemsize, ndim = plan->layout->ndim;
    struct rc__geometry_reach reach;
    if (plan->size == 0) return check_offset(plan);
    if (RC_UNLIKELY(plan->is_indirect)) {
        fill_strides(plan, strides);
        ndim = direct_dimensions(plan, &bytes);
    }
    if (RC_UNLIKELY(!find_reach(plan, ndim, &reach))) return refuse_far(plan);
    if (RC_LIKELY(rc__geometry_is_inside(plan->buffer->size, plan->layout->offset, bytes, &reach)))
        return RC_OK;
    fill_strides(plan, strides);
    return refuse_outside(plan, ndim, bytes, &reach);
}

/* ---- the plan -------------------------------------------------------------------------------- */

/* One dimension of as many elements as there is room for. */
static enum rc_status fill_up(struct plan *plan)
{
    const struct rc_view_layout *layout = plan->layout;
    size_t itemsize = plan->format->itemsize;
    ptrdiff_t stride = layout->strides ? layout->strides[0] : (ptrdiff_t)itemsize;
    if (stride == 0 || itemsize == 0)
        return rc_error_set(RC_INVALID,
                            "%s: a stride or an itemsize of 0 does not tell how many elements fit",
                            plan->call);
    if (check_offset(plan) != RC_OK) return RC_RANGE;
    plan->fitting = rc__geometry_fill_up(plan->buffer->size, layout->offset, itemsize, stride);
    plan->shape = &plan->fitting;
    return RC_OK;
}

static bool follows_any(const struct rc_view_layout *layout)
{
    for (size_t i = 0; layout->suboffsets && i < layout->ndim; i++)
        if (layout->suboffsets[i] >= 0) return true;
    return false;
}

/* Where there is a shape to count; all others take the long way. */
static inline bool count_quickly(size_t ndim, const size_t *shape, size_t itemsize, size_t *count)
{
    return ndim <= RC_VIEW_DIMENSIONS_MAX && shape &&
           rc__geometry_count(ndim, shape, itemsize, count);
}

/* @p strides: room for those that were left out. */
static inline enum rc_status plan_elements(struct plan *plan, ptrdiff_t *strides)
{
    const struct rc_view_layout *layout = plan->layout;
    size_t itemsize = plan->format->itemsize;
    plan->shape = layout->shape;
    plan->strides = layout->strides;
    enum rc_status status = RC_OK;
    if (RC_UNLIKELY(!plan->shape && layout->ndim == 1)) status = fill_up(plan);
    if (status == RC_OK && !count_quickly(layout->ndim, plan->shape, itemsize, &plan->size))
        status = rc__view_count(plan->call, layout->ndim, plan->shape, itemsize, &plan->size);
    if (RC_UNLIKELY(status != RC_OK)) return status;
    plan->is_indirect = RC_UNLIKELY(layout->suboffsets != NULL) && follows_any(layout);
    return check_inside(plan, strides);
}

/* Strides for a shape without gaps, or those that were given. */
static inline void fill(rc_view *view, const struct plan *plan)
{
    size_t bytes = plan->format->itemsize;
    for (size_t left = view->ndim; left > 0; left--) {
        size_t i = left - 1, length = plan->shape[i];
        rc__view_shape(view)[i] = length;
        rc__view_strides(view)[i] = plan->strides ? plan->strides[i] : (ptrdiff_t)bytes;
        bytes *= length ? length : 1;
    }
    if (RC_LIKELY(!plan->is_indirect)) return;
    for (size_t i = 0; i < view->ndim; i++)
        rc__view_suboffsets(view)[i] = plan->layout->suboffsets[i];
}

static inline rc_view *make(const struct plan *plan, bool is_builtin)
{
    struct rc__view_parts parts = {
        .base = plan->buffer,
        .format = plan->format,
        .data = plan->buffer->data + plan->layout->offset,
        .ndim = plan->layout->ndim,
        .size = plan->size,
        .state = plan->layout->read_only ? RC__VIEW_READ_ONLY : 0,
        .is_indirect = plan->is_indirect,
    };
    rc_view *view = rc__view_make(&parts, is_builtin ? RC__VIEW_BUILTIN : 0);
    if (RC_LIKELY(view)) fill(view, plan);
    return view;
}

/* Takes the reference to the format. */
static rc_view *make_with(const char *call, rc_buffer *buffer, const rc_format *format,
                          const struct rc_view_layout *layout)
{
    ptrdiff_t strides[RC_VIEW_DIMENSIONS_MAX];
    struct plan plan = {.call = call, .buffer = buffer, .format = format, .layout = layout};
    bool is_builtin = rc__format_is_builtin(format);
    rc_view *view = plan_elements(&plan, strides) == RC_OK ? make(&plan, is_builtin) : NULL;
    if (!is_builtin) rc_release(format);
    return view;
}

/* ---- create ---------------------------------------------------------------------------------- */

static enum rc_status check_layout(const struct rc_view_layout *layout)
{
    if (!layout) return rc_error_set(RC_INVALID, "rc_view_new_with: the layout is NULL");
    if (layout->struct_size == sizeof *layout) return RC_OK;
    return rc_error_set(RC_INVALID,
                        "rc_view_new_with: the layout's struct_size is %zu, where %zu was expected",
                        layout->struct_size, sizeof *layout);
}

rc_view *rc_view_new_with(rc_buffer *buffer, const struct rc_view_layout *layout)
{
    static const char call[] = "rc_view_new_with";
    if (rc__buffer_check(buffer, call) != RC_OK) return NULL;
    if (check_layout(layout) != RC_OK) return NULL;
    const rc_format *format = format_of(layout->format);
    return format ? make_with(call, buffer, format, layout) : NULL;
}

static enum rc_status check_multiple(const rc_buffer *buffer, const rc_format *format)
{
    if (format->itemsize == 0)
        return rc_error_set(RC_INVALID, "rc_view_new: an item of \"%.60s\" has no bytes",
                            format->text);
    if (buffer->size % format->itemsize == 0) return RC_OK;
    return rc_error_set(RC_RANGE, "rc_view_new: %s of %zu bytes is no multiple of items of %zu",
                        rc__buffer_kind_text(buffer), buffer->size, format->itemsize);
}

rc_view *rc_view_new(rc_buffer *buffer, const char *format_text)
{
    if (rc__buffer_check(buffer, "rc_view_new") != RC_OK) return NULL;
    const rc_format *format = format_of(format_text);
    if (!format) return NULL;
    const struct rc_view_layout layout = {.struct_size = sizeof layout, .ndim = 1};
    if (check_multiple(buffer, format) == RC_OK)
        return make_with("rc_view_new", buffer, format, &layout);
    rc__format_release(format);
    return NULL;
}

/* Takes the reference to the format. */
static rc_view *make_zeroed(const rc_format *format, size_t ndim, const size_t *shape)
{
    static const char call[] = "rc_view_new_zeroed";
    size_t count;
    rc_buffer *buffer = NULL;
    if (rc__view_count(call, ndim, shape, format->itemsize, &count) == RC_OK)
        buffer = rc_buffer_new_zeroed(count * format->itemsize);
    if (!buffer) {
        rc__format_release(format);
        return NULL;
    }
    const struct rc_view_layout layout = {
        .struct_size = sizeof layout, .ndim = ndim, .shape = shape};
    rc_view *view = make_with(call, buffer, format, &layout);
    rc_release(buffer);
    return view;
}

rc_view *rc_view_new_zeroed(const char *format_text, size_t ndim, const size_t *shape)
{
    const rc_format *format = format_of(format_text);
    return format ? make_zeroed(format, ndim, shape) : NULL;
}
