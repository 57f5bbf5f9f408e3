/* SPDX-License-Identifier: MIT */
/* rc/bias.c: how biased objects are counted, and merged. */

inline become_ordinary(o)
{
    d_step { TOUCH(o); object[o].flags = object[o].flags & ~BIASED }
}

/* without: the flags of the word that the addition takes away. The caller has a reference. */
inline rc__bias_merge(o, without)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: flags & WEAK -> flags = 0; disown_all()
    :: else -> flags = 0
    fi;
    d_step { TOUCH_LOCAL(o); count = object[o].local_ }
    d_step {
        TOUCH(o);
        object[o].shared = object[o].shared + (count - 1) * ONE + MERGED - (without);
        count = 0
    }
    d_step { TOUCH_LOCAL(o); object[o].local_ = 0 }
    become_ordinary(o)
}

/* last: the object is to be ended. */
inline release_last_local(o)
{
    d_step { TOUCH(o); word = object[o].shared }
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: flags & WEAK -> disown_all()
    :: else
    fi;
    if
    :: word == 0 && !(flags & WEAK) ->
        d_step { TOUCH_LOCAL(o); object[o].local_ = 0; LOSE(o); last = true }
    :: else ->
        d_step { TOUCH_LOCAL(o); object[o].local_ = 0 }
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

inline rc__bias_release_queued(o)
{
    d_step { TOUCH(o); word = object[o].shared }
    if
    :: word == QUEUED -> d_step { TOUCH_LOCAL(o); count = object[o].local_ }
    :: else
    fi;
    if
    :: count == 1 -> d_step { TOUCH(o); flags = object[o].flags; count = 0 }
    :: else -> flags = WEAK; count = 0
    fi;
    if
    :: !(flags & WEAK) ->
        d_step { TOUCH_LOCAL(o); object[o].local_ = 0; object[o].references--; last = true; word = 0 }
    :: else ->
        flags = 0;
        if
        :: word & MERGED -> word = 0
        :: else -> word = 0; rc__bias_merge(o, 0)
        fi;
        d_step {
            TOUCH(o);
            object[o].shared = object[o].shared - ONE - QUEUED;
            object[o].references--;
            WAS_LAST(o)
        }
    fi;
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

inline retain_of_others(o)
{
    d_step { TOUCH(o); ordinary = (object[o].shared & MERGED) }
    if
    :: ordinary
    :: else -> rc__count_up(o)
    fi
}

/* ---- what inline code leaves ----------------------------------------------------------------- */

inline rc_bias_retain_slow(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: !(flags & BIASED) -> ordinary = true
    :: (flags & BIASED) && index == INDEX ->
        d_step { TOUCH_LOCAL(o); count = object[o].local_ }
        if
        :: count == 0 -> retain_of_others_and_clear(o)
        :: else -> assert(count == LOCAL_MAX); rc__bias_merge(o, 0); ordinary = true
        fi;
        count = 0
    :: else -> retain_of_others_and_clear(o)
    fi;
    flags = 0;
    if
    :: ordinary -> ordinary = false; rc__count_up(o)
    :: else
    fi
}

inline retain_of_others_and_clear(o)
{
    retain_of_others(o);
    if
    :: ordinary -> become_ordinary(o)
    :: else
    fi
}

/* then_drain: it was the owner's last */
inline rc_bias_release_slow(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: (flags & BIASED) && index == INDEX -> d_step { TOUCH_LOCAL(o); count = object[o].local_ }
    :: else
    fi;
    if
    :: !(flags & BIASED) -> ordinary = true
    :: (flags & BIASED) && count > 0 ->
        assert(count == 1);
        count = 0;
        release_last_local(o);
        then_drain = true
    :: (flags & BIASED) && count == 0 ->
        flags = 0;
        release_of_others(o);
        if
        :: ordinary -> become_ordinary(o)
        :: else
        fi
    fi;
    count = 0;
    flags = 0
}

/* The word is read in the step that asserts. */
inline rc_bias_is_unique(o)
{
    if
    :: index == INDEX -> d_step { TOUCH_LOCAL(o); count = object[o].local_ }
    :: else
    fi;
    d_step {
        TOUCH(o);
        if
        :: count == 1 -> UNIQUE_IF(o, object[o].shared == 0)
        :: count == 0 -> UNIQUE_IF(o, object[o].shared == MERGED)
        :: else
        fi;
        count = 0
    }
}

inline rc_bias_share(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: (flags & BIASED) && index == INDEX -> d_step { TOUCH_LOCAL(o); count = object[o].local_ }
    :: else
    fi;
    if
    :: !(flags & BIASED) -> flags = 0
    :: (flags & BIASED) && count > 0 -> count = 0; flags = 0; rc__bias_merge(o, 0)
    :: (flags & BIASED) && count == 0 ->
        d_step { TOUCH(o); flags = 0; word = object[o].shared }
        if
        :: word & MERGED -> word = 0; become_ordinary(o)
        :: else -> word = 0; rc__owner_merge_left(o, 0); left = false
        fi
    fi
}
