/* SPDX-License-Identifier: MIT */
/* Views: made, derived, copied; and what of them asks for no memory. */
#include <string.h>

#include "buffer/view.h"
#include "oom.h"

enum { ROWS = 2, COLUMNS = 3, ITEM = 16, BYTES = ROWS * COLUMNS * ITEM };

static const size_t shape[] = {ROWS, COLUMNS};
static const char record[] = "T{i:a:d:b:}";

/* ---- what scenarios share -------------------------------------------------------------------- */

static void fill(rc_buffer *buffer)
{
    unsigned char *bytes = rc_buffer_edit(buffer);
    for (size_t i = 0; i < buffer->size; i++) bytes[i] = (unsigned char)(i * 7 + 3);
}

static bool is_filled(const rc_buffer *buffer)
{
    for (size_t i = 0; i < buffer->size; i++)
        if (buffer->data[i] != (unsigned char)(i * 7 + 3)) return false;
    return true;
}

static void prepare_buffer(struct stage *stage)
{
    stage->buffer =
        rc_buffer_new_with(stage->allocator, BYTES, stage->shape->alignment, stage->shape->flags);
    fill(stage->buffer);
    watch(stage, stage->buffer);
}

/* Elements of a format, which is an object of its own for a record. */
static void prepare_of(struct stage *stage, const char *format, size_t columns)
{
    prepare_buffer(stage);
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = format,
                                          .ndim = 2,
                                          .shape = (const size_t[]){ROWS, columns}};
    stage->object = rc_view_new_with(stage->buffer, &layout);
    stage->watched_count = 0;
    watch(stage, stage->buffer);
    watch(stage, stage->object);
}

static void prepare_records(struct stage *stage)
{
    prepare_of(stage, record, COLUMNS);
}

static void prepare_bytes(struct stage *stage)
{
    prepare_of(stage, NULL, COLUMNS * ITEM);
}

static void end(struct stage *stage)
{
    rc_clear(&stage->made);
    rc_clear(&stage->object);
    rc_clear(&stage->result);
    rc_clear(&stage->buffer);
}

/* The view has so many elements, in the buffer of the stage. */
static bool is_of_buffer(const struct stage *stage, size_t size)
{
    const rc_view *view = stage->made;
    return view->size == size && view->base == stage->buffer && is_filled(stage->buffer);
}

static bool is_of_all(struct stage *stage)
{
    return is_of_buffer(stage, ROWS * COLUMNS);
}

/* ---- create ---------------------------------------------------------------------------------- */

static bool make(struct stage *stage)
{
    stage->made = rc_view_new(stage->buffer, "d");
    return stage->made != NULL;
}

static bool make_records(struct stage *stage)
{
    stage->made = rc_view_new(stage->buffer, record);
    return stage->made != NULL;
}

static bool make_with(struct stage *stage)
{
    const struct rc_view_layout layout = {
        .struct_size = sizeof layout, .format = record, .ndim = 2, .shape = shape};
    stage->made = rc_view_new_with(stage->buffer, &layout);
    return stage->made != NULL;
}

static bool make_zeroed(struct stage *stage)
{
    stage->made = rc_view_new_zeroed(record, 2, shape);
    return stage->made != NULL;
}

static bool is_row_of_doubles(struct stage *stage)
{
    return is_of_buffer(stage, BYTES / 8);
}

static bool is_zeroed(struct stage *stage)
{
    const rc_view *view = stage->made;
    for (size_t i = 0; i < BYTES; i++)
        if (view->data[i] != 0) return false;
    return view->size == ROWS * COLUMNS && rc_buffer_exports(view->base) == 1;
}

/* ---- derive ---------------------------------------------------------------------------------- */

static bool take_index(struct stage *stage)
{
    stage->made = rc_view_index(stage->object, 0, -1);
    return stage->made != NULL;
}

static bool is_row(struct stage *stage)
{
    return is_of_buffer(stage, COLUMNS);
}

static bool slice(struct stage *stage)
{
    stage->made = rc_view_slice(stage->object, 1, RC_VIEW_OPEN, RC_VIEW_OPEN, -1);
    return stage->made != NULL;
}

static bool transpose(struct stage *stage)
{
    stage->made = rc_view_transpose(stage->object);
    return stage->made != NULL;
}

static bool permute(struct stage *stage)
{
    stage->made = rc_view_permute(stage->object, (const size_t[]){1, 0});
    return stage->made != NULL;
}

static bool broadcast(struct stage *stage)
{
    stage->made = rc_view_broadcast(stage->object, 3, (const size_t[]){5, ROWS, COLUMNS});
    return stage->made != NULL;
}

static bool is_repeated(struct stage *stage)
{
    return is_of_buffer(stage, 5 * ROWS * COLUMNS);
}

static bool reshape(struct stage *stage)
{
    stage->made = rc_view_reshape(stage->object, 1, (const size_t[]){ROWS * COLUMNS}, 'C');
    return stage->made != NULL;
}

static bool cast(struct stage *stage)
{
    stage->made = rc_view_cast(stage->object, record, 0, NULL);
    return stage->made != NULL;
}

static bool take_field(struct stage *stage)
{
    stage->made = rc_view_field(stage->object, "b");
    return stage->made != NULL;
}

static bool to_read_only(struct stage *stage)
{
    stage->made = rc_view_to_read_only(stage->object);
    return stage->made != NULL;
}

/* ---- content --------------------------------------------------------------------------------- */

static bool copy_new(struct stage *stage)
{
    stage->made = rc_view_copy_new(stage->object, 'F');
    return stage->made != NULL;
}

static bool is_copied(struct stage *stage)
{
    return rc_view_equal(stage->made, stage->object);
}

static bool to_bytes(struct stage *stage)
{
    stage->result = rc_view_to_bytes(stage->object, 'C');
    return stage->result != NULL;
}

static bool is_all_bytes(struct stage *stage)
{
    return stage->result->size == BYTES && is_filled(stage->result);
}

/* Both share bytes, so that a copy in between is needed. */
static void prepare_overlap(struct stage *stage)
{
    prepare_of(stage, "i", 8);
    stage->made = rc_view_slice(stage->object, 1, RC_VIEW_OPEN, RC_VIEW_OPEN, -1);
    stage->watched_count = 0;
    watch(stage, stage->buffer);
    watch(stage, stage->object);
    watch(stage, stage->made);
}

static bool copy(struct stage *stage)
{
    return rc_view_copy(stage->made, stage->object) == RC_OK;
}

/* The bytes of @p place were those of @p from, as fill() made them. */
static bool is_from(const struct stage *stage, size_t place, size_t from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (stage->buffer->data[place + i] != (unsigned char)((from + i) * 7 + 3)) return false;
    return true;
}

static bool is_reversed(struct stage *stage)
{
    for (size_t i = 0; i < 8; i++)
        if (!is_from(stage, i * 4, (7 - i) * 4, 4)) return false;
    return is_from(stage, 64, 64, BYTES - 64);
}

/* The item lies across two elements. */
static bool fill_with_its_own(struct stage *stage)
{
    return rc_view_fill(stage->object, stage->buffer->data + 8) == RC_OK;
}

static bool is_filled_with_item(struct stage *stage)
{
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        if (!is_from(stage, i * ITEM, 8, ITEM)) return false;
    return true;
}

static bool from_its_own_bytes(struct stage *stage)
{
    return rc_view_from_bytes(stage->object, stage->buffer->data, BYTES, 'F') == RC_OK;
}

static bool is_in_order_f(struct stage *stage)
{
    return is_from(stage, 0, 0, ITEM) && is_from(stage, ITEM, 2 * ITEM, ITEM) &&
           is_from(stage, 3 * ITEM, ITEM, ITEM);
}

/* ---- quiet ----------------------------------------------------------------------------------- */

static void prepare_two(struct stage *stage)
{
    prepare_of(stage, "d", 6);
    stage->made = rc_view_new_zeroed("d", 2, (const size_t[]){ROWS, 6});
}

static bool ask(struct stage *stage)
{
    const size_t index[] = {1, 2};
    const rc_view *view = stage->object;
    return rc_view_edit(view) == stage->buffer->data && !rc_view_is_read_only(view) &&
           rc_view_byte_count(view) == BYTES && rc_view_is_contiguous(view, 'C') &&
           rc_view_at(view, index) == stage->buffer->data + 64 &&
           rc_view_edit_at(view, index) == rc_view_at(view, index);
}

static bool use_content(struct stage *stage)
{
    struct rc_value sum;
    double one = 1;
    unsigned char bytes[BYTES] = {0};
    bool good = !rc_view_equal(stage->made, stage->object);
    good = good && rc_view_copy(stage->made, stage->object) == RC_OK;
    good = good && rc_view_fill(stage->made, &one) == RC_OK;
    good = good && rc_view_sum(stage->made, &sum) == RC_OK && sum.as.real == 12;
    return good && rc_view_from_bytes(stage->made, bytes, sizeof bytes, 'C') == RC_OK;
}

static const struct scenario list[] = {
    {.name = "view",
     .prepare = prepare_buffer,
     .act = make,
     .holds = is_row_of_doubles,
     .end = end},
    {.name = "view of records",
     .prepare = prepare_buffer,
     .act = make_records,
     .holds = is_of_all,
     .end = end,
     .every_shape = true},
    {.name = "view with a layout",
     .prepare = prepare_buffer,
     .act = make_with,
     .holds = is_of_all,
     .end = end},
    {.name = "view of zeros", .act = make_zeroed, .holds = is_zeroed, .end = end},
    {.name = "index", .prepare = prepare_records, .act = take_index, .holds = is_row, .end = end},
    {.name = "slice", .prepare = prepare_records, .act = slice, .holds = is_of_all, .end = end},
    {.name = "transpose",
     .prepare = prepare_records,
     .act = transpose,
     .holds = is_of_all,
     .end = end},
    {.name = "permute", .prepare = prepare_records, .act = permute, .holds = is_of_all, .end = end},
    {.name = "broadcast",
     .prepare = prepare_records,
     .act = broadcast,
     .holds = is_repeated,
     .end = end},
    {.name = "reshape", .prepare = prepare_records, .act = reshape, .holds = is_of_all, .end = end},
    {.name = "cast", .prepare = prepare_bytes, .act = cast, .holds = is_of_all, .end = end},
    {.name = "field",
     .prepare = prepare_records,
     .act = take_field,
     .holds = is_of_all,
     .end = end},
    {.name = "to read-only",
     .prepare = prepare_records,
     .act = to_read_only,
     .holds = is_of_all,
     .end = end},
    {.name = "copy to a new view",
     .prepare = prepare_records,
     .act = copy_new,
     .holds = is_copied,
     .end = end},
    {.name = "to bytes",
     .prepare = prepare_records,
     .act = to_bytes,
     .holds = is_all_bytes,
     .end = end},
    {.name = "copy onto itself",
     .prepare = prepare_overlap,
     .act = copy,
     .holds = is_reversed,
     .end = end,
     .every_shape = true},
    {.name = "fill with its own",
     .prepare = prepare_records,
     .act = fill_with_its_own,
     .holds = is_filled_with_item,
     .end = end},
    {.name = "from its own bytes",
     .prepare = prepare_records,
     .act = from_its_own_bytes,
     .holds = is_in_order_f,
     .end = end},
    {.name = "ask a view", .prepare = prepare_two, .act = ask, .end = end, .quiet = true},
    {.name = "use a view's content",
     .prepare = prepare_two,
     .act = use_content,
     .end = end,
     .quiet = true},
};

const struct scenarios view_scenarios = {list, sizeof list / sizeof list[0]};
