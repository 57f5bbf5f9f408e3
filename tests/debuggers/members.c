/* SPDX-License-Identifier: MIT */
/* Objects that are held by members of each kind, and words that lead to no object, for a debugger to
 * find without the library's debug information, in stop_here(). */
#include <pthread.h>
#include <stdint.h>

#include <buffer/chain.h>
#include <buffer/view.h>
#include <rc/home.h>
#include <rc/scope.h>
#include <rc/slot.h>

struct player {
    rc_buffer *samples;
    rc_view *view;
    rc_chain *chain;
    struct player *other;
};

struct places {
    rc_slot slot;
    void *any;
    struct {
        rc_buffer *deep;
        rc_slot slots[2];
    } inner;
};

enum { NOISE = 4000, AROUND = 24 };

struct noise {
    uintptr_t words[NOISE];
};

struct handle {
    int number;
};

static void handle_finalize(void *self);

static const rc_type player_type = {.name = "player", .size = sizeof(struct player)};
static const rc_type places_type = {.name = "places", .size = sizeof(struct places)};
static const rc_type noise_type = {.name = "noise", .size = sizeof(struct noise)};
static const rc_type handle_type = {
    .name = "handle", .size = sizeof(struct handle), .finalize = handle_finalize};

/* What precedes the body reads as a header, and the words as a type, but for its size. */
static const char *const words[] = {"one", "two", "three", "four", "five", NULL, NULL};
static struct {
    size_t count;
    const char *const *words;
    uintptr_t body[2];
} table __attribute__((aligned(16))) = {.count = 4, .words = words};

/* What the scripts of the gate look at. */
struct all {
    struct player *player;
    struct places *places;
    struct noise *noise;
    rc_home *home;
    struct handle *handles[5];
    rc_slot slot;
};
struct all all;

__attribute__((noinline)) void stop_here(struct all *seen)
{
    __asm__ volatile("" : : "r"(seen) : "memory");
}

static void *release_last(void *unused)
{
    for (int i = 3; i < 5; i++) rc_release(all.handles[i]);
    return unused;
}

/* While the first is ended two more come. */
static void handle_finalize(void *self)
{
    pthread_t thread;
    if (((struct handle *)self)->number != 0) return;
    if (pthread_create(&thread, NULL, release_last, NULL) == 0) pthread_join(thread, NULL);
    stop_here(&all);
}

static void make_members(void)
{
    all.player = rc_new(struct player, &player_type);
    all.player->samples = rc_buffer_new_zeroed(64);
    all.player->view = rc_view_new(all.player->samples, "d");
    all.player->chain = rc_chain_new();
    all.player->other = rc_new(struct player, &player_type);
    all.places = rc_new(struct places, &places_type);
    rc_slot_store(&all.places->slot, all.player);
    all.places->any = rc_buffer_new_zeroed(5000);
    all.places->inner.deep = rc_buffer_new_zeroed(5000);
    rc_slot_store(&all.places->inner.slots[1], all.places->any);
    rc_slot_store(&all.slot, all.places);
}

/* Random numbers, what lies around objects and types, and what looks like an object. */
static void make_noise(void)
{
    const void *objects[] = {all.player, all.player->samples, all.player->view, all.places,
                             all.places->any};
    struct noise *noise = all.noise = rc_new(struct noise, &noise_type);
    size_t count = 0;
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        for (uintptr_t step = 1; step < AROUND; step++)
            noise->words[count++] = (uintptr_t)objects[i] + step;
    noise->words[count++] = (uintptr_t)&player_type;
    noise->words[count++] = (uintptr_t)player_type.name;
    noise->words[count++] = (uintptr_t)table.body;
    for (; count < NOISE; count++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise->words[count] = (uintptr_t)state & ~(uintptr_t)15;
    }
}

static void run_home(void)
{
    all.home = rc_home_new();
    for (int i = 0; i < 5; i++) {
        all.handles[i] = RC_HOME_NEW(all.home, struct handle, &handle_type);
        all.handles[i]->number = i;
    }
    rc_home_unbind(all.home);
    for (int i = 0; i < 3; i++) rc_release(all.handles[i]);
    rc_home_bind(all.home);
    rc_home_run(all.home);
}

int main(void)
{
    make_members();
    make_noise();
    stop_here(&all);
    run_home();
    return 0;
}
