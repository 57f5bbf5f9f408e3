/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_inline.h
 * What the headers become in a unit compiled with RCBUF_LEDGER: the verbs of rc/object.h tell the
 * ledger (rc/ledger.h) where they stand. Included by rc/object_inline.h there, and nowhere else;
 * the layout is ABI, tied to the library's SOVERSION.
 *
 * While the ledger is off that is the load of one word and a branch.
 */
#ifndef RC_LEDGER_INLINE_H
#define RC_LEDGER_INLINE_H

#include "object.h"

#ifdef RCBUF_LEDGER

#include "ledger_site.h"

RC_BEGIN_DECLS

#define RC__SITE                                                                                   \
    (__extension__({                                                                               \
        static const struct rc_site rc__here = {__FILE__, __func__, __LINE__};                     \
        &rc__here;                                                                                 \
    }))

static inline bool rc__ledger_is_on(void)
{
    return RC_UNLIKELY(rc_ledger_on);
}

static inline const struct rc_site *rc__ledger_call_begins(const struct rc_site *site)
{
    if (!rc__ledger_is_on()) return NULL;
    const struct rc_site *before = rc_ledger_here;
    rc_ledger_here = site;
    return before;
}

static inline void rc__ledger_call_ends(const struct rc_site *const *before)
{
    if (rc__ledger_is_on()) rc_ledger_here = *before;
}

static inline void rc__ledger_scope_ends(const struct rc_site *const *site)
{
    if (rc__ledger_is_on()) rc_ledger_ending = *site;
}

/* A call of the library that makes or takes references: they are from here. */
#define RC__AT(...) RC__AT_AS(RC__UNIQUE(before), __VA_ARGS__)
#define RC__AT_AS(before, ...)                                                                     \
    (__extension__({                                                                               \
        const struct rc_site *before __attribute__((unused, cleanup(rc__ledger_call_ends))) =      \
            rc__ledger_call_begins(RC__SITE);                                                      \
        __VA_ARGS__;                                                                               \
    }))

/* Declared behind a scoped variable, and so at its end before it. */
#define RC__ENDS_HERE(name)                                                                        \
    const struct rc_site *name __attribute__((unused, cleanup(rc__ledger_scope_ends))) = RC__SITE

#ifdef RC__LIBRARY

/* In the library: what an object or a place of its own keeps, since the program called. */
RC_HIDDEN void rc__ledger_note_kept(const void *object, const void *holder);
RC_HIDDEN void rc__ledger_note_left(const void *object, const void *holder);

static inline void *rc__retain_at(const void *object, const struct rc_site *site, const char *tag)
{
    (void)site, (void)tag;
    (void)rc__retain(object);
    if (rc__ledger_is_on()) rc__ledger_note_kept(object, NULL);
    return (void *)(uintptr_t)object;
}

static inline void rc__release_at(void *object, const struct rc_site *site, const char *tag)
{
    (void)site, (void)tag;
    if (rc__ledger_is_on()) rc__ledger_note_left(object, NULL);
    rc__release(object);
}

static inline void *rc_retain(const void *object)
{
    return rc__retain(object);
}

static inline void rc_release(void *object)
{
    rc__release(object);
}

#else

static inline void *rc__retain_at(const void *object, const struct rc_site *site, const char *tag)
{
    (void)rc__retain(object);
    if (rc__ledger_is_on()) rc_ledger_retained(object, site, tag);
    return (void *)(uintptr_t)object;
}

static inline void rc__release_at(void *object, const struct rc_site *site, const char *tag)
{
    if (rc__ledger_is_on()) rc_ledger_released(object, site, tag);
    rc__release(object);
}

/* By their addresses: from nowhere. */
static inline void *rc_retain(const void *object)
{
    return rc__retain_at(object, NULL, NULL);
}

static inline void rc_release(void *object)
{
    rc__release_at(object, NULL, NULL);
}

#endif

/* The end of a scoped variable. */
static inline void rc__release_ending(void *object)
{
    const struct rc_site *site = NULL;
    if (rc__ledger_is_on()) {
        site = rc_ledger_ending;
        rc_ledger_ending = NULL;
    }
    rc__release_at(object, site, NULL);
}

RC_END_DECLS

#ifdef __cplusplus
template <class T> inline T *rc__retain_as(T *p, const struct rc_site *site, const char *tag)
{
    return (T *)rc__retain_at((const void *)p, site, tag);
}
template <class T> inline T *rc_retain(T *p)
{
    return rc__retain_as(p, nullptr, nullptr);
}
template <class T> inline void rc_release(const T *p)
{
    rc__release_at(rc__unconst(p), nullptr, nullptr);
}
template <class T> inline void rc__clear_as(T **p, const struct rc_site *site)
{
    rc__release_at(rc__exchange((void *)p, nullptr), site, nullptr);
}
template <class T> RC_MUST_USE inline T *rc_steal(T **p)
{
    return (T *)rc__exchange((void *)p, nullptr);
}
template <class T> struct rc__same {
    typedef T type;
};
template <class T>
inline void rc__assign_as(T **p, typename rc__same<T>::type *q, const struct rc_site *site)
{
    (void)rc__retain_at((const void *)q, site, nullptr);
    rc__release_at(rc__exchange((void *)p, (const void *)q), site, nullptr);
}
#undef rc_new
#define rc_new(T, type)           ((T *)RC__AT(rc_object_new_checked((type), sizeof(T))))
#define rc_retain(p)              rc__retain_as((p), RC__SITE, nullptr)
#define rc_retain_tagged(p, tag)  rc__retain_as((p), RC__SITE, "" tag)
#define rc_release(p)             rc__release_at(rc__unconst(p), RC__SITE, nullptr)
#define rc_release_tagged(p, tag) rc__release_at(rc__unconst(p), RC__SITE, "" tag)
#define rc_clear(p)               rc__clear_as((p), RC__SITE)
#define rc_assign(p, q)           rc__assign_as((p), (q), RC__SITE)
#else
static inline RC_MUST_USE void *rc__steal(void *variable)
{
    return rc__exchange(variable, NULL);
}

static inline void rc__assign(void *variable, const void *value, const struct rc_site *site)
{
    (void)rc__retain_at(value, site, NULL);
    rc__release_at(rc__exchange(variable, value), site, NULL);
}

#define rc_retain(p)              ((__typeof__(p))rc__retain_at((p), RC__SITE, NULL))
#define rc_retain_tagged(p, tag)  ((__typeof__(p))rc__retain_at((p), RC__SITE, "" tag))
#define rc_release(p)             (rc__release_at(rc__unconst(p), RC__SITE, NULL))
#define rc_release_tagged(p, tag) (rc__release_at(rc__unconst(p), RC__SITE, "" tag))
/* char[-1] there: it is not the address of a variable that holds a pointer. */
#define rc_clear(p)                                                                                \
    ((void)sizeof(char[__builtin_classify_type(*(p)) == 5 ? 1 : -1]),                              \
     rc__release_at(rc__exchange((void *)(1 ? (p) : (__typeof__(*(p)) *)0), (__typeof__(*(p)))0),  \
                    RC__SITE, NULL))
#define rc_steal(p)     ((__typeof__(*(p)))rc__steal((void *)(p)))
#define rc_assign(p, q) (rc__assign((void *)(p), 1 ? (q) : *(p), RC__SITE))
#endif

#endif
#endif
