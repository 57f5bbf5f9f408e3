/* SPDX-License-Identifier: MIT */
/* libavutil: AVBufferRef, of which each reference is a block of its own, and AVBufferPool. */
#include "peer.h"

#include <libavutil/buffer.h>

static AVBufferRef *buffer;
static AVBufferPool *pool;
static unsigned char foreign[PEER_PAGE];
static size_t released;

PEER_EXPORT const char *peer_start(void)
{
    buffer = need(av_buffer_allocz(PEER_PAGE));
    pool = need(av_buffer_pool_init(PEER_PAGE, NULL));
    return NULL;
}

static inline void unref(AVBufferRef *it)
{
    av_buffer_unref(&it);
}

static inline AVBufferRef *touched(AVBufferRef *it, size_t size)
{
    touch(it->data, size);
    return opaque(it);
}

/* ---- retain and release ---------------------------------------------------------------------- */

BENCH_BODY refs_and_unrefs(size_t operations)
{
    for (size_t i = 0; i < operations; i++) unref(need(av_buffer_ref(opaque(buffer))));
}

BENCH_BODY refs_and_unrefs_among(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        AVBufferRef *it = need(av_buffer_ref(opaque(buffer)));
        BENCH_OTHERS;
        unref(it);
        BENCH_OTHERS;
    }
}

BENCH_PLACES_OF(PEER_EXPORT, peer_retain, refs_and_unrefs(operations))
BENCH_PLACES_OF(PEER_EXPORT, peer_retain_among, refs_and_unrefs_among(operations))

/* ---- create and destroy ---------------------------------------------------------------------- */

PEER_LOOP(buffer_64, unref(touched(need(av_buffer_alloc(PEER_SMALL)), PEER_SMALL)))
PEER_LOOP(buffer_4k, unref(touched(need(av_buffer_alloc(PEER_PAGE)), PEER_PAGE)))
PEER_LOOP(buffer_1m, unref(touched(need(av_buffer_alloc(PEER_LARGE)), PEER_LARGE)))
PEER_LOOP(pool_4k, unref(touched(need(av_buffer_pool_get(pool)), PEER_PAGE)))

/* ---- slice, adopt ---------------------------------------------------------------------------- */

static inline void slice(void)
{
    AVBufferRef *it = need(av_buffer_ref(opaque(buffer)));
    it->data += PEER_SMALL;
    it->size = PEER_SMALL;
    unref(opaque(it));
}

static void count_release(void *context, uint8_t *data)
{
    (void)data;
    ++*(size_t *)context;
}

PEER_LOOP(slice, slice())
PEER_LOOP(adopt, unref(need(av_buffer_create(foreign, PEER_PAGE, count_release, &released, 0))))

/* ---- weighed, handed over -------------------------------------------------------------------- */

PEER_EXPORT void *peer_buffer_make(size_t payload)
{
    AVBufferRef *it = need(av_buffer_alloc(payload));
    memset(it->data, 1, payload);
    return it;
}

PEER_EXPORT void peer_buffer_unmake(void *thing)
{
    unref(thing);
}

PEER_EXPORT void *peer_pool_hand_make(size_t payload)
{
    AVBufferRef *it = need(av_buffer_pool_get(pool));
    if (it->size < payload) give_up("the pool's buffers are too small");
    touch_first(it->data);
    return it;
}

PEER_EXPORT void peer_pool_hand_unmake(void *thing)
{
    AVBufferRef *it = thing;
    read_first(it->data);
    unref(it);
}
