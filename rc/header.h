/* SPDX-License-Identifier: MIT */
/**
 * @file rc/header.h
 * Private (not installed): what stands before an object, and what upper floors ask of rc/object.c.
 *
 *       plain:    [ header 16 | payload ]
 *       prefixed: [ padding | prefix 32 | header 16 | payload | extra ]
 *       homed:    [ padding | home 16 | prefix 32 | header 16 | payload | extra ]
 *
 * A prefix is there when the object has extra bytes, an allocator other than the system's, an
 * alignment above 16, an owner or a home, or a type with traverse or clear: what few objects need costs
 * the others nothing. Of the latter, those that have a prefix for their type alone come and go as plain ones
 * do (rc/object_prefixed.h). The padding makes the payload aligned, so that the block itself is asked for with
 * the payload's alignment.
 */
#ifndef RC_HEADER_H
#define RC_HEADER_H

#include "block.h"
#include "ledger_hooks.h"
#include "object.h"
#include "tally.h"

struct rc__prefix {
    _Alignas(16) union {
        struct rc__header *link; /* the queue of a biased object's owner */
        size_t place;            /* of a tracked one, in its domain: rc/cycle_domain.h */
    };
    const struct rc_allocator *allocator;
    __extension__ uint64_t extra : 48;         /* bytes of payload beyond type->size */
    __extension__ uint64_t alignment_log2 : 5; /* of the payload */
    __extension__ uint64_t flags : 11;         /* the header's, while it waits for its end */
#if UINTPTR_MAX == UINT32_MAX
    uint32_t unused[3];
#endif
    union {
        intptr_t local;                 /* the owner's count, of a biased object: rc__local_of() */
        struct rc_cycle_domain *domain; /* of an object with RC__FLAG_TRACKED: rc__domain_of() */
    };
};

/* More than memory has. */
#define RC__PREFIX_EXTRA_MAX ((UINT64_C(1) << 48) - 1)

/* Before the prefix of an object with a home: rc/home.c. */
struct rc__homed {
    _Alignas(16) struct rc_home *home; /* the object holds a reference to it */
    struct rc__header *next;           /* in the home's queue */
};

/* One of the library's own types whose finalizer only takes the object out of a table: it calls
 * nobody, releases nothing, and can run before the object waits its turn in a long chain. */
#define RC__TYPE_LEAF 0x40000000u

/* A type whose objects know themselves how many extra bytes they have, and so need no prefix for
 * that. Only the library makes such types: RC__TYPE_SIZED says that the rc_type is the head of one.
 */
#define RC__TYPE_SIZED 0x80000000u

/* What end may answer, below. */
#define RC__END_KEPT SIZE_MAX

struct rc__description;

struct rc__sized_type {
    rc_type base;
    size_t (*extra)(const void *self);
    /* Instead of base.finalize, for types whose end reaches no code that could reach the object.
     * end: give back what it owns, and answer extra(). Without one: base.finalize, then extra().
     * end_plain: for objects without prefix and weak references, all of their end, to the memory; what
     * has no short way is rc__object_end_self(). Where end answers RC__END_KEPT it has taken the object's memory
     * over, and counted it out. */
    size_t (*end)(void *self);
    void (*end_plain)(void *self);
    uintptr_t by; /* what cells are asked for its objects by; 0: the type's address */
    /* Bytes that are alive because the object is, but no part of it; NULL: none. */
    size_t (*apart)(const void *self);
    /* Beside what traverse tells, for pictures: rc/describe.h. NULL: nothing. */
    void (*describe)(const void *self, struct rc__description *description);
    /* For the ledger, of types without traverse: where in the payload the only word is that may be a
     * reference, a context of the program's; RC__NO_WORD: none is. 0: any may be. */
    size_t only_word;
};

#define RC__NO_WORD SIZE_MAX

/* Weak references to the object were locked while there were several threads, so pins may name it
 * (rc/weak_pin.h); for ever. Of objects without a prefix only. */
#define RC__FLAG_PINNED 0x0080u

/* A collection has called the type's clear, or found that there is nothing to clear: not at the end. */
#define RC__FLAG_CLEARED 0x0100u
/* The finalizer released what a collection then still found in the object: it is not to be traversed nor
 * cleared any more. */
#define RC__FLAG_LOOSE 0x0200u
/* A struct rc__homed stands before the prefix. */
#define RC__FLAG_HOMED 0x0400u
#define RC__FLAGS_MAX  0x07ffu

_Static_assert(sizeof(struct rc__header) == 16, "the header is 16 bytes on every platform");
_Static_assert(offsetof(struct rc__header, shared) == 0, "the count leads the header");
_Static_assert(offsetof(struct rc__header, owner) == 4, "the owner's index stands beside it");
_Static_assert(offsetof(struct rc__header, flags) == 6, "flags are an atomic field of their own");
_Static_assert(offsetof(struct rc__header, type) == 8, "the type ends the header");
_Static_assert(sizeof(struct rc__prefix) % 16 == 0, "a prefix keeps the header aligned");
_Static_assert(sizeof(struct rc__prefix) == 32, "a prefix is 32 bytes on every platform");
_Static_assert(sizeof(struct rc__homed) == 16, "a home keeps the prefix aligned");
_Static_assert(offsetof(struct rc__prefix, local) == sizeof(struct rc__prefix) - sizeof(intptr_t),
               "the owner's count stands right before the header");

static inline void *rc__payload_of(const struct rc__header *header)
{
    void *payload = (void *)((uintptr_t)header + sizeof(struct rc__header));
    if (!payload) __builtin_unreachable(); /* spares callers the test for NULL */
    return payload;
}

/* A reference that the program gets, and not the library. */
static inline void *rc__retain_for_caller(const void *object)
{
    return rc__ledger_give((rc_retain)(object));
}

static inline struct rc__prefix *rc__prefix_of(const struct rc__header *header)
{
    return (struct rc__prefix *)((uintptr_t)header - sizeof(struct rc__prefix));
}

/* Weak references set one at any time. */
static inline unsigned rc__header_flags(const struct rc__header *header)
{
    return __atomic_load_n(&header->flags, __ATOMIC_RELAXED);
}

/* Beside the owner's index: the owner gives its last reference away, by merging. Several bits, so that
 * what is no object looks like it seldom. */
#define RC__OWNER_GIVES 0xd000u

/* This thread owns the object, which is not merged; and nobody else can merge it. */
static inline bool rc__owns(const struct rc__header *header)
{
    return rc__owner_of(header) == rc_bias_self;
}

static inline struct rc__homed *rc__homed_of(const struct rc__header *header)
{
    return (struct rc__homed *)((uintptr_t)rc__prefix_of(header) - sizeof(struct rc__homed));
}

/* The domain that tracks the object; NULL: none does, and then its last look at the object is over. The
 * prefix alone says which. The flag says only whether to look there, since the word is a biased object's
 * count until it was tracked; it stays when a domain gives the object up, because who ends objects writes
 * their flags without asking. */
static inline struct rc_cycle_domain *rc__domain_of(const struct rc__header *header)
{
    if (RC_LIKELY(!(rc__header_flags(header) & RC__FLAG_TRACKED))) return NULL;
    return __atomic_load_n(&rc__prefix_of(header)->domain, __ATOMIC_SEQ_CST);
}

/* Bytes from the start of a block with a prefix to its payload. */
static inline size_t rc__prefixed_offset(size_t alignment, bool homed)
{
    size_t before = sizeof(struct rc__prefix) + sizeof(struct rc__header) +
                    (homed ? sizeof(struct rc__homed) : 0);
    return (before + alignment - 1) & ~(alignment - 1);
}

/* The type's objects may be tracked by a cycle domain; the library's own never close a cycle. */
static inline bool rc__type_may_cycle(const rc_type *type)
{
    return (type->traverse || type->clear) && !(type->flags & RC__TYPE_SIZED);
}

/* Bytes of payload beyond type->size. */
static inline size_t rc__object_extra(const struct rc__header *header)
{
    if (RC_UNLIKELY(rc__header_flags(header) & RC__FLAG_PREFIX))
        return (size_t)rc__prefix_of(header)->extra;
    if (!(header->type->flags & RC__TYPE_SIZED)) return 0;
    return ((const struct rc__sized_type *)header->type)->extra(rc__payload_of(header));
}

/* Nobody holds the object, and all that its owners did is visible. Allocates nothing. */
RC_HIDDEN void rc__object_end(struct rc__header *header);
/* The same on the thread that the object's home has chosen, or where there is none to choose. */
RC_HIDDEN void rc__object_end_here(struct rc__header *header);
/* The same as an end_plain(). */
RC_HIDDEN void rc__object_end_self(void *self);
/* The type's finalizer or clear, inside the frame of a call into the program. */
RC_HIDDEN void rc__object_run_finalizer(struct rc__header *header);
RC_HIDDEN void rc__object_run_clear(struct rc__header *header);

/* The allocator that an object came from. */
RC_HIDDEN const struct rc_allocator *rc__object_allocator(const void *object);

/* Stops the program if a struct called @p type_name does not fit the object, which @p call gave. */
RC_HIDDEN void rc__object_check_size(const void *object, size_t size_of_t, const char *type_name,
                                     const char *call);

/* Finalization has begun: calls on the object answer RC_INVALID. */
static inline bool rc__object_is_finalizing(const void *object)
{
    return __atomic_load_n(&rc__header_of(object)->flags, __ATOMIC_RELAXED) & RC__FLAG_FINALIZING;
}

/* A creation that needs a prefix, zeroes or a sentence. sized: rc__object_new_sized. alignment: of
 * the payload, 0 for the type's. */
RC_HIDDEN void *rc__object_make(const struct rc_allocator *allocator, const rc_type *type,
                                size_t extra, size_t alignment, bool sized);
/* The same, biased whatever the type says. */
RC_HIDDEN void *rc__object_make_biased(const struct rc_allocator *allocator, const rc_type *type,
                                       size_t extra, bool sized);
/* A program's type, with a home, of which it takes one reference. */
RC_HIDDEN void *rc__object_make_homed(const struct rc_allocator *allocator, const rc_type *type,
                                      size_t extra, struct rc_home *home);

/* Set by rc/weak.c before main(), or by the first weak reference that is made earlier; a program without
 * any does not link it: clear all weak references to a dying object, and run their callbacks. */
struct rc__weak_hooks {
    void (*disown)(void *object);      /* it is about to be merged */
    void (*kill)(void *object);        /* every weak reference to it is dead from here on */
    void (*kill_called)(void *object); /* those that have callbacks are */
    void (*notify)(void *object);      /* then their callbacks run, in the order of registration */
    /* Free the block of a dead object with RC__FLAG_PINNED, as soon as no pin names it. */
    void (*bury)(struct rc__header *header, size_t size);
};
extern RC_HIDDEN const struct rc__weak_hooks *rc__weak_hooks;

/* Set by rc/cycle_domain.c, in the same way. For objects with RC__FLAG_TRACKED, all but `forget` as often
 * as one likes: where the object's domain has given it up, or ends beside the call, nothing is done. */
struct rc__cycle_hooks {
    void (*begin)(struct rc__header *header);  /* it is dead: no collection looks at it */
    void (*revive)(struct rc__header *header); /* it was resurrected */
    void (*forget)(struct rc__header *header); /* its domain does not track it any more */
};
extern RC_HIDDEN const struct rc__cycle_hooks *rc__cycle_hooks;

/* Set by rc/home.c, in the same way. */
struct rc__home_hooks {
    /* True: the dead object waits in its home's queue, which will call rc__object_end_here(). */
    bool (*send_home)(struct rc__header *header);
    /* This thread is the one that the object's finalizer has to run on. */
    bool (*may_end_here)(const struct rc__header *header);
    /* The object's reference to its home, when nothing else is left of it. */
    void (*count_out)(struct rc_home *home);
};
extern RC_HIDDEN const struct rc__home_hooks *rc__home_hooks;

#endif
