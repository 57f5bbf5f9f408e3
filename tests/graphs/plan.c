/* SPDX-License-Identifier: MIT */
/* Random graphs. */
#include "graphs.h"

#include <string.h>

static _Thread_local uint64_t state;

/* splitmix64: Steele, Lea and Flood, Fast splittable pseudorandom number generators. */
static uint64_t next(void)
{
    uint64_t mixed = state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static uint32_t below(uint32_t limit)
{
    return (uint32_t)(next() % limit);
}

static bool chance(uint32_t of_thousand)
{
    return below(1000) < of_thousand;
}

/* Mostly between 30 and 90; a few with thousands. */
static uint32_t random_count(void)
{
    if (chance(200)) return 1 + below(20);
    if (chance(5)) return 500 + below(1500);
    if (below(5000) == 0) return 10000 + below(OBJECTS_MAX - 10000);
    return 30 + below(60);
}

static uint8_t random_kind(bool like_python)
{
    return (uint8_t)below(like_python ? KIND_SAVING + 1 : KINDS);
}

/* Near ones more often than far ones, so that there are cycles of all lengths. */
static uint32_t random_target(uint32_t from, uint32_t count)
{
    if (chance(400)) return below(count);
    uint32_t span = count < 8 ? count : 8;
    return (from + count - span / 2 + below(span)) % count;
}

void plan_make(struct plan *plan, uint64_t seed)
{
    state = seed;
    uint32_t edges = 200 + below(700), saving = below(3) ? 1000 : 30; /* of a thousand */
    uint32_t held = below(3) ? 20 + below(60) : 0;
    plan->count = random_count();
    plan->like_python = chance(600);
    for (uint32_t i = 0; i < plan->count; i++) {
        struct object_plan *object = &plan->objects[i];
        memset(object, 0, sizeof *object);
        object->kind = random_kind(plan->like_python);
        if (object->kind == KIND_SAVING && !chance(saving)) object->kind = KIND_LAZY;
        object->held = chance(held);
        object->held_longer = object->held && chance(500);
        object->weak = chance(200);
        object->called = object->weak && chance(500);
        for (int e = 0; e < EDGES; e++)
            object->to[e] = chance(edges) ? random_target(i, plan->count) : NOWHERE;
    }
    if (chance(800)) plan->objects[below(plan->count)].held = true;
}

/* ---- is a cycle reachable from outside? ------------------------------------------------------- */

/* Depth first, without recursion: an object on the path that is met again closes a cycle. */
static bool closes(const struct plan *plan, uint32_t start, uint8_t *colour)
{
    enum { NEW, ON_PATH, DONE };
    static _Thread_local uint32_t path[OBJECTS_MAX];
    static _Thread_local uint8_t edge[OBJECTS_MAX];
    uint32_t depth = 0;
    if (colour[start] != NEW) return false;
    path[0] = start, edge[0] = 0, colour[start] = ON_PATH;
    for (;;) {
        uint32_t at = path[depth];
        if (edge[depth] == EDGES) {
            colour[at] = DONE;
            if (depth-- == 0) return false;
            continue;
        }
        uint32_t to = plan->objects[at].to[edge[depth]++];
        if (to == NOWHERE || colour[to] == DONE) continue;
        if (colour[to] == ON_PATH) return true;
        depth++;
        path[depth] = to, edge[depth] = 0, colour[to] = ON_PATH;
    }
}

bool plan_holds_a_cycle(const struct plan *plan)
{
    static _Thread_local uint8_t colour[OBJECTS_MAX];
    memset(colour, 0, plan->count);
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->objects[i].held && closes(plan, i, colour)) return true;
    return false;
}
