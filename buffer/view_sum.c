/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * The sum of all elements, in the order in which they lie.
 *
 * Reals are added pairwise: blocks of them first, then two sums of one block, two of two blocks and
 * so on. What is not yet one of two waits in a stack, a sum of 2^n blocks at place n, just as the
 * digits of the number of blocks are 1. So the error grows with the logarithm of their number.
 */
#include "view_sum.h"

#include "view_run.h"

struct pairwise {
    size_t blocks;
    long double waiting[sizeof(size_t) * 8];
};

static void pairwise_add(struct pairwise *pairwise, long double sum)
{
    size_t place = 0, blocks = pairwise->blocks++;
    for (; blocks & 1; blocks >>= 1) sum += pairwise->waiting[place++];
    pairwise->waiting[place] = sum;
}

static long double pairwise_total(const struct pairwise *pairwise)
{
    long double total = -0.0L;
    size_t place = 0;
    for (size_t blocks = pairwise->blocks; blocks; blocks >>= 1, place++)
        if (blocks & 1) total += pairwise->waiting[place];
    return total;
}

/* What is added, by one of the loops, and where the sums go. */
struct sum {
    rc__sum_reals *reals;
    rc__sum_complex *complex;
    rc__sum_integers *integers;
    size_t offset; /* of the number in an element */
    struct pairwise pairwise, imaginary;
    uint64_t total;
};

static void add_block(struct sum *sum, const unsigned char *place, ptrdiff_t stride, size_t count)
{
    long double parts[2];
    if (sum->reals) {
        pairwise_add(&sum->pairwise, sum->reals(place, stride, count));
    } else if (sum->complex) {
        sum->complex(place, stride, count, parts);
        pairwise_add(&sum->pairwise, parts[0]);
        pairwise_add(&sum->imaginary, parts[1]);
    } else {
        (void)__builtin_add_overflow(sum->total, sum->integers(place, stride, count), &sum->total);
    }
}

static void add_row(struct sum *sum, const unsigned char *place, ptrdiff_t stride, size_t count)
{
    place += sum->offset;
    for (size_t block; count > 0; count -= block) {
        block = count < RC__SUM_BLOCK ? count : RC__SUM_BLOCK;
        add_block(sum, place, stride, block);
        place += (ptrdiff_t)block * stride;
    }
}

/* One by one, where suboffsets lead to. */
static void add_followed(struct sum *sum, const rc_view *view)
{
    size_t index[RC_VIEW_DIMENSIONS_MAX] = {0};
    for (size_t i = 0; i < view->size; i++) {
        add_row(sum, rc__view_place(view, index), 0, 1);
        rc__view_advance(view, index);
    }
}

static void add_all(struct sum *sum, const rc_view *view)
{
    if (view->size == 0) return;
    if (view->suboffsets) {
        add_followed(sum, view);
        return;
    }
    struct rc__run run;
    struct rc__steps steps;
    struct rc__side side = rc__side_of(view);
    rc__run_start(&run, view->ndim, view->shape, view->itemsize, side, side);
    size_t inner = run.ndim ? 1 : 0;
    rc__steps_start(&steps, &run, inner);
    do
        add_row(sum, steps.first, inner ? run.first_strides[run.ndim - 1] : 0,
                inner ? run.shape[run.ndim - 1] : 1);
    while (rc__steps_next(&steps));
}

/* Of numbers at @p offset in each element; 0 where there are none. */
static long double sum_reals(const rc_view *view, const struct rc_format_field *field,
                             size_t offset)
{
    struct sum sum = {.reals = rc__sum_reals_of(field), .offset = offset};
    add_all(&sum, view);
    if (view->size == 0) return 0;
    long double total = pairwise_total(&sum.pairwise);
    return field->code == 'g' || field->code == 'G' ? total : (long double)(double)total;
}

static struct rc_value sum_complex(const rc_view *view, const struct rc_format_field *field)
{
    struct sum sum = {.complex = rc__sum_complex_of(field), .offset = field->offset};
    struct rc_value value = {.kind = RC_VALUE_COMPLEX};
    if (!sum.complex) {
        value.as.complex_number.real = sum_reals(view, field, field->offset);
        value.as.complex_number.imaginary = sum_reals(view, field, field->offset + field->size / 2);
        return value;
    }
    add_all(&sum, view);
    if (view->size == 0) return value;
    value.as.complex_number.real = (double)pairwise_total(&sum.pairwise);
    value.as.complex_number.imaginary = (double)pairwise_total(&sum.imaginary);
    return value;
}

static struct rc_value sum_integers(const rc_view *view, const struct rc_format_field *field)
{
    struct sum sum = {.integers = rc__sum_integers_of(field), .offset = field->offset};
    bool is_signed = rc__format_class_of(field) == RC__CLASS_SIGNED;
    struct rc_value value = {.kind = is_signed ? RC_VALUE_SIGNED : RC_VALUE_UNSIGNED};
    add_all(&sum, view);
    if (is_signed)
        memcpy(&value.as.signed_integer, &sum.total, sizeof sum.total);
    else
        value.as.unsigned_integer = sum.total;
    return value;
}

static struct rc_value sum_field(const rc_view *view, const struct rc_format_field *field)
{
    struct rc_value value = {.kind = RC_VALUE_REAL};
    if (rc__sum_integers_of(field)) return sum_integers(view, field);
    if (rc__format_class_of(field) == RC__CLASS_REAL) {
        value.as.real = sum_reals(view, field, field->offset);
        return value;
    }
    return sum_complex(view, field);
}

enum rc_status rc_view_sum(const rc_view *view, struct rc_value *sum)
{
    static const char call[] = "rc_view_sum";
    if (rc__view_check(view, call) != RC_OK) return RC_INVALID;
    if (!sum) return rc_error_set(RC_INVALID, "%s: the place for the sum is NULL", call);
    const struct rc_format_field *field = view->format->fields;
    bool is_one = view->format->field_count == 1 && field->ndim == 0;
    if (!is_one || (!rc__sum_integers_of(field) && !rc__sum_reals_of(field)))
        return rc_error_set(RC_FORMAT, "%s: elements of \"%.60s\" are no numbers to be added", call,
                            view->format->text);
    *sum = sum_field(view, field);
    return RC_OK;
}
