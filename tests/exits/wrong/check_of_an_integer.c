/* SPDX-License-Identifier: MIT */
/* RC_CHECK takes pointers only.
 * gcc: RC_CHECK takes a pointer
 * clang: RC_CHECK takes a pointer
 */
#include "rc/try.h"

int count(void);

int checked(int *numbers)
{
#ifdef WRONG
    return RC_CHECK(count(), RC_RANGE);
#else
    return *RC_CHECK(numbers, RC_RANGE);
#endif
}
