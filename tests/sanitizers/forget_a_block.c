/* SPDX-License-Identifier: MIT */
/* Fault: a block is never freed.
 * asan: LeakSanitizer: detected memory leaks */
#include <rc/memory.h>

static int work(void)
{
    char *block = rc_memory_allocate_zeroed(8, 8); /* HERE */
    if (!block) return 1;
    int first = block[0];
#ifdef RIGHT
    rc_memory_free(block);
#endif
    return first;
}

int main(void)
{
    int result = 0; /* more than once, since a stale register may still point to the last */
    for (int i = 0; i < 3; i++) result |= work();
    return result;
}
