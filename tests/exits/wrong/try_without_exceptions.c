/* SPDX-License-Identifier: MIT */
/* rc/try.h without the flag that it needs.
 * wrong flags: -fno-exceptions
 * gcc: rc/try.h needs -fexceptions
 * clang: rc/try.h needs -fexceptions
 */
#include "rc/try.h"

int try_something(int (*work)(void))
{
    return work();
}
