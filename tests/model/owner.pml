/* SPDX-License-Identifier: MIT */
/* rc/owner.c: the owner's queue, its beginning and its end. Each inline has its function's name. */

/* taken: what the thread has taken out. Finalizers here do not drain again. */
inline rc__owner_drain()
{
    do
    :: taken == 0 ->
        d_step { taken = queue; assert(holder == me + 1 && taken != CLOSED) }
        if
        :: taken == 0 -> break
        :: else -> d_step { taken = queue; queue = 0 }
        fi
    :: else ->
        d_step { x = taken - 1; TOUCH(x); taken = object[x].link; object[x].link = 0 }
        rc__bias_release_queued(x);
        x = 0
    od
}

/* With put(). ordinary: the owner has ended, the object is merged, and the reference is the
 * caller's again. */
inline rc__owner_enqueue(o)
{
    next = queue;
    do
    :: next == CLOSED ->
        rc__owner_merge_left(o, QUEUED);
        if
        :: left -> left = false; HOLD(me, o)++; ordinary = true; break
        :: else -> next = queue
        fi
    :: else ->
        d_step { TOUCH(o); object[o].link = next }
        d_step {
            swapped = queue == next;
            if
            :: swapped -> queue = o + 1
            :: else -> next = queue
            fi
        }
        if
        :: swapped -> swapped = false; break
        :: else
        fi
    od;
    next = 0
}

/* left: the owner has ended. without: flags of the word to be taken away. */
inline rc__owner_merge_left(o, without)
{
    lock(bias_lock);
    left = queue == CLOSED;
    if
    :: left ->
        d_step { TOUCH(o); word = object[o].shared }
        if
        :: word & MERGED -> d_step { TOUCH(o); object[o].shared = object[o].shared & ~without }
        :: else -> rc__bias_merge(o, without)
        fi;
        word = 0
    :: else
    fi;
    unlock(bias_lock)
}

/* rc__owner_leave() drains before, and again where something was queued meanwhile. */
inline give_index_back()
{
    lock(bias_lock);
    d_step {
        if
        :: queue == 0 -> queue = CLOSED; holder = 0; left = true
        :: else
        fi
    }
    if
    :: left -> left = false; index = NOTHING
    :: else
    fi;
    unlock(bias_lock)
}

/* rc__owner_index() drains afterwards. */
inline take_index()
{
    lock(bias_lock);
    if
    :: queue == CLOSED -> d_step { queue = 0; holder = me + 1; index = INDEX }
    :: else
    fi;
    unlock(bias_lock)
}
