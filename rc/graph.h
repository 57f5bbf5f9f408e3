/* SPDX-License-Identifier: MIT */
/**
 * @file rc/graph.h
 * Who holds whom, as a picture: the objects that hang on given ones, as Graphviz' DOT.
 *
 *     rc_graph_save("graph.dot", object);                  // dot -Tsvg graph.dot -o graph.svg
 *
 * An arrow leads from an object to what it owns: what its type's traverse tells, the buffers of
 * slices, views, chains and arrays, an object's home. Dashed and grey is what leads to something
 * that it does not own: a buffer to its pool, a weak reference to its object. A dot with a dashed
 * arrow stands for references that none of the objects is seen to own: variables of the program, or
 * objects of types without traverse. What is part of a cycle is red, and filled where nothing
 * outside holds it: only a collection (rc/cycle.h) ends that.
 *
 * All that can be reached is gone through, also what is not drawn: in proportion to objects and
 * references, with constant stack, and up to a hundred bytes for each object from the default
 * allocator, and the text. That is the same each time, as long as traverse tells references in the
 * same order. All of it is there before any of it is written: what a stream of the program's own
 * does with objects then is up to it.
 *
 * Threads: while a call is under way, no other thread may change what the objects own, nor release
 * the last reference to one. Their counts may change; the numbers are then of no single moment.
 * Errors: RC_INVALID for a stream, path or domain that is NULL, or options of an unknown size;
 * RC_NO_MEMORY; RC_OVERFLOW for more than a billion objects; RC_SYSTEM where writing fails, and
 * part of the text may be written: after none of the others. This is not repeated below.
 * Source:  objgraph for Python; DOT as Graphviz' manual has it.
 */
#ifndef RC_GRAPH_H
#define RC_GRAPH_H

#include <stdio.h>

#include "cycle.h"

RC_BEGIN_DECLS

/** So many objects are drawn where the options do not say. */
#define RC_GRAPH_LIMIT 200

/** Zero means the usual. Start with `= {.struct_size = sizeof options}`. */
struct rc_graph_options {
    size_t struct_size; /**< sizeof(struct rc_graph_options) */
    /** Objects that are drawn, the nearest to the first ones; the rest is counted in a note. 0:
     * RC_GRAPH_LIMIT; SIZE_MAX: all. */
    size_t limit;
    bool addresses; /**< write where each object is, too */
    bool across;    /**< from left to right; else from top to bottom */
    /** Called for each object of the program's own types that is drawn: writes what it is called,
     * at most @p size bytes with the NUL, into @p text, which is "". It must not raise, nor change
     * objects. */
    void (*name)(const void *object, char *text, size_t size, void *context);
    void *context; /**< for name */
};

/* ---- write: each flushes the stream ---------------------------------------------------------- */

/**
 * What can be reached from the roots, each of which is drawn with a thick line.
 *
 * Borrows:  roots: @p count of them, where NULL and what is there twice count for nothing.
 *           options: NULL for the usual.
 */
RC_API enum rc_status rc_graph_write(FILE *stream, const void *const *roots, size_t count,
                                     const struct rc_graph_options *options);

/**
 * What a domain tracks, and what can be reached from there: also what only cycles keep alive.
 *
 * Errors:   RC_BUSY while the domain is in use, as in rc/cycle.h.
 */
RC_API enum rc_status rc_graph_write_domain(FILE *stream, rc_cycle_domain *domain,
                                            const struct rc_graph_options *options);

/**
 * All that is alive, in the order in which it was made: so slices and views are there with their
 * buffer, and what was forgotten, too.
 *
 * Errors:   RC_UNSUPPORTED where no ledger is kept (rc/ledger.h), which alone knows what is alive;
 *           RC_BUSY in a finalizer or another callback, where objects may be half ended.
 */
RC_API enum rc_status rc_graph_write_alive(FILE *stream, const struct rc_graph_options *options);

/** One object and what can be reached from it, to a file: for debuggers. One that is there is
 * written over, and stays as it is where there is no memory. Errors: as rc_graph_write. */
RC_API enum rc_status rc_graph_save(const char *path, const void *object);

RC_END_DECLS

#endif
