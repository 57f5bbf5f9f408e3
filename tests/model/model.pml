/* SPDX-License-Identifier: MIT */
/*
 * A model of biased counts for spin: rc/bias.c and rc/owner.c, and of rc/object.h, rc/object_end.c
 * and rc/weak.c what goes with them. gate.sh searches all its states.
 *
 * Each inline has the name of the function that it stands for. Each atomic operation there is one
 * step, each plain access to what threads share is one step, and what a thread does for itself goes
 * with the step before. The assertions are in state.pml: an object is finalized exactly once, never
 * while a reference exists, and never touched after it was freed; nobody gets a reference where
 * there is none; the local count is touched by the owner, or under the lock once that has ended;
 * "unique" is true. And here: when all threads have ended nothing is left, in a queue or elsewhere.
 * spin itself finds threads that wait for each other.
 *
 * The first thread owns all objects. A thread may do anything at any time, without end, as long as
 * it has the reference that it needs: retain, release, give a reference to its neighbour, drain,
 * give its index back and go on without, make weak references and lock them. Configurations:
 *
 *     THREADS, OBJECTS (1 or 2), WEAKS (weak references to the first object, 0 to 2)
 *     REFERENCES   to an object, at most: nobody adds one to so many
 *     TAKE         a thread without index takes the one that was given back, and inherits
 *     SHARE, ASK   rc_share() and rc_is_unique() are called
 *     RESURRECT    a finalizer may retain its object
 *
 * Not modelled. Memory orders: every step is seen by all at once, and what may be seen late is the
 * explorer's business (tests/explorer). The plain counting of a process with one thread, immortal
 * objects, saturation but for the local count's, fork. A second index, whose queue and objects
 * would be others. Code of the program's in a finalizer, but for its retaining: no drain inside a
 * drain, and no chains of objects. Callbacks of weak references, and their own ends. A
 * compare-and-swap that fails for no reason, which only repeats what it did.
 */
#ifndef OBJECTS
#define OBJECTS 1
#endif
#ifndef WEAKS
#define WEAKS 0
#endif

#include "state.pml"
#include "weak.pml"
#include "end.pml"
#include "owner.pml"
#include "bias.pml"
#include "count.pml"

#define NEIGHBOUR   ((me + 1) % THREADS)
#define HAS_ROOM(o) (object[o].references < REFERENCES)
#if OBJECTS > 1
#define HAS_NOTHING (HOLD(me, 0) == 0 && HOLD(me, 1) == 0)
#else
#define HAS_NOTHING (HOLD(me, 0) == 0)
#endif

#define COUNT(object_)                                                                             \
    :: d_step { HOLD(me, object_) && HAS_ROOM(object_) -> o = object_ } goto retaining             \
    :: d_step { HOLD(me, object_) -> o = object_ } goto releasing                                  \
    :: d_step {                                                                                    \
            HOLD(me, object_) && !done[NEIGHBOUR] -> HOLD(me, object_)--;                          \
            HOLD(NEIGHBOUR, object_)++                                                             \
        }                                                                                          \
        goto idle

#define REFER(weak_)                                                                               \
    :: d_step { HOLD(me, 0) && !weak[weak_].made -> weak[weak_].made = true; w = weak_ }           \
        goto making_weak                                                                           \
    :: d_step { weak[weak_].known && HAS_ROOM(0) -> w = weak_ } goto locking_weak

proctype thread(byte me)
{
    byte index = (me == 0 -> INDEX : NOTHING); /* rc_bias_self */
    byte o, x, w, at;
    byte owner, flags, next, taken;
    short word, local_;
    bool mine, counted, swapped, ordinary, left, last, then_drain, leaving;

idle:
    if
    COUNT(0)
#if OBJECTS > 1
    COUNT(1)
#endif
#if WEAKS > 0
    REFER(0)
#endif
#if WEAKS > 1
    REFER(1)
#endif
#ifdef ASK
    :: HOLD(me, 0) -> rc_is_unique(0); goto idle
#endif
#ifdef SHARE
    :: HOLD(me, 0) -> rc_bias_share(0); goto idle
#endif
    :: index == INDEX && queue != 0 -> goto draining
    :: index == INDEX -> leaving = true; goto draining
#ifdef TAKE
    :: index == NOTHING && queue == CLOSED ->
        take_index();
        if
        :: index == INDEX -> goto draining
        :: else -> goto idle
        fi
#endif
    :: d_step { index == NOTHING && HAS_NOTHING -> done[me] = true; ended++ } goto finished
    fi;

retaining:
    rc_retain(o);
    o = 0;
    goto idle;
releasing:
    rc_release(o);
    o = 0;
    if
    :: then_drain -> then_drain = false
    :: else -> goto idle
    fi;

draining: /* rc_bias_drain(), rc__owner_index(), rc_bias_release_slow(), rc__owner_leave() */
    rc__owner_drain();
    if
    :: leaving -> give_index_back()
    :: else -> goto idle
    fi;
    if
    :: index == NOTHING -> leaving = false; goto idle
    :: else -> goto draining
    fi;
#if WEAKS > 0
making_weak:
    rc_weak_new(0);
    w = 0;
    goto idle;
locking_weak:
    rc_weak_lock(0);
    w = 0;
    goto idle;
#endif
finished:
    skip
}

init
{
    byte i;
    atomic {
        for (i : 0 .. OBJECTS - 1) {
            object[i].owner = INDEX;
            object[i].references = 1;
            hold[i] = 1
        }
        for (i : 0 .. THREADS - 1) {
            run thread(i)
        };
        i = 0
    }
    ended == THREADS;
    d_step {
        assert(queue == CLOSED);
        for (i : 0 .. OBJECTS - 1) {
            assert(object[i].freed && object[i].finalized == 1)
        }
    }
}
