/* SPDX-License-Identifier: MIT */
/**
 * @file tests/proof/contracts.h
 * What the functions of buffer/view_geometry promise, in ACSL, in numbers that have no end. The
 * gate beside this file has Frama-C prove it, and that no arithmetic overflows, wraps, divides by
 * zero or reads outside.
 */
#ifndef TESTS_PROOF_CONTRACTS_H
#define TESTS_PROOF_CONTRACTS_H

#include <stddef.h>

/*@ axiomatic Geometry {
  @   logic integer magnitude(integer n) = n < 0 ? -n : n;
  @   logic integer entry(integer n);
  @   axiom entry_of_0: entry(0) == 1;
  @   axiom entry_of_others: \forall integer n; n != 0 ==> entry(n) == n;
  @
  @   // of the first n entries, those of 0 taken for 1
  @   logic integer product(size_t *shape, integer n) reads shape[0 .. n - 1];
  @   axiom product_of_none: \forall size_t *shape; product(shape, 0) == 1;
  @   axiom product_of_more: \forall size_t *shape, integer n; n >= 0 ==>
  @       product(shape, n + 1) == product(shape, n) * entry(shape[n]);
  @
  @   // the bytes that the first n dimensions lead to one side
  @   logic integer back(size_t *shape, ptrdiff_t *strides, integer n)
  @       reads shape[0 .. n - 1], strides[0 .. n - 1];
  @   axiom back_of_none: \forall size_t *shape, ptrdiff_t *strides; back(shape, strides, 0) == 0;
  @   axiom back_of_more: \forall size_t *shape, ptrdiff_t *strides, integer n; n >= 0 ==>
  @       back(shape, strides, n + 1) == back(shape, strides, n) +
  @           (strides[n] < 0 ? magnitude(strides[n]) * (shape[n] - 1) : 0);
  @   logic integer ahead(size_t *shape, ptrdiff_t *strides, integer n)
  @       reads shape[0 .. n - 1], strides[0 .. n - 1];
  @   axiom ahead_of_none: \forall size_t *shape, ptrdiff_t *strides; ahead(shape, strides, 0) == 0;
  @   axiom ahead_of_more: \forall size_t *shape, ptrdiff_t *strides, integer n; n >= 0 ==>
  @       ahead(shape, strides, n + 1) == ahead(shape, strides, n) +
  @           (strides[n] < 0 ? 0 : magnitude(strides[n]) * (shape[n] - 1));
  @ }
  @*/

/*@ ghost
  @   /@ requires a <= b;
  @      assigns \nothing;
  @      ensures a * c <= b * c; @/
  @   void grow(size_t a, size_t b, size_t c)
  @   {
  @   }
  @*/

#include "buffer/view_geometry.h"

/*@ requires \valid(product);
  @ assigns *product;
  @ ensures fits: \result <==> a * b <= limit;
  @ ensures exact: \result ==> *product == a * b;
  @*/
static inline bool rc__geometry_multiply(size_t a, size_t b, size_t limit, size_t *product);

/*@ assigns \nothing;
  @ ensures exact: \result == magnitude(stride);
  @*/
static inline size_t rc__geometry_magnitude(ptrdiff_t stride);

/*@ requires \valid(product);
  @ assigns *product;
  @ ensures fits: \result <==> PTRDIFF_MIN <= stride * factor <= PTRDIFF_MAX;
  @ ensures exact: \result ==> *product == stride * factor;
  @*/
bool rc__geometry_scale(ptrdiff_t stride, ptrdiff_t factor, ptrdiff_t *product);

/*@ requires \valid_read(shape + (0 .. ndim - 1));
  @ assigns \nothing;
  @ ensures negative: \result <==> \exists integer i; 0 <= i < ndim && shape[i] > PTRDIFF_MAX;
  @*/
bool rc__geometry_has_negative(size_t ndim, const size_t *shape);

/*@ requires \valid_read(shape + (0 .. ndim - 1)) && \valid(count);
  @ requires \separated(count, shape + (0 .. ndim - 1));
  @ assigns *count;
  @ ensures counts: \result ==> product(shape, ndim) * entry(itemsize) <= PTRDIFF_MAX;
  @ ensures exact: \result ==> *count == 0 || *count == product(shape, ndim);
  @ ensures empty: \result ==>
  @     (*count == 0 <==> \exists integer i; 0 <= i < ndim && shape[i] == 0);
  @ ensures positive: \result ==> \forall integer i; 0 <= i < ndim ==> shape[i] <= PTRDIFF_MAX;
  @*/
static inline bool rc__geometry_count(size_t ndim, const size_t *shape, size_t itemsize,
                                      size_t *count);

/*@ requires \valid_read(shape + (0 .. ndim - 1)) && \valid_read(strides + (0 .. ndim - 1));
  @ requires \valid(reach) && \separated(reach, shape + (0 .. ndim - 1), strides + (0 .. ndim - 1));
  @ requires \forall integer i; 0 <= i < ndim ==> shape[i] > 0;
  @ assigns *reach;
  @ ensures before: \result ==> reach->before == back(shape, strides, ndim);
  @ ensures after: \result ==> reach->after == ahead(shape, strides, ndim);
  @ ensures fits: \result ==> reach->before + reach->after <= PTRDIFF_MAX;
  @*/
static inline bool rc__geometry_reach(size_t ndim, const size_t *shape, const ptrdiff_t *strides,
                                      struct rc__geometry_reach *reach);

/*@ requires \valid_read(reach);
  @ assigns \nothing;
  @ ensures inside: \result <==>
  @     offset - reach->before >= 0 && offset + reach->after + itemsize <= size;
  @*/
static inline bool rc__geometry_is_inside(size_t size, size_t offset, size_t itemsize,
                                          const struct rc__geometry_reach *reach);

/*@ requires stride != 0;
  @ assigns \nothing;
  @ ensures none: offset + itemsize > size ==> \result == 0;
  @ ensures some: offset + itemsize <= size ==> \result >= 1;
  @ ensures forward: \result > 0 && stride > 0 ==>
  @     offset + (\result - 1) * stride + itemsize <= size;
  @ ensures backward: \result > 0 && stride < 0 ==> offset + (\result - 1) * stride >= 0;
  @ ensures all: 0 < \result < PTRDIFF_MAX ==>
  @     offset + \result * stride + itemsize > size || offset + \result * stride < 0;
  @*/
size_t rc__geometry_fill_up(size_t size, size_t offset, size_t itemsize, ptrdiff_t stride);

/*@ requires \valid(place);
  @ assigns *place;
  @ ensures there: \result <==> -length <= index < length;
  @ ensures forward: \result && index >= 0 ==> *place == index;
  @ ensures backward: \result && index < 0 ==> *place == length + index;
  @*/
bool rc__geometry_index(size_t length, ptrdiff_t index, size_t *place);

/*@ requires length <= PTRDIFF_MAX && -1 <= low <= 0 && length - 1 <= high <= length;
  @ requires low <= high;
  @ assigns \nothing;
  @ ensures low <= \result <= high;
  @*/
static ptrdiff_t clamp(size_t length, ptrdiff_t end, ptrdiff_t low, ptrdiff_t high);

/*@ requires length <= PTRDIFF_MAX && step != 0;
  @ assigns \nothing;
  @ ensures few: \result.count <= length;
  @ ensures empty: \result.count == 0 ==> \result.first == 0;
  @ ensures first: \result.count > 0 ==> \result.first < length;
  @ ensures last: \result.count > 0 ==>
  @     0 <= \result.first + (\result.count - 1) * step < length;
  @ ensures whole: start == PTRDIFF_MIN && stop == PTRDIFF_MIN && step == 1 ==>
  @     \result.count == length;
  @*/
struct rc__geometry_range rc__geometry_slice(size_t length, ptrdiff_t start, ptrdiff_t stop,
                                             ptrdiff_t step);

#endif
