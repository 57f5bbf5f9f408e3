/* SPDX-License-Identifier: MIT */
/* A scoped object checks the type of its value.
 * gcc: incompatible pointer type
 * clang: incompatible pointer types
 */
#include "rc/scope.h"

struct first {
    int number;
};

struct second {
    int number;
};

struct first *first_new(void);
struct second *second_new(void);

int use(void)
{
#ifdef WRONG
    RC_AUTO(struct first, a) = second_new();
#else
    RC_AUTO(struct first, a) = first_new();
#endif
    return a->number;
}
