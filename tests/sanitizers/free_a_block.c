/* SPDX-License-Identifier: MIT */
/* Fault: a block of rc_memory_allocate() is given to free().
 * asan: attempting free on address which was not malloc()-ed */
#include <rc/memory.h>
#include <stdlib.h>

int main(void)
{
    void *block = rc_memory_allocate(64);
#ifdef RIGHT
    rc_memory_free(block);
#else
    free(block); /* HERE */
#endif
    return 0;
}
