/* SPDX-License-Identifier: MIT */
/* A protected block without its second block.
 * gcc: nested function .rc__finally. declared but never defined|expected
 * clang: use of undeclared label|expected|extraneous closing brace
 */
#include "rc/scope.h"

void protect(void (*work)(void))
{
    RC_PROTECT {
        work();
    }
#ifndef WRONG
    RC_FINALLY {
        work();
    }
#endif
    RC_END_PROTECT
}
