/* SPDX-License-Identifier: MIT */
/* What is stolen must be used.
 * gcc: ignoring return value
 * clang: ignoring return value
 */
#include "rc/scope.h"

RC_DEFINE_SCOPED(memory, void *, NULL, free(_v));

void *keep(void)
{
    RC_SCOPED(memory, bytes) = malloc(1);
#ifdef WRONG
    RC_STEAL(memory, bytes);
    return NULL;
#else
    return RC_STEAL(memory, bytes);
#endif
}
