/* SPDX-License-Identifier: MIT */
/**
 * @file rc/bias.h
 * Objects that count without locked instructions on the thread that made them.
 *
 * An object of a type with RC_TYPE_BIASED (or a buffer with RC_BUFFER_BIASED) belongs to the thread
 * that made it, its owner, which retains and releases it by plain arithmetic, from the beginning on
 * (though where the process has one thread an ordinary object is counted faster). Every other thread
 * may do the same at any time, atomically and somewhat slower than with an ordinary object. What a
 * program writes is the same: rc_retain, rc_release and weak references. Making one and ending it
 * takes longer than with an ordinary object, and 32 bytes more: it is for objects that live long and
 * are counted often.
 *
 * What is different is when an object ends. A release by another thread that takes back what the
 * owner counted cannot know whether it was the last. It puts the object into the owner's queue, and
 * the object is finalized, on the owner's thread, at the latest when that thread makes another
 * biased object, releases its last reference to one, calls rc_bias_drain(), or ends. Once the owner
 * has ended, the release that reaches zero finalizes there and then, as ever. An owner that neither
 * makes objects nor drains keeps what others released alive: finalizers whose time matters belong
 * to types that are not biased, or to objects that were given to rc_share(). The end of the process
 * is no thread's end: what still waits then is not finalized, as nothing is that is alive.
 *
 * Only the owner knows how many references there are. Elsewhere rc_is_unique() says false, and so
 * rc_buffer_thaw() answers RC_BUSY and rc_buffer_make_unique() copies, also where the caller has
 * the only one: have the owner call rc_share() before it hands over what others are to change. Once
 * the owner has ended both make the buffer an ordinary one, and find out. To the owner, too, what
 * others released and it has not drained is a reference.
 *
 * Biased is a promise about speed alone. Where it cannot be kept the object is an ordinary one: in
 * programs that a sanitizer or valgrind watches (so that a use after release is found where it
 * happens; RCBUF_FORCE=bias in the environment insists), when 1023 threads own such objects
 * already, and in a thread's destructors of thread-specific data. After a fork, the child's thread
 * takes over what stood in the queues of threads that the child does not have.
 *
 * Source:  PEP 703, and "Biased Reference Counting" by Choi, Shull and Torrellas (2018).
 */
#ifndef RC_BIAS_H
#define RC_BIAS_H

#include "object.h"

RC_BEGIN_DECLS

/**
 * Finalize now what other threads released and this thread owns: for threads that wait for work
 * for long. Costs a load when there is nothing to do.
 *
 * Errors:   none; the last error and errno stay.
 * Threads:  acts on the calling thread's objects. Called by a finalizer that a drain runs, it goes
 *           on with the rest, and the outer one finds nothing left.
 */
RC_API void rc_bias_drain(void);

/**
 * `T *rc_share(T *p)`: from now on count @p p as an ordinary object, for good: before it is handed
 * to threads that will retain and release it as much as its owner, or so that its last release
 * finalizes it wherever that is. Nothing to do for an object that is ordinary.
 *
 * Borrows:  p; NULL in, NULL out.
 * Returns:  p, borrowed, with its type.
 * Threads:  the owner's call does it. Elsewhere it does so once the owner has ended, and is without
 *           effect before; also where a thread that began since has taken its predecessor's place,
 *           and owns what that left.
 */
RC_API void rc_bias_share(const void *object);

/* ---- inline bodies --------------------------------------------------------------------------- */

static inline void *rc_share(const void *object)
{
    if (object) rc_bias_share(object);
    return (void *)(uintptr_t)object;
}

RC_END_DECLS

#ifdef __cplusplus
template <class T> inline T *rc_share(T *p)
{
    return (T *)(rc_share)((const void *)p);
}
#else
#define rc_share(p) ((__typeof__(p))(rc_share)(p))
#endif

#endif
