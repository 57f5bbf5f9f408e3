/* SPDX-License-Identifier: MIT */
/* rc_assign keeps to the type of the variable.
 * gcc: pointer type mismatch in conditional
 * clang: pointer type mismatch
 */
#include "rc/object.h"

struct first {
    int number;
};

struct second {
    int number;
};

void replace(struct first **place, struct first *first, struct second *second)
{
#ifdef WRONG
    rc_assign(place, second);
    rc_release(first);
#else
    rc_assign(place, first);
    rc_release(second);
#endif
}
