/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/cycle_support.h
 * Nodes that hold each other, of types whose finalizers release what they hold in the ways that
 * programs do, and say when they ran.
 */
#ifndef TESTS_RC_CYCLE_SUPPORT_H
#define TESTS_RC_CYCLE_SUPPORT_H

#include "rc/cycle.h"
#include "rc/weak.h"
#include "tests/child.h"
#include "tests/harness.h"

enum { EDGES = 3 };

struct node {
    struct node *to[EDGES];
    void *other; /* an object that nobody tracks */
    int id;
};

static size_t finalized, cleared;
static struct node *saved; /* by finalizers that save */

static inline void node_traverse(void *self, rc_visit *visit, void *argument)
{
    struct node *node = self;
    for (int i = 0; i < EDGES; i++) visit(node->to[i], argument);
    visit(node->other, argument);
}

static inline void drop(struct node *node)
{
    for (int i = 0; i < EDGES; i++) rc_clear(&node->to[i]);
    rc_clear(&node->other);
}

static inline void node_clear(void *self)
{
    cleared++;
    drop(self);
}

/* What it releases it sets to NULL. */
static inline void tidy_finalize(void *self)
{
    finalized++;
    drop(self);
}

/* As most finalizers are written. */
static inline void plain_finalize(void *self)
{
    struct node *node = self;
    finalized++;
    for (int i = 0; i < EDGES; i++) rc_release(node->to[i]);
    rc_release(node->other);
}

/* Leaves all of it to clear, as Python's __del__. */
static inline void lazy_finalize(void *self)
{
    (void)self;
    finalized++;
}

/* Saves itself once, whole. */
static inline void saving_finalize(void *self)
{
    finalized++;
    rc_assign(&saved, (struct node *)self);
}

#define NODE_TYPE(name_, finalize_)                                                                \
    {                                                                                              \
        .name = (name_), .size = sizeof(struct node), .finalize = (finalize_),                     \
        .traverse = node_traverse, .clear = node_clear                                             \
    }
#define CLEARED_TYPE(name_, finalize_)                                                             \
    {                                                                                              \
        .name = (name_), .size = sizeof(struct node), .finalize = (finalize_),                     \
        .traverse = node_traverse, .clear = node_clear, .flags = RC_TYPE_CLEARED                   \
    }
static const rc_type tidy_type = NODE_TYPE("tidy", tidy_finalize);
static const rc_type plain_type = NODE_TYPE("plain", plain_finalize);
static const rc_type lazy_type = CLEARED_TYPE("lazy", lazy_finalize);
static const rc_type bare_type = NODE_TYPE("bare", NULL);
static const rc_type saving_type = CLEARED_TYPE("saving", saving_finalize);

static inline rc_cycle_domain *domain_new(void)
{
    finalized = cleared = 0;
    saved = NULL;
    rc_cycle_domain *domain = rc_cycle_domain_new();
    ck_assert_ptr_nonnull(domain);
    return domain;
}

static inline struct node *node_new(rc_cycle_domain *domain, const rc_type *type)
{
    struct node *node = RC_CYCLE_NEW(domain, struct node, type);
    ck_assert_ptr_nonnull(node);
    return node;
}

/* Each holds the next and the last holds the first; one reference to the first is the caller's. */
static inline struct node *ring_new(rc_cycle_domain *domain, const rc_type *type, int count)
{
    struct node *first = node_new(domain, type), *last = first;
    for (int i = 1; i < count; i++) {
        last->to[0] = node_new(domain, type);
        last = last->to[0];
        last->id = i;
    }
    last->to[0] = rc_retain(first);
    return first;
}

static inline size_t live(const rc_type *type)
{
    return rc_account_read_type(type).live_objects;
}

static inline struct rc_cycle_statistics statistics_of(const rc_cycle_domain *domain)
{
    struct rc_cycle_statistics now;
    rc_cycle_statistics_read(domain, &now);
    return now;
}

#endif
