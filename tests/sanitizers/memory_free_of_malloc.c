/* SPDX-License-Identifier: MIT */
/* Fault: a block of malloc() is given to rc_memory_free().
 * asan: heap-buffer-overflow
 * plain: rcbuf: rc_memory_free: what is at */
#include <rc/memory.h>
#include <stdlib.h>

int main(void)
{
    void *block = malloc(64);
#ifdef RIGHT
    free(block);
#else
    rc_memory_free(block); /* HERE */
#endif
    return 0;
}
