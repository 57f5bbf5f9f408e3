/* SPDX-License-Identifier: MIT */
/* rc/count.h, and the inline code of rc/object.h. Each inline has the name of its function. */

inline rc__count_up(o)
{
    d_step { TOUCH(o); object[o].shared = object[o].shared + ONE; GAIN(o) }
}

/* last: the object is to be ended. */
inline rc__count_down(o)
{
    d_step { TOUCH(o); object[o].shared = object[o].shared - ONE; LOSE(o); WAS_LAST(o) }
}

/* counted: false, and nothing has changed. */
inline rc__count_up_local(o)
{
    d_step { TOUCH_LOCAL(o); local_ = object[o].plain }
    if
    :: local_ >= 0 && local_ < LOCAL_MAX ->
        d_step { TOUCH_LOCAL(o); object[o].plain = local_ + ONE; GAIN(o); counted = true }
    :: else
    fi;
    local_ = 0
}

inline rc__count_down_local(o)
{
    d_step { TOUCH_LOCAL(o); local_ = object[o].plain }
    if
    :: local_ >= ONE ->
        d_step { TOUCH_LOCAL(o); object[o].plain = local_ - ONE; LOSE(o); counted = true }
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
    :: owner == 0 -> rc__count_up(o)
    :: else -> rc_bias_retain_slow(o)
    fi;
    owner = 0
}

/* rc__release_aside() */
inline rc_release(o)
{
    d_step { TOUCH(o); owner = object[o].owner }
    if
    :: owner == index -> rc__count_down_local(o)
    :: else
    fi;
    if
    :: counted -> counted = false
    :: owner == 0 -> rc__count_down(o)
    :: else -> rc_bias_release_slow(o)
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
