/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include <pthread.h>

static void finalize(void *object)
{
    struct frame *self = object;
    rc_release(self->bytes);
    rc_release(self->next);
}

static const rc_type frame_type = {
    .name = "pool.frame",
    .size = sizeof(struct frame),
    .finalize = finalize,
};

struct frame *frame_new(rc_buffer *bytes)
{
    struct frame *self = rc_new(struct frame, &frame_type);
    if (!self) return NULL;
    self->bytes = rc_retain(bytes);
    self->size = bytes->size;
    return self;
}

/* ---- the sum: a CRC with the polynomial of Ethernet, the highest bit first ------------------- */

static uint32_t table[256];

static void make_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t rest = i << 24;
        for (int bit = 0; bit < 8; bit++) rest = rest << 1 ^ (rest >> 31 ? 0x04c11db7u : 0);
        table[i] = rest;
    }
}

static uint32_t add(uint32_t sum, unsigned char byte)
{
    return sum << 8 ^ table[sum >> 24 ^ byte];
}

void frame_sum(struct frame *self)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_table);
    uint32_t sum = 0;
    for (size_t i = 0; i < self->size; i++) sum = add(sum, self->bytes->data[i]);
    for (size_t rest = self->size; rest; rest >>= 8) sum = add(sum, rest & 0xff);
    self->sum = ~sum;
    rc_clear(&self->bytes); /* the buffer is back in its pool from here on */
}
