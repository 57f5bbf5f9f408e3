/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What a lens asks of a view, once. */
#include "lens.h"

#include "../rc/callback.h"
#include "format_code.h"

static const char call[] = "RC_LENS_OF";

static enum rc_status check_shape(const rc_view *view, const struct rc_lens_request *request)
{
    if (view->ndim != request->ndim)
        return rc_error_set(RC_INVALID, "%s: a view of %zu dimensions for a lens of %zu", call,
                            view->ndim, request->ndim);
    if (view->suboffsets)
        return rc_error_set(RC_UNSUPPORTED,
                            "%s: the view has suboffsets, which a lens does not follow", call);
    size_t last = request->ndim - 1;
    if (request->is_contiguous && view->size && view->shape[last] > 1 &&
        view->strides[last] != (ptrdiff_t)request->itemsize)
        return rc_error_set(RC_INVALID,
                            "%s: the last dimension has a stride of %td bytes, and elements of %zu",
                            call, view->strides[last], request->itemsize);
    return RC_OK;
}

/* Every element of a view is aligned if the first is, and each stride that is taken. */
static enum rc_status check_alignment(const rc_view *view, const struct rc_lens_request *request)
{
    uintptr_t bits = (uintptr_t)view->data;
    for (size_t i = 0; i < view->ndim; i++)
        if (view->shape[i] > 1) bits |= (uintptr_t)view->strides[i];
    if (view->size == 0 || (bits & (request->alignment - 1)) == 0) return RC_OK;
    return rc_error_set(RC_INVALID,
                        "%s: elements of \"%s\" at %p, not all aligned to the lens's %zu bytes",
                        call, view->format->text, (const void *)view->data, request->alignment);
}

/* Bytes are bytes: char types take what has the same size and no other meaning for C. */
static bool is_byte_of(const rc_view *view, char wanted)
{
    if (view->itemsize != 1 || view->format->field_count != 1) return false;
    const struct rc_format_field *field = &view->format->fields[0];
    if (field->ndim != 0) return false;
    if (wanted == 'B') return field->code == 'c' || field->code == '?';
    if (wanted == 'c') return field->code == 'b' || field->code == 'B';
    return wanted == 'b' && field->code == 'c';
}

static enum rc_status check_format(const rc_view *view, const struct rc_lens_request *request)
{
    if (!request->format)
        return rc_error_set(RC_FORMAT,
                            "%s: the lens has elements of a type that has no format: "
                            "RC_LENS_OF_FORMAT takes one",
                            call);
    rc_format *format = rc_format_new(request->format);
    if (!format) return rc_error_status();
    size_t itemsize = format->itemsize;
    bool equal = rc_format_equal(view->format, format);
    rc__format_release(format);
    if (itemsize != request->itemsize)
        return rc_error_set(RC_INVALID, "%s: items of \"%s\" have %zu bytes, the lens's type %zu",
                            call, request->format, itemsize, request->itemsize);
    if (equal || (!request->is_own && is_byte_of(view, request->format[0]))) return RC_OK;
    return rc_error_set(RC_FORMAT, "%s: a view of \"%s\" for a lens of \"%s\"", call,
                        view->format->text, request->format);
}

void *rc_lens_open(const rc_view *view, const struct rc_lens_request *request, size_t *shape,
                   ptrdiff_t *strides)
{
    if (!view) {
        rc_error_set(RC_INVALID, "%s: the view is NULL", call);
        return NULL;
    }
    if (check_format(view, request) != RC_OK || check_shape(view, request) != RC_OK ||
        check_alignment(view, request) != RC_OK)
        return NULL;
    if (!request->is_const && rc_view_is_read_only(view)) {
        rc_error_set(RC_READ_ONLY, "%s: the view is read-only, and the lens is not one of const",
                     call);
        return NULL;
    }
    const void *data = request->is_const ? view->data : rc_view_edit(view);
    if (!data) return NULL;
    memcpy(shape, view->shape, view->ndim * sizeof *shape);
    memcpy(strides, view->strides, view->ndim * sizeof *strides);
    return rc__unconst(data);
}

void rc_lens_out_of_bounds(const char *file, int line, size_t dimension, ptrdiff_t index,
                           size_t shape)
{
    rc__stop("%s:%d: RC_AT: index %td of dimension %zu, which has %zu elements", file, line, index,
             dimension, shape);
}
