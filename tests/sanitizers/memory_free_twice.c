/* SPDX-License-Identifier: MIT */
/* Fault: a block is freed twice.
 * asan: heap-use-after-free
 * plain: rcbuf: rc_memory_free: the block at */
#include <rc/memory.h>

int main(void)
{
    void *block = rc_memory_allocate(64);
    rc_memory_free(block);
#ifndef RIGHT
    rc_memory_free(block); /* HERE */
#endif
    return 0;
}
