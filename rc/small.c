/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "small.h"

static struct rc__magazine *magazine_of(struct rc__tally *tally, size_t class_)
{
    return tally == &rc__tally_nobody ? NULL : &tally->magazines[class_];
}

void *rc__small_refill(struct rc__tally *tally, size_t size)
{
    size_t class_ = rc__magazine_class(size);
    return rc__magazine_refill(magazine_of(tally, class_), class_, size);
}

void rc__small_spill(struct rc__tally *tally, void *block, size_t size)
{
    size_t class_ = rc__magazine_class(size);
    rc__magazine_spill(magazine_of(tally, class_), class_, block);
}
