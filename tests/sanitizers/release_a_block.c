/* SPDX-License-Identifier: MIT */
/* Fault: a block of rc_memory_allocate() is given to rc_release().
 * asan: a block of rc_memory_allocate()
 * plain: rcbuf: rc_release: what is at */
#include <rc/memory.h>
#include <rc/object.h>

int main(void)
{
    void *block = rc_memory_allocate(64);
#ifdef RIGHT
    rc_memory_free(block);
#else
    rc_release(block); /* HERE */
#endif
    return 0;
}
