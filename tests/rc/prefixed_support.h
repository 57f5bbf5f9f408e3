/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/prefixed_support.h
 * Nodes of each kind of type that may close a cycle, what their functions were called for, and the cell that
 * dead ones lie in. Magazines are forced on, since cells stay empty without them.
 */
#ifndef TESTS_RC_PREFIXED_SUPPORT_H
#define TESTS_RC_PREFIXED_SUPPORT_H

#include "rc/environment.h"
#include "rc/memory.h"
#include "rc/object_prefixed.h"
#include "tests/child.h"
#include "tests/harness.h"

enum { TURNS = 40 /* more than a cell takes to change to others */, BEHIND = RC__CELL_BEHIND_MAX };

HARNESS_EARLY
{
    setenv("RCBUF_FORCE", "magazines,pages,bias", 1);
    if (!rc__magazines_are_on()) abort();
}

struct node {
    void *first, *second;
};

static size_t finalized, cleared;
static int depth, deepest; /* of calls inside each other */

static inline void node_traverse(void *self, rc_visit *visit, void *argument)
{
    struct node *node = self;
    visit(node->first, argument);
    visit(node->second, argument);
}

static inline void drop(struct node *node)
{
    if (++depth > deepest) deepest = depth;
    rc_clear(&node->first);
    rc_clear(&node->second);
    depth--;
}

static inline void node_finalize(void *self)
{
    finalized++;
    drop(self);
}

static inline void node_clear(void *self)
{
    cleared++;
    drop(self);
}

#define NODE(type_name, ...)                                                                       \
    {                                                                                              \
        .name = (type_name), .size = sizeof(struct node), __VA_ARGS__                              \
    }
static const rc_type traversed = NODE("traversed", .traverse = node_traverse);
static const rc_type cleared_alone = NODE("cleared", .clear = node_clear);
static const rc_type finalized_too =
    NODE("finalized", .finalize = node_finalize, .traverse = node_traverse);
static const rc_type whole =
    NODE("whole", .finalize = node_finalize, .traverse = node_traverse, .clear = node_clear);
static const rc_type saved = NODE("saved", .finalize = node_finalize, .traverse = node_traverse,
                                  .clear = node_clear, .flags = RC_TYPE_CLEARED);
static const rc_type *const each_type[] = {&traversed, &cleared_alone, &finalized_too, &whole,
                                           &saved};
enum { TYPES = sizeof each_type / sizeof *each_type };

static inline struct rc__cell *cell(void)
{
    return &rc_object_cells[RC__CELL_PREFIXED];
}

static inline struct node *node_new(const rc_type *type)
{
    struct node *node = rc_new(struct node, type);
    ck_assert_ptr_nonnull(node);
    ck_assert(!node->first && !node->second);
    ck_assert_uint_eq(rc_count(node), 1);
    ck_assert_uint_eq(rc__header_of(node)->flags, RC__FLAG_PREFIX);
    return node;
}

/* Afterwards the cell is for the type, and one lies there. */
static inline void fill_cell(const rc_type *type)
{
    for (int i = 0; i < TURNS; i++) rc_release(node_new(type));
    ck_assert_ptr_eq(cell()->type, type);
    ck_assert_ptr_nonnull(cell()->object);
    ck_assert_uint_eq(cell()->behind, 0);
    finalized = cleared = 0;
}

#endif
