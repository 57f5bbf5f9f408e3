/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_picture.h
 * Private (not installed): what is alive at one moment, who holds whom, and what of it is a leak.
 *
 * An object's references are what its count says. Those that other live objects hold are found by
 * their types' traverse; what remains is held by variables. So an object with references that no
 * object holds, and to which no static variable leads, is leaked; what it holds is so indirectly;
 * and what is left then are objects that hold each other in circles.
 */
#ifndef RC_LEDGER_PICTURE_H
#define RC_LEDGER_PICTURE_H

#include "ledger_table.h"
#include "object.h"

enum rc__ledger_state {
    RC__LEDGER_UNKNOWN,
    RC__LEDGER_LEAKED,    /* somebody forgot a release */
    RC__LEDGER_CYCLE,     /* one of several that hold each other */
    RC__LEDGER_INDIRECT,  /* held by one of those */
    RC__LEDGER_REACHABLE, /* from a static variable */
    RC__LEDGER_APART      /* immortal, or its finalizer runs */
};

#define RC__LEDGER_NOBODY SIZE_MAX

struct rc__ledger_node {
    const void *object;
    const rc_type *type;
    const struct rc__ledger_entry *entry;
    size_t references;
    size_t bytes;
    size_t first_edge, edge_count; /* what it holds, of all edges */
    size_t holders;                /* edges that lead to it */
    size_t holder;                 /* the first that one of them comes from, or nobody */
    const void *root;              /* the variable that leads to it; NULL: none does directly */
    enum rc__ledger_state state;
    size_t cycle;                           /* the number of its circle, from 1; 0: it is in none */
    size_t index, low, next, parent, below; /* while circles are looked for */
    uint64_t likeness; /* the same for all that one line of the report stands for */
};

struct rc__ledger_picture {
    struct rc__ledger_node *nodes; /* in the order of their addresses */
    size_t count;
    size_t *edges; /* indices of nodes */
    size_t edge_count, edge_room;
    size_t *work; /* as many as nodes */
    bool is_incomplete;
};

/* All of these under the ledger's lock. False: no memory. */
RC_HIDDEN bool rc__ledger_picture_take(struct rc__ledger_picture *picture);
RC_HIDDEN void rc__ledger_picture_drop(struct rc__ledger_picture *picture);

/* The node at that address, or NULL. */
RC_HIDDEN struct rc__ledger_node *rc__ledger_node_at(const struct rc__ledger_picture *picture,
                                                     const void *address);
/* References that neither an object nor an export holds. */
RC_HIDDEN size_t rc__ledger_unexplained(const struct rc__ledger_node *node);

/* Marks what static and thread-local variables lead to. */
RC_HIDDEN void rc__ledger_find_roots(struct rc__ledger_picture *picture);
/* Gives each circle of objects of an unknown state that nobody else holds a number. */
RC_HIDDEN void rc__ledger_find_cycles(struct rc__ledger_picture *picture);

/* Bytes of the system's, uncounted, zeroed; NULL: no memory. */
RC_HIDDEN void *rc__ledger_pages(size_t size);
RC_HIDDEN void rc__ledger_pages_free(void *pages, size_t size);

#endif
