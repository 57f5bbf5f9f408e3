/* SPDX-License-Identifier: MIT */
/* Compiled without RCBUF_LEDGER: what it retains is counted, and no more. */
#include "buffer/buffer.h"
#include "tests/ledger/unseen.h"

rc_buffer *unseen_new(size_t size)
{
    return rc_buffer_new(size);
}

rc_buffer *unseen_retain(rc_buffer *buffer)
{
    return rc_retain(buffer);
}

void unseen_release(rc_buffer *buffer)
{
    rc_release(buffer);
}
