/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_picture.h
 * Private (not installed): what is alive at one moment, who holds whom, and what of it is a leak.
 *
 * An object's references are what its count says. Those that other live objects hold are found by
 * their types' traverse; what remains is held by variables. So an object with references that no
 * object holds, and to which no static variable leads, is leaked; what it holds is so indirectly;
 * and what is left then are objects that hold each other in circles. What waits for its home
 * (rc/home.h) is none of these as long as a variable leads to the home; else nobody can run it, and
 * the object is leaked.
 *
 * Under the ledger's lock all is copied that can change or go away, as numbers and words. Types are
 * asked by their traverse after that, and only where no other thread could change or end an object
 * meanwhile: in a process of one thread, outside of finalizers and other callbacks, and for objects
 * that are still alive. Elsewhere, and of types that have none, what an object holds is read off its
 * words, as LeakSanitizer does: each that is an object's address is an edge. That sees nothing in blocks
 * of malloc; and since the stacks of other threads are not seen at all, what a picture under other
 * threads calls leaked may be in use.
 */
#ifndef RC_LEDGER_PICTURE_H
#define RC_LEDGER_PICTURE_H

#include <time.h>

#include "ledger_table.h"
#include "object.h"

enum rc__ledger_state {
    RC__LEDGER_UNKNOWN,
    RC__LEDGER_LEAKED,     /* somebody forgot a release */
    RC__LEDGER_CYCLE,      /* one of several that hold each other */
    RC__LEDGER_INDIRECT,   /* held by one of those */
    RC__LEDGER_WAITING,    /* for its home, which a static variable leads to */
    RC__LEDGER_REACHABLE,  /* from a static variable */
    RC__LEDGER_SUPPRESSED, /* rc/ledger_suppress.h */
    RC__LEDGER_EXEMPT      /* immortal, or dead and waits for its end, or its finalizer runs */
};

#define RC__LEDGER_NOBODY SIZE_MAX

struct rc__ledger_node {
    const void *object;
    const rc_type *type;                  /* a copy; its functions may be gone */
    const struct rc__ledger_entry *entry; /* a copy, with copies of what it holds */
    const void *home;                     /* NULL: it has none */
    size_t references;
    size_t bytes;
    size_t payload;                /* bytes that may hold references, and are not asked for */
    size_t payload_from;           /* where in the object these begin */
    const uintptr_t *words;        /* a copy of these; NULL: they are where they were */
    size_t word_count;             /* of the copy */
    size_t first_edge, edge_count; /* what it holds, of all edges */
    size_t exports;                /* of the references that the ledger knows */
    size_t holders;                /* edges that lead to it */
    size_t owners;                 /* objects that these come from, without its exports */
    size_t holder, latest_holder;  /* the first and the last of them, or nobody */
    const void *root;              /* the variable that leads to it; NULL: none does directly */
    enum rc__ledger_state state;
    size_t suppression;                     /* its number, from 1; 0: none */
    bool is_exporter;                       /* a slice, a view, or a chain */
    bool waits;                             /* dead, for its home's thread */
    bool is_asked;                          /* by its type's traverse */
    bool is_gone;                           /* it ended since */
    size_t cycle;                           /* the number of its circle, from 1; 0: it is in none */
    size_t index, low, next, parent, below; /* while circles are looked for */
    uint64_t group; /* the same for all that one line of the report stands for */
    uint64_t first; /* the least order of these, once it is known */
};

/* Memory of the picture's own. */
struct rc__ledger_part {
    void *start;
    size_t size; /* bytes */
};

enum { RC__LEDGER_PARTS = 12 };

struct rc__ledger_picture {
    struct rc__ledger_node *nodes; /* in the order of their addresses */
    size_t count;
    size_t *edges; /* indices of nodes */
    size_t edge_count, edge_room;
    size_t *work; /* as many as nodes */
    struct rc__ledger_part parts[RC__LEDGER_PARTS];
    size_t part_count;
    bool is_incomplete; /* no memory */
    bool asks_types;    /* by traverse */
    bool has_others;    /* threads beside this one run */
    bool was_cut_short; /* not all variables or words were looked at */
};

/* False: no memory, or the ledger is off. To be dropped in either case. Not under the lock. */
RC_HIDDEN bool rc__ledger_picture_take(struct rc__ledger_picture *picture);
RC_HIDDEN void rc__ledger_picture_drop(struct rc__ledger_picture *picture);

/* The first half: what is copied under the lock. */
RC_HIDDEN bool rc__ledger_picture_copy(struct rc__ledger_picture *picture);
/* Zeroed memory that lives as long; NULL: none. */
RC_HIDDEN void *rc__ledger_picture_part(struct rc__ledger_picture *picture, size_t size);

/* The node at that address, or NULL. */
RC_HIDDEN struct rc__ledger_node *rc__ledger_node_at(const struct rc__ledger_picture *picture,
                                                     const void *address);
/* References that neither an object nor an export holds. */
RC_HIDDEN size_t rc__ledger_unexplained(const struct rc__ledger_node *node);
/* What it calls leaked may be in use. */
RC_HIDDEN bool rc__ledger_has_doubts(const struct rc__ledger_picture *picture);

/* A look at words that may be addresses of objects. */
struct rc__ledger_words {
    struct rc__ledger_picture *picture; /* with nodes */
    void (*meet)(struct rc__ledger_node *node, const void *place, void *argument);
    void *argument;
    uintptr_t *piece;
    const char *copied; /* the page that piece has, or NULL */
    size_t page;        /* bytes */
    struct timespec begin;
};

/* The members above piece are there, the others zero. False: no memory. */
RC_HIDDEN bool rc__ledger_words_begin(struct rc__ledger_words *words);
/* As they are in memory now. */
RC_HIDDEN void rc__ledger_words_look(struct rc__ledger_words *words, const void *from, size_t size);
/* Those of the object's payload. */
RC_HIDDEN void rc__ledger_words_look_into(struct rc__ledger_words *words,
                                          const struct rc__ledger_node *node);

/* Marks what static and thread-local variables lead to. */
RC_HIDDEN void rc__ledger_find_roots(struct rc__ledger_picture *picture);
/* Gives each circle of objects of an unknown state that nobody else holds a number. */
RC_HIDDEN void rc__ledger_find_cycles(struct rc__ledger_picture *picture);

#endif
