/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "owner.h"

#include <pthread.h>

#include "environment.h"

enum { INDICES = RC__OWNERS };

/* A queue's head while its index has no thread. */
#define CLOSED ((struct rc__header *)1)

struct slot {
    _Alignas(64) struct rc__header *queue; /* anybody puts objects in, the owner takes all out */
    struct rc__header *taken;              /* what the owner took out and still has to release */
};

static struct slot slots[INDICES];

/* Guards who has which index. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint16_t given_back[INDICES]; /* the last one is taken first */
static uint32_t given_back_count;
static uint32_t used = 1; /* indices from there on were never taken */

/* Indices that can be taken; changed under the lock. */
static uint32_t available = INDICES - 1;

static pthread_key_t key;
static bool is_on; /* from before main() on, where the run is one that biases */
static RC_HOT_THREAD_LOCAL bool has_ended;

static struct rc__header **link_of(struct rc__header *header)
{
    return &rc__prefix_of(header)->link;
}

/* A thread that owns nothing has the first slot, where nothing is ever put. */
static struct slot *my_slot(void)
{
    return &slots[rc_bias_self == RC__OWNS_NOTHING ? 0 : rc_bias_self];
}

static bool owns_nothing(void)
{
    return rc_bias_self == RC__OWNS_NOTHING;
}

static bool is_closed(const struct slot *slot)
{
    return __atomic_load_n(&slot->queue, __ATOMIC_ACQUIRE) == CLOSED;
}

/* ---- indices --------------------------------------------------------------------------------- */

static void set_available(void)
{
    __atomic_store_n(&available, INDICES - used + given_back_count, __ATOMIC_RELAXED);
}

/* Under the lock. */
static bool take_index(void)
{
    if (given_back_count + (INDICES - used) == 0) return false;
    uint32_t index = given_back_count > 0 ? given_back[--given_back_count] : used++;
    if (pthread_setspecific(key, &slots[index]) != 0) {
        given_back[given_back_count++] = (uint16_t)index;
        return false;
    }
    __atomic_store_n(&slots[index].queue, NULL, __ATOMIC_RELAXED);
    rc_bias_self = (uint16_t)index;
    set_available();
    return true;
}

/* Under the lock. Nothing changes if something is in the queue. */
static void give_index_back(void)
{
    struct rc__header *empty = NULL;
    if (!__atomic_compare_exchange_n(&my_slot()->queue, &empty, CLOSED, false, __ATOMIC_RELEASE,
                                     __ATOMIC_RELAXED))
        return;
    given_back[given_back_count++] = rc_bias_self;
    rc_bias_self = RC__OWNS_NOTHING;
    set_available();
}

/* The thread owns something from now on, if there is an index. */
static RC_COLD void begin(void)
{
    bool on = __atomic_load_n(&is_on, __ATOMIC_RELAXED);
    if (!on || has_ended || !__atomic_load_n(&available, __ATOMIC_RELAXED)) return;
    __atomic_store_n(&rc_object_aside, -1, __ATOMIC_RELAXED);
    __atomic_store_n(&rc_bias_any, -1, __ATOMIC_RELAXED);
    pthread_mutex_lock(&lock);
    take_index();
    pthread_mutex_unlock(&lock);
}

uint16_t rc__owner_index(void)
{
    if (RC_UNLIKELY(owns_nothing())) begin();
    rc__owner_drain();
    return owns_nothing() ? 0 : rc_bias_self;
}

/* ---- the queue ------------------------------------------------------------------------------- */

/* False: the owner has ended. */
static bool put(struct slot *slot, struct rc__header *header)
{
    struct rc__header *first = __atomic_load_n(&slot->queue, __ATOMIC_RELAXED);
    do {
        if (first == CLOSED) return false;
        *link_of(header) = first;
    } while (!__atomic_compare_exchange_n(&slot->queue, &first, header, true, __ATOMIC_RELEASE,
                                          __ATOMIC_RELAXED));
    return true;
}

bool rc__owner_enqueue(struct rc__header *header, unsigned owner)
{
    while (!put(&slots[owner], header))
        if (rc__owner_merge_left(header, owner, RC__COUNT_QUEUED)) return false;
    return true;
}

bool rc__owner_merge_left(struct rc__header *header, unsigned owner, int32_t flags)
{
    pthread_mutex_lock(&lock);
    bool left = is_closed(&slots[owner]);
    if (left && !(__atomic_load_n(&header->shared, __ATOMIC_RELAXED) & RC__COUNT_MERGED))
        rc__bias_merge(header, flags);
    else if (left)
        __atomic_fetch_and(&header->shared, ~flags, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
    return left;
}

/* Finalizers that drain again go on with what is left in `taken`. */
void rc__owner_drain(void)
{
    struct slot *slot = my_slot();
    for (;;) {
        if (!slot->taken) {
            if (RC_LIKELY(!__atomic_load_n(&slot->queue, __ATOMIC_RELAXED))) return;
            slot->taken = __atomic_exchange_n(&slot->queue, NULL, __ATOMIC_ACQUIRE);
        }
        struct rc__header *header = slot->taken;
        slot->taken = *link_of(header);
        rc__bias_release_queued(header);
    }
}

void rc__owner_leave(void)
{
    while (!owns_nothing()) {
        rc__owner_drain();
        pthread_mutex_lock(&lock);
        give_index_back();
        pthread_mutex_unlock(&lock);
    }
}

/* ---- fork ------------------------------------------------------------------------------------ */

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

/* Move a list to what this thread has to release. */
static void take_over(struct rc__header *first)
{
    struct slot *mine = my_slot();
    while (first) {
        struct rc__header *next = *link_of(first);
        *link_of(first) = mine->taken;
        mine->taken = first;
        first = next;
    }
}

/* The other threads do not exist here. One may have stood between two steps of a merge, so its
 * index is never taken again. No code of the program's is run: what stood in the queues becomes
 * this thread's to release. */
static void after_fork_in_child(void)
{
    for (uint32_t i = 1; i < used; i++) {
        struct slot *slot = &slots[i];
        if (i == rc_bias_self || slot->queue == CLOSED) continue;
        struct rc__header *queued = slot->queue;
        slot->queue = CLOSED;
        if (!queued && !slot->taken) continue;
        if (owns_nothing() && (has_ended || !take_index())) continue;
        take_over(slot->taken);
        take_over(queued);
        slot->taken = NULL;
    }
    pthread_mutex_unlock(&lock);
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static void thread_ends(void *slot)
{
    (void)slot;
    rc__owner_leave();
    has_ended = true;
}

/* Before main(), after the other floors': a fork then takes this lock first, and the program's own
 * handlers run while nothing is locked. A constructor that comes earlier makes ordinary objects. */
static __attribute__((constructor(104))) void set_up(void)
{
    if (rc__checked_run() && !rc__forced("bias")) return;
    if (pthread_key_create(&key, thread_ends) != 0) return;
    if (pthread_atfork(before_fork, after_fork, after_fork_in_child) != 0)
        pthread_key_delete(key);
    else
        __atomic_store_n(&is_on, true, __ATOMIC_RELAXED);
}

/* A plugin that contains the library may be unloaded before its threads end. */
static __attribute__((destructor(104))) void forget_threads(void)
{
    if (__atomic_exchange_n(&is_on, false, __ATOMIC_RELAXED)) pthread_key_delete(key);
}
