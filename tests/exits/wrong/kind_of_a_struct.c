/* SPDX-License-Identifier: MIT */
/* Kinds are scalars.
 * gcc: invalid operands to binary ==
 * clang: invalid operands to binary expression
 */
#include "rc/scope.h"

struct pair {
    int first, second;
};

void pair_close(struct pair *pair);

#ifdef WRONG
RC_DEFINE_SCOPED(pair, struct pair, ((struct pair){0, 0}), pair_close(&_v));
#else
RC_DEFINE_SCOPED(pair, struct pair *, NULL, pair_close(_v));
#endif
