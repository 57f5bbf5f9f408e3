/* SPDX-License-Identifier: MIT */
/* Fault: an object is given to free().
 * asan: attempting free on address which was not malloc()-ed */
#include <buffer/buffer.h>
#include <stdlib.h>

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
#ifdef RIGHT
    rc_release(buffer);
#else
    free(buffer); /* HERE */
#endif
    return 0;
}
