/* SPDX-License-Identifier: MIT */
/* rc/object_end.c: the end of an object. Each inline has its function's name. */

inline clear_weak_references(o)
{
    if
    :: flags & WEAK -> kill_all(); take_due(o)
    :: else
    fi
}

/* Where the finalizer may keep its object (RESURRECT) it retains it. word: what it left. */
inline finalize(o)
{
    d_step { TOUCH(o); object[o].flags = flags | FINALIZING }
    d_step { TOUCH(o); object[o].owner = 0 }
    d_step { TOUCH(o); object[o].shared = GONE }
    clear_weak_references(o);
    d_step { TOUCH(o); object[o].shared = 0 }
    d_step {
        assert(object[o].references == 0);
        assert(object[o].finalized == 0);
        object[o].finalized++
    }
#ifdef RESURRECT
    if
    :: object[o].references = 1; HOLD(me, o) = 1; retain_in_finalizer(o)
    :: skip
    fi;
#endif
    d_step { TOUCH(o); word = object[o].shared }
}

inline retain_in_finalizer(o)
{
    d_step { TOUCH(o); owner = object[o].owner }
    if
    :: owner == index -> d_step { TOUCH_LOCAL(o); object[o].plain = object[o].plain + ONE }
    :: else -> d_step { TOUCH(o); object[o].shared = object[o].shared + ONE }
    fi;
    owner = 0
}

/* last: nobody kept it in the end. */
inline let_live(o)
{
    d_step { TOUCH(o); object[o].flags = object[o].flags | FINALIZED }
    d_step { TOUCH(o); object[o].flags = object[o].flags & ~FINALIZING }
    d_step { TOUCH(o); object[o].shared = object[o].shared - ONE; WAS_LAST(o) }
}

inline announce(o)
{
    d_step { TOUCH(o); flags = object[o].flags }
    d_step { TOUCH(o); object[o].flags = flags | FINALIZING }
    d_step { TOUCH(o); object[o].owner = 0 }
    d_step { TOUCH(o); object[o].shared = GONE }
}

/* With end_one(), and give_back(). An object that was kept, and released meanwhile, ends again. */
inline rc__object_end(o)
{
    do
    :: d_step {
            TOUCH(o);
            assert(object[o].references == 0);
            flags = object[o].flags;
            word = 0
        }
        if
        :: flags & FINALIZED
        :: else -> finalize(o)
        fi;
        if
        :: word != 0 -> word = 0; let_live(o)
        :: else ->
            announce(o);
            clear_weak_references(o);
            d_step { TOUCH(o); assert(object[o].references == 0); object[o].freed = true }
        fi;
        flags = 0;
        if
        :: last -> last = false
        :: else -> break
        fi
    od
}
