/* SPDX-License-Identifier: MIT */
/* What a living thing weighs beyond its payload. Everyone's payload is written from end to end. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include <buffer/buffer.h>

static const rc_type object_type = {.name = "of 64 B", .size = 64};
static rc_buffer *sliced;

static void *make_malloc(size_t payload)
{
    return memset(need(malloc(payload)), 1, payload);
}

static void *make_object(size_t payload)
{
    if (payload != object_type.size) give_up("the object's type has another size");
    return memset(need(rc_object_new(&object_type, 0)), 1, payload);
}

static void *make_buffer(size_t payload)
{
    rc_buffer *buffer = need(rc_buffer_new(payload));
    memset(need(rc_buffer_edit(buffer)), 1, payload);
    return buffer;
}

static void make_sliced(void)
{
    sliced = need(rc_buffer_new_zeroed(4096));
}

static void *make_slice(size_t payload)
{
    (void)payload;
    return need(rc_buffer_slice(sliced, 64, 64));
}

/* The least that a view can be: a count, the root, where and how much. */
static void *make_view(size_t payload)
{
    struct view {
        int count;
        void *root, *data;
        size_t size;
    };
    return memset(need(malloc(sizeof(struct view))), payload != 0, sizeof(struct view));
}

static void unmake(void *thing)
{
    rc_release(thing);
}

#define MALLOC(row)                                                                                \
    {                                                                                              \
        (row), "malloc", KIND_BARE, .make = make_malloc, .unmake = free                            \
    }
#define RCBUF(row, maker)                                                                          \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .make = (maker), .unmake = unmake                               \
    }

static const struct contestant table[] = {
    MALLOC("weight-object"),
    RCBUF("weight-object", make_object),
    MALLOC("weight-buffer"),
    RCBUF("weight-buffer", make_buffer),
    MALLOC("weight-buffer-1k"),
    RCBUF("weight-buffer-1k", make_buffer),
    MALLOC("weight-buffer-16k"),
    RCBUF("weight-buffer-16k", make_buffer),
    {"weight-slice", "malloc'd view", KIND_BARE, .make = make_view, .unmake = free},
    {"weight-slice", "rcbuf", KIND_OURS, make_sliced, .make = make_slice, .unmake = unmake},
};
CONTESTANTS(contestants_weight, table);
