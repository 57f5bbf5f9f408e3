/* SPDX-License-Identifier: MIT */
#include "reader.h"

/* ---- through a lens -------------------------------------------------------------------------- */

/* The inner loop goes where elements lie close together. */
#define DEFINE_LOAD(name, type, member, expression)                                                \
    static void load_##name(const struct reader *self, const struct window *window,                \
                            union patch *patch)                                                    \
    {                                                                                              \
        const lens_##name lens = self->lens.name;                                                  \
        if (self->by_columns) {                                                                    \
            for (size_t j = 0; j < window->columns; j++)                                           \
                for (size_t i = 0; i < window->rows; i++) {                                        \
                    const type x = RC_AT(lens, window->row + i, window->column + j);               \
                    patch->member[j][i] = expression;                                              \
                }                                                                                  \
            return;                                                                                \
        }                                                                                          \
        for (size_t i = 0; i < window->rows; i++)                                                  \
            for (size_t j = 0; j < window->columns; j++) {                                         \
                const type x = RC_AT(lens, window->row + i, window->column + j);                   \
                patch->member[j][i] = expression;                                                  \
            }                                                                                      \
    }
READER_LENSES(DEFINE_LOAD)
#undef DEFINE_LOAD

#define TRY_LENS(name_)                                                                            \
    do {                                                                                           \
        self->lens.name_ = RC_LENS_OF(lens_##name_, self->view);                                   \
        if (!self->lens.name_.data) return false;                                                  \
        self->load = load_##name_;                                                                 \
        return true;                                                                               \
    } while (0)

static bool use_integer_lens(struct reader *self, const struct rc_format_field *field)
{
    bool is_signed = strchr("bhilqn", field->code) != NULL;
    switch (field->size) {
    case 1:
        if (is_signed) TRY_LENS(i8);
        TRY_LENS(u8);
    case 2:
        if (is_signed) TRY_LENS(i16);
        TRY_LENS(u16);
    case 4:
        if (is_signed) TRY_LENS(i32);
        TRY_LENS(u32);
    case 8:
        if (is_signed) TRY_LENS(i64);
        TRY_LENS(u64);
    default:
        return false;
    }
}

/* False: there is no lens for these elements, or they are not aligned, or not in this order. */
static bool use_lens(struct reader *self)
{
    const struct rc_format_field *field = self->view->format->fields;
    switch (field->code) {
    case 'e':
        return false;
    case 'f':
        TRY_LENS(f32);
    case 'd':
        TRY_LENS(f64);
    case 'g':
        TRY_LENS(long_double);
    default:
        return use_integer_lens(self, field);
    }
}

/* ---- one by one ------------------------------------------------------------------------------ */

static void store(const struct reader *self, const struct rc_value *value, size_t column,
                  size_t row, union patch *patch)
{
    switch (value->kind) {
    case RC_VALUE_REAL:
        if (self->kind == KIND_LONG_REAL)
            patch->long_reals[column][row] = value->as.real;
        else
            patch->reals[column][row] = (double)value->as.real;
        return;
    case RC_VALUE_SIGNED:
        patch->integers[column][row] = value->as.signed_integer;
        return;
    default:
        patch->integers[column][row] = self->kind == KIND_UNSIGNED
                                           ? reader_bias(value->as.unsigned_integer)
                                           : (int64_t)value->as.unsigned_integer;
    }
}

/* A number has one value, so that unpacking it cannot fail. */
static void load_by_unpacking(const struct reader *self, const struct window *window,
                              union patch *patch)
{
    const rc_view *view = self->view;
    for (size_t i = 0; i < window->rows; i++) {
        const unsigned char *row = view->data + (ptrdiff_t)(window->row + i) * view->strides[0];
        for (size_t j = 0; j < window->columns; j++) {
            struct rc_value value;
            (void)rc_format_unpack(
                view->format, row + (ptrdiff_t)(window->column + j) * view->strides[1], &value, 1);
            store(self, &value, j, i, patch);
        }
    }
}

/* ---- which ----------------------------------------------------------------------------------- */

static size_t distance(ptrdiff_t stride)
{
    return stride < 0 ? -(size_t)stride : (size_t)stride;
}

void reader_open(struct reader *self, const rc_view *view, enum kind kind)
{
    *self = (struct reader){.view = view, .kind = kind};
    self->by_columns =
        view->shape[1] == 1 || distance(view->strides[0]) < distance(view->strides[1]);
    if (use_lens(self)) return;
    rc_error_clear();
    self->load = load_by_unpacking;
}
