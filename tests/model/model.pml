/* SPDX-License-Identifier: MIT */
#include "state.pml"
#include "weak.pml"
#include "end.pml"
#include "owner.pml"
#include "bias.pml"
#include "count.pml"

#define ROOM(o)   (object[o].references < REFERENCES)
#define NEIGHBOUR ((me + 1) % THREADS)

proctype thread(byte me)
{
    byte index = (me == 0 -> INDEX : 0);
    byte o, x, w, at;
    byte flags, count, next, taken;
    short word;
    bool swapped, ordinary, last, then_drain, left;

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
    :: index == INDEX && head != 0 -> rc__owner_drain(); goto idle
    :: index == INDEX -> rc__owner_leave(); goto idle
#ifdef TAKE
    :: index == 0 && head == CLOSED -> rc__owner_index(); goto idle
#endif
#if WEAKS > 0
    :: d_step { HOLD(me, 0) && !weak[0].made -> weak[0].made = true; w = 0 } goto weak_making
    :: d_step { weak[0].known && ROOM(0) -> w = 0 } goto weak_locking
#endif
#if WEAKS > 1
    :: d_step { HOLD(me, 0) && !weak[1].made -> weak[1].made = true; w = 1 } goto weak_making
    :: d_step { weak[1].known && ROOM(0) -> w = 1 } goto weak_locking
#endif
    :: d_step {
            index == 0 && HOLD(me, 0) == 0
#if OBJECTS > 1
            && HOLD(me, 1) == 0
#endif
            -> done[me] = true;
            ended++
        }
        goto finished
    fi;

retaining:
    rc_retain(o);
    o = 0;
    goto idle;
releasing:
    rc_release(o);
    o = 0;
    goto idle;
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
            object[i].local_ = 1;
            object[i].flags = BIASED;
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
        assert(head == CLOSED);
        for (i : 0 .. OBJECTS - 1) {
            assert(object[i].freed && object[i].finalized == 1)
        }
    }
}
