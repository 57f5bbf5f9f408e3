/* SPDX-License-Identifier: MIT */
/* Fault: the bytes of a pooled buffer are used after it went back to the pool.
 * asan: container-overflow */
#include <buffer/pool.h>

int main(void)
{
    rc_pool *pool = rc_pool_new(64, 0, 8);
    rc_buffer *buffer = rc_pool_take(pool);
    unsigned char *bytes = rc_buffer_edit(buffer);
    if (!bytes) return 1;
#ifdef RIGHT
    bytes[3] = 7;
    rc_release(buffer);
#else
    rc_release(buffer);
    bytes[3] = 7; /* HERE */
#endif
    rc_release(pool);
    return 0;
}
