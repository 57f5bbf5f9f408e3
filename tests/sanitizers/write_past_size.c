/* SPDX-License-Identifier: MIT */
/* Fault: a byte is written past the size of a buffer, but within its capacity.
 * asan: container-overflow */
#include <buffer/buffer.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(100);
    if (rc_buffer_reserve(buffer, 1000) != RC_OK) return 1;
#ifdef RIGHT
    if (rc_buffer_resize(buffer, 101) != RC_OK) return 1;
#endif
    unsigned char *bytes = rc_buffer_edit(buffer);
    bytes[100] = 1; /* HERE */
    rc_release(buffer);
    return 0;
}
