/* SPDX-License-Identifier: MIT */
/* rcbuf itself, as a shared library: what it costs that each call goes through one's table. The
 * rows' own loops have it linked statically. */
#include "peer.h"

#include <stdint.h>

#include <buffer/buffer.h>

static const rc_type object_type = {.name = "of 64 B", .size = PEER_SMALL};

static inline void object_and_release(void)
{
    void *it = need(rc_object_new(&object_type, 0));
    touch(it, PEER_SMALL);
    rc_release(opaque(it));
}

static inline void buffer_and_release(size_t size)
{
    rc_buffer *it = need(rc_buffer_new(size));
    touch((void *)(uintptr_t)it->data, size);
    rc_release(opaque(it));
}

PEER_LOOP(object_64, object_and_release())
PEER_LOOP(buffer_64, buffer_and_release(PEER_SMALL))
