/* SPDX-License-Identifier: MIT */
/**
 * @file rc/object_inline.h
 * The inline bodies of rc/object.h, which includes it, and the layout that they rely on: 16 bytes
 * before the payload, the type's address last. They are ABI, tied to the library's SOVERSION.
 */
#ifndef RC_OBJECT_INLINE_H
#define RC_OBJECT_INLINE_H

#include "cell_inline.h"
#include "object.h"
#include "probe.h"

RC_BEGIN_DECLS

struct rc__header {
    int32_t shared; /* the count: rc/count.h */
    uint16_t owner; /* the index of a biased object's owner; 0: it is an ordinary one */
    uint16_t flags; /* RC__FLAG_...: atomic, since weak references set one at any time */
    const rc_type *type;
#if UINTPTR_MAX == UINT32_MAX
    uint32_t unused;
#endif
};

#define RC__FLAG_IMMORTAL   0x0001u /* the count never moves again */
#define RC__FLAG_PREFIX     0x0004u /* a struct rc__prefix stands before the header: rc/header.h */
#define RC__FLAG_WEAK       0x0008u /* weak references were made: rc/weak.c */
#define RC__FLAG_FINALIZING 0x0010u /* finalization has begun */
#define RC__FLAG_FINALIZED  0x0020u /* the finalizer has run and does not run again */
#define RC__FLAG_TRACKED    0x0040u /* a domain may know the object: ask rc__domain_of() */

#define RC__HEADER_OF(object)                                                                      \
    ((struct rc__header *)((uintptr_t)(object) - sizeof(struct rc__header)))

static inline struct rc__header *rc__header_of(const void *object)
{
    return RC__HEADER_OF(object);
}

/* -1 once any object of the process is immortal or biased, for ever; 0 before. A word of its
 * own, on a line that nobody writes: reading the header's flags before a locked instruction would fetch
 * a line that another thread is counting on twice, once to read and once to write. */
extern RC_API intptr_t rc_object_aside;

/* -1 once any object of the process is biased, for ever; 0 before. */
extern RC_API intptr_t rc_bias_any;

/* What this thread retained last, while the process has several; only compared. A lone reference is
 * released without a locked instruction, which a look at the count tells. But that look right after a
 * locked addition to the same word would wait for it: so it is spared where the count was just
 * raised, and cannot be one. A wrong guess costs time alone. */
extern RC_API RC_HOT_THREAD_LOCAL const struct rc__header *rc_object_last_retained;

static inline intptr_t rc__any_aside(void)
{
    return __atomic_load_n(&rc_object_aside, __ATOMIC_RELAXED);
}

/* A mask: 0 where the process may have several threads. Where it has one the word there is not 0, and
 * what comes out has all bits from the eighth on, more than enough for addresses. */
static inline intptr_t rc__alone(void)
{
    return -(intptr_t)RC_SINGLE_THREADED;
}

/* Two questions in one test, since counting takes as long as its branches: is there an object, and is
 * the mask not 0? */
static inline bool rc__is_there_and(const void *object, intptr_t mask)
{
    return (intptr_t)object & mask;
}

/* This thread's index as an owner of biased objects; RC__OWNS_NOTHING: it has none. */
extern RC_API RC_HOT_THREAD_LOCAL uint16_t rc_bias_self;
#define RC__OWNS_NOTHING 0x9e5fu /* no index, and nothing that memory is often filled with */

/* Acquire: whoever finds no owner any more counts after the merge. */
static inline unsigned rc__owner_of(const struct rc__header *header)
{
    return __atomic_load_n(&header->owner, __ATOMIC_ACQUIRE);
}

/* A biased object's second count is the last word before the header. */
static inline intptr_t *rc__local_of(const struct rc__header *header)
{
    return (intptr_t *)((uintptr_t)header - sizeof(intptr_t));
}

/* The same where the process has several threads; hidden from the optimiser, which would compute the
 * address before it knows that it is wanted. */
static inline struct rc__header *rc__header_shared(const void *object)
{
    __asm__("" : "+r"(object));
    return rc__header_of(object);
}

/* What the fast paths do not decide. @p counted: the word has been changed already. */
RC_API RC_COLD void rc_object_retain_slow(const void *object, bool counted);
RC_API __attribute__((noinline)) void rc_object_release_slow(void *object, bool counted);
/* The same for a process with one thread: the word has not been changed. */
RC_API void rc_object_release_plain(void *object);
/* The same for a word that was seen, by an acquire load, to stand for one reference. */
RC_API void rc_object_release_alone(void *object);
/* The same for what was biased a moment ago. @p counted: its local count has been changed. */
RC_API __attribute__((noinline)) void rc_bias_retain_slow(const void *object, bool counted);
RC_API __attribute__((noinline)) void rc_bias_release_slow(void *object, bool counted);
RC_API bool rc_bias_is_unique(const void *object);
RC_API size_t rc_bias_count(const void *object);

static inline bool rc__is_immortal(const void *object)
{
    return __atomic_load_n(&rc__header_shared(object)->flags, __ATOMIC_RELAXED) & RC__FLAG_IMMORTAL;
}

/* Whether there may be a biased object. */
static inline bool rc__is_perhaps_biased(const void *object)
{
#if RC__ASM_X86_64
    bool is_perhaps;
    __asm__("test %2, %1" : "=@ccnz"(is_perhaps) : "m"(rc_bias_any), "r"(object));
    return RC_UNLIKELY(is_perhaps);
#else
    return RC_UNLIKELY(rc__is_there_and(object, __atomic_load_n(&rc_bias_any, __ATOMIC_RELAXED)));
#endif
}

/* The object is biased to this thread, and counted: asked first, also where the process has one thread,
 * so that what the owner counted before others came is in its own count. */
static inline bool rc__retain_owned(const void *object)
{
    if (!rc__is_perhaps_biased(object)) return false;
    if (RC_UNLIKELY(rc__owner_of(rc__header_of(object)) != rc_bias_self)) return false;
    if (!rc__count_up_local(rc__local_of(rc__header_of(object)))) rc_bias_retain_slow(object, true);
    return true;
}

/* The object is aside, and counted, or immortal. False: it is an ordinary one. */
static inline bool rc__retain_aside(const void *object)
{
    unsigned owner = rc__owner_of(rc__header_of(object));
    if (owner) rc_bias_retain_slow(object, false); /* another thread's */
    return owner || rc__is_immortal(object);
}

static inline bool rc__release_aside(void *object)
{
    unsigned owner = rc__owner_of(rc__header_of(object));
    if (RC_LIKELY(owner == rc_bias_self)) {
        if (!rc__count_down_local(rc__local_of(rc__header_of(object))))
            rc_bias_release_slow(object, true);
        return true;
    }
    if (owner) {
        rc_bias_release_slow(object, false);
        return true;
    }
    return rc__is_immortal(object);
}

/* False: the object is an ordinary one, or NULL. */
static inline bool rc__is_aside(const void *object)
{
    return RC_UNLIKELY(rc__is_there_and(object, rc__any_aside()));
}

static inline void rc__retain_shared(const void *object)
{
    if (!object) return;
    struct rc__header *header = rc__header_shared(object);
    if (!rc__count_up(&header->shared)) rc_object_retain_slow(object, true);
    rc_object_last_retained = header;
}

static inline void rc__release_shared(void *object)
{
    if (!object) return;
    struct rc__header *header = rc__header_shared(object);
    if (rc_object_last_retained != header && RC_PERHAPS_NOT(rc__count_is_one(&header->shared)))
        rc_object_release_alone(object);
    else if (!rc__count_down(&header->shared))
        rc_object_release_slow(object, true);
}

/* What is not told to the probes, nor to the ledger. */
static inline __attribute__((always_inline)) void *rc__retain_quietly(const void *object)
{
    if (rc__retain_owned(object)) return (void *)(uintptr_t)object;
    if (RC_LIKELY(rc__is_there_and(object, rc__alone()))) {
        if (!rc__count_up_plain(&rc__header_of(object)->shared))
            rc_object_retain_slow(object, false);
    } else if (!rc__is_aside(object) || !rc__retain_aside(object)) {
        rc__retain_shared(object);
    }
    return (void *)(uintptr_t)object;
}

/* In units that tell the ledger, rc_retain() and rc_release() do more: rc/ledger_inline.h. */
#ifdef RCBUF_LEDGER
#define rc_retain rc__retain
#endif
static inline __attribute__((always_inline)) void *rc_retain(const void *object)
{
    return RC__RETAINED(rc__retain_quietly(object));
}
#undef rc_retain

/* Always inline, since compilers find it a little too large; and so rc_release() is a function of its
 * own, for those who take its address. */
static inline __attribute__((always_inline)) void rc__release_quietly(void *object)
{
    if (RC_LIKELY(rc__is_there_and(object, rc__alone()))) {
        if (!rc__count_down_plain(&rc__header_of(object)->shared)) rc_object_release_plain(object);
    } else if (!rc__is_aside(object) || !rc__release_aside(object)) {
        rc__release_shared(object);
    }
}

static inline __attribute__((always_inline)) void rc__release(void *object)
{
    RC__PROBE_RELEASE(object);
    rc__release_quietly(object);
}

#ifndef RCBUF_LEDGER
static inline void rc_release(void *object)
{
    rc__release(object);
}
#endif

static inline bool rc_is_unique(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    if (RC_UNLIKELY(rc__any_aside()) && rc__owner_of(header)) return rc_bias_is_unique(object);
    return rc__count_is_one(
        &header->shared); /* after the owner: it stood for less before a merge */
}

static inline size_t rc_count(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    if (RC_UNLIKELY(rc__any_aside()) && rc__owner_of(header)) return rc_bias_count(object);
    return rc__count_read(&header->shared);
}

static inline const rc_type *rc_type_of(const void *object)
{
    return rc__header_of(object)->type;
}

/* What lies in the cell, alive again and as it was: one reference, no flags, in one store. */
RC_INLINE_PART void *rc__cell_revive(struct rc__cell *cell, void *object)
{
    rc__cell_empty(cell);
    memset(RC__HEADER_OF(object), 0, offsetof(struct rc__header, type));
    RC__PROBE_NEW(object);
    return object;
}

/* What lay in a cell was retained meanwhile, by somebody who had no reference to it: stops. */
RC_API RC_NORETURN RC_COLD void rc_object_stop_retained(const void *object);

/* The same where the count may be as a lone reference left it, and looks alive. */
RC_INLINE_PART void *rc__cell_wake(struct rc__cell *cell, void *object)
{
    int32_t unlike = RC__HEADER_OF(object)->shared & ~RC__COUNT_GONE; /* not 0, and not gone */
    if (RC_UNLIKELY(unlike)) rc_object_stop_retained(object);
    return rc__cell_revive(cell, object);
}

/* The same for what programs make most: the header of one that a lone reference left is alive as it is. */
RC_INLINE_PART void *rc__cell_wake_object(struct rc__cell *cell, void *object)
{
    if (RC_PERHAPS_NOT(RC__HEADER_OF(object)->shared != 0)) return rc__cell_wake(cell, object);
    rc__cell_empty(cell);
    RC__PROBE_NEW(object);
    return object;
}

/* Those of a type that the compiler sees are cleared right there, up to so many bytes. */
#define RC__CLEARED_HERE_MAX 256u

/* For objects the cell's type is an address, at which another type may stand by now. */
RC_INLINE_PART bool rc__cell_is_like(const struct rc__cell *cell, const rc_type *type)
{
    return cell->size == type->size && !type->flags && !type->alignment && !type->traverse &&
           !type->clear;
}

/* What is not taken out of the cell of objects; and all of it for types that the compiler does not see. */
RC_API RC_MUST_USE void *rc_object_new_slow(const rc_type *type, size_t extra_bytes);
RC_API RC_MUST_USE void *rc_object_new_checked_slow(const rc_type *type, size_t size_of_t);

RC_INLINE_PART void *rc__object_new(const rc_type *type, size_t extra_bytes)
{
    struct rc__cell *cell = &rc_object_cells[RC__CELL_OBJECT];
    bool is_seen = type && __builtin_constant_p(type->size) && type->size <= RC__CLEARED_HERE_MAX;
    if (is_seen && !extra_bytes && !type->flags && !type->alignment && !type->traverse &&
        !type->clear) {
        void *dead = rc__cell_look(cell, (uintptr_t)type);
        if (RC_LIKELY(dead) && RC_LIKELY(cell->size == type->size))
            return memset(rc__cell_wake_object(cell, dead), 0, type->size);
    }
    return rc_object_new_slow(type, extra_bytes);
}

RC_INLINE void *rc_object_new(const rc_type *type, size_t extra_bytes)
{
    return rc__object_new(type, extra_bytes);
}

RC_INLINE void *rc_object_new_checked(const rc_type *type, size_t size_of_t)
{
    if (type && __builtin_constant_p(size_of_t <= type->size) && size_of_t <= type->size)
        return rc__object_new(type, 0);
    return rc_object_new_checked_slow(type, size_of_t);
}

static inline void *rc__unconst(const void *pointer)
{
    return (void *)(uintptr_t)pointer;
}

/* The variables below are of any pointer type, so they are read and written as bytes. */
static inline void *rc__exchange(void *variable, const void *value)
{
    void *old;
    memcpy(&old, variable, sizeof old);
    memcpy(variable, &value, sizeof value);
    return old;
}

RC_END_DECLS

#ifdef RCBUF_LEDGER
#include "ledger_inline.h"
#elif defined(__cplusplus)
template <class T> inline T *rc_retain(T *p)
{
    return (T *)(rc_retain)((const void *)p);
}
template <class T> inline void rc_release(const T *p)
{
    rc__release(rc__unconst(p));
}
template <class T> inline void rc_clear(T **p)
{
    rc__release(rc__exchange((void *)p, nullptr));
}
template <class T> RC_MUST_USE inline T *rc_steal(T **p)
{
    return (T *)rc__exchange((void *)p, nullptr);
}
template <class T> struct rc__same {
    typedef T type;
};
template <class T> inline void rc_assign(T **p, typename rc__same<T>::type *q)
{
    (rc_retain)((const void *)q);
    rc__release(rc__exchange((void *)p, (const void *)q));
}
#else
static inline RC_MUST_USE void *rc__steal(void *variable)
{
    return rc__exchange(variable, NULL);
}

static inline void rc__assign(void *variable, const void *value)
{
    rc_retain(value);
    rc__release(rc__exchange(variable, value));
}

#define rc_retain(p)  ((__typeof__(p))(rc_retain)(p))
#define rc_release(p) (rc__release(rc__unconst(p)))
/* char[-1] there: it is not the address of a variable that holds a pointer. */
#define rc_clear(p)                                                                                \
    ((void)sizeof(char[__builtin_classify_type(*(p)) == 5 ? 1 : -1]),                              \
     rc__release(rc__exchange((void *)(1 ? (p) : (__typeof__(*(p)) *)0), (__typeof__(*(p)))0)))
#define rc_steal(p)     ((__typeof__(*(p)))rc__steal((void *)(p)))
#define rc_assign(p, q) (rc__assign((void *)(p), 1 ? (q) : *(p)))
#endif

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_OBJECT
#include "ledger_calls.h"
#else
#define rc_retain_tagged(p, tag)  ((void)("" tag), rc_retain(p))
#define rc_release_tagged(p, tag) ((void)("" tag), rc_release(p))
#endif

#endif
