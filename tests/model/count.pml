/* SPDX-License-Identifier: MIT */
/* rc/count.h, and the inline code of rc/object.h. */

inline rc__count_up(o)
{
    d_step { TOUCH(o); object[o].shared = object[o].shared + ONE; GAIN(o) }
}

inline rc__count_down(o)
{
    d_step {
        TOUCH(o);
        object[o].shared = object[o].shared - ONE;
        LOSE(o);
        WAS_LAST(o)
    }
}

inline rc_retain(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: !(flags & BIASED) -> flags = 0; rc__count_up(o)
    :: else ->
        flags = 0;
        if
        :: index == INDEX -> d_step { TOUCH_LOCAL(o); count = object[o].local_ }
        :: else
        fi;
        if
        :: count > 0 && count < LOCAL_MAX ->
            d_step { TOUCH_LOCAL(o); object[o].local_ = count + 1; GAIN(o); count = 0 }
        :: else -> count = 0; rc_bias_retain_slow(o)
        fi
    fi
}

inline rc_release(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: !(flags & BIASED) -> flags = 0; ordinary = true
    :: else ->
        flags = 0;
        if
        :: index == INDEX -> d_step { TOUCH_LOCAL(o); count = object[o].local_ }
        :: else
        fi;
        if
        :: count > 1 -> d_step { TOUCH_LOCAL(o); object[o].local_ = count - 1; LOSE(o); count = 0 }
        :: else -> count = 0; rc_bias_release_slow(o)
        fi
    fi;
    if
    :: ordinary -> ordinary = false; rc__count_down(o)
    :: else
    fi;
    if
    :: last -> last = false; rc__object_end(o)
    :: else
    fi
}

inline rc_is_unique(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    if
    :: flags & BIASED -> flags = 0; rc_bias_is_unique(o)
    :: else ->
        d_step {
            TOUCH(o);
            flags = 0;
            UNIQUE_IF(o, object[o].shared >= 0 && object[o].shared < ONE)
        }
    fi
}
