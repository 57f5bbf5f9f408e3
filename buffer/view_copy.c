/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Copies between views: all is checked, and all memory had, before the first byte is written. */
#include "view_copy.h"

/* ---- what shares bytes ----------------------------------------------------------------------- */

/* The first byte of all elements, and the one behind the last. */
struct span {
    uintptr_t start, end;
};

static struct span span_of(size_t ndim, const size_t *shape, size_t itemsize, struct rc__side side)
{
    struct rc__geometry_reach reach = {0, 0};
    (void)rc__geometry_reach(ndim, shape, side.strides, &reach);
    uintptr_t data = (uintptr_t)side.data;
    return (struct span){data - reach.before, data + reach.after + itemsize};
}

static bool meet(struct span a, struct span b)
{
    return a.start < b.end && b.start < a.end;
}

static size_t greatest_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A number that all strides are multiples of; 0 where nothing moves. */
static size_t common_step(size_t ndim, const size_t *shape, const ptrdiff_t *strides, size_t step)
{
    for (size_t i = 0; i < ndim; i++)
        if (shape[i] > 1) step = greatest_divisor(step, rc__geometry_magnitude(strides[i]));
    return step;
}

/* Elements at multiples of a step from one place never meet those at multiples from another, if the
 * places are far enough apart within a step: the even elements and the odd ones. */
bool rc__sides_may_share(size_t ndim, const size_t *shape, size_t itemsize, struct rc__side a,
                         struct rc__side b)
{
    if (!meet(span_of(ndim, shape, itemsize, a), span_of(ndim, shape, itemsize, b))) return false;
    size_t step = common_step(ndim, shape, a.strides, common_step(ndim, shape, b.strides, 0));
    if (step == 0) return true;
    uintptr_t low = (uintptr_t)a.data, high = (uintptr_t)b.data;
    if (low > high) low = (uintptr_t)b.data, high = (uintptr_t)a.data;
    size_t apart = (high - low) % step;
    return apart < itemsize || step - apart < itemsize;
}

bool rc__view_may_have(const rc_view *view, const void *bytes, size_t size)
{
    if (view->suboffsets) return true;
    uintptr_t start = (uintptr_t)bytes;
    return meet(span_of(view->ndim, view->shape, view->itemsize, rc__side_of(view)),
                (struct span){start, start + size});
}

/* ---- without gaps and back ------------------------------------------------------------------- */

/* Element by element; @p to_view: from the bytes. */
static void walk(const rc_view *view, char order, unsigned char *bytes, bool to_view)
{
    size_t index[RC_VIEW_DIMENSIONS_MAX] = {0};
    for (size_t i = 0; i < view->size; i++, bytes += view->itemsize) {
        unsigned char *place = (unsigned char *)(uintptr_t)rc__view_place(view, index);
        memcpy(to_view ? place : bytes, to_view ? bytes : place, view->itemsize);
        for (size_t j = 0; j < view->ndim; j++) {
            size_t moving = order == 'F' ? j : view->ndim - 1 - j;
            if (++index[moving] < view->shape[moving]) break;
            index[moving] = 0;
        }
    }
}

static void pack(const rc_view *view, char order, unsigned char *bytes, bool to_view)
{
    ptrdiff_t strides[RC_VIEW_DIMENSIONS_MAX];
    struct rc__run run;
    if (view->suboffsets) {
        walk(view, order, bytes, to_view);
        return;
    }
    rc__geometry_fill_strides(view->ndim, view->shape, view->itemsize, order, strides);
    struct rc__side packed = {bytes, strides}, side = rc__side_of(view);
    rc__run_start(&run, view->ndim, view->shape, view->itemsize, to_view ? side : packed,
                  to_view ? packed : side);
    rc__move(&run);
}

void rc__view_gather(const rc_view *view, char order, unsigned char *bytes)
{
    pack(view, order, bytes, false);
}

void rc__view_scatter(const rc_view *view, char order, const unsigned char *bytes)
{
    pack(view, order, (unsigned char *)(uintptr_t)bytes, true);
}

/* ---- copy ------------------------------------------------------------------------------------ */

static enum rc_status check_shapes(const rc_view *destination, const rc_view *source)
{
    char to[RC__VIEW_TEXT], from[RC__VIEW_TEXT];
    if (destination->ndim == source->ndim) {
        size_t same = 0;
        while (same < source->ndim && destination->shape[same] == source->shape[same]) same++;
        if (same == source->ndim) return RC_OK;
    }
    return rc_error_set(RC_INVALID, "rc_view_copy: elements of the shape %s to the shape %s",
                        rc__view_shape_text(from, source->ndim, source->shape),
                        rc__view_shape_text(to, destination->ndim, destination->shape));
}

static enum rc_status check_copy(const rc_view *destination, const rc_view *source)
{
    static const char call[] = "rc_view_copy";
    if (rc__view_check(destination, call) != RC_OK || rc__view_check(source, call) != RC_OK)
        return RC_INVALID;
    if (!rc_format_equal(destination->format, source->format))
        return rc_error_set(RC_FORMAT, "%s: elements of \"%.60s\" to elements of \"%.60s\"", call,
                            source->format->text, destination->format->text);
    if (check_shapes(destination, source) != RC_OK) return RC_INVALID;
    return rc__view_check_writable(destination, call);
}

static enum rc_status copy_twice(const rc_view *destination, const rc_view *source)
{
    rc_buffer *between = rc_buffer_new(source->size * source->itemsize);
    if (!between) return RC_NO_MEMORY;
    rc__view_gather(source, 'C', (unsigned char *)(uintptr_t)between->data);
    rc__view_scatter(destination, 'C', between->data);
    rc_release(between);
    return RC_OK;
}

/* Every element is where it belongs already. */
static bool is_in_place(const struct rc__run *run)
{
    size_t same = 0;
    while (same < run->ndim && run->first_strides[same] == run->second_strides[same]) same++;
    return run->first == run->second && same == run->ndim;
}

enum rc_status rc_view_copy(const rc_view *destination, const rc_view *source)
{
    enum rc_status status = check_copy(destination, source);
    if (status != RC_OK || source->size == 0) return status;
    if (destination->suboffsets || source->suboffsets) return copy_twice(destination, source);
    struct rc__run run;
    struct rc__side to = rc__side_of(destination), from = rc__side_of(source);
    rc__run_start(&run, source->ndim, source->shape, source->itemsize, to, from);
    if (is_in_place(&run)) return RC_OK;
    if (rc__run_is_flat(&run))
        memmove(run.first, run.second, rc__run_flat_count(&run) * run.itemsize);
    else if (rc__sides_may_share(source->ndim, source->shape, source->itemsize, to, from))
        status = copy_twice(destination, source);
    else
        rc__move(&run);
    return status;
}

/* ---- fill ------------------------------------------------------------------------------------ */

/* @p item lies outside of the view. */
static void fill(const rc_view *view, const unsigned char *item)
{
    static const ptrdiff_t still[RC_VIEW_DIMENSIONS_MAX];
    size_t index[RC_VIEW_DIMENSIONS_MAX] = {0};
    struct rc__side from = {(unsigned char *)(uintptr_t)item, still};
    struct rc__run run;
    if (!view->suboffsets) {
        rc__run_start(&run, view->ndim, view->shape, view->itemsize, rc__side_of(view), from);
        rc__move(&run);
        return;
    }
    for (size_t i = 0; i < view->size; i++) {
        memcpy((void *)(uintptr_t)rc__view_place(view, index), item, view->itemsize);
        rc__view_advance(view, index);
    }
}

enum rc_status rc_view_fill(const rc_view *view, const void *item)
{
    static const char call[] = "rc_view_fill";
    if (rc__view_check(view, call) != RC_OK) return RC_INVALID;
    if (!item) return rc_error_set(RC_INVALID, "%s: the item is NULL", call);
    enum rc_status status = rc__view_check_writable(view, call);
    if (status != RC_OK || view->size == 0) return status;
    if (!rc__view_may_have(view, item, view->itemsize)) {
        fill(view, item);
        return RC_OK;
    }
    rc_buffer *copy = rc_buffer_copy(item, view->itemsize);
    if (!copy) return RC_NO_MEMORY;
    fill(view, copy->data);
    rc_release(copy);
    return RC_OK;
}
