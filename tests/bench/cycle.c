/* SPDX-License-Identifier: MIT */
/*
 * A collection of a million objects in rings of ten, against CPython's over as many objects with one
 * slot: all of them garbage, made anew before each burst; and all of them held from outside.
 */
#include "bench.h"

#include <stdlib.h>

#include <rc/cycle.h>

#include "python.h"

enum { RING = 10 };

struct node {
    struct node *next;
};

static size_t objects;
static rc_cycle_domain *domain;
static struct node **held;
static python_object *collect, *make;

static void node_clear(void *self)
{
    struct node *node = self;
    rc_clear(&node->next);
}

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    const struct node *node = self;
    visit(node->next, argument);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_clear,
                                  .traverse = node_traverse,
                                  .clear = node_clear};

static void set_objects(void)
{
    objects = is_quick() ? 100 * 1000 : 1000 * 1000;
}

/* ---- as many blocks -------------------------------------------------------------------------- */

/* As long as a node with what stands before it. */
struct block {
    struct block *next;
    char rest[48];
};

static struct block **blocks;

static void set_up_blocks(void)
{
    set_objects();
    blocks = need(malloc(objects * sizeof *blocks));
}

static void make_blocks(size_t operations)
{
    (void)operations;
    for (size_t i = 0; i < objects; i++) blocks[i] = need(malloc(sizeof(struct block)));
}

static void run_blocks(size_t operations)
{
    for (; operations > 0; operations--)
        for (size_t i = 0; i < objects; i++) free(blocks[i]);
}

static void set_up_walk(void)
{
    set_up_blocks();
    make_blocks(1);
    for (size_t i = 0; i < objects; i++) blocks[i]->next = blocks[i / RING * RING + (i + 1) % RING];
}

static void run_walk(size_t operations)
{
    for (size_t walks = 2 * operations; walks > 0; walks--)
        for (size_t i = 0; i < objects; i++) seen(blocks[i]->next->next);
}

/* ---- ours ------------------------------------------------------------------------------------ */

static struct node *new_node(void)
{
    return need(RC_CYCLE_NEW(domain, struct node, &node_type));
}

/* Returns: one reference to one of them. */
static struct node *new_ring(void)
{
    struct node *first = new_node(), *last = first;
    for (size_t i = 1; i < RING; i++) {
        last->next = new_node();
        last = last->next;
    }
    last->next = rc_retain(first);
    return first;
}

static void set_up_domain(void)
{
    set_objects();
    domain = need(rc_cycle_domain_new());
}

static void make_garbage(size_t operations)
{
    (void)operations;
    for (size_t i = 0; i < objects / RING; i++) rc_release(new_ring());
}

static void run_garbage(size_t operations)
{
    for (; operations > 0; operations--)
        if (rc_cycle_collect(domain) != objects) give_up("not all objects were collected");
}

static void set_up_held(void)
{
    set_up_domain();
    held = need(malloc(objects / RING * sizeof *held));
    for (size_t i = 0; i < objects / RING; i++) held[i] = new_ring();
}

static void run_held(size_t operations)
{
    for (; operations > 0; operations--)
        if (rc_cycle_collect(domain) != 0) give_up("an object that is held was collected");
}

/* ---- CPython --------------------------------------------------------------------------------- */

static void set_up_python(void)
{
    set_objects();
    char statement[64];
    snprintf(statement, sizeof statement, "objects, ring = %zu, %d", objects, RING);
    python_run(statement);
    python_run("import gc\n"
               "gc.disable()\n"
               "class Node:\n"
               "    __slots__ = 'next',\n"
               "def new_ring():\n"
               "    first = last = Node()\n"
               "    for _ in range(ring - 1):\n"
               "        last.next = Node()\n"
               "        last = last.next\n"
               "    last.next = first\n"
               "    return first\n"
               "def make():\n"
               "    for _ in range(objects // ring):\n"
               "        new_ring()\n"
               "def collect_garbage():\n"
               "    if gc.collect() < objects:\n"
               "        raise RuntimeError('not all objects were collected')\n"
               "def collect_held():\n"
               "    if gc.collect() != 0:\n"
               "        raise RuntimeError('an object that is held was collected')\n"
               "gc.collect()");
}

static void set_up_python_garbage(void)
{
    set_up_python();
    collect = python_get("collect_garbage");
    make = python_get("make");
}

static void set_up_python_held(void)
{
    set_up_python();
    python_run("held = [new_ring() for _ in range(objects // ring)]");
    collect = python_get("collect_held");
}

static void make_python(size_t operations)
{
    (void)operations;
    python_call(make, NULL);
}

static void run_python(size_t operations)
{
    for (; operations > 0; operations--) python_call(collect, NULL);
}

/* ---------------------------------------------------------------------------------------------- */

static const struct contestant table[] = {
    {"cycle", "free, as many blocks", KIND_BARE, .set_up = set_up_blocks, .before = make_blocks,
     .run = run_blocks},
    {"cycle", "gc.collect", KIND_PEER, .set_up = set_up_python_garbage, .absent = python_absent,
     .before = make_python, .run = run_python},
    {"cycle", "rcbuf", KIND_OURS, .set_up = set_up_domain, .before = make_garbage,
     .run = run_garbage},
    {"cycle-held", "two walks over as many", KIND_BARE, .set_up = set_up_walk, .run = run_walk},
    {"cycle-held", "gc.collect", KIND_PEER, .set_up = set_up_python_held, .absent = python_absent,
     .run = run_python},
    {"cycle-held", "rcbuf", KIND_OURS, .set_up = set_up_held, .run = run_held},
};
CONTESTANTS(contestants_cycle, table);
