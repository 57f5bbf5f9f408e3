/* SPDX-License-Identifier: MIT */
/**
 * @file rc/weak.h
 * References that do not keep alive.
 *
 * A weak reference is an object of its own: release it as any other. It keeps neither the object it
 * points to nor its memory; but a thread that has locked an object lately may keep the block of it,
 * once that is dead, as it keeps others for its next requests (four at the most, of up to 4 KiB each,
 * until it locks others, calls rc_memory_trim() or ends). All weak references to an object die
 * together, before its finalizer runs; then their callbacks run, in the order of registration, on the
 * finalizing thread.
 *
 * Threads: everything here is safe from any thread; a lock that races with the last release gives
 * either a strong reference or NULL, never anything between.
 * Source:  Python's weakref; PyObject_ClearWeakRefs in CPython.
 */
#ifndef RC_WEAK_H
#define RC_WEAK_H

#include "object.h"

RC_BEGIN_DECLS

/** A weak reference; an object: rc_retain() and rc_release() count it. */
typedef struct rc_weak rc_weak;

/**
 * A weak reference to @p object.
 *
 * Borrows:  object, not NULL. One that is gone is a bug that AddressSanitizer and valgrind report,
 *           and the guarding allocator stops the program for; else the result may look dead from
 *           the start, as it does in the object's own weak callbacks, or be one to whatever has the
 *           memory by now.
 * Returns:  one new reference to the weak reference, or NULL. Made by the object's own finalizer it
 *           cannot be locked, unless the finalizer resurrects the object.
 * Errors:   RC_NO_MEMORY, RC_INVALID if object is NULL; nothing has changed.
 */
RC_API RC_MUST_USE rc_weak *rc_weak_new(const void *object);

/**
 * A new strong reference to the object, or NULL once its finalization has begun.
 *
 * Borrows:  weak, not NULL.
 * Returns:  one new reference, the caller's to release. NULL is no error and leaves none.
 */
RC_API RC_MUST_USE void *rc_weak_lock(rc_weak *weak);

/** `T *RC_WEAK_LOCK(T, w)`: the lock with a type; debug builds verify that the object can hold a T.
 */
#define RC_WEAK_LOCK(T, weak) ((T *)rc_weak_lock_checked((weak), RC_DEBUG ? sizeof(T) : 0, #T))
RC_API RC_MUST_USE void *rc_weak_lock_checked(rc_weak *weak, size_t size_of_t,
                                              const char *type_name);

/** True once the object's finalization has begun; it may begin right after a false. Borrows: weak.
 */
RC_API bool rc_weak_is_dead(const rc_weak *weak);

/**
 * Have @p callback run once when the object dies. A second registration replaces the first. It does
 * not run if the weak reference is released before, be it by another's callback. It may call any
 * function of the library, but not raise; retaining the object, which is gone, stops the program.
 *
 * Borrows:  weak, not NULL; context until the callback has run or the weak reference is released.
 *           Where another thread may end the object at that moment, the callback may be on its way:
 *           then until the object is gone.
 * Errors:   RC_INVALID if the object is dead already, or callback is NULL; nothing has changed.
 */
RC_API enum rc_status
rc_weak_on_death(rc_weak *weak, void (*callback)(rc_weak *weak, void *context), void *context);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_WEAK
#include "ledger_calls.h"
#endif

#endif
