/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What chains say about themselves, for pictures of who holds whom. */
#include "../rc/describe.h"
#include "chain_layout.h"

void rc__chain_describe(const void *self, struct rc__description *description)
{
    const struct rc__chain *chain = self;
    size_t pieces = chain->head.count;
    description->links[0] = (struct rc__link){.count = pieces, .label = "piece", .is_export = true};
    description->links[1] = (struct rc__link){.count = 2, .label = "room", .is_export = true};
    rc__describe_bytes(description, chain->head.size);
    rc__describe(description, " in %zu piece%s", pieces, pieces == 1 ? "" : "s");
}
