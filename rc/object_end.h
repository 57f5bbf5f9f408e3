/* SPDX-License-Identifier: MIT */
/**
 * @file rc/object_end.h
 * Private (not installed): the end of an object, among the rooms of rc/object.h and rc/bias.h.
 */
#ifndef RC_OBJECT_END_H
#define RC_OBJECT_END_H

#include "header.h"

/* A release that was not the last and found no ordinary count: stuck, or a bug of the caller. */
RC_HIDDEN RC_COLD void rc__object_release_rare(struct rc__header *header, int32_t word);

/* The last word about an object that is none any more. */
RC_HIDDEN RC_NORETURN RC_COLD void rc__object_stop_dead(const void *object, const char *call);

/* The count sticks from here on. */
RC_HIDDEN RC_COLD void rc__object_saturate(struct rc__header *header);

/* For a stack that is switched to: its finalizers that run inside each other, and the dead objects
 * that they still have to end, become the thread's; the thread's own are what is left there. */
RC_HIDDEN void rc__end_exchange(void **waiting, unsigned *depth);

#endif
