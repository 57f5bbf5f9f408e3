/* SPDX-License-Identifier: MIT */
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

#define ROOM(o)   (object[o].references < REFERENCES)
#define NEIGHBOUR ((me + 1) % THREADS)

#if OBJECTS > 1
#define EMPTY_HANDED (HOLD(me, 0) == 0 && HOLD(me, 1) == 0)
#else
#define EMPTY_HANDED (HOLD(me, 0) == 0)
#endif

proctype thread(byte me)
{
    byte index = (me == 0 -> INDEX : NOTHING); /* rc_bias_self */
    byte o, x, w, at;
    byte owner, flags, next, taken;
    short word, local_;
    bool mine, counted, swapped, ordinary, left, last, then_drain, leaving;

idle:
    if
    :: d_step { HOLD(me, 0) && ROOM(0) -> o = 0 } goto retaining
    :: d_step { HOLD(me, 0) -> o = 0 } goto releasing
    :: d_step { HOLD(me, 0) && !done[NEIGHBOUR] -> HOLD(me, 0)--; HOLD(NEIGHBOUR, 0)++ } goto idle
#if OBJECTS > 1
    :: d_step { HOLD(me, 1) && ROOM(1) -> o = 1 } goto retaining
    :: d_step { HOLD(me, 1) -> o = 1 } goto releasing
    :: d_step { HOLD(me, 1) && !done[NEIGHBOUR] -> HOLD(me, 1)--; HOLD(NEIGHBOUR, 1)++ } goto idle
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
#if WEAKS > 0
    :: d_step { HOLD(me, 0) && !weak[0].made -> weak[0].made = true; w = 0 } goto weak_making
    :: d_step { weak[0].known && ROOM(0) -> w = 0 } goto weak_locking
#endif
#if WEAKS > 1
    :: d_step { HOLD(me, 0) && !weak[1].made -> weak[1].made = true; w = 1 } goto weak_making
    :: d_step { weak[1].known && ROOM(0) -> w = 1 } goto weak_locking
#endif
    :: d_step { index == NOTHING && EMPTY_HANDED -> done[me] = true; ended++ } goto finished
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
draining:
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
weak_making:
    rc_weak_new(0);
    w = 0;
    goto idle;
weak_locking:
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
    /* All threads have ended: nothing is left. */
    ended == THREADS;
    d_step {
        assert(queue == CLOSED);
        for (i : 0 .. OBJECTS - 1) {
            assert(object[i].freed && object[i].finalized == 1)
        }
    }
}
