/* SPDX-License-Identifier: MIT */
/* APR: memory belongs to pools and is given back with them. Nothing of it is counted, so it plays
 * only where something is created and destroyed, as a pool for each. */
#include "peer.h"

#include <apr_general.h>
#include <apr_pools.h>

static apr_pool_t *root;

PEER_EXPORT const char *peer_start(void)
{
    if (apr_initialize() != APR_SUCCESS) return "APR does not start";
    return apr_pool_create(&root, NULL) == APR_SUCCESS ? NULL : "APR makes no pool";
}

static inline void pool_and_destroy(size_t size)
{
    apr_pool_t *pool;
    if (apr_pool_create(&pool, root) != APR_SUCCESS) give_up("no pool");
    touch(need(apr_palloc(pool, size)), size);
    apr_pool_destroy(opaque(pool));
}

PEER_LOOP(pool_64, pool_and_destroy(PEER_SMALL))
PEER_LOOP(pool_4k, pool_and_destroy(PEER_PAGE))
PEER_LOOP(pool_1m, pool_and_destroy(PEER_LARGE))

/* A pool that is cleared and used again. */
static inline void clear_and_take(void)
{
    apr_pool_t *pool = root;
    touch(need(apr_palloc(pool, PEER_PAGE)), PEER_PAGE);
    apr_pool_clear(opaque(pool));
}

PEER_LOOP(clear_4k, clear_and_take())
