/* SPDX-License-Identifier: MIT */
/* Fault: a function releases what it only borrowed; its caller's release finds the object dead.
 * asan: heap-use-after-free */
#include <buffer/buffer.h>

static size_t size_of(rc_buffer *buffer)
{
    size_t size = buffer->size;
#ifndef RIGHT
    rc_release(buffer);
#endif
    return size;
}

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
    size_t size = size_of(buffer);
    rc_release(buffer); /* HERE */
    return size != 64;
}
