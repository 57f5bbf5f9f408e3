/* SPDX-License-Identifier: MIT */
/* RC_LEAVE leaves a protected block, so it stands in one.
 * gcc: label .rc__leave. used but not defined
 * clang: use of undeclared label .rc__leave
 */
#include "rc/scope.h"

void protect(void (*work)(void))
{
    RC_PROTECT {
        work();
    } RC_FINALLY {
        work();
    } RC_END_PROTECT
#ifdef WRONG
    RC_LEAVE;
#endif
}
