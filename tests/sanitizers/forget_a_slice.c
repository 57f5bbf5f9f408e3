/* SPDX-License-Identifier: MIT */
/* Fault: a slice is never released, and keeps its root.
 * asan: LeakSanitizer: detected memory leaks */
#include <buffer/buffer.h>

static int work(rc_buffer *buffer)
{
    rc_buffer *part = rc_buffer_slice(buffer, 8, 8); /* HERE */
    if (!part) return 1;
    int first = part->data[0];
#ifdef RIGHT
    rc_release(part);
#endif
    return first;
}

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
    int result = 0; /* more than once, since a stale register may still point to the last */
    for (int i = 0; i < 3; i++) result |= work(buffer);
    rc_release(buffer);
    return result;
}
