/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What buffers of all kinds say about themselves, for pictures of who holds whom. */
#include "../rc/describe.h"
#include "exports.h"

static void describe_state(struct rc__description *description, const rc_buffer *buffer)
{
    if (buffer->rc__state & RC__STATE_READ_ONLY)
        rc__describe(description, ", read-only");
    else if (buffer->rc__state & RC__STATE_FROZEN)
        rc__describe(description, ", frozen");
}

void rc__buffer_describe(const void *self, struct rc__description *description)
{
    const rc_buffer *buffer = self;
    description->exports = rc__exports_read(buffer);
    rc__describe_bytes(description, buffer->size);
    if (rc__buffer_kind(buffer) == RC__BUFFER_OWNER) {
        const struct rc__owner *owner = self;
        if (owner->capacity > buffer->size) {
            rc__describe(description, ", room for ");
            rc__describe_bytes(description, owner->capacity);
        }
    }
    describe_state(description, buffer);
}

void rc__slice_describe(const void *self, struct rc__description *description)
{
    const struct rc__slice *slice = self;
    description->links[0] = (struct rc__link){.count = 1, .label = "root", .is_export = true};
    rc__describe_bytes(description, slice->head.size);
    if (slice->root)
        rc__describe(description, " at %zu", (size_t)(slice->head.data - slice->root->data));
    describe_state(description, &slice->head);
}
