/* SPDX-License-Identifier: MIT */
/* A module that takes references, and is unloaded; and names that are members elsewhere. */
#include "buffer/buffer.h"

__attribute__((visibility("default"))) void *plugin_take(void *object);

void *plugin_take(void *object)
{
    return rc_retain(object);
}

struct table {
    rc_buffer *(*rc_buffer_new)(size_t size);
};

rc_buffer *plugin_make(const struct table *table);

rc_buffer *plugin_make(const struct table *table)
{
#ifdef RC_LEDGER_VERBS_ONLY
    return table->rc_buffer_new(1);
#else
    return (table->rc_buffer_new)(1);
#endif
}
