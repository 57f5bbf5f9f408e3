/* SPDX-License-Identifier: MIT */
/* A graph of rcbuf's objects. Whether one is alive is told by their allocator, which knows what was freed. */
#include "graphs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rc/cycle.h>
#include <rc/weak.h>

struct object {
    struct object *to[EDGES];
    uint32_t number;
};

static _Thread_local struct outcome *outcome;
static _Thread_local struct object *saved[OBJECTS_MAX];
static _Thread_local rc_weak *weak[OBJECTS_MAX];

/* ---- the allocator --------------------------------------------------------------------------- */

enum { PLACE = 192 };

static _Thread_local _Alignas(16) unsigned char places[OBJECTS_MAX][PLACE];
static _Thread_local bool freed[OBJECTS_MAX];
static _Thread_local uint32_t taken;

static void *allocate(void *context, size_t size, size_t alignment)
{
    (void)context;
    if (size > PLACE || alignment > 16 || taken == OBJECTS_MAX) return NULL;
    freed[taken] = false;
    return places[taken++];
}

static void deallocate(void *context, void *block, size_t size, size_t alignment)
{
    (void)context, (void)size, (void)alignment;
    size_t place = (size_t)((unsigned char *)block - places[0]) / PLACE;
    if (freed[place]) abort();
    freed[place] = true;
    memset(block, 0xdf, PLACE); /* so that whoever touches it goes astray */
}

static const struct rc_allocator allocator = {
    .name = "places", .allocate = allocate, .deallocate = deallocate};

/* ---- types ----------------------------------------------------------------------------------- */

static void traverse(void *self, rc_visit *visit, void *argument)
{
    for (int e = 0; e < EDGES; e++) visit(((struct object *)self)->to[e], argument);
}

static void clear(void *self)
{
    for (int e = 0; e < EDGES; e++) rc_clear(&((struct object *)self)->to[e]);
}

static void count_end(void *self)
{
    outcome->objects[((struct object *)self)->number].finalized++;
}

static void finalize_saving(void *self)
{
    struct object *object = self;
    count_end(self);
    saved[object->number] = rc_retain(object);
}

static void finalize_tidy(void *self)
{
    count_end(self);
    clear(self);
}

static void finalize_plain(void *self)
{
    count_end(self);
    for (int e = 0; e < EDGES; e++) rc_release(((struct object *)self)->to[e]);
}

/* Runs when no weak reference leads to it any more. */
static void finalize_brief(void *self)
{
    uint32_t number = ((struct object *)self)->number;
    if (weak[number] && !rc_weak_is_dead(weak[number])) outcome->objects[number].called += 100;
    count_end(self);
    clear(self);
}

#define TYPE(name_, finalize_, ...)                                                                \
    {                                                                                              \
        .name = (name_), .size = sizeof(struct object), .finalize = (finalize_),                   \
        .traverse = traverse, .clear = clear, ##__VA_ARGS__                                        \
    }
static const rc_type types[KINDS] = {
    [KIND_BARE] = TYPE("bare", NULL),
    [KIND_LAZY] = TYPE("lazy", count_end, .flags = RC_TYPE_CLEARED),
    [KIND_SAVING] = TYPE("saving", finalize_saving, .flags = RC_TYPE_CLEARED),
    [KIND_TIDY] = TYPE("tidy", finalize_tidy),
    [KIND_PLAIN] = TYPE("plain", finalize_plain),
    [KIND_BRIEF] = {.name = "brief",
                    .size = sizeof(struct object),
                    .finalize = finalize_brief,
                    .traverse = traverse,
                    .clear = finalize_brief},
};

/* ---- a graph ----------------------------------------------------------------------------------- */

static _Thread_local struct object *objects[OBJECTS_MAX];

static void *needed(void *made)
{
    if (made) return made;
    fprintf(stderr, "graphs: %s\n", rc_error_message());
    exit(1);
}

static void note_call(rc_weak *dead, void *context)
{
    (void)dead;
    ++*(uint8_t *)context;
}

static void make_object(const struct plan *plan, uint32_t i, rc_cycle_domain *domain)
{
    const struct object_plan *of = &plan->objects[i];
    objects[i] = needed(rc_object_new_with(&allocator, &types[of->kind], 0));
    objects[i]->number = i;
    if (rc_cycle_track(domain, objects[i]) != RC_OK) needed(NULL);
    weak[i] = of->weak ? needed(rc_weak_new(objects[i])) : NULL;
    if (of->called && rc_weak_on_death(weak[i], note_call, &outcome->objects[i].called) != RC_OK)
        needed(NULL);
}

static void make(const struct plan *plan, rc_cycle_domain *domain)
{
    taken = 0;
    memset(saved, 0, plan->count * sizeof saved[0]);
    for (uint32_t i = 0; i < plan->count; i++) make_object(plan, i, domain);
    for (uint32_t i = 0; i < plan->count; i++)
        for (int e = 0; e < EDGES; e++) {
            uint32_t to = plan->objects[i].to[e];
            if (to != NOWHERE) objects[i]->to[e] = rc_retain(objects[to]);
        }
}

static void look(const struct plan *plan, uint32_t stage)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        outcome->objects[i].alive[stage] = !freed[i];
        outcome->objects[i].weak_alive[stage] = weak[i] && !rc_weak_is_dead(weak[i]);
    }
}

/* Those that were saved before this. False: none. */
static bool release_saved(const struct plan *plan)
{
    static _Thread_local struct object *were_saved[OBJECTS_MAX];
    bool any = false;
    memcpy(were_saved, saved, plan->count * sizeof saved[0]);
    memset(saved, 0, plan->count * sizeof saved[0]);
    for (uint32_t i = 0; i < plan->count; i++) {
        any |= were_saved[i] != NULL;
        rc_release(were_saved[i]);
    }
    return any;
}

/* To the visitors, what is held throughout the stage. */
static void show(const struct plan *plan, uint32_t stage)
{
    static _Thread_local struct shown shown[OBJECTS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->count; i++)
        if (stage == 0 ? plan->objects[i].held : plan->objects[i].held_longer)
            shown[count++] = (struct shown){objects[i], weak[i]};
    visitors_show(shown, count);
}

void objects_run(const struct plan *plan, struct outcome *into)
{
    outcome = into;
    memset(outcome->freed, 0, sizeof outcome->freed);
    memset(outcome->objects, 0, plan->count * sizeof outcome->objects[0]);
    rc_cycle_domain *domain = needed(rc_cycle_domain_new());
    make(plan, domain);
    for (uint32_t i = 0; i < plan->count; i++)
        if (!plan->objects[i].held) rc_release(objects[i]);
    show(plan, 0);
    outcome->freed[0] = (uint32_t)rc_cycle_collect(domain);
    visitors_hide();
    look(plan, 0);
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->objects[i].held && !plan->objects[i].held_longer) rc_release(objects[i]);
    release_saved(plan);
    show(plan, 1);
    outcome->freed[1] = (uint32_t)rc_cycle_collect(domain);
    visitors_hide();
    look(plan, 1);
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->objects[i].held_longer) rc_release(objects[i]);
    do outcome->freed[2] += (uint32_t)rc_cycle_collect(domain);
    while (release_saved(plan));
    look(plan, 2);
    for (uint32_t i = 0; i < plan->count; i++) rc_release(weak[i]);
    rc_release(domain);
}
