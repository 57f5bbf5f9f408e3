/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Whether two formats say the same. Both are walked leaf by leaf, through their records, and no
 * further than the first difference. What is compared of a leaf is where it lies, how it is
 * repeated, and what its bytes mean; not the records that lead to it.
 */
#include "format_layout.h"

struct dimension {
    size_t extent, stride; /* elements; bytes */
};

struct step {
    const rc_format *record;
    size_t next;   /* field of it */
    size_t offset; /* of its first element, in the item */
    size_t ndim;   /* dimensions up to it */
};

struct walk {
    struct step steps[RC__FORMAT_DEPTH_MAX + 1]; /* [0, depth] */
    size_t depth;
    /* of the leaf */
    size_t offset, ndim;
    struct dimension dimensions[RC__FORMAT_DIMENSIONS_MAX];
};

static void begin(struct walk *walk, const rc_format *format)
{
    walk->depth = 0;
    walk->steps[0] = (struct step){.record = format};
}

/* The field's own dimensions come behind those of the records around it, the last the fastest. */
static void add_dimensions(struct walk *walk, const struct rc_format_field *field)
{
    size_t stride = field->size;
    for (size_t i = field->ndim; i > 0; stride *= field->shape[i - 1], i--)
        walk->dimensions[walk->ndim + i - 1] = (struct dimension){field->shape[i - 1], stride};
    walk->ndim += field->ndim;
}

static bool has_values(const struct rc_format_field *field)
{
    if (rc__format_elements(field) == 0) return false;
    return field->record ? field->record->value_count != 0 : field->code != 'x';
}

/* The next field with values that is no record; NULL: there is none. */
static const struct rc_format_field *next_leaf(struct walk *walk)
{
    for (;;) {
        struct step *step = &walk->steps[walk->depth];
        if (step->next == step->record->field_count) {
            if (walk->depth == 0) return NULL;
            walk->depth--;
            continue;
        }
        const struct rc_format_field *field = &step->record->fields[step->next++];
        if (!has_values(field)) continue;
        walk->offset = step->offset + field->offset;
        walk->ndim = step->ndim;
        add_dimensions(walk, field);
        if (!field->record) return field;
        walk->steps[++walk->depth] =
            (struct step){.record = field->record, .offset = walk->offset, .ndim = walk->ndim};
    }
}

/* c is a string of one byte. */
static enum rc__format_class meaning(const struct rc_format_field *field)
{
    enum rc__format_class class = rc__format_class_of(field);
    return class == RC__CLASS_CHARACTER ? RC__CLASS_STRING : class;
}

static bool is_same_leaf(const struct rc_format_field *a, const struct rc_format_field *b)
{
    return a->size == b->size && a->swapped == b->swapped && meaning(a) == meaning(b);
}

static bool is_same_place(const struct walk *a, const struct walk *b)
{
    if (a->offset != b->offset || a->ndim != b->ndim) return false;
    for (size_t i = 0; i < a->ndim; i++)
        if (a->dimensions[i].extent != b->dimensions[i].extent ||
            a->dimensions[i].stride != b->dimensions[i].stride)
            return false;
    return true;
}

bool rc_format_equal(const rc_format *a, const rc_format *b)
{
    if (a == b) return true;
    if (!a || !b || a->itemsize != b->itemsize || a->value_count != b->value_count) return false;
    struct walk in_a, in_b;
    begin(&in_a, a);
    begin(&in_b, b);
    for (;;) {
        const struct rc_format_field *leaf = next_leaf(&in_a), *other = next_leaf(&in_b);
        if (!leaf || !other) return leaf == other;
        if (!is_same_leaf(leaf, other) || !is_same_place(&in_a, &in_b)) return false;
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

static const struct rc_format_field *find_in(const rc_format *format, const char *name)
{
    for (size_t i = 0; i < format->field_count; i++)
        if (strcmp(format->fields[i].name, name) == 0) return &format->fields[i];
    return NULL;
}

const struct rc_format_field *rc_format_find(const rc_format *format, const char *name)
{
    if (!format || !name) return NULL;
    const struct rc_format_field *first = format->fields, *found = NULL;
    if (format->field_count == 1 && first->record && first->ndim == 0)
        found = find_in(first->record, name);
    return found ? found : find_in(format, name);
}
