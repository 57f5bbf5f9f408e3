/* SPDX-License-Identifier: MIT */
/* GLib: boxes that are counted atomically, GBytes, GByteArray, GObject and GWeakRef. */
#include "peer.h"

#include <glib-object.h>

static void *box;
static GBytes *bytes;
static GObject *object;
static GType object_type;
static GWeakRef weak;
static GQueue queue = G_QUEUE_INIT;
static GBytes *part;
static unsigned char piece[PEER_SMALL], foreign[PEER_PAGE];
static size_t released;

/* An object with 64 bytes of its own. */
static void register_type(void)
{
    const GTypeInfo information = {.class_size = sizeof(GObjectClass),
                                   .instance_size = sizeof(GObject) + PEER_SMALL};
    object_type = g_type_register_static(G_TYPE_OBJECT, "BenchObject", &information, 0);
}

PEER_EXPORT const char *peer_start(void)
{
    register_type();
    box = g_atomic_rc_box_alloc0(PEER_SMALL);
    bytes = g_bytes_new_take(g_malloc0(PEER_PAGE), PEER_PAGE);
    object = g_object_new(object_type, NULL);
    g_weak_ref_init(&weak, object);
    part = g_bytes_new_from_bytes(bytes, PEER_SMALL, PEER_SMALL);
    for (int i = 0; i < PEER_DEPTH; i++) g_queue_push_tail(&queue, g_bytes_ref(part));
    return NULL;
}

/* ---- retain and release ---------------------------------------------------------------------- */

PEER_RETAINS(box_retain, g_atomic_rc_box_acquire(opaque(box)), g_atomic_rc_box_release(opaque(box)))
PEER_RETAINS(bytes_retain, g_bytes_ref(opaque(bytes)), g_bytes_unref(opaque(bytes)))
PEER_RETAINS(object_retain, g_object_ref(opaque(object)), g_object_unref(opaque(object)))

/* ---- create and destroy ---------------------------------------------------------------------- */

static inline void box_and_release(size_t size)
{
    void *it = need(g_atomic_rc_box_alloc(size));
    touch(it, size);
    g_atomic_rc_box_release(opaque(it));
}

/* GLib has no way to make uninitialised bytes but to take over a block. */
static inline void bytes_and_unref(size_t size)
{
    void *block = need(g_malloc(size));
    touch(block, size);
    g_bytes_unref(opaque(g_bytes_new_take(block, size)));
}

static inline void object_and_unref(void)
{
    GObject *it = need(g_object_new(object_type, NULL));
    touch(it + 1, PEER_SMALL);
    g_object_unref(opaque(it));
}

PEER_LOOP(box_64, box_and_release(PEER_SMALL))
PEER_LOOP(box_4k, box_and_release(PEER_PAGE))
PEER_LOOP(box_1m, box_and_release(PEER_LARGE))
PEER_LOOP(bytes_64, bytes_and_unref(PEER_SMALL))
PEER_LOOP(bytes_4k, bytes_and_unref(PEER_PAGE))
PEER_LOOP(bytes_1m, bytes_and_unref(PEER_LARGE))
PEER_LOOP(object_64, object_and_unref())

/* ---- slice, adopt ---------------------------------------------------------------------------- */

static void count_release(void *context)
{
    ++*(size_t *)context;
}

PEER_LOOP(slice,
          g_bytes_unref(opaque(g_bytes_new_from_bytes(opaque(bytes), PEER_SMALL, PEER_SMALL))))
PEER_LOOP(adopt, g_bytes_unref(opaque(g_bytes_new_with_free_func(foreign, PEER_PAGE, count_release,
                                                                 &released))))

/* ---- chain ----------------------------------------------------------------------------------- */

static inline void append_and_cut(void)
{
    g_queue_push_tail(opaque(&queue), g_bytes_ref(opaque(part)));
    g_bytes_unref(need(g_queue_pop_head(opaque(&queue))));
}

PEER_LOOP(chain, append_and_cut())

/* ---- growth ---------------------------------------------------------------------------------- */

PEER_EXPORT BENCH_LOOP void peer_append(size_t operations)
{
    GByteArray *array = g_byte_array_new();
    for (size_t i = 0; i < operations; i++) g_byte_array_append(array, opaque(piece), sizeof piece);
    g_byte_array_unref(array);
}

static inline void resize(void)
{
    GByteArray *array = g_byte_array_new();
    for (unsigned old = 0, size = PEER_RESIZE_FROM; size <= PEER_RESIZE_TO; old = size, size *= 2) {
        g_byte_array_set_size(array, size);
        peer_touch_pages(array->data, old, size);
    }
    g_byte_array_unref(array);
}

PEER_LOOP(resize, resize())

/* ---- weak ------------------------------------------------------------------------------------ */

static inline void new_weak_and_lock(void)
{
    GWeakRef it;
    g_weak_ref_init(&it, opaque(object));
    g_object_unref(need(g_weak_ref_get(opaque(&it))));
    g_weak_ref_clear(&it);
}

PEER_PAIRS(weak_lock, 0, , g_object_unref(need(g_weak_ref_get(opaque(&weak)))))
PEER_PAIRS(weak_new, 0, , new_weak_and_lock())

/* ---- weighed, handed over -------------------------------------------------------------------- */

PEER_EXPORT void *peer_box_make(size_t payload)
{
    return memset(need(g_atomic_rc_box_alloc(payload)), 1, payload);
}

PEER_EXPORT void peer_box_unmake(void *thing)
{
    g_atomic_rc_box_release(thing);
}

PEER_EXPORT void *peer_bytes_make(size_t payload)
{
    return g_bytes_new_take(memset(need(g_malloc(payload)), 1, payload), payload);
}

PEER_EXPORT void peer_bytes_unmake(void *thing)
{
    g_bytes_unref(thing);
}

PEER_EXPORT void *peer_object_make(size_t payload)
{
    GObject *it = need(g_object_new(object_type, NULL));
    memset(it + 1, 1, payload);
    return it;
}

PEER_EXPORT void peer_object_unmake(void *thing)
{
    g_object_unref(thing);
}

PEER_EXPORT void *peer_box_hand_make(size_t payload)
{
    void *it = need(g_atomic_rc_box_alloc(payload));
    touch_first(it);
    return it;
}

PEER_EXPORT void peer_box_hand_unmake(void *thing)
{
    read_first(thing);
    g_atomic_rc_box_release(thing);
}

PEER_EXPORT void *peer_bytes_hand_make(size_t payload)
{
    void *block = need(g_malloc(payload));
    touch_first(block);
    return g_bytes_new_take(block, payload);
}

PEER_EXPORT void peer_bytes_hand_unmake(void *thing)
{
    read_first(g_bytes_get_data(thing, NULL));
    g_bytes_unref(thing);
}
