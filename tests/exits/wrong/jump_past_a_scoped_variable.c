/* SPDX-License-Identifier: MIT */
/* A goto into the scope of a variable would release what was never set.
 * gcc: jump skips variable initialization
 * clang: cannot jump from this goto statement
 */
#include "rc/scope.h"

RC_DEFINE_SCOPED(memory, void *, NULL, free(_v));

int jump(int how)
{
#ifdef WRONG
    if (how) goto out;
    RC_SCOPED(memory, bytes) = malloc(1);
    how = bytes != NULL;
#else
    if (how) goto out;
    RC_WITH(memory, bytes, malloc(1)) how = bytes != NULL;
#endif
out:
    return how;
}
