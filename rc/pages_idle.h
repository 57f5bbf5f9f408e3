/* SPDX-License-Identifier: MIT */
/**
 * @file rc/pages_idle.h
 * Private (not installed): pages that nobody uses and that stay mapped, for rc/pages.c: what each
 * thread keeps for itself, and the cache of page ranges that all share. Starts and lengths are
 * multiples of the page size.
 */
#ifndef RC_PAGES_IDLE_H
#define RC_PAGES_IDLE_H

#include "pages.h"

/* One thread's last block. Only its thread touches it, but in the child of a fork, which may come
 * between any two stores: so the block is there before its length says so. A cache line each. */
struct rc__idle_slot {
    _Alignas(64) void *block;
    size_t length; /* 0: there is none */
    bool taken;    /* by a thread; under the lock */
};

/* This thread's; NULL: none, or none yet. */
extern RC_HIDDEN RC_HOT_THREAD_LOCAL struct rc__idle_slot *rc__idle_mine;

/* A slot for this thread, if it did not ask before and there is one. May allocate. */
RC_HIDDEN RC_COLD void rc__idle_ask_for_slot(void);

/* A range of that length: one that has it exactly, else the head of the longest, so that what grows
 * finds room behind it. NULL: none is as long. */
RC_HIDDEN void *rc__idle_take(size_t length);

/* The range that starts there, its first @p length bytes. False: they do not idle. */
RC_HIDDEN bool rc__idle_take_at(void *start, size_t length);

/* Keeps the range, or gives it or what is older back to the system. */
RC_HIDDEN void rc__idle_put(void *start, size_t length);

/* Everything that idles here, and this thread's block. False: there was nothing. */
RC_HIDDEN bool rc__idle_trim(void);

/* Back to the system. Preserves errno. */
RC_HIDDEN void rc__idle_unmap(void *start, size_t length);

/* Fork handlers, and what tells that a thread ends. Early, and once. */
RC_HIDDEN void rc__idle_prepare(void);

#endif
