/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/exports.h
 * Private (not installed): the exports of a root, counted in rc__exports.
 *
 * All exports together hold one reference to the root: whoever makes the first one retains it, and
 * whoever drops the last one releases it. Both may happen at once, since the maker of an export
 * borrows a reference of its own, and its export is not dropped before it is made.
 *
 * Memory order. A drop has release order, so that what its thread did with the bytes is visible to
 * the one that drops the last export, which reads the word again with an acquire load before it
 * releases the root; and to whoever reads 0 here, with acquire, before changing the bytes.
 */
#ifndef BUFFER_EXPORTS_H
#define BUFFER_EXPORTS_H

#include "layout.h"

/* Beyond this many none is made; additions that see the limit late have 2^31 more to take back. */
#define RC__EXPORTS_MAX 0x80000000u

static inline uint32_t rc__exports_read(const rc_buffer *root)
{
    return __atomic_load_n(&root->rc__exports, __ATOMIC_ACQUIRE);
}

/* In a process with one thread, and fewer than the limit. */
static inline void rc__exports_add_alone(rc_buffer *root)
{
    if (RC__HAVE_PROBES) {
        if (root->rc__exports++ != 0) return;
        rc__ledger_keeps(root, NULL);
        (void)RC__RETAINED(rc__retain_quietly(root));
        return;
    }
    if (root->rc__exports++ != 0 || (rc__ledger_keeps(root, NULL), rc__retain_owned(root))) return;
    if (!rc__count_up_plain(&rc__header_of(root)->shared)) rc_object_retain_slow(root, false);
}

/* False, and nothing changed: there are too many. */
static inline bool rc__exports_add(rc_buffer *root)
{
    if (RC_SINGLE_THREADED) {
        if (RC_UNLIKELY(root->rc__exports >= RC__EXPORTS_MAX)) return false;
        rc__exports_add_alone(root);
        return true;
    }
    uint32_t before = __atomic_fetch_add(&root->rc__exports, 1, __ATOMIC_RELAXED);
    if (RC_UNLIKELY(before >= RC__EXPORTS_MAX)) {
        __atomic_fetch_sub(&root->rc__exports, 1, __ATOMIC_RELAXED);
        return false;
    }
    if (before == 0) (void)rc_retain(root);
    return true;
}

static inline void rc__exports_drop(rc_buffer *root)
{
    if (RC_SINGLE_THREADED) {
        if (RC__HAVE_PROBES && root->rc__exports == 1) RC__PROBE_RELEASE(root);
        if (--root->rc__exports == 0 &&
            (rc__ledger_leaves(root, NULL), !rc__count_down_plain(&rc__header_of(root)->shared)))
            rc_object_release_plain(root);
        return;
    }
    if (__atomic_sub_fetch(&root->rc__exports, 1, __ATOMIC_RELEASE) != 0) return;
    (void)rc__exports_read(root);
    rc_release(root);
}

/* The same for the ledger's sake: who is the export, a slice or a view; a chain, which may hand it
 * on, is nobody. */
#ifdef RCBUF_LEDGER
static inline bool rc__exports_add_for(rc_buffer *root, const void *holder)
{
    if (!rc__exports_add(root)) return false;
    rc__ledger_exported(root, holder);
    return true;
}

static inline void rc__exports_drop_of(rc_buffer *root, const void *holder)
{
    rc__ledger_unexported(root, holder);
    rc__exports_drop(root);
}

#define rc__exports_add(root)  rc__exports_add_for((root), NULL)
#define rc__exports_drop(root) rc__exports_drop_of((root), NULL)
#else
#define rc__exports_add_for(root, holder) rc__exports_add(root)
#define rc__exports_drop_of(root, holder) rc__exports_drop(root)
#endif

/* ": a slice made at parser.c:88 in next_message", of the latest export that the ledger knows, or
 * "". */
#ifdef RCBUF_LEDGER
RC_HIDDEN const char *rc__exports_site(const rc_buffer *root, char *text, size_t size);
#else
static inline const char *rc__exports_site(const rc_buffer *root, char *text, size_t size)
{
    (void)root, (void)text, (void)size;
    return "";
}
#endif

#endif
