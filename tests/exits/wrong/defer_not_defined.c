/* SPDX-License-Identifier: MIT */
/* A function that nobody has made deferrable.
 * gcc: rc__defer_close_it|initializer but incomplete type
 * clang: rc__defer_close_it|initializer but incomplete type
 */
#include "rc/scope.h"

void close_it(int descriptor);

#ifndef WRONG
RC_DEFINE_DEFER(close_it, int);
#endif

int use(int descriptor)
{
    RC_DEFER(close_it, descriptor);
    return descriptor + 1;
}
