/* SPDX-License-Identifier: MIT */
/* A handler without its try.
 * gcc: .else. without a previous .if.
 * clang: expected expression
 */
#include "rc/try.h"

int handle(int (*work)(void))
{
    int result = 0;
#ifdef WRONG
    {
        result = work();
    }
#else
    RC_TRY (result) {
        result = work();
    }
#endif
    RC_EXCEPT (e) {
        result = e->status;
    }
    RC_END
    return result;
}
