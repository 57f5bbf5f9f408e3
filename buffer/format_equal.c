/* SPDX-License-Identifier: MIT */
/* What two formats have in common, and the field of a name. */
#include "format_layout.h"

static bool same_shape(const struct rc_format_field *a, const struct rc_format_field *b)
{
    return a->ndim == b->ndim && memcmp(a->shape, b->shape, a->ndim * sizeof *a->shape) == 0;
}

static bool same_field(const struct rc_format_field *a, const struct rc_format_field *b)
{
    if (a->offset != b->offset || a->size != b->size || !same_shape(a, b)) return false;
    enum rc__format_class class = rc__format_class_of(a);
    if (class != rc__format_class_of(b) || a->swapped != b->swapped) return false;
    return class != RC__CLASS_RECORD || rc_format_equal(a->record, b->record);
}

/* As deep as records nest. */
bool rc_format_equal(const rc_format *a, const rc_format *b)
{
    if (a == b) return true;
    if (!a || !b || a->itemsize != b->itemsize || a->field_count != b->field_count) return false;
    for (size_t i = 0; i < a->field_count; i++)
        if (!same_field(&a->fields[i], &b->fields[i])) return false;
    return true;
}

const struct rc_format_field *rc_format_find(const rc_format *format, const char *name)
{
    if (!format || !name) return NULL;
    if (format->field_count == 1 && format->fields[0].code == 'T' && format->fields[0].ndim == 0)
        format = format->fields[0].record;
    for (size_t i = 0; i < format->field_count; i++)
        if (strcmp(format->fields[i].name, name) == 0) return &format->fields[i];
    return NULL;
}
