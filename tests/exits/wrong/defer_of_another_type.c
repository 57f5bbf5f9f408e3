/* SPDX-License-Identifier: MIT */
/* A deferred call checks the type of its argument.
 * gcc: makes pointer from integer
 * clang: incompatible integer to pointer conversion
 */
#include "rc/scope.h"

int use(int descriptor)
{
#ifdef WRONG
    RC_DEFER(free, descriptor);
#else
    void *bytes = malloc((size_t)descriptor);
    RC_DEFER(free, bytes);
#endif
    return descriptor + 1;
}
