/* SPDX-License-Identifier: MIT */
/* Fault: bytes of a chain are read when they have left it, and nobody else holds their buffer.
 * asan: heap-use-after-free */
#include <buffer/chain.h>

int main(void)
{
    rc_chain *chain = rc_chain_new();
    rc_buffer *buffer = rc_buffer_new_zeroed(10000);
    if (!chain || rc_chain_append(chain, buffer) != RC_OK) return 1;
    rc_release(buffer);
    size_t run;
    const unsigned char *bytes = rc_chain_peek(chain, 5000, &run);
    int sum = bytes[0];
    if (rc_chain_drop(chain, 10000) != RC_OK) return 1;
#ifndef RIGHT
    sum += bytes[1]; /* HERE */
#endif
    rc_release(chain);
    return sum;
}
