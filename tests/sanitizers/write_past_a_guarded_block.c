/* SPDX-License-Identifier: MIT */
/* Fault: a byte is written past a block whose allocator is the guarding one, which finds out when
 * the block is freed.
 * asan: rcbuf: guarding allocator: something wrote past the end
 * plain: rcbuf: guarding allocator: something wrote past the end */
#include <rc/memory.h>

int main(void)
{
    struct rc_guarding_allocator guarding;
    rc_guarding_allocator_init(&guarding, NULL);
    if (rc_allocator_set_default(&guarding.allocator) != RC_OK) return 1;
    unsigned char *block = rc_memory_allocate(64);
    if (!block) return 1;
#ifdef RIGHT
    block[63] = 1;
#else
    block[64] = 1;
#endif
    rc_memory_free(block); /* HERE */
    return 0;
}
