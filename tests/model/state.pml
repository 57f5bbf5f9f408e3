/* SPDX-License-Identifier: MIT */
/*
 * What the threads share, as in rc/object.h, rc/header.h, rc/owner.c and rc/weak.c; and ghosts,
 * variables that the library does not have, which say what ought to be true.
 */
#define ONE       4        /* RC__COUNT_... */
#define MERGED    1
#define QUEUED    2
#define GONE      (-63)    /* has MERGED in it */
#define LOCAL_MAX ONE      /* the owner counts two references, in the place of 2^29 */

#define WEAK       1 /* RC__FLAG_... */
#define FINALIZING 2
#define FINALIZED  4

#define INDEX   1   /* the one index: all objects have the same owner, and one queue */
#define GIVES   128 /* RC__OWNER_GIVES, beside the index */
#define NOTHING 255 /* RC__OWNS_NOTHING: no thread's index is that of an ordinary object, 0 */
#define CLOSED  255 /* the head of a queue whose index has no thread */

typedef object_t {
    short shared; /* rc__header */
    byte owner;
    byte flags;
    byte link; /* rc__prefix; 1 + an object */
    short plain; /* rc__local_of(): the owner's count */
    byte references; /* ghosts: the references that threads and the queue hold */
    byte finalized;
    bool freed;
}
object_t object[OBJECTS];

byte queue; /* 1 + an object, 0 or CLOSED */
byte bias_lock;
byte holder = 1; /* ghost: 1 + the thread that has the index */

typedef weak_t { /* to object 0 */
    bool linked;
    bool alive;
    byte owner;
    bool made; /* ghosts: a thread makes it; threads know it */
    bool known;
}
#if WEAKS > 0
weak_t weak[WEAKS];
#else
weak_t weak[1];
#endif
byte stripe_lock;

/* Ghosts: the references that each thread holds of each object, and the threads that have ended. */
byte hold[THREADS * OBJECTS];
#define HOLD(thread, o) hold[(thread) * OBJECTS + (o)]
bool done[THREADS];
byte ended;

/* ---- what must be true ----------------------------------------------------------------------- */

/* Never touched after it was freed. */
#define TOUCH(o) assert(!object[o].freed)

/* The plain count is touched by whoever has the index, or under the lock when nobody has. */
#define TOUCH_LOCAL(o)                                                                             \
    TOUCH(o);                                                                                      \
    assert(holder == me + 1 || (bias_lock == me + 1 && queue == CLOSED))

/* A reference begins and ends in the very step that counts it. Where there is none nobody gets one:
 * nothing is revived. */
#define GAIN(o)                                                                                    \
    assert(object[o].references > 0);                                                              \
    object[o].references++;                                                                        \
    HOLD(me, o)++
#define LOSE(o)                                                                                    \
    object[o].references--;                                                                        \
    HOLD(me, o)--

/* rc__count_was_last(). A word below zero that does not say so stops the program. */
#define WAS_LAST(o)                                                                                \
    last = (object[o].shared | MERGED) == MERGED - ONE;                                            \
    assert(last || object[o].shared >= 0)

/* Whoever is told that its reference is the only one is told in the step that reads the word. */
#define UNIQUE_IF(o, condition) assert(!(condition) || object[o].references == 1)

inline lock(which) { atomic { which == 0 -> which = me + 1 } }
inline unlock(which) { d_step { assert(which == me + 1); which = 0 } }
