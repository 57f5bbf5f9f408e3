/* SPDX-License-Identifier: MIT */
/* Fault: an object is used after its last release.
 * asan: heap-use-after-free */
#include <rc/object.h>

struct point {
    int x, y;
};

static const rc_type point_type = {.name = "point", .size = sizeof(struct point)};

int main(void)
{
    struct point *point = rc_new(struct point, &point_type);
    if (!point) return 1;
    point->x = 3;
#ifdef RIGHT
    int x = point->x;
    rc_release(point);
#else
    rc_release(point);
    int x = point->x; /* HERE */
#endif
    return x - 3;
}
