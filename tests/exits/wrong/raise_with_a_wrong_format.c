/* SPDX-License-Identifier: MIT */
/* Messages are checked as those of printf.
 * gcc: format .%s. expects
 * clang: format specifies type
 */
#include "rc/try.h"

RC_NORETURN void give_up(int n);

void give_up(int n)
{
#ifdef WRONG
    rc_raise(RC_RANGE, "no item %s", n);
#else
    rc_raise(RC_RANGE, "no item %d", n);
#endif
}
