/* SPDX-License-Identifier: MIT */
/**
 * @file rc/object.h
 * Objects that count their references: types, creation, retain and release, finalization.
 *
 * Whoever creates or retains an object owns one reference and releases it once. The last release
 * runs the type's finalizer exactly once, and the memory goes back to the allocator that it came
 * from. A function borrows its arguments; to keep one beyond the call, retain it. An object is
 * handled by the pointer to its payload; the header, 16 bytes, sits before it.
 *
 * Threads: counting is safe from any thread at any time, and costs no locked instruction while the
 * process has one thread. The last release sees everything that other threads did before theirs.
 * What the payload holds is the program's own business.
 */
#ifndef RC_OBJECT_H
#define RC_OBJECT_H

#include <string.h>

#include "allocator.h"
#include "count.h"

RC_BEGIN_DECLS

/** What a type's traverse calls for each reference that the object owns. @p object may be NULL. */
typedef void rc_visit(void *object, void *argument);

/** Objects of the type count without locked instructions on the thread that made them: rc/bias.h. */
#define RC_TYPE_BIASED 1u

/** A type: static, constant, and alive as long as an object of it. Use designated initialisers. */
typedef struct rc_type {
    const char *name; /**< for messages and reports */
    size_t size;      /**< bytes of payload */
    /** `__dealloc__`: release what the object owns; NULL: nothing to do. Finalizers nest 32 deep;
     * from there on what one releases ends after it has returned: share state by references. */
    void (*finalize)(void *self);
    /** each reference owned; NULL: none */
    void (*traverse)(void *self, rc_visit *visit, void *argument);
    /** drop the references that may close a cycle; NULL: none */
    void (*clear)(void *self);
    unsigned flags;     /**< RC_TYPE_... or 0 */
    unsigned alignment; /**< of the payload, in bytes; a power of two, 0 for 16 */
} rc_type;

/* ---- create ---------------------------------------------------------------------------------- */

/**
 * `T *rc_new(T, &type)`: a new object with a zeroed payload, so that a finalizer may run on an
 * object half built (`__cinit__` gives up by releasing it).
 *
 * Borrows:  type, for the life of the object.
 * Returns:  one new reference; NULL: no object.
 * Errors:   RC_NO_MEMORY, RC_OVERFLOW; RC_INVALID if sizeof(T) > type->size, or for an alignment
 *           or flags that are none.
 */
#define rc_new(T, type) ((T *)rc_object_new_checked((type), sizeof(T)))
RC_API RC_MUST_USE void *rc_object_new_checked(const rc_type *type, size_t size_of_t);

/** As rc_new, with @p extra_bytes after type->size, zeroed too (flexible array members). */
RC_API RC_MUST_USE void *rc_object_new(const rc_type *type, size_t extra_bytes);

/** The same from @p allocator, which the object goes back to. Borrows: allocator; NULL: default. */
RC_API RC_MUST_USE void *rc_object_new_with(const struct rc_allocator *allocator,
                                            const rc_type *type, size_t extra_bytes);

/* ---- share and release ------------------------------------------------------------------------
 * Each keeps the pointer's type, and takes pointers to const: being const says nothing about the
 * count.
 *
 *   T *rc_retain(T *p)            one more reference; NULL in, NULL out
 *   void rc_release(T *p)         one fewer; NULL is a no-op; its name is also a void (*)(void *)
 *   void rc_clear(T **p)          release what the variable holds, which is NULL before that
 *   T *rc_steal(T **p)            ownership out of a variable, which becomes NULL
 *   void rc_assign(T **p, T *q)   retain the new, store it, then release the old
 *
 * Errors: none. The count saturates at 2^29 references and then sticks. Retaining or releasing a
 * dead object is a bug that AddressSanitizer and valgrind report. Without them it stops the program
 * with one line while the object is in its finalizer, a buffer still has slices, or the guarding
 * allocator made it (rc/allocator.h); else it goes unseen.
 */

static inline void *rc_retain(const void *object);
static inline void rc_release(void *object);

/* ---- ask ------------------------------------------------------------------------------------- */

/** True if this is certainly the only reference: never wrongly. Borrows: object, not NULL. */
static inline bool rc_is_unique(const void *object);
/** References, for debugging: exact while nothing else runs; SIZE_MAX if immortal or saturated. */
static inline size_t rc_count(const void *object);
/** The type that the object was made with. Borrows: object, not NULL. Returns: borrowed. */
static inline const rc_type *rc_type_of(const void *object);

/* ---- for ever -------------------------------------------------------------------------------- */

/**
 * From now on retain and release write nothing, and the object is never finalized: for static
 * tables and singletons. It is counted apart from live objects, and is no leak.
 *
 * Takes:    the object: the caller's reference needs no release any more. NULL is a no-op.
 * Threads:  call it before other threads know the object.
 */
RC_API void rc_make_immortal_object(const void *object);
#define rc_make_immortal(p) rc_make_immortal_object(p)

/* ---- inline bodies, and the layout that they rely on ------------------------------------------
 * The layout is ABI, tied to the library's SOVERSION: 16 bytes, the type's address last. */

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
#define RC__FLAG_TRACKED    0x0040u /* reserved: a cycle domain knows the object */

static inline struct rc__header *rc__header_of(const void *object)
{
    return (struct rc__header *)((uintptr_t)object - sizeof(struct rc__header));
}

/* True once any object of the process is immortal or biased, for ever. A word of its own, on a line that nobody
 * writes: reading the header's flags before a locked instruction would fetch a line that another
 * thread is counting on twice, once to read and once to write. */
extern RC_API bool rc_object_any_aside;

/* What this thread retained last, while the process has several; only compared. A lone reference is
 * released without a locked instruction, which a look at the count tells. But that look right after a
 * locked addition to the same word would wait for it: so it is spared where the count was just
 * raised, and cannot be one. A wrong guess costs time alone. */
extern RC_API RC_HOT_THREAD_LOCAL const struct rc__header *rc_object_last_retained;

static inline bool rc__any_aside(void)
{
    return RC_UNLIKELY(__atomic_load_n(&rc_object_any_aside, __ATOMIC_RELAXED));
}

/* This thread's index as an owner of biased objects; RC__OWNS_NOTHING: it has none. */
extern RC_API RC_HOT_THREAD_LOCAL uint16_t rc_bias_self;
#define RC__OWNS_NOTHING 0xffffu

/* Acquire: whoever finds no owner any more counts after the merge. */
static inline unsigned rc__owner_of(const struct rc__header *header)
{
    return __atomic_load_n(&header->owner, __ATOMIC_ACQUIRE);
}

/* A biased object's second count is the last word before the header. */
static inline int32_t *rc__local_of(const struct rc__header *header)
{
    return (int32_t *)((uintptr_t)header - sizeof(int32_t));
}

/* What the fast paths do not decide. @p counted: the word has been changed already. */
RC_API RC_COLD void rc_object_retain_slow(const void *object, bool counted);
RC_API __attribute__((noinline)) void rc_object_release_slow(void *object, bool counted);
/* The same for a process with one thread: the word has not been changed. */
RC_API void rc_object_release_plain(void *object);
/* The same for a word that was seen, by an acquire load, to stand for one reference. */
RC_API void rc_object_release_alone(void *object);
/* The same for what was biased a moment ago. @p counted: its local count has been changed. */
RC_API RC_COLD void rc_bias_retain_slow(const void *object, bool counted);
RC_API __attribute__((noinline)) void rc_bias_release_slow(void *object, bool counted);
RC_API bool rc_bias_is_unique(const void *object);
RC_API size_t rc_bias_count(const void *object);

/* The object is aside, and counted, or immortal. False: it is an ordinary one. */
static inline bool rc__retain_aside(const struct rc__header *header, const void *object)
{
    unsigned owner = rc__owner_of(header);
    if (RC_LIKELY(owner == rc_bias_self)) {
        if (!rc__count_up_local(rc__local_of(header))) rc_bias_retain_slow(object, true);
        return true;
    }
    if (owner) rc_bias_retain_slow(object, false);
    return owner || __atomic_load_n(&header->flags, __ATOMIC_RELAXED) & RC__FLAG_IMMORTAL;
}

static inline bool rc__release_aside(const struct rc__header *header, void *object)
{
    unsigned owner = rc__owner_of(header);
    if (RC_LIKELY(owner == rc_bias_self)) {
        if (!rc__count_down_local(rc__local_of(header))) rc_bias_release_slow(object, true);
        return true;
    }
    if (owner) {
        rc_bias_release_slow(object, false);
        return true;
    }
    return __atomic_load_n(&header->flags, __ATOMIC_RELAXED) & RC__FLAG_IMMORTAL;
}

static inline void *rc_retain(const void *object)
{
    if (object) {
        struct rc__header *header = rc__header_of(object);
        if (RC_LIKELY(RC_SINGLE_THREADED)) {
            if (!rc__count_up_plain(&header->shared)) rc_object_retain_slow(object, false);
        } else if (!rc__any_aside() || !rc__retain_aside(header, object)) {
            if (!rc__count_up(&header->shared)) rc_object_retain_slow(object, true);
            rc_object_last_retained = header;
        }
    }
    return (void *)(uintptr_t)object;
}

static inline void rc_release(void *object)
{
    if (!object) return;
    struct rc__header *header = rc__header_of(object);
    if (RC_LIKELY(RC_SINGLE_THREADED)) {
        if (!rc__count_down_plain(&header->shared)) rc_object_release_plain(object);
    } else if (!rc__any_aside() || !rc__release_aside(header, object)) {
        if (rc_object_last_retained != header && RC_PERHAPS_NOT(rc__count_is_one(&header->shared)))
            rc_object_release_alone(object);
        else if (!rc__count_down(&header->shared))
            rc_object_release_slow(object, true);
    }
}

static inline bool rc_is_unique(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    if (!rc__count_is_one(&header->shared)) return false;
    return !rc__any_aside() || !rc__owner_of(header) || rc_bias_is_unique(object);
}

static inline size_t rc_count(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    if (rc__any_aside() && rc__owner_of(header)) return rc_bias_count(object);
    return rc__count_read(&header->shared);
}

static inline const rc_type *rc_type_of(const void *object)
{
    return rc__header_of(object)->type;
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

#ifdef __cplusplus
template <class T> inline T *rc_retain(T *p)
{
    return (T *)(rc_retain)((const void *)p);
}
template <class T> inline void rc_release(const T *p)
{
    (rc_release)(rc__unconst(p));
}
template <class T> inline void rc_clear(T **p)
{
    (rc_release)(rc__exchange((void *)p, nullptr));
}
template <class T> inline T *rc_steal(T **p)
{
    return (T *)rc__exchange((void *)p, nullptr);
}
template <class T> struct rc__same {
    typedef T type;
};
template <class T> inline void rc_assign(T **p, typename rc__same<T>::type *q)
{
    (rc_retain)((const void *)q);
    (rc_release)(rc__exchange((void *)p, (const void *)q));
}
#else
static inline RC_MUST_USE void *rc__steal(void *variable)
{
    return rc__exchange(variable, NULL);
}

static inline void rc__assign(void *variable, const void *value)
{
    rc_retain(value);
    rc_release(rc__exchange(variable, value));
}

#define rc_retain(p)  ((__typeof__(p))(rc_retain)(p))
#define rc_release(p) ((rc_release)(rc__unconst(p)))
/* char[-1] there: it is not the address of a variable that holds a pointer. */
#define rc_clear(p)                                                                                \
    ((void)sizeof(char[__builtin_classify_type(*(p)) == 5 ? 1 : -1]),                              \
     (rc_release)(rc__exchange((void *)(1 ? (p) : (__typeof__(*(p)) *)0), (__typeof__(*(p)))0)))
#define rc_steal(p)     ((__typeof__(*(p)))rc__steal((void *)(p)))
#define rc_assign(p, q) (rc__assign((void *)(p), 1 ? (q) : *(p)))
#endif

#endif
