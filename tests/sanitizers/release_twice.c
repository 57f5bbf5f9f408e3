/* SPDX-License-Identifier: MIT */
/* Fault: one reference is released twice.
 * asan: heap-use-after-free */
#include <buffer/buffer.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
    rc_release(buffer);
#ifndef RIGHT
    rc_release(buffer); /* HERE */
#endif
    return 0;
}
