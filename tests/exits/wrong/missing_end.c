/* SPDX-License-Identifier: MIT */
/* A try without its end.
 * gcc: expected declaration or statement at end of input
 * clang: expected .}.
 */
#include "rc/try.h"

int try_something(int (*work)(void))
{
    int result = 0;
    RC_TRY (result) {
        result = work();
    } RC_EXCEPT (e) {
        result = e->status;
    }
#ifndef WRONG
    RC_END
#endif
    return result;
}
