/* SPDX-License-Identifier: MIT */
/* rc_clear takes the address of a variable that holds a pointer.
 * gcc: size of unnamed array is negative
 * clang: array size is negative
 */
#include "rc/object.h"

void forget(void **object, int *number)
{
#ifdef WRONG
    rc_clear(number);
    *object = NULL;
#else
    rc_clear(object);
    *number = 0;
#endif
}
