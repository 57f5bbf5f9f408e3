/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/view_sum.h
 * Private (not installed): the loops that add elements of each code.
 */
#ifndef BUFFER_VIEW_SUM_H
#define BUFFER_VIEW_SUM_H

#include "view_layout.h"

/* At most so many elements are added one after the other, in several sums at once. */
#define RC__SUM_BLOCK ((size_t)512)

/* The sum of @p count elements, @p stride apart, at any alignment. */
typedef long double rc__sum_reals(const unsigned char *place, ptrdiff_t stride, size_t count);
/* The same modulo 2^64, negative numbers as their complement. */
typedef uint64_t rc__sum_integers(const unsigned char *place, ptrdiff_t stride, size_t count);

/* Both parts of complex numbers. */
typedef void rc__sum_complex(const unsigned char *place, ptrdiff_t stride, size_t count,
                             long double sums[2]);

/* The loop for elements of a field; rc__sum_reals of a complex one, for one part of it. NULL: they
 * are no such numbers; rc__sum_complex: or its parts go one after the other. */
RC_HIDDEN rc__sum_reals *rc__sum_reals_of(const struct rc_format_field *field);
RC_HIDDEN rc__sum_complex *rc__sum_complex_of(const struct rc_format_field *field);
RC_HIDDEN rc__sum_integers *rc__sum_integers_of(const struct rc_format_field *field);

#endif
