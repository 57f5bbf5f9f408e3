/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Views of the same elements, or of fewer of them, in another order or more often.
 *
 * With suboffsets, the way to an element goes through the dimensions in their order, and a step in
 * one of them is made behind the last address that was followed before it: there its bytes are
 * added to that suboffset. What cannot be said with suboffsets is RC_UNSUPPORTED.
 */
#include "view_layout.h"

static enum rc_status check_dimension(const rc_view *view, size_t dimension, const char *call)
{
    if (rc__view_check(view, call) != RC_OK) return RC_INVALID;
    if (RC_LIKELY(dimension < view->ndim)) return RC_OK;
    return rc_error_set(RC_RANGE, "%s: dimension %zu of a view that has %zu", call, dimension,
                        view->ndim);
}

static bool is_followed(const rc_view *view, size_t dimension)
{
    return view->suboffsets && view->suboffsets[dimension] >= 0;
}

/* Copy one dimension, as it is. */
static inline void take_dimension(rc_view *to, size_t at, const rc_view *from, size_t dimension)
{
    rc__view_shape(to)[at] = from->shape[dimension];
    rc__view_strides(to)[at] = from->strides[dimension];
    if (to->suboffsets) rc__view_suboffsets(to)[at] = from->suboffsets[dimension];
}

static inline void take_dimensions(rc_view *to, const rc_view *from)
{
    for (size_t i = 0; i < from->ndim; i++) take_dimension(to, i, from, i);
}

/* Cheaper than a division, and at most what was counted before. */
static inline size_t product_of_shape(const rc_view *view)
{
    size_t product = 1;
    for (size_t i = 0; i < view->ndim; i++) product *= view->shape[i];
    return product;
}

/* Where a step of dimension @p dimension is to be added: the last suboffset followed before it; -1:
 * to the data. */
static ptrdiff_t last_followed(const rc_view *view, size_t dimension)
{
    ptrdiff_t last = -1;
    for (size_t i = 0; i < dimension; i++)
        if (is_followed(view, i)) last = (ptrdiff_t)i;
    return last;
}

/* How @p view begins @p bytes further on in dimension @p dimension. False: a suboffset cannot say
 * so, since a negative one is none. */
static bool step_fits(const rc_view *view, size_t dimension, ptrdiff_t bytes)
{
    ptrdiff_t last = last_followed(view, dimension), sum;
    if (last < 0) return true;
    return !__builtin_add_overflow(view->suboffsets[last], bytes, &sum) && sum >= 0;
}

static rc_view *refuse_indirect(const rc_view *view, const char *call)
{
    rc_error_set(RC_UNSUPPORTED,
                 "%s: the suboffsets of %zu dimensions cannot say that; copy the view first", call,
                 view->ndim);
    return NULL;
}

/* ---- index ----------------------------------------------------------------------------------- */

static enum rc_status find_place(const rc_view *view, size_t dimension, ptrdiff_t index,
                                 size_t *place)
{
    if (RC_LIKELY(rc__geometry_index(view->shape[dimension], index, place))) return RC_OK;
    return rc_error_set(RC_RANGE, "rc_view_index: index %td of dimension %zu, which has %zu", index,
                        dimension, view->shape[dimension]);
}

/* All dimensions but one, which has elements. */
static rc_view *without(const rc_view *view, size_t dimension, bool is_indirect)
{
    rc_view *result = rc__view_derive(view, view->ndim - 1, is_indirect);
    if (RC_UNLIKELY(!result)) return NULL;
    for (size_t i = 0; i < dimension; i++) take_dimension(result, i, view, i);
    for (size_t i = dimension + 1; i < view->ndim; i++) take_dimension(result, i - 1, view, i);
    result->size = view->size ? product_of_shape(result) : 0;
    return result;
}

static bool any_followed_but(const rc_view *view, size_t dimension)
{
    for (size_t i = 0; i < view->ndim; i++)
        if (i != dimension && is_followed(view, i)) return true;
    return false;
}

/* What @p dimension leads to is followed at once, or by the dimension before it. */
static rc_view *index_followed(const rc_view *view, size_t dimension, ptrdiff_t bytes)
{
    static const char call[] = "rc_view_index";
    if (dimension > 0 && is_followed(view, dimension - 1)) return refuse_indirect(view, call);
    bool is_indirect = dimension > 0 || any_followed_but(view, dimension);
    ptrdiff_t last = last_followed(view, dimension);
    rc_view *result = without(view, dimension, is_indirect);
    if (!result) return NULL;
    if (last >= 0)
        rc__view_suboffsets(result)[last] += bytes;
    else if (view->size)
        result->data += bytes;
    if (dimension > 0) {
        rc__view_suboffsets(result)[dimension - 1] = view->suboffsets[dimension];
    } else if (view->size) {
        result->data = rc__view_follow(result->data, view->suboffsets[dimension]);
    }
    return result;
}

static rc_view *index_stepped(const rc_view *view, size_t dimension, ptrdiff_t bytes)
{
    rc_view *result = without(view, dimension, view->suboffsets != NULL);
    if (RC_UNLIKELY(!result)) return NULL;
    ptrdiff_t last = last_followed(view, dimension);
    if (last >= 0)
        rc__view_suboffsets(result)[last] += bytes;
    else
        result->data += bytes;
    return result;
}

rc_view *rc_view_index(const rc_view *view, size_t dimension, ptrdiff_t index)
{
    static const char call[] = "rc_view_index";
    size_t place;
    if (check_dimension(view, dimension, call) != RC_OK) return NULL;
    if (find_place(view, dimension, index, &place) != RC_OK) return NULL;
    /* Without elements there is no place to step to, and strides may be anything. */
    ptrdiff_t bytes = view->size ? (ptrdiff_t)place * view->strides[dimension] : 0;
    if (!step_fits(view, dimension, bytes)) return refuse_indirect(view, call);
    return is_followed(view, dimension) ? index_followed(view, dimension, bytes)
                                        : index_stepped(view, dimension, bytes);
}

/* ---- slice ----------------------------------------------------------------------------------- */

/* A stride that overflows is one that nobody steps by. */
static ptrdiff_t scaled(ptrdiff_t stride, ptrdiff_t step)
{
    ptrdiff_t product;
    return __builtin_mul_overflow(stride, step, &product) ? stride : product;
}

rc_view *rc_view_slice(const rc_view *view, size_t dimension, ptrdiff_t start, ptrdiff_t stop,
                       ptrdiff_t step)
{
    static const char call[] = "rc_view_slice";
    if (check_dimension(view, dimension, call) != RC_OK) return NULL;
    if (RC_UNLIKELY(step == 0)) {
        rc_error_set(RC_INVALID, "%s: the step in dimension %zu is 0", call, dimension);
        return NULL;
    }
    size_t length = view->shape[dimension];
    struct rc__geometry_range range = rc__geometry_slice(length, start, stop, step);
    bool is_empty = view->size == 0 || range.count == 0;
    ptrdiff_t bytes = is_empty ? 0 : (ptrdiff_t)range.first * view->strides[dimension];
    ptrdiff_t last = view->suboffsets ? last_followed(view, dimension) : -1;
    if (RC_UNLIKELY(last >= 0 && !step_fits(view, dimension, bytes)))
        return refuse_indirect(view, call);

    rc_view *result = rc__view_derive(view, view->ndim, view->suboffsets != NULL);
    if (RC_UNLIKELY(!result)) return NULL;
    take_dimensions(result, view);
    rc__view_shape(result)[dimension] = range.count;
    if (step != 1) rc__view_strides(result)[dimension] = scaled(view->strides[dimension], step);
    if (last >= 0)
        rc__view_suboffsets(result)[last] += bytes;
    else
        result->data += bytes;
    result->size = is_empty ? 0 : product_of_shape(result);
    return result;
}

/* ---- transpose and permute ------------------------------------------------------------------- */

static rc_view *permuted(const rc_view *view, const size_t *axes, const char *call)
{
    if (view->suboffsets) return refuse_indirect(view, call);
    rc_view *result = rc__view_derive(view, view->ndim, false);
    if (!result) return NULL;
    for (size_t i = 0; i < view->ndim; i++) take_dimension(result, i, view, axes[i]);
    return result;
}

rc_view *rc_view_transpose(const rc_view *view)
{
    static const char call[] = "rc_view_transpose";
    if (rc__view_check(view, call) != RC_OK) return NULL;
    size_t axes[RC_VIEW_DIMENSIONS_MAX];
    for (size_t i = 0; i < view->ndim; i++) axes[i] = view->ndim - 1 - i;
    return permuted(view, axes, call);
}

static enum rc_status check_axes(const rc_view *view, const size_t *axes, const char *call)
{
    bool seen[RC_VIEW_DIMENSIONS_MAX] = {false};
    if (view->ndim && !axes) return rc_error_set(RC_INVALID, "%s: the axes are NULL", call);
    for (size_t i = 0; i < view->ndim; i++) {
        if (axes[i] >= view->ndim)
            return rc_error_set(RC_INVALID, "%s: axes[%zu] is %zu, of a view of %zu dimensions",
                                call, i, axes[i], view->ndim);
        if (seen[axes[i]])
            return rc_error_set(RC_INVALID, "%s: axes[%zu] is %zu, as one before it is", call, i,
                                axes[i]);
        seen[axes[i]] = true;
    }
    return RC_OK;
}

rc_view *rc_view_permute(const rc_view *view, const size_t *axes)
{
    static const char call[] = "rc_view_permute";
    if (rc__view_check(view, call) != RC_OK) return NULL;
    return check_axes(view, axes, call) == RC_OK ? permuted(view, axes, call) : NULL;
}

/* ---- broadcast ------------------------------------------------------------------------------- */

static enum rc_status check_broadcast(const rc_view *view, size_t ndim, const size_t *shape,
                                      size_t *size)
{
    static const char call[] = "rc_view_broadcast";
    if (rc__view_check(view, call) != RC_OK) return RC_INVALID;
    enum rc_status status = rc__view_count(call, ndim, shape, view->itemsize, size);
    if (status != RC_OK) return status;
    if (ndim < view->ndim)
        return rc_error_set(RC_INVALID, "%s: a view of %zu dimensions to %zu, which are fewer",
                            call, view->ndim, ndim);
    size_t missing = ndim - view->ndim;
    for (size_t i = 0; i < view->ndim; i++)
        if (view->shape[i] != 1 && view->shape[i] != shape[missing + i])
            return rc_error_set(RC_INVALID, "%s: dimension %zu has %zu elements, neither 1 nor %zu",
                                call, i, view->shape[i], shape[missing + i]);
    return RC_OK;
}

rc_view *rc_view_broadcast(const rc_view *view, size_t ndim, const size_t *shape)
{
    size_t size;
    if (check_broadcast(view, ndim, shape, &size) != RC_OK) return NULL;
    rc_view *result = rc__view_derive(view, ndim, view->suboffsets != NULL);
    if (!result) return NULL;
    size_t missing = ndim - view->ndim;
    for (size_t i = 0; i < ndim; i++) {
        bool repeats = i < missing || view->shape[i - missing] == 1;
        rc__view_shape(result)[i] = shape[i];
        rc__view_strides(result)[i] = repeats ? 0 : view->strides[i - missing];
        if (result->suboffsets)
            rc__view_suboffsets(result)[i] = i < missing ? -1 : view->suboffsets[i - missing];
    }
    result->size = size;
    result->rc__state |= RC__VIEW_READ_ONLY;
    return result;
}

/* ---- read-only ------------------------------------------------------------------------------- */

rc_view *rc_view_to_read_only(const rc_view *view)
{
    if (rc__view_check(view, "rc_view_to_read_only") != RC_OK) return NULL;
    rc_view *result = rc__view_derive(view, view->ndim, view->suboffsets != NULL);
    if (!result) return NULL;
    take_dimensions(result, view);
    result->rc__state |= RC__VIEW_READ_ONLY;
    return result;
}
