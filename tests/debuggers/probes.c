/* SPDX-License-Identifier: MIT */
/* So many objects of each kind and way to end; by the end each is gone, so that there are as many
 * releases as objects were made and retained. */
#include <pthread.h>

#include <buffer/array.h>
#include <buffer/chain.h>
#include <buffer/view.h>
#include <rc/bias.h>
#include <rc/home.h>
#include <rc/scope.h>
#include <rc/slot.h>
#include <rc/weak.h>

typedef struct point {
    int x, y;
} point;

static void end(void *self)
{
    (void)self;
}

static void give_back(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
}

static const rc_type point_type = {.name = "point", .size = sizeof(point)};
static const rc_type ending_type = {.name = "ending", .size = sizeof(point), .finalize = end};
static const rc_type counter_type = {.name = "counter", .size = 8, .flags = RC_TYPE_BIASED};
static rc_slot slot;

/* More at a time than a thread keeps. */
static void points(void)
{
    point *some[40];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 40; i++) some[i] = rc_retain(rc_new(point, &point_type));
        for (int i = 0; i < 40; i++) {
            rc_release(some[i]);
            rc_release(some[i]);
        }
    }
}

static void weak_and_slots(void)
{
    for (int i = 0; i < 3; i++) {
        RC_AUTO(point, ending) = rc_new(point, &ending_type);
        RC_AUTO(rc_weak, weak) = rc_weak_new(ending);
        RC_AUTO(point, locked) = RC_WEAK_LOCK(point, weak);
        rc_slot_store(&slot, ending);
        RC_AUTO(point, loaded) = RC_SLOT_LOAD(point, &slot);
        RC_AUTO(void, counter) = rc_retain(rc_object_new(&counter_type, 0));
        rc_release(counter);
    }
    rc_slot_clear(&slot);
}

static void buffers(void)
{
    RC_AUTO(rc_pool, pool) = rc_pool_new(64, 0, 2);
    for (int i = 0; i < 3; i++) {
        static unsigned char bytes[8];
        RC_AUTO(rc_buffer, buffer) = rc_buffer_new(100);
        RC_AUTO(rc_buffer, large) = rc_buffer_new(10000);
        RC_AUTO(rc_buffer, slice) = rc_buffer_slice(buffer, 1, 20);
        RC_AUTO(rc_buffer, part) = rc_buffer_slice(slice, 1, 2);
        RC_AUTO(rc_buffer, adopted) = rc_buffer_adopt(bytes, 8, give_back, NULL);
        RC_AUTO(rc_buffer, pooled) = rc_pool_take(pool);
        RC_AUTO(rc_view, view) = rc_view_new(buffer, "i");
        RC_AUTO(rc_view, record) = rc_view_new(slice, "<2h");
        RC_AUTO(rc_array, array) = rc_array_new('d');
        RC_AUTO(rc_chain, chain) = rc_chain_new();
        if (rc_chain_append(chain, part) != RC_OK) return;
    }
}

static void at_home(void)
{
    RC_AUTO(rc_home, home) = rc_home_new();
    RC_AUTO(point, guest) = RC_HOME_NEW(home, point, &ending_type);
}

static void *all(void *unused)
{
    points();
    weak_and_slots();
    buffers();
    at_home();
    return unused;
}

int main(void)
{
    pthread_t thread;
    (void)all(NULL);
    if (pthread_create(&thread, NULL, all, NULL) != 0) return 1;
    return pthread_join(thread, NULL);
}
