/* SPDX-License-Identifier: MIT */
/* Fault: an object is given to rc_memory_free().
 * asan: rcbuf: rc_memory_free: what is at
 * plain: rcbuf: rc_memory_free: what is at */
#include <buffer/buffer.h>
#include <rc/memory.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
#ifdef RIGHT
    rc_release(buffer);
#else
    rc_memory_free(buffer); /* HERE */
#endif
    return 0;
}
