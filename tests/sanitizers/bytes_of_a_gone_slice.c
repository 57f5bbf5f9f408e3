/* SPDX-License-Identifier: MIT */
/* Fault: a pointer into a slice's bytes is written through when slice and root are gone.
 * asan: heap-use-after-free */
#include <buffer/buffer.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(10000);
    rc_buffer *half = rc_buffer_slice(buffer, 5000, 5000);
    rc_release(buffer);
    if (!half) return 1;
    unsigned char *bytes = rc_buffer_edit(half);
#ifdef RIGHT
    bytes[0] = 1;
    rc_release(half);
#else
    rc_release(half);
    bytes[0] = 1; /* HERE */
#endif
    return 0;
}
