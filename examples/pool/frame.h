/* SPDX-License-Identifier: MIT */
/*
 * A frame of the file: its bytes until somebody has summed them, and its sum from then on.
 *
 * Threads: one at a time.
 */
#ifndef POOL_FRAME_H
#define POOL_FRAME_H

#include <buffer/buffer.h>

struct frame {
    rc_buffer *bytes; /* NULL once they are summed */
    size_t size;
    uint32_t sum;
    struct frame *next; /* in the file */
};

/* Borrows: bytes, which the frame retains. Returns: one new reference; NULL: RC_NO_MEMORY. */
struct frame *frame_new(rc_buffer *bytes);

/* Sum the bytes as the POSIX utility cksum does, and let go of them. */
void frame_sum(struct frame *self);

#endif
