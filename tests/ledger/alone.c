/* SPDX-License-Identifier: MIT */
/* One object of so many bytes is forgotten, as the first thing that malloc gives, and nothing else is done:
 * malloc's own addresses must not hide it. Or, of types without traverse, "parent" and what it holds. */
#include <stdlib.h>

#include "rc/object.h"

struct parent {
    void *child;
};

static rc_type type = {.name = "alone"};
static const rc_type parent_type = {.name = "parent", .size = sizeof(struct parent)};
static const rc_type child_type = {.name = "child", .size = 16};

static __attribute__((noinline)) void forget(size_t size)
{
    type.size = size;
    void *volatile lost = rc_object_new(&type, 0);
    lost = NULL;
    (void)lost;
}

static __attribute__((noinline)) void forget_parent(void)
{
    struct parent *volatile lost = rc_new(struct parent, &parent_type);
    if (lost) lost->child = rc_object_new(&child_type, 0);
    lost = NULL;
    (void)lost;
}

int main(int count, char **arguments)
{
    size_t size = count > 1 ? (size_t)strtoul(arguments[1], NULL, 10) : 0;
    if (size)
        forget(size);
    else
        forget_parent();
    return 0;
}
