/* SPDX-License-Identifier: MIT */
/* Fault: a pointer into a buffer is kept while the buffer grows, and moves.
 * asan: heap-use-after-free */
#include <buffer/buffer.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(10000);
    unsigned char *bytes = rc_buffer_edit(buffer);
    if (rc_buffer_resize(buffer, 100000000) != RC_OK) return 1;
#ifdef RIGHT
    bytes = rc_buffer_edit(buffer);
#endif
    bytes[0] = 1; /* HERE */
    rc_release(buffer);
    return 0;
}
