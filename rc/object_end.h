/* SPDX-License-Identifier: MIT */
/**
 * @file rc/object_end.h
 * Private (not installed): the end of an object, between rc/object.c and rc/object_end.c.
 */
#ifndef RC_OBJECT_END_H
#define RC_OBJECT_END_H

#include "header.h"

/* The last reference is gone and all that its owners did is visible: clear weak references, run the
 * finalizer once, and give the memory back unless the finalizer kept the object. Allocates nothing.
 */
RC_HIDDEN void rc__object_end(struct rc__header *header);

/* Count the object out and return its block to its allocator. */
RC_HIDDEN void rc__object_give_back(struct rc__header *header);

#endif
