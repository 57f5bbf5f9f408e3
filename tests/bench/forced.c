/* SPDX-License-Identifier: MIT */
/* Whether RCBUF_FORCE was effective: what the library has counted of magazines and bias. */
#include <rc/memory.h>
#include <rc/object.h>

#include "process.h"

enum { RETAINS = 8 };

size_t forced_magazine_hits(void)
{
    struct rc_memory_statistics now;
    rc_memory_statistics_read(&now);
    return now.magazine_hits + now.recycled;
}

size_t forced_biased_operations(void)
{
    static const rc_type type = {.name = "biased", .size = 64, .flags = RC_TYPE_BIASED};
    void *object = need(rc_object_new(&type, 0));
    intptr_t before = *rc__local_of(rc__header_of(object));
    for (size_t i = 0; i < RETAINS; i++) (void)rc_retain(opaque(object));
    intptr_t after = *rc__local_of(rc__header_of(object));
    for (size_t i = 0; i <= RETAINS; i++) rc_release(opaque(object));
    return (size_t)((after - before) / RC__COUNT_ONE);
}
