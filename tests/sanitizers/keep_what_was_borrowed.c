/* SPDX-License-Identifier: MIT */
/* Fault: what a function borrowed is kept beyond the call, and not retained.
 * asan: heap-use-after-free */
#include <buffer/buffer.h>

static rc_buffer *kept;

static void remember(rc_buffer *buffer)
{
#ifdef RIGHT
    kept = rc_retain(buffer);
#else
    kept = buffer;
#endif
}

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
    remember(buffer);
    rc_release(buffer);
    int first = kept->data[0]; /* HERE */
    rc_release(kept);
    return first;
}
