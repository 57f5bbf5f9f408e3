/* SPDX-License-Identifier: MIT */
/*
 * What the threads share, as in rc/object.h and rc/header.h, and ghosts: variables that the library
 * does not have, which say what ought to be true.
 */
#ifndef OBJECTS
#define OBJECTS 1
#endif
#ifndef WEAKS
#define WEAKS 0
#endif
#define LOCAL_MAX 2 /* in the place of 65535 */

#define MERGED 1 /* RC__COUNT_MERGED */
#define QUEUED 2 /* RC__COUNT_QUEUED */
#define ONE    4 /* RC__COUNT_ONE */
#define GONE   (-63) /* RC__COUNT_GONE, which has RC__COUNT_MERGED in it */

#define BIASED     1 /* RC__FLAG_... */
#define WEAK       2
#define FINALIZING 4
#define FINALIZED  8

#define NOBODY 0
#define CLOSED 255 /* the head of a queue without a thread */

typedef object_t {
    short shared;
    byte local_;
    byte flags;
    byte link; /* 1 + an object */
    /* ghosts */
    byte references; /* that threads hold, and the queue */
    byte finalized;
    bool freed;
}
object_t object[OBJECTS];

/* All objects have the same owner: the thread with index 1. */
#define INDEX 1
byte head = 0;         /* of its queue: 1 + an object, 0, or CLOSED */
byte bias_lock = NOBODY;
byte owner = 1;        /* ghost: 1 + the thread that has the index */

/* The weak references to object 0; their stripe's lock. */
typedef weak_t {
    bool linked;
    bool alive;
    byte owner; /* the index that may lock it by counting plainly */
    bool made; /* ghosts: a thread makes it; threads know it */
    bool known;
}
#if WEAKS > 0
weak_t weak[WEAKS];
#else
weak_t weak[1];
#endif
byte stripe_lock = NOBODY;

/* Ghosts: how many references each thread holds of each object, and who has come to an end. */
byte hold[THREADS * OBJECTS];
bool done[THREADS];
byte ended;
#define HOLD(thread, o) hold[(thread) * OBJECTS + (o)]

/* ---- what must be true ----------------------------------------------------------------------- */

/* No access after the memory went back. */
#define TOUCH(o) assert(!object[o].freed)

/* The plain count belongs to whoever has the index, or to one who claims, under the lock. */
#define TOUCH_LOCAL(o)                                                                             \
    TOUCH(o);                                                                                      \
    assert(owner == me + 1 || (bias_lock == me + 1 && head == CLOSED))

/* A reference begins and ends in the very step that counts it. Where there is none nobody gets one:
 * nothing is revived. */
#define GAIN(o)                                                                                    \
    assert(object[o].references > 0);                                                              \
    object[o].references++;                                                                        \
    HOLD(me, o)++
#define LOSE(o)                                                                                    \
    object[o].references--;                                                                        \
    HOLD(me, o)--

/* What a release left: an ordinary count, or a word that says that it was the last. */
#define WAS_LAST(o)                                                                                \
    last = (object[o].shared | MERGED) == MERGED - ONE;                                            \
    assert(last || object[o].shared >= 0)

/* Nobody else has a reference in the step that answers so. */
#define UNIQUE_IF(o, condition) assert(!(condition) || object[o].references == 1)

inline lock(which) { atomic { which == NOBODY -> which = me + 1 } }
inline unlock(which) { d_step { assert(which == me + 1); which = NOBODY } }
