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
 * Threads: one lock, kept while a table is read or written, also over a fork. A thread that is
 * inside tells the ledger nothing. Memory comes from mmap and is nowhere counted.
 */
#ifndef RC_LEDGER_TABLE_H
#define RC_LEDGER_TABLE_H

#include "config.h"

struct rc_site;

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
};

/* An object that is alive. */
struct rc__ledger_entry {
    struct rc__ledger_entry *next; /* in its bucket */
    const void *object;
    struct rc__ledger_reference *held;
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
    uint64_t order;   /* of the latest reference */
    bool out_of_room; /* it has given up, and is empty */
    bool with_stacks;
};

extern RC_HIDDEN struct rc__ledger rc__ledger;

/* Each object that is alive, in no order. Under the lock: what @p visit retains or releases is not
 * seen, and it must not call the ledger. Nothing is visited while the ledger is off. */
RC_HIDDEN void rc__ledger_each(void (*visit)(const void *object, void *context), void *context);

#ifdef RCBUF_LEDGER

/* For one who walks the table: nobody else changes it meanwhile. False: this thread
 * is inside already, or the ledger is off. */
RC_HIDDEN bool rc__ledger_lock(void);
RC_HIDDEN void rc__ledger_unlock(void);
/* Under the lock; NULL: no such object is known. */
RC_HIDDEN struct rc__ledger_entry *rc__ledger_find(const void *object);
/* The same, or a new one; NULL: no memory, and the ledger has given up. */
RC_HIDDEN struct rc__ledger_entry *rc__ledger_find_or_add(const void *object);
RC_HIDDEN void rc__ledger_remove(const void *object);
/* A new reference at the head of the list; false: no memory, and the ledger has given up. */
RC_HIDDEN bool rc__ledger_hold(struct rc__ledger_entry *entry,
                               const struct rc__ledger_reference *like);
/* What *link points to leaves the list. */
RC_HIDDEN void rc__ledger_drop(struct rc__ledger_reference **link);
/* Anew in the child of a fork, whose tables are its own. */
RC_HIDDEN void rc__ledger_prepare(void);

#endif
#endif
