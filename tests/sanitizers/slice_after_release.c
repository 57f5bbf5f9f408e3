/* SPDX-License-Identifier: MIT */
/* Fault: a slice is used after its release.
 * asan: heap-use-after-free */
#include <buffer/buffer.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_copy("some words", 10);
    rc_buffer *word = rc_buffer_slice(buffer, 5, 5);
    if (!word) return 1;
#ifdef RIGHT
    int first = word->data[0];
    rc_release(word);
#else
    rc_release(word);
    int first = word->data[0]; /* HERE */
#endif
    rc_release(buffer);
    return first != 'w';
}
