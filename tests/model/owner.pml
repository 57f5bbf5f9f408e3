/* SPDX-License-Identifier: MIT */
/* rc/owner.c: the queue of the owner, its beginning and its end. */

/* `taken` is the thread's; finalizers here do not drain again. */
inline rc__owner_drain()
{
    do
    :: taken == 0 ->
        d_step { taken = head; assert(owner == me + 1 && taken != CLOSED) }
        if
        :: taken == 0 -> break
        :: else -> d_step { taken = head; head = 0 }
        fi
    :: else ->
        d_step { x = taken - 1; TOUCH(x); taken = object[x].link; object[x].link = 0 }
        rc__bias_release_queued(x);
        x = 0
    od
}

/* ordinary: the owner has ended, the object is merged, and the reference is the caller's again. */
inline rc__owner_enqueue(o)
{
    next = head;
    do
    :: next == CLOSED ->
        rc__owner_merge_left(o, QUEUED);
        if
        :: left -> left = false; HOLD(me, o)++; ordinary = true; break
        :: else -> next = head
        fi
    :: else ->
        d_step { TOUCH(o); object[o].link = next }
        d_step {
            swapped = head == next;
            if
            :: swapped -> head = o + 1
            :: else -> next = head
            fi
        }
        if
        :: swapped -> swapped = false; break
        :: else
        fi
    od;
    next = 0
}

/* without: flags of the word that are to be taken away. left: the owner has ended. */
inline rc__owner_merge_left(o, without)
{
    lock(bias_lock);
    left = head == CLOSED;
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
        :: head == 0 -> head = CLOSED; owner = NOBODY; left = true
        :: else
        fi
    }
    if
    :: left -> left = false; index = 0
    :: else
    fi;
    unlock(bias_lock)
}

/* rc__owner_index() drains afterwards. */
inline take_index()
{
    lock(bias_lock);
    if
    :: head == CLOSED -> d_step { head = 0; owner = me + 1; index = INDEX }
    :: else
    fi;
    unlock(bias_lock)
}
