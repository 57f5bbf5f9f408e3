/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What pools and their buffers say about themselves, for pictures of who holds whom. */
#include "../rc/describe.h"
#include "exports.h"
#include "pool_layout.h"

void rc__pooled_describe(const void *self, struct rc__description *description)
{
    const struct rc__pooled *buffer = self;
    rc__buffer_describe(self, description);
    description->kin = buffer->core->pool;
    description->kinship = "pool";
}

void rc__pool_describe(const void *self, struct rc__description *description)
{
    struct rc_pool_statistics now;
    const rc_pool *pool = self;
    if (!description->text || rc_pool_read(pool, &now) != RC_OK) return;
    rc__describe_bytes(description, pool->core->shape.size);
    rc__describe(description, " each, %zu out, %zu idle", now.out, now.idle);
}
