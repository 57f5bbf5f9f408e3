/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* A field of each record. */
#include "view_layout.h"

/* A field, and where it is in the whole item. */
struct found {
    const struct rc_format_field *field;
    size_t offset;
};

static enum rc_status find_field(const rc_view *view, const char *name, struct found *found)
{
    static const char call[] = "rc_view_field";
    if (rc__view_check(view, call) != RC_OK) return RC_INVALID;
    if (!name) return rc_error_set(RC_INVALID, "%s: the name is NULL", call);
    found->field = rc_format_find(view->format, name);
    if (!found->field)
        return rc_error_set(RC_FORMAT, "%s: items of \"%.60s\" have no field \"%.60s\"", call,
                            view->format->text, name);
    const struct rc_format_field *outer = view->format->fields;
    bool is_of_item = found->field >= outer && found->field < outer + view->format->field_count;
    found->offset = found->field->offset + (is_of_item ? 0 : outer->offset);
    return RC_OK;
}

/* Where the bytes of an element begin is the matter of the last suboffset followed. */
static enum rc_status move_to(rc_view *view, size_t ndim, size_t offset)
{
    for (size_t i = view->suboffsets ? ndim : 0; i > 0; i--) {
        ptrdiff_t *suboffset = &rc__view_suboffsets(view)[i - 1];
        if (*suboffset < 0) continue;
        if (!__builtin_add_overflow(*suboffset, (ptrdiff_t)offset, suboffset)) return RC_OK;
        return rc_error_set(RC_OVERFLOW, "rc_view_field: a suboffset and %zu are too large",
                            offset);
    }
    if (view->size) view->data += offset;
    return RC_OK;
}

static enum rc_status set_dimensions(rc_view *result, const rc_view *view,
                                     const struct found *found)
{
    const struct rc_format_field *field = found->field;
    size_t ndim = view->ndim;
    for (size_t i = 0; i < ndim; i++) {
        rc__view_shape(result)[i] = view->shape[i];
        rc__view_strides(result)[i] = view->strides[i];
        if (result->suboffsets) rc__view_suboffsets(result)[i] = view->suboffsets[i];
    }
    for (size_t i = 0; i < field->ndim; i++) {
        rc__view_shape(result)[ndim + i] = field->shape[i];
        if (result->suboffsets) rc__view_suboffsets(result)[ndim + i] = -1;
    }
    enum rc_status status = rc__view_count("rc_view_field", result->ndim, result->shape,
                                           result->itemsize, &result->size);
    if (status != RC_OK) return status;
    rc__geometry_fill_strides(field->ndim, field->shape, field->size, 'C',
                              rc__view_strides(result) + ndim);
    return move_to(result, ndim, found->offset);
}

static rc_view *make(const rc_view *view, const struct found *found, const rc_format *format)
{
    struct rc__view_parts parts = {.base = view->base,
                                   .format = format,
                                   .data = view->data,
                                   .ndim = view->ndim + found->field->ndim,
                                   .state = view->rc__state & RC__VIEW_READ_ONLY,
                                   .is_indirect = view->suboffsets != NULL};
    rc_view *result = rc__view_make_of(&parts);
    if (!result || set_dimensions(result, view, found) == RC_OK) return result;
    rc_release(result);
    return NULL;
}

rc_view *rc_view_field(const rc_view *view, const char *name)
{
    struct found found = {NULL, 0};
    if (find_field(view, name, &found) != RC_OK) return NULL;
    const rc_format *format = rc__format_of_field(found.field);
    if (!format) return NULL;
    rc_view *result = make(view, &found, format);
    rc__format_release(format);
    return result;
}
