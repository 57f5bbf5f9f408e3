/* SPDX-License-Identifier: MIT */
/* Cycle domains and homes. */
#include <string.h>

#include "oom.h"
#include "rc/cycle.h"
#include "rc/home.h"

struct node {
    struct node *next;
    unsigned char rest[40];
};

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    visit(((struct node *)self)->next, argument);
}

static void node_clear(void *self)
{
    rc_clear(&((struct node *)self)->next);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_clear,
                                  .traverse = node_traverse,
                                  .clear = node_clear};

static rc_cycle_domain *domain;
static rc_home *home;

/* ---- domains --------------------------------------------------------------------------------- */

static bool make_domain(struct stage *stage)
{
    (void)stage;
    domain = rc_cycle_domain_new();
    return domain != NULL;
}

static void end_domain(struct stage *stage)
{
    rc_clear(&stage->made);
    rc_clear(&stage->object);
    rc_clear(&domain);
}

/* As many as a domain has room for at first, so that the next one makes it grow. */
enum { ROOM = 64 };

static struct node *tracked[ROOM];

static void prepare_full_domain(struct stage *stage)
{
    domain = rc_cycle_domain_new();
    for (int i = 0; i < ROOM; i++) {
        tracked[i] = RC_CYCLE_NEW(domain, struct node, &node_type);
        expect(tracked[i] != NULL, "a node");
    }
    stage->object = rc_new(struct node, &node_type);
    watch(stage, stage->object);
}

static void end_full_domain(struct stage *stage)
{
    for (int i = 0; i < ROOM; i++) rc_clear(&tracked[i]);
    end_domain(stage);
}

static size_t tracked_now(void)
{
    struct rc_cycle_statistics now;
    rc_cycle_statistics_read(domain, &now);
    return now.tracked;
}

static bool track(struct stage *stage)
{
    return rc_cycle_track(domain, stage->object) == RC_OK;
}

static bool is_tracked(struct stage *stage)
{
    return rc_cycle_is_tracked(stage->object) && tracked_now() == ROOM + 1;
}

static bool make_tracked(struct stage *stage)
{
    stage->made = RC_CYCLE_NEW(domain, struct node, &node_type);
    return stage->made != NULL;
}

static bool has_one_more(struct stage *stage)
{
    return rc_cycle_is_tracked(stage->made) && tracked_now() == ROOM + 1;
}

static void prepare_ring(struct stage *stage)
{
    (void)stage;
    domain = rc_cycle_domain_new();
    struct node *first = NULL, *last = NULL;
    for (int i = 0; i < 1000; i++) {
        struct node *node = RC_CYCLE_NEW(domain, struct node, &node_type);
        expect(node != NULL, "a node");
        if (!first) first = node;
        node->next = last;
        last = node;
    }
    first->next = last;
}

static bool collect(struct stage *stage)
{
    (void)stage;
    rc_cycle_domain_set_threshold(domain, 5);
    size_t freed = rc_cycle_collect(domain);
    return freed == 1000 && tracked_now() == 0 && rc_error_status() == RC_OK;
}

static void prepare_tracked(struct stage *stage)
{
    domain = rc_cycle_domain_new();
    stage->object = RC_CYCLE_NEW(domain, struct node, &node_type);
}

static bool untrack(struct stage *stage)
{
    return rc_cycle_untrack(stage->object) == RC_OK && !rc_cycle_is_tracked(stage->object);
}

/* ---- homes ----------------------------------------------------------------------------------- */

static bool make_home(struct stage *stage)
{
    (void)stage;
    home = rc_home_new();
    return home != NULL;
}

static void end_home(struct stage *stage)
{
    rc_clear(&stage->made);
    rc_clear(&stage->object);
    rc_clear(&home);
}

static void prepare_home(struct stage *stage)
{
    home = rc_home_new();
    watch(stage, home);
}

static bool make_homed(struct stage *stage)
{
    stage->made = rc_home_object_new(home, &node_type, stage->shape->size);
    return stage->made != NULL;
}

static bool make_homed_checked(struct stage *stage)
{
    stage->made = RC_HOME_NEW(home, struct node, &node_type);
    return stage->made != NULL;
}

static bool is_at_home(struct stage *stage)
{
    bool one = rc_home_alive(home) == 1 && rc_home_waiting(home) == 0;
    return one && rc_count(stage->made) == 1 && ((struct node *)stage->made)->next == NULL;
}

static int wakes;

static void wake(void *context)
{
    (void)context;
    wakes++;
}

static void prepare_homed(struct stage *stage)
{
    prepare_home(stage);
    stage->object = RC_HOME_NEW(home, struct node, &node_type);
    watch(stage, stage->object);
}

/* Its last release waits. */
static bool use_home(struct stage *stage)
{
    if (rc_home_set_wake(home, wake, NULL) != RC_OK || rc_home_unbind(home) != RC_OK) return false;
    rc_clear(&stage->object);
    return rc_home_waiting(home) == 1 && rc_home_bind(home) == RC_OK && rc_home_run(home) == 1 &&
           rc_home_alive(home) == 0 && rc_home_close(home, RC_HOME_ANYWHERE) == 0;
}

static const struct scenario list[] = {
    {.name = "a cycle domain", .act = make_domain, .end = end_domain},
    {.name = "track an object",
     .prepare = prepare_full_domain,
     .act = track,
     .holds = is_tracked,
     .end = end_full_domain},
    {.name = "a tracked object",
     .prepare = prepare_full_domain,
     .act = make_tracked,
     .holds = has_one_more,
     .end = end_full_domain},
    {.name = "a collection",
     .prepare = prepare_ring,
     .act = collect,
     .end = end_domain,
     .quiet = true},
    {.name = "untrack an object",
     .prepare = prepare_tracked,
     .act = untrack,
     .end = end_domain,
     .quiet = true},
    {.name = "a home", .act = make_home, .end = end_home},
    {.name = "an object with a home",
     .prepare = prepare_home,
     .act = make_homed,
     .holds = is_at_home,
     .end = end_home,
     .every_shape = true},
    {.name = "RC_HOME_NEW",
     .prepare = prepare_home,
     .act = make_homed_checked,
     .holds = is_at_home,
     .end = end_home},
    {.name = "use a home",
     .prepare = prepare_homed,
     .act = use_home,
     .end = end_home,
     .quiet = true},
};

const struct scenarios cycle_scenarios = {list, sizeof list / sizeof list[0]};
