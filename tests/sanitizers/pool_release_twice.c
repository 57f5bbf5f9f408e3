/* SPDX-License-Identifier: MIT */
/* Fault: a pooled buffer is released once more when it is back in the pool.
 * asan: container-overflow
 * plain: released more often than retained */
#include <buffer/pool.h>

int main(void)
{
    rc_pool *pool = rc_pool_new(64, 0, 8);
    rc_buffer *buffer = rc_pool_take(pool);
    if (!buffer) return 1;
    rc_release(buffer);
#ifndef RIGHT
    rc_release(buffer); /* HERE */
#endif
    rc_release(pool);
    return 0;
}
