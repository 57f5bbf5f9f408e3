/* SPDX-License-Identifier: MIT */
/**
 * @file rc/home.h
 * Objects whose finalizer runs on one thread: an event loop's, an interpreter's, a user
 * interface's.
 *
 * A home belongs to a thread. An object that is made with a home may be retained, released and read
 * by any; when its last reference goes on the home's thread it is finalized there and then, and
 * when it goes elsewhere the object waits until that thread calls rc_home_run(). A hook can wake it
 * up:
 *
 *     static void wake(void *loop)
 *     {
 *         uint64_t one = 1;
 *         (void)!write(*(int *)loop, &one, sizeof one); // an eventfd that the thread polls
 *     }
 *     rc_home_set_wake(home, wake, &loop);
 *     struct handle *handle = RC_HOME_NEW(home, struct handle, &handle_type);
 *
 * Each object holds a reference to its home. Weak references to an object that waits give NULL
 * already, and die, with their callbacks, when it is finalized. A cycle that such an object is part
 * of is collected on its home's thread alone (rc/cycle.h). RC_TYPE_BIASED says nothing about
 * objects with a home.
 *
 * Threads: releasing needs no lock and allocates nothing; a thread that is stopped in it
 *          keeps nobody from running the home. Who runs, binds or closes a home says below. Not for
 *          signal handlers. A child of fork() has what waited, at whatever moment it is made; where
 *          the home was another thread's, it is bound anew. What other threads were making,
 *          releasing or finalizing at that moment stays alive there.
 * Source:  GSource and g_idle_add in GLib; QObject::deleteLater in Qt.
 */
#ifndef RC_HOME_H
#define RC_HOME_H

#include "object.h"

RC_BEGIN_DECLS

/** A home; an object: rc_retain() and rc_release() count it. */
typedef struct rc_home rc_home;

/* ---- create ---------------------------------------------------------------------------------- */

/** A home of the calling thread. Returns: one new reference, or NULL. Errors: RC_NO_MEMORY. */
RC_API RC_MUST_USE rc_home *rc_home_new(void);

/**
 * `T *RC_HOME_NEW(home, T, &type)`: rc_new, for an object with that home. From any thread.
 *
 * Borrows:  home, not NULL; the object retains it.
 * Returns:  one new reference, or NULL.
 * Errors:   as rc_new; RC_INVALID for NULL or a home that is closed.
 */
#define RC_HOME_NEW(home, T, type) ((T *)rc_home_object_new_checked((home), (type), sizeof(T)))
RC_API RC_MUST_USE void *rc_home_object_new_checked(rc_home *home, const rc_type *type,
                                                    size_t size_of_t);

/** As rc_object_new: with @p extra_bytes after type->size, zeroed. */
RC_API RC_MUST_USE void *rc_home_object_new(rc_home *home, const rc_type *type, size_t extra_bytes);

/* ---- run ------------------------------------------------------------------------------------- */

/**
 * Finalize the objects that wait now, in the order in which they came. Those that come meanwhile
 * wait for the next call, and wake up again. In a finalizer that this runs it may be called, too;
 * where 32 finalizers run inside each other it then leaves them to the call around it.
 *
 * Returns:  how many.
 * Errors:   0 with RC_INVALID for NULL, or on another thread than the home's.
 */
RC_API size_t rc_home_run(rc_home *home);

/**
 * Have @p wake called when an object begins to wait where none did, on the thread that released it:
 * the calls of several threads may meet. If one waits already it is called here and now. NULL: no
 * hook.
 *
 * It must not wait for the home's thread, and not raise. In a hook, and in what it runs, its home
 * cannot be bound, no hook changed and no home closed: two hooks would wait for each other.
 *
 * Borrows:  home, not NULL; context until the hook is changed or the home is closed: no
 *           call of the old hook is under way when that returns.
 * Errors:   RC_INVALID for NULL, on another thread than the home's, or for a closed home; RC_BUSY
 *           in a hook.
 * Threads:  waits, as rc_home_close() does, for threads that are in the hook, or about to be.
 */
RC_API enum rc_status rc_home_set_wake(rc_home *home, void (*wake)(void *context), void *context);

/**
 * The home is the calling thread's from now on: for one that is made by another thread than the one
 * that runs it, or whose thread has ended. What waits already is to be run; the hook stays as it
 * was.
 *
 * Errors:   RC_INVALID for NULL or a closed home; RC_BUSY in its hook.
 * Threads:  the caller sees to it that the former thread does not use the home, nor ends
 *           objects of it, at this moment.
 */
RC_API enum rc_status rc_home_bind(rc_home *home);

/**
 * The home is no thread's until one binds it: whatever is released last waits. For what goes with a
 * lock and not with a thread, such as an interpreter: whoever has the lock binds the home, runs it,
 * and unbinds it before the lock goes.
 *
 * Errors:   RC_INVALID for NULL, on another thread than the home's, or for a closed home;
 *           RC_BUSY in a finalizer that rc_home_run() or rc_home_close() runs. Nothing has changed.
 */
RC_API enum rc_status rc_home_unbind(rc_home *home);

/* ---- close ----------------------------------------------------------------------------------- */

/** What becomes of objects that outlive their home. */
enum rc_home_rest {
    RC_HOME_ANYWHERE, /**< they are finalized by whoever releases them last */
    /** their finalizer does not run any more: what they own leaks, their memory does not; callbacks
     * of weak references run where they end. A collection leaves them alone */
    RC_HOME_NOWHERE
};

/**
 * Finalize what waits, and from then on let nothing wait: the thread is about to leave its loop, or
 * what the finalizers need is about to go. Objects that are made from the beginning of the call on
 * are refused. The last release of a home does not close it. Closing twice changes nothing.
 *
 * In a finalizer of the home's objects: those whose end had begun around it are finalized after it.
 *
 * Returns:  how many objects of the home are still alive, immortal ones and this moment's releases
 *           and refused creations elsewhere among them. If 0, what all finalizers did is visible.
 * Errors:   SIZE_MAX with RC_INVALID for NULL, for a rest that is none, or on another
 *           thread than the home's, and with RC_BUSY in a hook; nothing has changed.
 */
RC_API size_t rc_home_close(rc_home *home, enum rc_home_rest rest);

/* ---- ask ------------------------------------------------------------------------------------- */

/** Objects of the home that are not freed, those that wait among them. Threads: any. */
RC_API size_t rc_home_alive(const rc_home *home);
/** Objects that wait. Threads: any. */
RC_API size_t rc_home_waiting(const rc_home *home);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_HOME
#include "ledger_calls.h"
#endif

#endif
