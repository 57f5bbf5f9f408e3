/* SPDX-License-Identifier: MIT */
/*
 * Scenarios of buffer/format.h and lens.h: formats that views share are constant, and end once;
 * lenses read beside all that leaves the elements alone.
 */
#include "explorer.h"

#include "buffer/lens.h"

enum { COUNT = 4 };

static rc_buffer *root;
static rc_view *view;
static rc_format *format;

/* A view with @p references, the only ones to its buffer and format. */
static void make_view(const char *text, unsigned references)
{
    static const double numbers[COUNT] = {1.0, 2.0, 3.0, 4.0};
    root = rc_buffer_copy(numbers, sizeof numbers);
    CHECK(root);
    view = rc_view_new(root, text);
    CHECK(view);
    for (unsigned i = 1; i < references; i++) rc_retain(view);
    rc_release(root);
    format = NULL;
}

static void nothing(void)
{
}

static rc_view *tail_of(const rc_view *of)
{
    rc_view *made = rc_view_slice(of, 0, 1, RC_VIEW_OPEN, 1);
    CHECK(made && made->size == of->size - 1 && made->format == of->format);
    return made;
}

static double number_at(const rc_view *of, size_t index)
{
    double number;
    struct rc_value value;
    const void *item = rc_view_at(of, &index);
    CHECK(item && rc_format_unpack(of->format, item, &value, 1) == RC_OK);
    number = (double)value.as.real;
    return number;
}

/* ---- formats of one code: nobody writes to what all threads share ---------------------------- */

static void make_of_builtin(void)
{
    make_view("d", 2);
    const unsigned char *start = (const unsigned char *)rc__header_of(view->format);
    explorer_forbid_writes(start, sizeof(struct rc__header) + sizeof *view->format);
}

static void use_and_release(void)
{
    rc_view *tail = tail_of(view);
    rc_view *copy = rc_view_copy_new(tail, 'C');
    CHECK(copy && copy->format == view->format);
    rc_release(view);
    CHECK(number_at(copy, 0) == 2.0 && rc_view_equal(copy, tail));
    rc_release(tail);
    rc_release(copy);
}

static void cast_and_release(void)
{
    rc_view *bytes = rc_view_cast(view, "B", 1, NULL);
    rc_release(view);
    CHECK(bytes);
    rc_view *numbers = rc_view_cast(bytes, "d", 1, NULL);
    rc_release(bytes);
    CHECK(numbers && number_at(numbers, 3) == 4.0);
    rc_release(numbers);
}

typedef RC_LENS(const double, 1) row;
typedef RC_LENS(double, 1) written_row;

static void open_and_release(void)
{
    row lens = RC_LENS_OF(row, view);
    CHECK(lens.data && RC_AT(lens, 0) == 1.0 && RC_AT(lens, 3) == 4.0);
    rc_release(view);
}

/* The program's own references are counted as far as it takes for them to be no ordinary count. */
static void make_builtin(void)
{
    format = rc_format_new("d");
    CHECK(format);
}

static void hold_and_release(void)
{
    rc_format *mine = rc_format_new("d");
    CHECK(mine == format && mine->itemsize == sizeof(double));
    rc_release(mine);
}

static void check_immortal(void)
{
    CHECK(rc_count(format) == SIZE_MAX && !rc_is_unique(format));
    rc_release(format);
}

/* ---- other formats are objects, and end with the last view ----------------------------------- */

static void make_of_object(void)
{
    make_view("T{d:x:}", 2);
}

static void make_of_object_for_three(void)
{
    make_view("T{d:x:}", 3);
}

static void derive_and_release(void)
{
    rc_view *tail = tail_of(view);
    rc_release(view);
    CHECK(number_at(tail, 0) == 2.0);
    rc_release(tail);
}

static void keep_the_format(void)
{
    rc_format *mine = (rc_format *)rc_retain(view->format);
    rc_release(view);
    CHECK(mine->value_count == 1 && rc_format_find(mine, "x"));
    rc_release(mine);
}

/* Kept by after(), so that it is not freed: counting may write the header, and nothing the rest. */
static void make_of_constant(void)
{
    make_view("T{d:x:}", 2);
    format = (rc_format *)rc_retain(view->format);
    explorer_forbid_writes(format, sizeof *format);
    explorer_forbid_writes(format->fields, sizeof *format->fields);
}

static void compare_and_release(void)
{
    rc_format *mine = rc_format_new("d");
    CHECK(mine && rc_format_equal(mine, view->format));
    rc_release(mine);
    rc_view *tail = tail_of(view);
    CHECK(!rc_view_equal(tail, view));
    rc_release(view);
    rc_release(tail);
}

static void release_format(void)
{
    CHECK(rc_is_unique(format));
    rc_release(format);
}

/* ---- fields: a format of their own, out of the text of the whole one ------------------------- */

/* Two records, each with two numbers in the other order, and one with a record in it. */
static void make_of_records(void)
{
    static const unsigned char bytes[] = {0, 1, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 4};
    root = rc_buffer_copy(bytes, sizeof bytes);
    CHECK(root);
    view = rc_view_new(root, "T{>h:a:2x>i:b:}");
    CHECK(view && view->size == 2);
    rc_retain(view);
    rc_release(root);
}

static void take_field(const char *name, const char *text, long first, long second)
{
    rc_view *field = rc_view_field(view, name);
    rc_release(view);
    CHECK(field && strcmp(field->format->text, text) == 0);
    for (size_t i = 0; i < 2; i++) {
        struct rc_value value;
        CHECK(rc_format_unpack(field->format, rc_view_at(field, &i), &value, 1) == RC_OK);
        CHECK(value.as.signed_integer == (i ? second : first));
    }
    rc_release(field);
}

static void take_first_field(void)
{
    take_field("a", ">h", 1, 3);
}

static void take_second_field(void)
{
    take_field("b", ">i", 2, 4);
}

static void make_of_nested(void)
{
    make_view("T{T{d:x:d:y:}:point:}", 2);
}

static void take_record(void)
{
    rc_view *points = rc_view_field(view, "point");
    rc_release(view);
    CHECK(points && points->size == 2);
    rc_view *ys = rc_view_field(points, "y");
    rc_release(points);
    CHECK(ys && number_at(ys, 0) == 2.0 && number_at(ys, 1) == 4.0);
    rc_release(ys);
}

static void release_view(void)
{
    rc_release(view);
}

/* ---- lenses ---------------------------------------------------------------------------------- */

static void make_of_doubles(void)
{
    make_view("d", 2);
}

static void sum_by_lens(void)
{
    row lens = RC_LENS_OF(row, view);
    CHECK(lens.data);
    double sum = 0;
    for (size_t i = 0; i < lens.shape[0]; i++) sum += RC_AT(lens, i);
    CHECK(sum == 10.0);
    rc_release(view);
}

static void derive_and_sum(void)
{
    const size_t shape[] = {2, 2};
    rc_view *grid = rc_view_reshape(view, 2, shape, 'C');
    rc_release(view);
    CHECK(grid);
    rc_view *last = rc_view_index(grid, 0, -1);
    rc_release(grid);
    struct rc_value sum;
    CHECK(last && rc_view_sum(last, &sum) == RC_OK && sum.as.real == 7.0L);
    rc_release(last);
}

static void make_writable(void)
{
    make_view("d", 1);
    root = rc_retain(view->base);
}

static void write_by_lens(void)
{
    written_row lens = RC_LENS_OF(written_row, view);
    CHECK(lens.data);
    RC_AT(lens, 0) = 5.0;
    rc_release(view);
}

static void resize_and_read(void)
{
    enum rc_status status = rc_buffer_resize(root, sizeof(double));
    CHECK(status == RC_OK || status == RC_BUSY);
    if (status != RC_OK) return;
    double first;
    memcpy(&first, root->data, sizeof first);
    CHECK(first == 5.0);
}

static void release_root(void)
{
    CHECK(rc_buffer_exports(root) == 0 && rc_is_unique(root));
    rc_release(root);
}

const struct scenario format_scenarios[] = {
    {"builtin_format_unwritten", make_of_builtin, {use_and_release, cast_and_release}, nothing},
    {"builtin_format_of_lenses", make_of_builtin, {open_and_release, open_and_release}, nothing},
    {"builtin_format_held", make_builtin, {hold_and_release, hold_and_release}, check_immortal},
    {"format_ends_with_views", make_of_object, {derive_and_release, derive_and_release}, nothing},
    {"format_ends_with_views_of_three",
     make_of_object_for_three,
     {derive_and_release, keep_the_format, release_view},
     nothing},
    {"format_kept_beyond_views", make_of_object, {keep_the_format, derive_and_release}, nothing},
    {"format_is_constant",
     make_of_constant,
     {compare_and_release, derive_and_release},
     release_format},
    {"fields_by_two", make_of_records, {take_first_field, take_second_field}, nothing},
    {"field_while_the_record_goes", make_of_nested, {take_record, release_view}, nothing},
    {"lens_beside_derived", make_of_doubles, {sum_by_lens, derive_and_sum}, nothing},
    {"lenses_by_two", make_of_doubles, {sum_by_lens, sum_by_lens}, nothing},
    {"resize_after_lens", make_writable, {write_by_lens, resize_and_read}, release_root},
    {0},
};
