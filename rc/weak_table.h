/* SPDX-License-Identifier: MIT */
/**
 * @file rc/weak_table.h
 * Private (not installed): what the rooms of rc/weak.h share, a weak reference and its stripe. The
 * invariants stand in rc/weak.c.
 */
#ifndef RC_WEAK_TABLE_H
#define RC_WEAK_TABLE_H

#include <pthread.h>

#include "ledger_hooks.h"
#include "weak.h"

/* A fork holds all stripes' locks: ThreadSanitizer follows no more than 64 of one thread. */
enum { STRIPES = 32, FIRST_BUCKETS = 8 };

struct rc_weak {
    void *target;          /* the address; never followed once the object is dead */
    struct rc_weak *next;  /* in the bucket, or in notify's list */
    struct rc_weak **link; /* what points here; NULL: not linked */
    void (*callback)(rc_weak *weak, void *context);
    void *context;
    uint32_t
        owner; /* the index of a biased target's owner, which may lock by itself; 0: nobody's */
    bool alive;
    bool due;    /* dead, and the callback is still to run; notify owns one reference */
    bool pinned; /* the target has RC__FLAG_PINNED */
};

struct rc__stripe {
    pthread_mutex_t lock;
    struct rc_weak **buckets;
    size_t bucket_count; /* a power of two */
    size_t linked;
    struct rc_weak *first_buckets[FIRST_BUCKETS];
};

extern RC_HIDDEN RC__LEDGER_BLIND struct rc__stripe rc__stripes[STRIPES];

static inline size_t hash_of(const void *target)
{
    uint64_t mixed = (uint64_t)((uintptr_t)target >> 4) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 32);
}

static inline struct rc__stripe *stripe_of(const void *target)
{
    return &rc__stripes[hash_of(target) % STRIPES];
}

/* No thread is started in between, so both find the same. */
static inline struct rc__stripe *lock_stripe(const void *target)
{
    struct rc__stripe *stripe = stripe_of(target);
    if (!RC_SINGLE_THREADED) pthread_mutex_lock(&stripe->lock);
    return stripe;
}

static inline void unlock_stripe(struct rc__stripe *stripe)
{
    if (!RC_SINGLE_THREADED) pthread_mutex_unlock(&stripe->lock);
}

#endif
