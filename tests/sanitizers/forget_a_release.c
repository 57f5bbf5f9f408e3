/* SPDX-License-Identifier: MIT */
/* Fault: a reference is never released.
 * asan: LeakSanitizer: detected memory leaks */
#include <buffer/buffer.h>

static int work(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64); /* HERE */
    if (!buffer) return 1;
    int first = buffer->data[0];
#ifdef RIGHT
    rc_release(buffer);
#endif
    return first;
}

int main(void)
{
    int result = 0; /* more than once, since a stale register may still point to the last */
    for (int i = 0; i < 3; i++) result |= work();
    return result;
}
