/* SPDX-License-Identifier: MIT */
/* Fault: one reference is released twice, to an object of the guarding allocator, which leaves its
 * pattern in what is freed.
 * asan: heap-use-after-free */
#include <rc/object.h>

static const rc_type point_type = {.name = "point", .size = 16};

int main(void)
{
    static struct rc_guarding_allocator guarding;
    rc_guarding_allocator_init(&guarding, NULL);
    void *point = rc_object_new_with(&guarding.allocator, &point_type, 0);
    rc_release(point);
#ifndef RIGHT
    rc_release(point); /* HERE */
#endif
    return 0;
}
