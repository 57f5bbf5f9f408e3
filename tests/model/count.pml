/* SPDX-License-Identifier: MIT */
/* rc/count.h, and the inline code of rc/object.h. Each inline has its function's name. */

inline rc__count_up(o)
{
    d_step { TOUCH(o); object[o].shared = object[o].shared + ONE; GAIN(o) }
}

/* last: the object is to be ended. */
inline rc__count_down(o)
{
    d_step { TOUCH(o); object[o].shared = object[o].shared - ONE; LOSE(o); WAS_LAST(o) }
}

/* A local count of one reference reads 0, and below zero there is none. */
#define IS_LOCAL(local) ((local) >= 0 && (local) <= LOCAL_MAX)

/* counted: false where it is to be taken back. */
inline rc__count_up_local(o)
{
    d_step { TOUCH_LOCAL(o); local_ = object[o].plain + ONE }
    d_step {
        TOUCH_LOCAL(o);
        object[o].plain = local_;
        counted = IS_LOCAL(local_);
        local_ = 0;
        if
        :: counted -> GAIN(o)
        :: else
        fi
    }
}

inline rc__count_down_local(o)
{
    d_step { TOUCH_LOCAL(o); local_ = object[o].plain - ONE }
    d_step {
        TOUCH_LOCAL(o);
        object[o].plain = local_;
        counted = IS_LOCAL(local_);
        local_ = 0;
        if
        :: counted -> LOSE(o)
        :: else
        fi
    }
}

/* The same two again, in the other direction: what they have counted was none. */
inline take_back(o, change)
{
    d_step { TOUCH_LOCAL(o); local_ = object[o].plain - change }
    d_step { TOUCH_LOCAL(o); object[o].plain = local_; local_ = 0 }
}

/* counted: false, and nothing has changed. */
inline rc__count_try_local_up(o)
{
    d_step { TOUCH_LOCAL(o); local_ = object[o].plain + ONE }
    if
    :: IS_LOCAL(local_) ->
        d_step { TOUCH_LOCAL(o); object[o].plain = local_; GAIN(o); counted = true }
    :: else
    fi;
    local_ = 0
}

/* rc__retain_aside() */
inline rc_retain(o)
{
    d_step { TOUCH(o); owner = object[o].owner }
    if
    :: owner == index -> rc__count_up_local(o)
    :: else
    fi;
    if
    :: counted -> counted = false
    :: !counted && owner == 0 -> rc__count_up(o)
    :: !counted && owner != 0 -> rc_bias_retain_slow(o)
    fi;
    owner = 0
}

/* rc__release_aside(). What was ever biased has flags, which rc_object_release_alone() asks for, and
 * comes back to be counted. */
inline rc_release(o)
{
    d_step { TOUCH(o); owner = object[o].owner }
    if
    :: owner == index -> rc__count_down_local(o)
    :: else
    fi;
    if
    :: counted -> counted = false
    :: !counted && owner == 0 -> rc__count_down(o)
    :: !counted && owner != 0 -> rc_bias_release_slow(o)
    fi;
    owner = 0;
    if
    :: last -> last = false; rc__object_end(o)
    :: else
    fi
}

inline rc_is_unique(o)
{
    d_step { TOUCH(o); owner = object[o].owner }
    if
    :: owner != 0 -> rc_bias_is_unique(o)
    :: else ->
        d_step { TOUCH(o); UNIQUE_IF(o, object[o].shared >= 0 && object[o].shared < ONE) }
    fi;
    owner = 0
}
