/* SPDX-License-Identifier: MIT */
/* A try without its handler.
 * gcc: incomplete type .struct rc__RC_EXCEPT
 * clang: incomplete type .struct rc__RC_EXCEPT
 */
#include "rc/try.h"

int try_something(int (*work)(void))
{
    int result = 0;
    RC_TRY (result) {
        result = work();
    }
#ifndef WRONG
    RC_EXCEPT (e) {
        result = e->status;
    }
#endif
    RC_END
    return result;
}
