/* SPDX-License-Identifier: MIT */
/* rc/weak.c: weak references to object 0, in one stripe. Each inline has its function's name. */

/* Nobody else knows the weak reference before it is linked. */
inline rc_weak_new(o)
{
    d_step { TOUCH(o); owner = object[o].owner }
    /* rc__count_is_dead(): the caller has a reference, so it is not. */
    d_step {
        TOUCH(o);
        assert(object[o].shared >= 0 || (owner != 0 && !(object[o].shared & MERGED)))
    }
    if
    :: owner != 0 -> owns(o)
    :: else
    fi;
    d_step {
        weak[w].alive = true;
        weak[w].owner = (mine -> INDEX : 0);
        mine = false;
        owner = 0
    }
    lock(stripe_lock);
    weak[w].linked = true;
    d_step { TOUCH(o); object[o].flags = object[o].flags | WEAK }
    unlock(stripe_lock);
    weak[w].known = true
}

/* With rc__count_up_unless_gone(). Under the stripe's lock. */
inline lock_target(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: flags & FINALIZING
    :: else ->
        d_step { TOUCH(o); owner = object[o].owner }
        d_step { TOUCH(o); word = object[o].shared }
        do
        :: word < 0 && (owner == 0 || (word & MERGED)) -> break
        :: else ->
            d_step {
                TOUCH(o);
                swapped = object[o].shared == word;
                if
                :: swapped -> object[o].shared = word + ONE; GAIN(o)
                :: else -> word = object[o].shared
                fi
            }
            if
            :: swapped -> swapped = false; break
            :: else
            fi
        od;
        word = 0;
        owner = 0
    fi;
    flags = 0
}

/* lock_own_target() comes first. */
inline rc_weak_lock(o)
{
    next = weak[w].owner;
    if
    :: next == index -> next = 0; rc__count_try_local_up(o)
    :: else -> next = 0
    fi;
    if
    :: counted -> counted = false
    :: else ->
        if
        :: weak[w].alive ->
            lock(stripe_lock);
            if
            :: weak[w].alive -> lock_target(o)
            :: else
            fi;
            unlock(stripe_lock)
        :: else
        fi
    fi
}

/* ---- hooks ----------------------------------------------------------------------------------- */

#define EACH_LINKED(change)                                                                        \
    for (at : 0 .. WEAKS - 1) {                                                                    \
        if                                                                                         \
        :: weak[at].linked -> change                                                               \
        :: else                                                                                    \
        fi                                                                                         \
    };                                                                                             \
    at = 0

inline disown_all()
{
    lock(stripe_lock);
    d_step { EACH_LINKED(weak[at].owner = 0) }
    unlock(stripe_lock)
}

inline kill_all()
{
    lock(stripe_lock);
    d_step { EACH_LINKED(weak[at].alive = false; weak[at].linked = false) }
    unlock(stripe_lock)
}

inline take_due(o)
{
    lock(stripe_lock);
    d_step { TOUCH(o); object[o].flags = object[o].flags & ~WEAK }
    unlock(stripe_lock)
}
