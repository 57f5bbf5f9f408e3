/* SPDX-License-Identifier: MIT */
/* rc/bias.c: how biased objects are counted, and merged. Each inline has its function's name. */

inline become_ordinary(o)
{
    d_step { TOUCH(o); object[o].owner = 0 }
}

inline disown_weak_references(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: flags & WEAK -> disown_all()
    :: else
    fi;
    flags = 0
}

/* The caller has a reference. without: the flags of the word that the addition takes away. */
inline rc__bias_merge(o, without)
{
    disown_weak_references(o);
    d_step { TOUCH_LOCAL(o); local_ = object[o].plain; assert(local_ >= 0) }
    d_step {
        TOUCH(o);
        object[o].shared = object[o].shared + local_ + MERGED - without;
        local_ = 0
    }
    become_ordinary(o)
}

/* last: the object is to be ended. */
inline release_last_local(o)
{
    d_step { TOUCH_LOCAL(o); assert(object[o].plain == 0); word = object[o].shared }
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: flags & WEAK -> disown_all()
    :: else
    fi;
    if
    :: word == 0 && !(flags & WEAK) -> d_step { LOSE(o); last = true }
    :: else ->
        d_step { TOUCH(o); object[o].owner = INDEX | GIVES }
        d_step {
            TOUCH(o);
            object[o].shared = object[o].shared + MERGED - ONE;
            LOSE(o);
            WAS_LAST(o)
        }
    fi;
    word = 0;
    flags = 0
}

/* rc__owns() */
inline owns(o)
{
    d_step { TOUCH(o); mine = (object[o].owner == index) }
}

inline rc__bias_release_queued(o)
{
    d_step { TOUCH(o); word = object[o].shared }
    owns(o);
    if
    :: mine -> d_step { TOUCH_LOCAL(o); local_ = object[o].plain }
    :: else
    fi;
    flags = WEAK;
    if
    :: mine && local_ == 0 && word == QUEUED -> d_step { TOUCH(o); flags = object[o].flags }
    :: else
    fi;
    local_ = 0;
    if
    :: !(flags & WEAK) -> d_step { object[o].references--; last = true }
    :: else ->
        flags = 0;
        if
        :: mine -> rc__bias_merge(o, 0)
        :: else -> assert(word & MERGED)
        fi;
        d_step {
            TOUCH(o);
            object[o].shared = object[o].shared - ONE - QUEUED;
            object[o].references--;
            WAS_LAST(o)
        }
    fi;
    flags = 0;
    mine = false;
    word = 0;
    if
    :: last -> last = false; rc__object_end(o)
    :: else
    fi
}

/* ---- other threads --------------------------------------------------------------------------- */

/* ordinary: the object turned out to be merged, and the reference is still the caller's. */
inline release_of_others(o)
{
    d_step { TOUCH(o); word = object[o].shared }
    do
    :: word & MERGED -> word = 0; ordinary = true; break
    :: !(word & MERGED) && word < ONE && !(word & QUEUED) ->
        d_step {
            TOUCH(o);
            swapped = object[o].shared == word;
            if
            :: swapped -> object[o].shared = word | QUEUED; HOLD(me, o)--; word = 0
            :: else -> word = object[o].shared
            fi
        }
        if
        :: swapped -> swapped = false; rc__owner_enqueue(o); break
        :: else
        fi
    :: !(word & MERGED) && (word >= ONE || (word & QUEUED)) ->
        d_step {
            TOUCH(o);
            swapped = object[o].shared == word;
            if
            :: swapped -> object[o].shared = word - ONE; LOSE(o); word = 0
            :: else -> word = object[o].shared
            fi
        }
        if
        :: swapped -> swapped = false; break
        :: else
        fi
    od
}

/* ordinary: the object is merged, and nothing has changed. */
inline retain_of_others(o)
{
    d_step { TOUCH(o); ordinary = (object[o].shared & MERGED) }
    if
    :: ordinary
    :: else -> rc__count_up(o)
    fi
}

/* ---- what inline code leaves ----------------------------------------------------------------- */

/* owner: what the inline code has read. At the end it calls rc_retain() again, which finds none. */
inline rc_bias_retain_slow(o)
{
    if
    :: owner == index -> take_back(o, ONE)
    :: else
    fi;
    owns(o);
    if
    :: mine -> rc__bias_merge(o, 0); ordinary = true
    :: else ->
        d_step { TOUCH(o); owner = object[o].owner }
        if
        :: owner == 0 -> ordinary = true
        :: else ->
            retain_of_others(o);
            if
            :: ordinary -> become_ordinary(o)
            :: else
            fi
        fi
    fi;
    mine = false;
    if
    :: ordinary -> ordinary = false; rc__count_up(o)
    :: else
    fi
}

/* The same; then_drain: it was the owner's last. */
inline rc_bias_release_slow(o)
{
    if
    :: owner == index -> take_back(o, -ONE)
    :: else
    fi;
    d_step { TOUCH(o); owner = object[o].owner }
    owns(o);
    if
    :: mine -> release_last_local(o); then_drain = true
    :: !mine && owner == 0 -> ordinary = true
    :: !mine && owner != 0 ->
        release_of_others(o);
        if
        :: ordinary -> become_ordinary(o)
        :: else
        fi
    fi;
    mine = false;
    if
    :: ordinary -> ordinary = false; rc__count_down(o)
    :: else
    fi
}

inline rc_bias_is_unique(o)
{
    owns(o);
    if
    :: mine -> d_step { TOUCH_LOCAL(o); local_ = object[o].plain }
    :: else
    fi;
    d_step {
        TOUCH(o);
        if
        :: mine -> UNIQUE_IF(o, local_ == 0 && object[o].shared == 0)
        :: else -> UNIQUE_IF(o, object[o].shared == MERGED)
        fi
    }
    mine = false;
    local_ = 0
}

inline rc_bias_share(o)
{
    d_step { TOUCH(o); owner = object[o].owner }
    if
    :: owner == 0
    :: else ->
        owns(o);
        if
        :: mine -> mine = false; rc__bias_merge(o, 0)
        :: else ->
            d_step { TOUCH(o); word = object[o].shared }
            if
            :: word & MERGED -> word = 0; become_ordinary(o)
            :: else -> word = 0; rc__owner_merge_left(o, 0); left = false
            fi
        fi
    fi;
    owner = 0
}
