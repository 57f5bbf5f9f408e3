/* SPDX-License-Identifier: MIT */
/* Fault: bytes are read that a resize has cut off.
 * asan: container-overflow */
#include <buffer/buffer.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_copy("header and body.", 16);
    if (!buffer) return 1;
#ifdef RIGHT
    int last = buffer->data[15];
    if (rc_buffer_resize(buffer, 6) != RC_OK) return 1;
#else
    if (rc_buffer_resize(buffer, 6) != RC_OK) return 1;
    int last = buffer->data[15]; /* HERE */
#endif
    rc_release(buffer);
    return last != '.';
}
