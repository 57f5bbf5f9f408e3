/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/view_derive.h
 * Views of views: the list of places of each is made by the definition, element by element. For
 * view_target.c.
 */
#ifndef TESTS_LIBFUZZER_VIEW_DERIVE_H
#define TESTS_LIBFUZZER_VIEW_DERIVE_H

#include "tests/libfuzzer/view_create.h"

/* ---- derived ones ---------------------------------------------------------------------------- */

/* What a derived view shares with the one that it is made of. */
static struct shown derived_of(const struct shown *from)
{
    struct shown next = *from;
    next.view = NULL;
    next.count = 0;
    return next;
}

/* The view that was derived takes a slot, unless it should not have been. */
static void enter_if(const char *call, rc_view *view, unsigned allowed, struct shown *next)
{
    if (!returns(call, view, allowed)) return;
    next->count = product(next->shape, next->ndim);
    enter(next, view);
}

static void do_index(struct fuzz_input *input, const struct shown *from)
{
    size_t dimension = fuzz_below(input, DIMENSIONS);
    ptrdiff_t index = (ptrdiff_t)fuzz_below(input, 16) - 8;
    struct shown next = derived_of(from);
    size_t extent = dimension < from->ndim ? from->shape[dimension] : 0;
    ptrdiff_t right = index < 0 ? index + (ptrdiff_t)extent : index;
    bool there = right >= 0 && right < (ptrdiff_t)extent;
    for (size_t at = 0, kept = 0; there && at < from->count; at++) {
        size_t tuple[DIMENSIONS];
        tuple_of(from->shape, from->ndim, at, 'C', tuple);
        if (tuple[dimension] == (size_t)right) next.places[kept++] = from->places[at];
    }
    for (size_t i = dimension; there && i + 1 < from->ndim; i++) next.shape[i] = from->shape[i + 1];
    next.ndim -= there;
    enter_if("rc_view_index", rc_view_index(from->view, dimension, index),
             there ? BIT(RC_OK) : BIT(RC_RANGE), &next);
}

static ptrdiff_t pick_end(struct fuzz_input *input)
{
    unsigned byte = fuzz_byte(input);
    if (byte == 255) return RC_VIEW_OPEN;
    if (byte == 254) return PTRDIFF_MAX;
    if (byte == 253) return PTRDIFF_MIN + 1;
    return (ptrdiff_t)(byte % 32) - 16;
}

/* Python's way to count from an end, and to come back inside. */
static ptrdiff_t clamp(ptrdiff_t end, ptrdiff_t extent, ptrdiff_t low, ptrdiff_t high)
{
    if (end < 0) end += extent;
    return end < low ? low : end > high ? high : end;
}

static void do_slice(struct fuzz_input *input, const struct shown *from)
{
    size_t dimension = fuzz_below(input, DIMENSIONS);
    ptrdiff_t start = pick_end(input), stop = pick_end(input), step = pick_end(input);
    if (step == RC_VIEW_OPEN) step = 1;
    struct shown next = derived_of(from);
    if (dimension < from->ndim && from->shape[dimension] > PLACES) return; /* of no elements */
    unsigned refusals =
        (dimension >= from->ndim ? BIT(RC_RANGE) : 0) | (step ? 0 : BIT(RC_INVALID));
    rc_view *view = rc_view_slice(from->view, dimension, start, stop, step);
    if (refusals) {
        (void)returns("rc_view_slice", view, refusals);
        return;
    }
    ptrdiff_t extent = (ptrdiff_t)from->shape[dimension];
    ptrdiff_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    ptrdiff_t first =
        start == RC_VIEW_OPEN ? (step > 0 ? low : high) : clamp(start, extent, low, high);
    ptrdiff_t last =
        stop == RC_VIEW_OPEN ? (step > 0 ? high : low) : clamp(stop, extent, low, high);
    size_t taken[PLACES], count = 0;
    for (ptrdiff_t i = first; step > 0 ? i < last : i > last; i += step) {
        taken[count++] = (size_t)i;
        if (step > PLACES || step < -PLACES) break; /* further than any extent */
    }
    next.shape[dimension] = count;
    size_t total = product(next.shape, next.ndim);
    for (size_t at = 0; at < total; at++) {
        size_t tuple[DIMENSIONS];
        tuple_of(next.shape, next.ndim, at, 'C', tuple);
        tuple[dimension] = taken[tuple[dimension]];
        next.places[at] = from->places[rank_of(from->shape, from->ndim, tuple)];
    }
    enter_if("rc_view_slice", view, BIT(RC_OK), &next);
}

static void permute(struct shown *next, const struct shown *from, const size_t *axes)
{
    for (size_t i = 0; i < from->ndim; i++) next->shape[i] = from->shape[axes[i]];
    for (size_t at = 0; at < from->count; at++) {
        size_t tuple[DIMENSIONS], source[DIMENSIONS];
        tuple_of(next->shape, next->ndim, at, 'C', tuple);
        for (size_t i = 0; i < from->ndim; i++) source[axes[i]] = tuple[i];
        next->places[at] = from->places[rank_of(from->shape, from->ndim, source)];
    }
}

static void do_permute(struct fuzz_input *input, const struct shown *from)
{
    size_t axes[DIMENSIONS] = {0}, seen = 0;
    struct shown next = derived_of(from);
    for (size_t i = 0; i < from->ndim; i++) {
        axes[i] = fuzz_below(input, from->ndim + (i == 2));
        seen |= (size_t)1 << axes[i];
    }
    bool each_once = seen == ((size_t)1 << from->ndim) - 1;
    if (each_once) permute(&next, from, axes);
    enter_if("rc_view_permute", rc_view_permute(from->view, axes),
             each_once ? BIT(RC_OK) : BIT(RC_INVALID), &next);
}

static void do_transpose(struct fuzz_input *input, const struct shown *from)
{
    (void)input;
    size_t axes[DIMENSIONS];
    struct shown next = derived_of(from);
    for (size_t i = 0; i < from->ndim; i++) axes[i] = from->ndim - 1 - i;
    permute(&next, from, axes);
    enter_if("rc_view_transpose", rc_view_transpose(from->view), BIT(RC_OK), &next);
}

static void do_broadcast(struct fuzz_input *input, const struct shown *from)
{
    size_t shape[DIMENSIONS], ndim = fuzz_below(input, DIMENSIONS);
    size_t missing = ndim > from->ndim ? ndim - from->ndim : 0;
    struct shown next = derived_of(from);
    bool fits = ndim >= from->ndim;
    for (size_t i = 0; i < ndim; i++) {
        unsigned byte = fuzz_byte(input);
        size_t own = i >= missing && i - missing < from->ndim ? from->shape[i - missing] : 1;
        next.shape[i] = shape[i] = byte < 128 ? own : byte % 6;
        fits = fits && (shape[i] == own || own == 1);
    }
    next.ndim = ndim;
    next.read_only = true;
    if (fits && product(shape, ndim) > PLACES) return;
    for (size_t at = 0; fits && at < product(shape, ndim); at++) {
        size_t tuple[DIMENSIONS];
        tuple_of(shape, ndim, at, 'C', tuple);
        for (size_t i = 0; i < from->ndim; i++)
            tuple[i] = from->shape[i] == 1 ? 0 : tuple[missing + i];
        next.places[at] = from->places[rank_of(from->shape, from->ndim, tuple)];
    }
    unsigned allowed = fits ? BIT(RC_OK) : BIT(RC_INVALID);
    for (size_t i = 0; i < ndim; i++) /* of no elements, but too large without its 0 */
        if (shape[i] > PLACES) allowed |= BIT(RC_OVERFLOW);
    enter_if("rc_view_broadcast", rc_view_broadcast(from->view, ndim, shape), allowed, &next);
}

/* A shape with about as many elements. */
static size_t pick_shape(struct fuzz_input *input, size_t count, size_t *shape)
{
    size_t ndim = fuzz_below(input, 5), left = count;
    for (size_t i = 0; i + 1 < ndim; i++) {
        shape[i] = 1 + fuzz_below(input, 6);
        left /= shape[i];
    }
    if (ndim) shape[ndim - 1] = left;
    return ndim;
}

static void do_reshape(struct fuzz_input *input, const struct shown *from)
{
    struct shown next = derived_of(from);
    char order = fuzz_below(input, 2) ? 'F' : 'C';
    next.ndim = pick_shape(input, from->count, next.shape);
    bool fits = product(next.shape, next.ndim) == from->count;
    for (size_t at = 0; fits && at < from->count; at++) {
        size_t tuple[DIMENSIONS];
        tuple_of(next.shape, next.ndim, at, order, tuple);
        next.places[rank_of(next.shape, next.ndim, tuple)] = place_of(from, at, order);
    }
    unsigned allowed = BIT(RC_INVALID);
    if (fits && has_strides(next.places, from->count, next.shape, next.ndim))
        allowed = BIT(RC_OK);
    else if (fits)
        allowed = BIT(RC_UNSUPPORTED);
    enter_if("rc_view_reshape", rc_view_reshape(from->view, next.ndim, next.shape, order), allowed,
             &next);
}

static bool is_byte(const struct shown *shown)
{
    return strlen(shown->text) == 1 && strchr("Bbc", *shown->text);
}

static void do_cast(struct fuzz_input *input, const struct shown *from)
{
    struct shown next = derived_of(from);
    set_format(&next, texts[fuzz_below(input, RECORD)]);
    size_t bytes = from->count * itemsize_of(from), shape[DIMENSIONS], ndim = 1;
    bool shaped = fuzz_below(input, 2);
    shape[0] = bytes / itemsize_of(&next);
    if (shaped) ndim = pick_shape(input, bytes / itemsize_of(&next), shape);
    if (from->count == 0) return; /* memoryview refuses what has no elements */

    unsigned refusals = 0;
    if (!is_byte(from) && !is_byte(&next)) refusals |= BIT(RC_FORMAT);
    if (!is_contiguous(from, 'C')) refusals |= BIT(RC_INVALID);
    if (from->ndim != 1 && ndim != 1) refusals |= BIT(RC_INVALID);
    if (product(shape, ndim) * itemsize_of(&next) != bytes)
        refusals |= BIT(RC_RANGE) | BIT(RC_INVALID);
    for (size_t i = 0; i < ndim; i++)
        if (shape[i] == 0) refusals |= BIT(RC_RANGE) | BIT(RC_INVALID);
    next.ndim = ndim;
    memcpy(next.shape, shape, sizeof shape);
    for (size_t i = 0; !refusals && i < product(shape, ndim); i++)
        next.places[i] = from->places[0] + i * itemsize_of(&next);
    enter_if("rc_view_cast", rc_view_cast(from->view, next.text, ndim, shaped ? shape : NULL),
             refusals ? refusals : BIT(RC_OK), &next);
}

static void do_field(struct fuzz_input *input, const struct shown *from)
{
    static const char *const names[] = {"a", "b", "c"};
    static const char *const parts[2][2] = {{"h", "i"}, {"<h", ">i"}};
    size_t name = fuzz_below(input, 3);
    struct shown next = derived_of(from);
    bool there = *from->text == 'T' && name < 2;
    if (there) {
        set_format(&next, parts[from->text[2] == '<'][name]);
        for (size_t i = 0; i < from->count; i++)
            next.places[i] = from->places[i] + from->format.leaves[name].offset;
    }
    enter_if("rc_view_field", rc_view_field(from->view, names[name]),
             there ? BIT(RC_OK) : BIT(RC_FORMAT), &next);
}

static void do_to_read_only(struct fuzz_input *input, const struct shown *from)
{
    (void)input;
    struct shown next = derived_of(from);
    next.read_only = true;
    enter_if("rc_view_to_read_only", rc_view_to_read_only(from->view), BIT(RC_OK), &next);
}

#endif
