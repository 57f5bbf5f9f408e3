/* SPDX-License-Identifier: MIT */
/* Biased and immortal objects: what their owner pays, and what two threads pay for one that nobody
 * counts. Where this library gives no bias, there is none to be measured. */
#include "bench.h"

#include <rc/object.h>
#include <rc/weak.h>

static const rc_type biased_type = {
    .name = "biased", .size = 112, .alignment = 64, .flags = RC_TYPE_BIASED};
static const rc_type immortal_type = {.name = "immortal", .size = 112, .alignment = 64};
static const rc_type small_type = {.name = "biased, of 64 B", .size = 64, .flags = RC_TYPE_BIASED};

static void *biased, *immortal;
static rc_weak *weak;

/* Asked of an object: the library decides when it makes one. */
static const char *bias_absent(void)
{
    void *object = need(rc_object_new(&small_type, 0));
    bool is_biased = rc__header_of(object)->owner != 0;
    rc_release(object);
    return is_biased ? NULL : "this library makes no biased objects (rcbuf)";
}

static void make_biased(void)
{
    if (!biased) biased = need(rc_object_new(&biased_type, 0));
}

static void make_immortal(void)
{
    immortal = need(rc_object_new(&immortal_type, 0));
    rc_make_immortal(immortal);
}

static void make_weak(void)
{
    make_biased();
    if (!weak) weak = need(rc_weak_new(biased));
}

/* ---- retain, release ------------------------------------------------------------------------- */

BENCH_BODY retains_and_releases(size_t operations, void *it, bool among)
{
    it = opaque(it);
    for (size_t i = 0; i < operations; i++) {
        seen(it);
        (void)rc_retain(it);
        if (among) BENCH_OTHERS;
        seen(it);
        rc_release(it);
        if (among) BENCH_OTHERS;
    }
}

BENCH_PLACES(run_owner, retains_and_releases(operations, biased, false))
BENCH_PLACES(run_two_biased, retains_and_releases(operations, biased, true))
BENCH_PLACES(run_two_immortal, retains_and_releases(operations, immortal, true))

/* ---- create, weak ---------------------------------------------------------------------------- */

BENCH_BODY objects_and_releases(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        void *object = need(rc_object_new(&small_type, 0));
        touch(object, small_type.size);
        rc_release(opaque(object));
    }
}
BENCH_PLACES(run_object, objects_and_releases(operations))

BENCH_BODY locks_and_releases(size_t operations)
{
    rc_weak *it = weak;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        void *object = need(rc_weak_lock(it));
        rc_release(object);
    }
}

BENCH_BODY news_and_locks(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        rc_weak *it = need(rc_weak_new(opaque(biased)));
        void *object = need(rc_weak_lock(it));
        rc_release(object);
        rc_release(it);
    }
}

BENCH_PLACES(run_weak_lock, locks_and_releases(operations))
BENCH_PLACES(run_weak_new, news_and_locks(operations))

#define OWNER(row, maker, loop)                                                                    \
    {                                                                                              \
        (row), "rcbuf, biased owner", KIND_OURS, (maker), .absent = bias_absent, .run = (loop)     \
    }

static const struct contestant table[] = {
    OWNER("retain-beside", make_biased, run_owner),
    OWNER("retain-bare", make_biased, run_owner),
    {"retain-two-aside", "rcbuf, immortal", KIND_OURS, make_immortal, .run = run_two_immortal},
    {"retain-two-aside", "rcbuf, biased, the owner", KIND_OURS, make_biased, .absent = bias_absent,
     .run = run_two_biased},
    OWNER("object", NULL, run_object),
    OWNER("object-started", NULL, run_object),
    OWNER("weak", make_weak, run_weak_lock),
    OWNER("weak-started", make_weak, run_weak_lock),
    OWNER("weak-new", make_weak, run_weak_new),
    OWNER("weak-new-started", make_weak, run_weak_new),
};
CONTESTANTS(contestants_bias, table);
