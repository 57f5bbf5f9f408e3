/* SPDX-License-Identifier: MIT */
/* Fault: an object is retained after its last release.
 * asan: heap-use-after-free */
#include <buffer/buffer.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
#ifdef RIGHT
    rc_buffer *kept = rc_retain(buffer);
    rc_release(buffer);
#else
    rc_release(buffer);
    rc_buffer *kept = rc_retain(buffer); /* HERE */
#endif
    rc_release(kept);
    return 0;
}
