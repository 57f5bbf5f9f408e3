/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The count's rare cases: saturation, and what is dead. */
#include "object_end.h"

/* Back to the middle of the saturated range; an immortal object's word is there and stays
 * unwritten. */
static void saturate(struct rc__header *header, int32_t word)
{
    if (word != RC__COUNT_SATURATED)
        __atomic_store_n(&header->shared, RC__COUNT_SATURATED, __ATOMIC_RELAXED);
}

void rc__object_saturate(struct rc__header *header)
{
    saturate(header, 0);
}

void rc_object_retain_slow(const void *object, bool counted)
{
    struct rc__header *header = rc__header_of(object);
    if (rc__owner_of(header)) { /* and the process has one thread */
        rc_bias_retain_slow(object, false);
        return;
    }
    int32_t word = __atomic_load_n(&header->shared, __ATOMIC_RELAXED);
    bool overflowed = !counted && word >= 0;
    if (rc__count_is_gone(word)) rc__object_stop_dead(object, "rc_retain");
    if (overflowed || rc__count_is_saturated(word)) saturate(header, word);
}

void rc__object_release_rare(struct rc__header *header, int32_t word)
{
    if (rc__count_is_saturated(word))
        saturate(header, word);
    else if (word < 0)
        rc__object_stop_dead(rc__payload_of(header), "rc_release");
}
