/* SPDX-License-Identifier: MIT */
/* rc/weak.c: weak references to object 0. All of them share a stripe. */

/* alive and owner are written before others know the weak reference. */
inline rc_weak_new(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    d_step {
        TOUCH(o);
        assert(object[o].shared >= 0 || ((flags & BIASED) && !(object[o].shared & MERGED)))
    }
    if
    :: (flags & BIASED) && index == INDEX -> d_step { TOUCH_LOCAL(o); count = object[o].local_ }
    :: else
    fi;
    d_step {
        weak[w].alive = true;
        weak[w].owner = (count > 0 -> INDEX : 0);
        count = 0;
        flags = 0
    }
    lock(stripe_lock);
    weak[w].linked = true;
    d_step { TOUCH(o); object[o].flags = object[o].flags | WEAK }
    unlock(stripe_lock);
    weak[w].known = true
}

/* Under the stripe's lock. */
inline lock_target(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: flags & FINALIZING
    :: else ->
        d_step { TOUCH(o); word = object[o].shared }
        do
        :: word < 0 && (!(flags & BIASED) || (word & MERGED)) -> break
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
        word = 0
    fi;
    flags = 0
}

/* lock_own_target() comes first. */
inline rc_weak_lock(o)
{
    next = weak[w].owner;
    if
    :: next != 0 && next == index -> d_step { TOUCH_LOCAL(o); count = object[o].local_ }
    :: else
    fi;
    next = 0;
    if
    :: count > 0 && count < LOCAL_MAX ->
        d_step { TOUCH_LOCAL(o); object[o].local_ = count + 1; GAIN(o) }
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
    fi;
    count = 0
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
