/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/view_copy.h
 * Private (not installed): the steps that copies are made of.
 */
#ifndef BUFFER_VIEW_COPY_H
#define BUFFER_VIEW_COPY_H

#include "view_run.h"

/* Copy the second side to the first one, which share no byte. Changes the run. */
RC_HIDDEN void rc__move(struct rc__run *run);

/* An element of 16 bytes. */
typedef struct {
    uint64_t half[2];
} rc__sixteen;

/* Whether the last two dimensions of a run are a plane to be transposed: of a common size, and
 * contiguous in the last one in the first side, in the last but one in the second. Then copy one of
 * these planes. */
RC_HIDDEN bool rc__can_transpose(const struct rc__run *run);
RC_HIDDEN void rc__transpose(const struct rc__run *run, unsigned char *to,
                             const unsigned char *from);

/* The elements of @p view, which has some, to @p bytes outside of it, without gaps in order 'C' or
 * 'F'; and back. Suboffsets are followed. */
RC_HIDDEN void rc__view_gather(const rc_view *view, char order, unsigned char *bytes);
RC_HIDDEN void rc__view_scatter(const rc_view *view, char order, const unsigned char *bytes);

/* Whether bytes of two sides may be the same; never false wrongly. */
RC_HIDDEN bool rc__sides_may_share(size_t ndim, const size_t *shape, size_t itemsize,
                                   struct rc__side a, struct rc__side b);

/* Whether [bytes, bytes + size) may have bytes of a view's elements in it. */
RC_HIDDEN bool rc__view_may_have(const rc_view *view, const void *bytes, size_t size);

#endif
