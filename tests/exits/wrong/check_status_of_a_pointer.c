/* SPDX-License-Identifier: MIT */
/* RC_CHECK_STATUS takes a status.
 * gcc: makes integer from pointer|incompatible type
 * clang: incompatible pointer to integer conversion|incompatible type
 */
#include "rc/try.h"

enum rc_status check(void **place, enum rc_status status)
{
#ifdef WRONG
    RC_CHECK_STATUS(*place);
#else
    RC_CHECK_STATUS(*place ? status : RC_OK);
#endif
    return status;
}
