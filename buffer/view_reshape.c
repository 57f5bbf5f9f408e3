/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The same bytes in another shape or as another format. */
#include "view_layout.h"

/* ---- reshape --------------------------------------------------------------------------------- */

/* Dimensions that lie without a gap in each other, as one: of length elements, stride apart. */
struct chunk {
    size_t length;
    ptrdiff_t stride;
};

/* Place @p i of @p ndim, counted from the dimension that moves fastest in @p order. */
static size_t fastest(size_t ndim, size_t i, char order)
{
    return order == 'F' ? i : ndim - 1 - i;
}

/* The chunks of a view that has elements, the fastest first. */
static size_t find_chunks(const rc_view *view, char order, struct chunk *chunks)
{
    size_t count = 0;
    for (size_t i = 0; i < view->ndim; i++) {
        size_t place = fastest(view->ndim, i, order), length = view->shape[place];
        ptrdiff_t stride = view->strides[place], next;
        if (length == 1) continue;
        struct chunk *last = count ? &chunks[count - 1] : NULL;
        if (last && rc__geometry_scale(last->stride, (ptrdiff_t)last->length, &next) &&
            next == stride)
            last->length *= length;
        else
            chunks[count++] = (struct chunk){length, stride};
    }
    return count;
}

/* The strides of a new shape of as many elements. False: a dimension of it would cross from one
 * chunk to another. */
static bool divide_chunks(const rc_view *view, size_t ndim, const size_t *shape, char order,
                          ptrdiff_t *strides)
{
    struct chunk chunks[RC_VIEW_DIMENSIONS_MAX];
    size_t count = find_chunks(view, order, chunks), at = 0;
    struct chunk rest = {1, (ptrdiff_t)view->itemsize};
    for (size_t i = 0; i < ndim; i++) {
        size_t place = fastest(ndim, i, order), length = shape[place];
        if (rest.length == 1 && at < count) rest = chunks[at++];
        strides[place] = rest.stride;
        if (length == 1) continue;
        if (rest.length % length != 0) return false;
        rest.length /= length;
        if (rest.length > 1) rest.stride *= (ptrdiff_t)length;
    }
    return true;
}

static enum rc_status find_strides(const rc_view *view, size_t ndim, const size_t *shape,
                                   char order, ptrdiff_t *strides)
{
    static const char call[] = "rc_view_reshape";
    size_t count;
    char text[RC__VIEW_TEXT];
    enum rc_status status = rc__view_count(call, ndim, shape, view->itemsize, &count);
    if (status != RC_OK) return status;
    if (count != view->size)
        return rc_error_set(RC_INVALID, "%s: %zu elements to the shape %s of %zu", call, view->size,
                            rc__view_shape_text(text, ndim, shape), count);
    if (rc_view_is_contiguous(view, order)) {
        rc__geometry_fill_strides(ndim, shape, view->itemsize, order, strides);
        return RC_OK;
    }
    if (!view->suboffsets && divide_chunks(view, ndim, shape, order, strides)) return RC_OK;
    return rc_error_set(RC_UNSUPPORTED,
                        "%s: only a copy of the elements can have the shape %s in order %c", call,
                        rc__view_shape_text(text, ndim, shape), order);
}

static void set_dimensions(rc_view *view, const size_t *shape, const ptrdiff_t *strides)
{
    for (size_t i = 0; i < view->ndim; i++) {
        rc__view_shape(view)[i] = shape[i];
        rc__view_strides(view)[i] = strides[i];
    }
}

rc_view *rc_view_reshape(const rc_view *view, size_t ndim, const size_t *shape, char order)
{
    static const char call[] = "rc_view_reshape";
    ptrdiff_t strides[RC_VIEW_DIMENSIONS_MAX];
    if (rc__view_check(view, call) != RC_OK) return NULL;
    if (rc__view_check_order(order, "CF", call) != RC_OK) return NULL;
    if (find_strides(view, ndim, shape, order, strides) != RC_OK) return NULL;
    rc_view *result = rc__view_derive(view, ndim, false);
    if (result) set_dimensions(result, shape, strides);
    return result;
}

/* ---- cast ------------------------------------------------------------------------------------ */

/* b, B or c, however it is spelled. */
static bool is_byte(const rc_format *format)
{
    if (format->itemsize != 1 || format->value_count != 1 || format->field_count != 1) return false;
    enum rc__format_class class = rc__format_class_of(&format->fields[0]);
    return class == RC__CLASS_SIGNED || class == RC__CLASS_UNSIGNED || class == RC__CLASS_CHARACTER;
}

static enum rc_status check_cast(const rc_view *view, size_t ndim, const size_t *shape)
{
    if (rc__view_check(view, "rc_view_cast") != RC_OK) return RC_INVALID;
    if (!rc_view_is_contiguous(view, 'C'))
        return rc_error_set(RC_INVALID,
                            "rc_view_cast: the view of %zu dimensions is not contiguous in order C",
                            view->ndim);
    if (view->size == 0 && (shape || view->ndim != 1))
        return rc_error_set(RC_INVALID, "rc_view_cast: without elements, one dimension stays one");
    if (shape && view->ndim != 1 && ndim != 1)
        return rc_error_set(RC_INVALID, "rc_view_cast: %zu dimensions to %zu, and neither is 1",
                            view->ndim, ndim);
    return RC_OK;
}

static enum rc_status check_formats(const rc_view *view, const rc_format *format)
{
    if (!is_byte(view->format) && !is_byte(format))
        return rc_error_set(RC_FORMAT,
                            "rc_view_cast: neither \"%.60s\" nor \"%.60s\" is one of b, B and c",
                            view->format->text, format->text);
    if (format->itemsize == 0)
        return rc_error_set(RC_INVALID, "rc_view_cast: an item of \"%.60s\" has no bytes",
                            format->text);
    size_t bytes = view->size * view->itemsize;
    if (bytes % format->itemsize == 0) return RC_OK;
    return rc_error_set(RC_RANGE, "rc_view_cast: %zu bytes are no multiple of items of %zu", bytes,
                        format->itemsize);
}

static enum rc_status check_shape(const rc_view *view, const rc_format *format, size_t ndim,
                                  const size_t *shape)
{
    char text[RC__VIEW_TEXT];
    size_t count, bytes = view->size * view->itemsize;
    enum rc_status status = rc__view_count("rc_view_cast", ndim, shape, format->itemsize, &count);
    if (status != RC_OK) return status;
    if (count == 0)
        return rc_error_set(RC_INVALID, "rc_view_cast: an entry of the shape %s is 0",
                            rc__view_shape_text(text, ndim, shape));
    if (count * format->itemsize == bytes) return RC_OK;
    return rc_error_set(RC_RANGE, "rc_view_cast: %zu bytes to the shape %s of items of %zu", bytes,
                        rc__view_shape_text(text, ndim, shape), format->itemsize);
}

static rc_view *cast(const rc_view *view, const rc_format *format, size_t ndim, const size_t *shape)
{
    size_t count = view->size * view->itemsize / format->itemsize;
    struct rc__view_parts parts = {.base = view->base,
                                   .format = format,
                                   .data = view->data,
                                   .ndim = ndim,
                                   .size = count,
                                   .state = view->rc__state & RC__VIEW_READ_ONLY};
    rc_view *result = rc__view_make_of(&parts);
    if (!result) return NULL;
    for (size_t i = 0; i < ndim; i++) rc__view_shape(result)[i] = shape ? shape[i] : count;
    rc__geometry_fill_strides(ndim, result->shape, result->itemsize, 'C', rc__view_strides(result));
    return result;
}

rc_view *rc_view_cast(const rc_view *view, const char *format_text, size_t ndim,
                      const size_t *shape)
{
    if (check_cast(view, ndim, shape) != RC_OK) return NULL;
    const rc_format *format = rc_format_new(format_text);
    if (!format) return NULL;
    rc_view *result = NULL;
    if (check_formats(view, format) == RC_OK &&
        (!shape || check_shape(view, format, ndim, shape) == RC_OK))
        result = cast(view, format, shape ? ndim : 1, shape);
    rc__format_release(format);
    return result;
}
