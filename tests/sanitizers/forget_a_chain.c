/* SPDX-License-Identifier: MIT */
/* Fault: a chain is never released, and keeps the buffers of its pieces.
 * asan: LeakSanitizer: detected memory leaks */
#include <buffer/chain.h>

static int work(rc_buffer *buffer)
{
    rc_chain *chain = rc_chain_new(); /* HERE */
    if (!chain || rc_chain_append(chain, buffer) != RC_OK) return 1;
    int compared = rc_chain_compare(chain, buffer->data, buffer->size);
#ifdef RIGHT
    rc_release(chain);
#endif
    return compared;
}

int main(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
    int result = 0; /* more than once, since a stale register may still point to the last */
    for (int i = 0; i < 3; i++) result |= work(buffer);
    rc_release(buffer);
    return result;
}
