/* SPDX-License-Identifier: MIT */
/* talloc: blocks in a hierarchy. It is not safe to use from two threads, and so plays in no row of
 * two. A further reference is a block of its own. */
#include "peer.h"

#include <talloc.h>

static void *root, *holder, *block;

PEER_EXPORT const char *peer_start(void)
{
    root = need(talloc_new(NULL));
    holder = need(talloc_new(root));
    block = need(talloc_size(root, PEER_SMALL));
    return NULL;
}

PEER_RETAINS(retain, need(talloc_reference(opaque(holder), opaque(block))),
             talloc_unlink(opaque(holder), opaque(block)))

static inline void block_and_free(size_t size)
{
    void *it = need(talloc_size(root, size));
    touch(it, size);
    talloc_free(opaque(it));
}

PEER_LOOP(block_64, block_and_free(PEER_SMALL))
PEER_LOOP(block_4k, block_and_free(PEER_PAGE))
PEER_LOOP(block_1m, block_and_free(PEER_LARGE))

PEER_EXPORT void *peer_block_make(size_t payload)
{
    return memset(need(talloc_size(root, payload)), 1, payload);
}

PEER_EXPORT void peer_block_unmake(void *thing)
{
    talloc_free(thing);
}
