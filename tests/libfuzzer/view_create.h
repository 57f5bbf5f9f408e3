/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/view_create.h
 * Slots for views; buffers, and first views of them. For view_target.c.
 */
#ifndef TESTS_LIBFUZZER_VIEW_CREATE_H
#define TESTS_LIBFUZZER_VIEW_CREATE_H

#include "tests/libfuzzer/view_model.h"

/* ---- slots ----------------------------------------------------------------------------------- */

static struct shown *free_slot(void)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (!slots[i].view) return &slots[i];
    return NULL;
}

/* The one that is asked for, or the next that is taken; NULL: none is. */
static struct shown *pick(struct fuzz_input *input)
{
    size_t first = fuzz_below(input, SLOTS);
    for (size_t i = 0; i < SLOTS; i++)
        if (slots[(first + i) % SLOTS].view) return &slots[(first + i) % SLOTS];
    return NULL;
}

/* A new view takes its slot: @p next has all but the view itself. */
static void enter(struct shown *next, rc_view *view)
{
    struct shown *slot = free_slot();
    *slot = *next;
    slot->view = view;
    slot->store->views++;
    compare_view(slot);
}

static void set_format(struct shown *shown, const char *text)
{
    shown->text = text;
    FUZZ_CHECK(model_read(&shown->format, text) == MODEL_GOOD, "the model is wrong about %s", text);
}

/* A buffer that the model knows nothing of yet. Takes the reference. */
static struct store *add_store(rc_buffer *buffer)
{
    for (size_t i = 0; i < STORES; i++) {
        struct store *store = &stores[i];
        if (store->buffer) continue;
        *store = (struct store){.buffer = buffer, .size = buffer->size};
        if (buffer->size) memcpy(store->bytes, buffer->data, buffer->size);
        return store;
    }
    return NULL;
}

static bool has_free_store(void)
{
    for (size_t i = 0; i < STORES; i++)
        if (!stores[i].buffer) return true;
    return false;
}

static unsigned answers_to_writing(const struct shown *shown)
{
    return is_read_only(shown) ? BIT(RC_READ_ONLY) : BIT(RC_OK);
}

static void do_release(struct fuzz_input *input)
{
    struct shown *shown = pick(input);
    if (!shown) return;
    rc_clear(&shown->view);
    if (--shown->store->views == 0) rc_clear(&shown->store->buffer);
}

/* ---- new ones -------------------------------------------------------------------------------- */

static struct store *new_store(struct fuzz_input *input)
{
    static const size_t sizes[] = {0, 1, 8, 24, 48, 96, 120, 240};
    size_t size = sizes[fuzz_below(input, 8)];
    rc_buffer *buffer = rc_buffer_new_zeroed(size);
    if (!returns("rc_buffer_new_zeroed", buffer, BIT(RC_OK))) return NULL;
    unsigned char *bytes = rc_buffer_edit(buffer), seed = (unsigned char)fuzz_byte(input);
    for (size_t i = 0; i < size; i++) bytes[i] = seed ? (unsigned char)((seed * (i / 4)) & 255) : 0;
    return add_store(buffer);
}

static void drop_unused(struct store *store)
{
    if (store->views == 0) rc_clear(&store->buffer);
}

static void do_new(struct fuzz_input *input)
{
    if (!free_slot() || !has_free_store()) return;
    struct store *store = new_store(input);
    if (!store) return;
    struct shown next = {.store = store, .ndim = 1};
    set_format(&next, texts[fuzz_below(input, TEXTS)]);
    bool fits = store->size % itemsize_of(&next) == 0;
    rc_view *view = rc_view_new(store->buffer, next.text);
    if (returns("rc_view_new", view, fits ? BIT(RC_OK) : BIT(RC_RANGE))) {
        next.count = next.shape[0] = store->size / itemsize_of(&next);
        for (size_t i = 0; i < next.count; i++) next.places[i] = i * itemsize_of(&next);
        enter(&next, view);
    }
    drop_unused(store);
}

/* Twice as wide as an address. */
#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide;
#else
typedef int64_t wide;
#endif

/* What an index tuple leads to, in numbers that do not overflow. */
static wide reach(const struct rc_view_layout *layout, const size_t *index)
{
    wide place = (wide)layout->offset;
    for (size_t i = 0; i < layout->ndim; i++) place += (wide)index[i] * layout->strides[i];
    return place;
}

/* Fills in the places; false: one lies outside, or there are too many for the model. */
static bool find_places(struct shown *next, const struct rc_view_layout *layout)
{
    next->count = product(layout->shape, layout->ndim);
    for (size_t at = 0; at < next->count && at < PLACES; at++) {
        size_t index[DIMENSIONS];
        tuple_of(layout->shape, layout->ndim, at, 'C', index);
        wide place = reach(layout, index);
        if (place < 0 || place + (wide)itemsize_of(next) > (wide)next->store->size) return false;
        next->places[at] = (size_t)place;
    }
    return next->count <= PLACES;
}

static ptrdiff_t pick_stride(struct fuzz_input *input)
{
    unsigned byte = fuzz_byte(input);
    if (byte == 255) return PTRDIFF_MAX;
    if (byte == 254) return PTRDIFF_MIN;
    if (byte == 253) return PTRDIFF_MIN + (ptrdiff_t)fuzz_byte(input);
    return (ptrdiff_t)(byte % 64) - 16;
}

static size_t pick_extent(struct fuzz_input *input)
{
    unsigned byte = fuzz_byte(input);
    if (byte == 255) return (size_t)PTRDIFF_MAX;
    if (byte == 254) return SIZE_MAX - fuzz_byte(input);
    if (byte == 253) return (size_t)1 << fuzz_below(input, 8 * sizeof(size_t));
    return byte % 7;
}

/* Elements anywhere, also outside. */
static void do_new_with(struct fuzz_input *input)
{
    if (!free_slot() || !has_free_store()) return;
    size_t shape[DIMENSIONS];
    ptrdiff_t strides[DIMENSIONS];
    struct store *store = new_store(input);
    if (!store) return;
    struct shown next = {.store = store};
    set_format(&next, texts[fuzz_below(input, TEXTS)]);
    struct rc_view_layout layout = {.struct_size = sizeof layout,
                                    .format = next.text,
                                    .offset = fuzz_below(input, 64),
                                    .ndim = fuzz_below(input, 5),
                                    .shape = shape,
                                    .strides = strides,
                                    .read_only = fuzz_below(input, 8) == 1};
    if (layout.offset == 63) layout.offset = SIZE_MAX - fuzz_byte(input);
    bool empty = false;
    for (size_t i = 0; i < layout.ndim; i++) {
        next.shape[i] = shape[i] = pick_extent(input);
        strides[i] = pick_stride(input);
        empty = empty || shape[i] == 0;
    }
    next.ndim = layout.ndim;
    next.read_only = layout.read_only;
    bool fits = find_places(&next, &layout), large = next.count > PLACES;
    unsigned refusals = BIT(RC_RANGE) | BIT(RC_OVERFLOW) | BIT(RC_INVALID);
    rc_view *view = rc_view_new_with(store->buffer, &layout);
    bool made =
        returns("rc_view_new_with", view,
                (fits || large || empty ? BIT(RC_OK) : 0) | (fits && !empty ? 0 : refusals));
    if (made && !large)
        enter(&next, view);
    else if (made)
        rc_release(view);
    drop_unused(store);
}

#endif
