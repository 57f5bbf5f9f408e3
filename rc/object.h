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

/** The finalizer leaves what the object owns alone, so that it can be saved whole, and clear releases that
 * after it: Python's `__del__`. Without the flag clear runs only in a cycle that is broken, and at the end
 * of objects whose finalizer does not run: there is none, or they were resurrected after it. So a function
 * that is both runs again at the end of an object that was saved. */
#define RC_TYPE_CLEARED 2u

/** A type: static, constant, and alive as long as an object of it. Use designated initialisers. */
typedef struct rc_type {
    const char *name; /**< for messages and reports */
    size_t size;      /**< bytes of payload */
    /** `__dealloc__`: release what the object owns; NULL: nothing to do. Finalizers nest 32 deep;
     * from there on what one releases ends after it has returned: share state by references. */
    void (*finalize)(void *self);
    /** each reference owned; NULL: none */
    void (*traverse)(void *self, rc_visit *visit, void *argument);
    /** drop the references that may close a cycle, and set them to NULL; NULL: none */
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
 * rc_retain_tagged(p, "session") and rc_release_tagged(p, "session") are the same, and in a build with
 * RCBUF_LEDGER the ledger pairs them by that word, a literal (rc/ledger.h).
 *
 * Errors: none. The count saturates at 2^29 references, a biased object's from three quarters of that
 * on when its two counts become one, and then sticks. Retaining or releasing a dead object is a bug that
 * AddressSanitizer and valgrind report. Without them it stops the program with one line if a
 * finalizer releases its own object, a buffer still has slices, or the guarding allocator made it
 * (rc/allocator.h); else it mostly does, as long as the memory serves nobody else. What never was
 * an object (a local, a block of malloc, the inside of one) is taken for one by what stands before
 * it: where that is zero the program mostly ends by SIGSEGV, without a line. A finalizer may retain
 * its object and give the reference to somebody: the object lives on, and its finalizer does not
 * run again.
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
 * tables and singletons. It is counted apart from live objects, with its own bytes, and is no leak.
 * What it owns counts as alive still, since it is never released: make that immortal too, or let
 * the snapshot of a test come after. LeakSanitizer calls it a leak unless something that it sees
 * points to it, such as a static variable: a local alone does not.
 *
 * Takes:    the object: the caller's reference needs no release any more. NULL is a no-op.
 * Threads:  call it before other threads know the object.
 */
RC_API void rc_make_immortal_object(const void *object);
#define rc_make_immortal(p) rc_make_immortal_object(p)

RC_END_DECLS

#include "object_inline.h"

#endif
