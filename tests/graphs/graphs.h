/* SPDX-License-Identifier: MIT */
/**
 * @file tests/graphs/graphs.h
 * A random graph of objects, as it is made, and what is seen of each of its objects after each stage. The
 * same for rcbuf (objects.c), for the model (model.c) and, as bytes, for CPython (check.py).
 *
 * Stages. The graph is made, with one reference from outside to each object; those of all but the held
 * ones go. 0: then it is collected. 1: half of the held ones and everything that finalizers saved so far
 * are released, and it is collected. 2: all others are, and it is collected, and so is what was saved since,
 * until nothing is.
 */
#ifndef TESTS_GRAPHS_GRAPHS_H
#define TESTS_GRAPHS_GRAPHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EDGES = 4, STAGES = 3, OBJECTS_MAX = 20000 };

/* How a type's finalizer treats what its object owns. */
enum kind {
    KIND_BARE,   /* there is none: clear does it */
    KIND_LAZY,   /* leaves it alone: as __del__ */
    KIND_SAVING, /* the same, and saves its object the one time that it runs */
    KIND_TIDY,   /* releases it, and sets it to NULL */
    KIND_PLAIN,  /* releases it */
    KIND_BRIEF,  /* is the clear of its type as well */
    KINDS
};

#define NOWHERE UINT32_MAX

struct object_plan {
    uint8_t kind;
    bool held;        /* from outside, in stage 0 */
    bool held_longer; /* and in stage 1 */
    bool weak;        /* there is a weak reference to it */
    bool called;      /* with a callback */
    uint32_t to[EDGES];
};

struct plan {
    uint32_t count;
    bool like_python; /* no kinds that CPython's objects have not */
    struct object_plan objects[OBJECTS_MAX];
};

struct seen {
    bool alive[STAGES];
    bool weak_alive[STAGES]; /* the weak reference, where there is one */
    uint8_t finalized;       /* how often, in the end */
    uint8_t called;
};

struct outcome {
    uint32_t freed[STAGES]; /* by the collections of the stage */
    struct seen objects[OBJECTS_MAX];
};

/* plan.c: a random one. */
void plan_make(struct plan *plan, uint64_t seed);
/* A cycle of the graph is reachable from a held object. */
bool plan_holds_a_cycle(const struct plan *plan);

/* model.c and objects.c: what becomes of it. */
void model_run(const struct plan *plan, struct outcome *outcome);
void objects_run(const struct plan *plan, struct outcome *outcome);

/* visitors.c: threads that retain what others hold, lock weak references to it, and release it, while
 * its thread collects. */
struct shown {
    void *object;
    void *weak; /* or NULL */
};

void visitors_start(int count);
/* Returns: how many objects they held, each time that they did. */
uint64_t visitors_end(void);
/* Held by the caller until visitors_hide() has returned, when no visitor holds it any more. */
void visitors_show(const struct shown *shown, uint32_t count);
void visitors_hide(void);

#endif
