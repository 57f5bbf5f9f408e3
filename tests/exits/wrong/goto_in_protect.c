/* SPDX-License-Identifier: MIT */
/* clang cannot run the second block then, and says so.
 * gcc: compiles
 * clang: rc__protected. (is not held on every path|to be held at start of each loop)|is still held
 */
#include "rc/scope.h"

int protect(int (*work)(void))
{
    for (int i = 0; i < 9; i++) {
        RC_PROTECT {
#ifdef WRONG
            if (work()) goto out;
#else
            if (work()) RC_LEAVE;
#endif
        } RC_FINALLY {
            work();
        } RC_END_PROTECT
        if (i == 7) goto out;
    }
out:
    return 0;
}
