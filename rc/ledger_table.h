/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_table.h
 * Private (not installed): the objects that are alive and the references that hold them, as far as
 * the ledger (rc/ledger.h) has seen them; and what the rest of the library tells it.
 *
 * Nothing is in the tables before RCBUF_TRACE turns the ledger on, and nothing ever in a library
 * compiled without RCBUF_LEDGER: there the calls below are empty. Debuggers read the structs by
 * their members: rc__ledger.buckets[0 .. bucket_count - 1] are lists of entries, each with a list
 * of the references that are held now, the latest first.
 *
 * Threads: one lock, kept while a table is read or written, also over a fork. It is the innermost:
 * nothing is called under it that locks, writes, or belongs to the program. So only the handler of
 * a signal finds its thread inside already: it tells the ledger nothing but of objects that end.
 * Memory comes from mmap and is nowhere counted.
 *
 * References keep copies of lines and tags (rc/ledger_names.h), since what the program gave lies in
 * modules that can be unloaded. An export is found by the object and who holds it, in a table of
 * all exports; of the others the latest are looked through.
 */
#ifndef RC_LEDGER_TABLE_H
#define RC_LEDGER_TABLE_H

#include "config.h"
#include "ledger_names.h"

enum rc__ledger_kind {
    RC__LEDGER_MADE,     /* with the object: its first reference */
    RC__LEDGER_RETAINED, /* by the program; also what a lock of a weak reference gave it */
    RC__LEDGER_KEPT,     /* by an object or a place of the library */
    RC__LEDGER_EXPORT    /* a slice or a view; all of these together hold one reference */
};

#define RC__LEDGER_STACK_MAX 16

struct rc__ledger_stack {
    unsigned depth;
    void *frames[RC__LEDGER_STACK_MAX]; /* return addresses, the innermost first */
};

/* A reference that is held. */
struct rc__ledger_reference {
    struct rc__ledger_reference *next; /* of the same object, taken before this one; NULL: none */
    const struct rc_site *site;        /* file, function, line; NULL: not known */
    const char *tag;                   /* NULL: none */
    const void *holder;                /* the object or place that keeps it; NULL: not known */
    struct rc__ledger_stack *stack;    /* NULL: none was asked for */
    uint64_t order;                    /* 1 for the first of the process */
    enum rc__ledger_kind kind;
    struct rc__ledger_reference *previous; /* of the same object; NULL: it is the latest */
    /* Of the same object, without its exports; of an export, in its bucket of all exports. */
    struct rc__ledger_reference *older, *newer;
    const void *object;
};

/* An object that is alive. */
struct rc__ledger_entry {
    struct rc__ledger_entry *next; /* in its bucket */
    const void *object;
    struct rc__ledger_reference *held;
    struct rc__ledger_reference *latest; /* of those that are no exports, linked by older */
    const struct rc__ledger_type *type;
    uint64_t order; /* of its making, or of the first that was seen of it */
    size_t retains; /* seen so far, its making among them; exports are not */
    size_t releases;
    bool immortal;
    const struct rc_site *made; /* NULL: not known */
};

struct rc__ledger {
    struct rc__ledger_entry **buckets;
    size_t bucket_count; /* a power of two, or 0 */
    size_t entry_count;
    struct rc__ledger_reference **exports; /* buckets */
    size_t export_bucket_count;            /* a power of two, or 0 */
    size_t export_count;
    size_t reference_count, stack_count; /* that are held now */
    uint64_t order;                      /* of the latest reference */
    bool out_of_room;                    /* it has given up, and is empty */
    bool with_stacks;
};

extern RC_HIDDEN struct rc__ledger rc__ledger;

#ifdef RCBUF_LEDGER

/* For one who walks the table: nobody else changes it meanwhile. Nothing may be called under it
 * that locks or writes. False: this thread is inside already, or the ledger is off. */
RC_HIDDEN bool rc__ledger_lock(void);
RC_HIDDEN void rc__ledger_unlock(void);
/* Under the lock; NULL: no such object is known. */
RC_HIDDEN struct rc__ledger_entry *rc__ledger_find(const void *object);
/* The same, or a new one; NULL: no memory, and the ledger has given up. */
RC_HIDDEN struct rc__ledger_entry *rc__ledger_find_or_add(const void *object);
RC_HIDDEN void rc__ledger_remove(const void *object);
/* A new reference, the latest; false: no memory, and the ledger has given up. */
RC_HIDDEN bool rc__ledger_hold(struct rc__ledger_entry *entry,
                               const struct rc__ledger_reference *like);
RC_HIDDEN void rc__ledger_drop(struct rc__ledger_entry *entry,
                               struct rc__ledger_reference *reference);
/* The latest export of the object to that holder; NULL: none is known. */
RC_HIDDEN struct rc__ledger_reference *rc__ledger_find_export(const void *object,
                                                              const void *holder);
/* It is somebody else's from now on. */
RC_HIDDEN void rc__ledger_pass_on(struct rc__ledger_reference *exported, const void *holder);
/* The object ends: now, or when this thread leaves the table. */
RC_HIDDEN void rc__ledger_retire(const void *object);
/* Kept over forks. Before any lock under which the ledger is told something. */
RC_HIDDEN void rc__ledger_prepare(void);

/* What is told of each object that ends, under the lock, while a picture is walked. */
extern RC_HIDDEN void (*rc__ledger_watcher)(const void *object);

#endif
#endif
