/* SPDX-License-Identifier: MIT */
/*
 * What must become of a graph, worked out on numbers: counts end what they end, and a collection is a
 * search from outside. Nothing here knows how rc/cycle.h does it.
 */
#include "graphs.h"

#include <string.h>

static _Thread_local const struct plan *plan;
static _Thread_local struct outcome *outcome;
static _Thread_local uint32_t stage;

static _Thread_local struct {
    uint32_t to[EDGES];
    uint32_t count;  /* references, from wherever */
    uint32_t inside; /* of these, from condemned objects */
    bool alive, weak_alive, saved, finalized, reached, condemned;
} objects[OBJECTS_MAX];
static _Thread_local uint32_t list[OBJECTS_MAX * (EDGES + 1)], listed;

static bool has_finalizer(uint32_t i)
{
    return plan->objects[i].kind != KIND_BARE;
}

/* In a collection it runs when the objects are cleared. */
static bool is_brief(uint32_t i)
{
    return plan->objects[i].kind == KIND_BRIEF;
}

static bool drops_edges(uint32_t i)
{
    return plan->objects[i].kind == KIND_TIDY || plan->objects[i].kind == KIND_PLAIN || is_brief(i);
}

static void drop_reference(uint32_t i)
{
    if (--objects[i].count == 0) list[listed++] = i;
}

static void drop_edges(uint32_t i)
{
    for (int e = 0; e < EDGES; e++) {
        uint32_t to = objects[i].to[e];
        objects[i].to[e] = NOWHERE;
        if (to != NOWHERE) drop_reference(to);
    }
}

static void kill_weak(uint32_t i, bool all)
{
    if (!objects[i].weak_alive || !(all || plan->objects[i].called)) return;
    objects[i].weak_alive = false;
    outcome->objects[i].called += plan->objects[i].called;
}

static void run_finalizer(uint32_t i)
{
    if (!has_finalizer(i) || objects[i].finalized) return;
    objects[i].finalized = true;
    outcome->objects[i].finalized++;
    if (plan->objects[i].kind == KIND_SAVING) {
        objects[i].saved = true;
        objects[i].count++;
    }
    if (drops_edges(i)) drop_edges(i);
}

/* Those on the list have no reference left. */
static void end_listed(void)
{
    while (listed) {
        uint32_t i = list[--listed];
        kill_weak(i, true);
        run_finalizer(i);
        if (objects[i].count) continue;
        objects[i].alive = false;
        drop_edges(i);
    }
}

static void release(uint32_t i)
{
    drop_reference(i);
    end_listed();
}

/* ---- a collection ---------------------------------------------------------------------------- */

static void reach_from(uint32_t start)
{
    uint32_t depth = 0;
    list[depth++] = start;
    objects[start].reached = true;
    while (depth) {
        uint32_t at = list[--depth];
        for (int e = 0; e < EDGES; e++) {
            uint32_t to = objects[at].to[e];
            if (to == NOWHERE || objects[to].reached) continue;
            objects[to].reached = true;
            list[depth++] = to;
        }
    }
}

/* Among those for whom @p condemned says so. */
static void search(void)
{
    for (uint32_t i = 0; i < plan->count; i++) objects[i].inside = 0, objects[i].reached = false;
    for (uint32_t i = 0; i < plan->count; i++)
        for (int e = 0; objects[i].condemned && e < EDGES; e++)
            if (objects[i].to[e] != NOWHERE) objects[objects[i].to[e]].inside++;
    for (uint32_t i = 0; i < plan->count; i++)
        if (objects[i].condemned && objects[i].count > objects[i].inside && !objects[i].reached)
            reach_from(i);
    for (uint32_t i = 0; i < plan->count; i++)
        objects[i].condemned = objects[i].condemned && !objects[i].reached;
}

static void collect(void)
{
    for (uint32_t i = 0; i < plan->count; i++) objects[i].condemned = objects[i].alive;
    search();
    for (uint32_t i = 0; i < plan->count; i++)
        if (objects[i].condemned) kill_weak(i, false);
    for (uint32_t i = 0; i < plan->count; i++) objects[i].count += objects[i].condemned; /* held */
    for (uint32_t i = 0; i < plan->count; i++)
        if (objects[i].condemned && !is_brief(i)) run_finalizer(i);
    for (uint32_t i = 0; i < plan->count; i++) objects[i].count -= objects[i].condemned;
    search();
    for (uint32_t i = 0; i < plan->count; i++) {
        if (!objects[i].condemned) continue;
        kill_weak(i, true);
        objects[i].alive = false;
        outcome->freed[stage]++;
        outcome->objects[i].finalized += is_brief(i) && !objects[i].finalized;
    }
    for (uint32_t i = 0; i < plan->count; i++)
        for (int e = 0; objects[i].condemned && e < EDGES; e++) {
            uint32_t to = objects[i].to[e];
            objects[i].to[e] = NOWHERE;
            if (to != NOWHERE) objects[to].count--;
        }
    /* What the condemned held, and nobody else, was condemned as well, or saved by somebody who holds it. */
}

/* ---- stages ---------------------------------------------------------------------------------- */

static void look(void)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        outcome->objects[i].alive[stage] = objects[i].alive;
        outcome->objects[i].weak_alive[stage] = objects[i].weak_alive;
    }
}

static void make(void)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        memset(&objects[i], 0, sizeof objects[i]);
        memcpy(objects[i].to, plan->objects[i].to, sizeof objects[i].to);
        objects[i].alive = true;
        objects[i].weak_alive = plan->objects[i].weak;
        objects[i].count = 1;
    }
    for (uint32_t i = 0; i < plan->count; i++)
        for (int e = 0; e < EDGES; e++)
            if (objects[i].to[e] != NOWHERE) objects[objects[i].to[e]].count++;
}

/* Saved by now: what is saved meanwhile is not released. False: nothing was. */
static bool release_saved(void)
{
    static _Thread_local bool were_saved[OBJECTS_MAX];
    bool any = false;
    for (uint32_t i = 0; i < plan->count; i++) {
        any |= were_saved[i] = objects[i].saved;
        objects[i].saved = false;
    }
    for (uint32_t i = 0; i < plan->count; i++)
        if (were_saved[i]) release(i);
    return any;
}

void model_run(const struct plan *of, struct outcome *into)
{
    plan = of, outcome = into, listed = 0;
    memset(outcome->freed, 0, sizeof outcome->freed);
    memset(outcome->objects, 0, plan->count * sizeof outcome->objects[0]);
    make();
    stage = 0;
    for (uint32_t i = 0; i < plan->count; i++)
        if (!plan->objects[i].held) release(i);
    collect();
    look();
    stage = 1;
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->objects[i].held && !plan->objects[i].held_longer) release(i);
    release_saved();
    collect();
    look();
    stage = 2;
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->objects[i].held_longer) release(i);
    do collect();
    while (release_saved());
    look();
}
