/* SPDX-License-Identifier: MIT */
/* A view is taken apart field by field until what is left is a number. Parts of complex numbers are
 * views of their own too, of half the size and the same strides. */
#include "table.h"

#include <rc/memory.h>
#include <rc/scope.h>

/* ---- places ---------------------------------------------------------------------------------- */

static void end_place(void *object)
{
    struct place *self = object;
    rc_release(self->records);
    rc_release(self->outer);
}

static const rc_type place_type = {
    .name = "npy_stats.place",
    .size = sizeof(struct place),
    .finalize = end_place,
};

/* A field of @p records, or where they are NULL the array or a part of a number. */
static struct place *place_new(struct place *outer, const rc_view *records, const char *name,
                               size_t ndim)
{
    struct place *self = rc_new(struct place, &place_type);
    if (!self) return NULL;
    self->outer = rc_retain(outer);
    self->records = rc_retain((rc_view *)records);
    self->name = name;
    self->ndim = ndim;
    return self;
}

/* ---- series ---------------------------------------------------------------------------------- */

static void end_series(void *object)
{
    struct series *self = object;
    rc_memory_free(self->summaries);
    rc_release(self->flat);
    rc_release(self->view);
    rc_release(self->place);
}

static const rc_type series_type = {
    .name = "npy_stats.series",
    .size = sizeof(struct series),
    .finalize = end_series,
};

static enum kind kind_of(const rc_format *format)
{
    if (format->field_count != 1 || format->fields->ndim > 0) return KIND_TEXT;
    const struct rc_format_field *field = format->fields;
    if (strchr("?bhilqn", field->code)) return KIND_INTEGER;
    if (strchr("BHILQN", field->code))
        return field->size == sizeof(uint64_t) ? KIND_UNSIGNED : KIND_INTEGER;
    if (strchr("efd", field->code)) return KIND_REAL;
    return field->code == 'g' ? KIND_LONG_REAL : KIND_TEXT;
}

/* Rows and columns, where the strides allow that without a copy; they need not. */
static enum rc_status flatten(struct series *self)
{
    size_t shape[2] = {self->view->shape[0], self->columns};
    self->flat = rc_view_reshape(self->view, 2, shape, 'C');
    if (self->flat) return RC_OK;
    if (rc_error_status() != RC_UNSUPPORTED) return rc_error_status();
    rc_error_clear();
    return RC_OK;
}

static enum rc_status add_series(struct table *table, const rc_view *view, struct place *place)
{
    RC_AUTO(struct series, series) = rc_new(struct series, &series_type);
    if (!series) return rc_error_status();
    series->view = rc_retain((rc_view *)view);
    series->place = rc_retain(place);
    series->kind = kind_of(view->format);
    series->columns = table->rows ? view->size / table->rows : 0;
    if (series_is_number(series) && view->size > 0 && flatten(series)) return rc_error_status();

    struct series **grown =
        rc_memory_reallocate_array(table->series, table->series_count + 1, sizeof *grown);
    if (!grown) return rc_error_status();
    table->series = grown;
    *(series_is_number(series) ? &table->columns : &table->texts) += series->columns;
    grown[table->series_count++] = rc_steal(&series);
    return RC_OK;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static enum rc_status add_view(struct table *table, const rc_view *view, struct place *place);

static enum rc_status add_field(struct table *table, const rc_view *records, struct place *outer,
                                const struct rc_format_field *field)
{
    RC_AUTO(rc_view, view) = rc_view_field(records, field->name);
    RC_AUTO(struct place, place) = place_new(outer, records, field->name, field->ndim);
    return view && place ? add_view(table, view, place) : rc_error_status();
}

/* The same numbers from @p offset bytes on, as a format of one real. */
static rc_view *part_of(const rc_view *complex, const char *format, size_t offset)
{
    struct rc_view_layout layout = {.struct_size = sizeof layout,
                                    .format = format,
                                    .offset =
                                        (size_t)(complex->data - complex->base->data) + offset,
                                    .ndim = complex->ndim,
                                    .shape = complex->shape,
                                    .strides = complex->strides,
                                    .read_only = true};
    return rc_view_new_with(complex->base, &layout);
}

static enum rc_status add_part(struct table *table, const rc_view *complex, struct place *outer,
                               const char *name, size_t offset)
{
    const struct rc_format_field *field = complex->format->fields;
    const bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    const char code = field->code == 'F' ? 'f' : field->code == 'D' ? 'd' : 'g';
    const char format[] = {!field->swapped ? '^' : is_little ? '>' : '<', code, '\0'};
    RC_AUTO(rc_view, view) = part_of(complex, format, offset);
    RC_AUTO(struct place, place) = place_new(outer, NULL, name, 0);
    return view && place ? add_series(table, view, place) : rc_error_status();
}

static enum rc_status add_view(struct table *table, const rc_view *view, struct place *place)
{
    const rc_format *format = view->format;
    const struct rc_format_field *field = format->fields;
    if (format->field_count == 1 && field->ndim == 0 && strchr("FDG", field->code)) {
        if (add_part(table, view, place, "real", 0)) return rc_error_status();
        return add_part(table, view, place, "imag", field->size / 2);
    }
    if (format->field_count != 1 || !field->record) return add_series(table, view, place);
    for (size_t i = 0; i < field->record->field_count; i++)
        if (add_field(table, view, place, &field->record->fields[i])) return rc_error_status();
    return RC_OK;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void end_table(void *object)
{
    struct table *self = object;
    for (size_t i = 0; i < self->series_count; i++) rc_release(self->series[i]);
    rc_memory_free(self->series);
    rc_release(self->view);
}

static const rc_type table_type = {
    .name = "npy_stats.table",
    .size = sizeof(struct table),
    .finalize = end_table,
};

struct table *table_new(const rc_view *array)
{
    RC_AUTO(struct table, self) = rc_new(struct table, &table_type);
    if (!self) return NULL;
    const size_t one = 1;
    self->view = array->ndim ? rc_retain((rc_view *)array) : rc_view_reshape(array, 1, &one, 'C');
    if (!self->view) return NULL;
    self->rows = self->view->shape[0];
    RC_AUTO(struct place, place) = place_new(NULL, NULL, NULL, self->view->ndim - 1);
    if (!place || add_view(self, self->view, place)) return NULL;
    return rc_steal(&self);
}
