/* SPDX-License-Identifier: MIT */
/* The tables of the ledger: their memory, their lock, and who is in them. */
#define RC__LIBRARY 1
#include "ledger_table.h"

struct rc__ledger rc__ledger;

#ifdef RCBUF_LEDGER

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "ledger.h"
#include "ledger_picture.h"

/* ---- memory ---------------------------------------------------------------------------------- */

#define CHUNK ((size_t)1 << 20)

/* Pieces of one size, which never go back to the system. */
struct store {
    const size_t size;
    void *free;        /* a list through their first words */
    char *fresh;       /* pieces that were never used */
    size_t fresh_left; /* bytes */
};

static struct store entries = {.size = sizeof(struct rc__ledger_entry)};
static struct store references = {.size = sizeof(struct rc__ledger_reference)};
static struct store stacks = {.size = sizeof(struct rc__ledger_stack)};

void *rc__ledger_pages(size_t size)
{
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

void rc__ledger_pages_free(void *pages, size_t size)
{
    if (pages && size) munmap(pages, size);
}

static void *take(struct store *store)
{
    void *piece = store->free;
    if (piece) {
        memcpy(&store->free, piece, sizeof store->free);
        return piece;
    }
    if (store->fresh_left < store->size) {
        store->fresh = rc__ledger_pages(CHUNK);
        store->fresh_left = store->fresh ? CHUNK : 0;
        if (!store->fresh) return NULL;
    }
    piece = store->fresh;
    store->fresh += store->size;
    store->fresh_left -= store->size;
    return piece;
}

static void give(struct store *store, void *piece)
{
    memcpy(piece, &store->free, sizeof store->free);
    store->free = piece;
}

/* ---- the lock -------------------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static RC_HOT_THREAD_LOCAL bool inside;

bool rc__ledger_lock(void)
{
    if (inside || !__atomic_load_n(&rc_ledger_on, __ATOMIC_RELAXED)) return false;
    inside = true;
    pthread_mutex_lock(&lock);
    return true;
}

void rc__ledger_unlock(void)
{
    pthread_mutex_unlock(&lock);
    inside = false;
}

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

void rc__ledger_prepare(void)
{
    pthread_atfork(before_fork, after_fork, after_fork);
}

/* ---- objects --------------------------------------------------------------------------------- */

/* Forgets all, in one line, since what it would say from here on could be wrong. */
static void give_up(void)
{
    if (rc__ledger.out_of_room) return;
    rc__ledger.out_of_room = true;
    rc__ledger.entry_count = 0;
    rc__ledger.bucket_count = 0;
    __atomic_store_n(&rc_ledger_on, 0, __ATOMIC_RELAXED);
    fprintf(stderr,
            "rcbuf: the ledger has no memory for more than %llu references, and is given up\n",
            (unsigned long long)rc__ledger.order);
}

static struct rc__ledger_entry **bucket_of(const void *object)
{
    uintptr_t word = (uintptr_t)object >> 4;
    return &rc__ledger.buckets[(word ^ word >> 9 ^ word >> 19) & (rc__ledger.bucket_count - 1)];
}

static bool grow(void)
{
    size_t old_count = rc__ledger.bucket_count, count = old_count ? 2 * old_count : 1024;
    struct rc__ledger_entry **old = rc__ledger.buckets,
                            **fresh = rc__ledger_pages(count * sizeof *fresh);
    if (!fresh) return false;
    rc__ledger.buckets = fresh;
    rc__ledger.bucket_count = count;
    for (size_t i = 0; i < old_count; i++) {
        for (struct rc__ledger_entry *entry = old[i], *next; entry; entry = next) {
            next = entry->next;
            struct rc__ledger_entry **bucket = bucket_of(entry->object);
            entry->next = *bucket;
            *bucket = entry;
        }
    }
    rc__ledger_pages_free(old, old_count * sizeof *old);
    return true;
}

static struct rc__ledger_entry **link_of(const void *object)
{
    struct rc__ledger_entry **link = bucket_of(object);
    while (*link && (*link)->object != object) link = &(*link)->next;
    return link;
}

struct rc__ledger_entry *rc__ledger_find(const void *object)
{
    return rc__ledger.bucket_count ? *link_of(object) : NULL;
}

struct rc__ledger_entry *rc__ledger_find_or_add(const void *object)
{
    struct rc__ledger_entry *entry = rc__ledger_find(object);
    if (entry) return entry;
    bool is_full = rc__ledger.entry_count >= rc__ledger.bucket_count;
    if (!(is_full && !grow())) entry = take(&entries);
    if (!entry) {
        give_up();
        return NULL;
    }
    struct rc__ledger_entry **bucket = bucket_of(object);
    *entry =
        (struct rc__ledger_entry){.next = *bucket, .object = object, .order = rc__ledger.order + 1};
    *bucket = entry;
    rc__ledger.entry_count++;
    return entry;
}

void rc__ledger_remove(const void *object)
{
    if (!rc__ledger.bucket_count) return;
    struct rc__ledger_entry **link = link_of(object), *entry = *link;
    if (!entry) return;
    while (entry->held) rc__ledger_drop(&entry->held);
    *link = entry->next;
    give(&entries, entry);
    rc__ledger.entry_count--;
}

void rc__ledger_each(void (*visit)(const void *object, void *context), void *context)
{
    if (!rc__ledger_lock()) return;
    for (size_t i = 0; i < rc__ledger.bucket_count; i++)
        for (struct rc__ledger_entry *entry = rc__ledger.buckets[i]; entry; entry = entry->next)
            visit(entry->object, context);
    rc__ledger_unlock();
}

/* ---- references ------------------------------------------------------------------------------ */

static struct rc__ledger_stack *copy_stack(const struct rc__ledger_stack *stack)
{
    struct rc__ledger_stack *copy = stack ? take(&stacks) : NULL;
    if (copy) *copy = *stack;
    return copy;
}

bool rc__ledger_hold(struct rc__ledger_entry *entry, const struct rc__ledger_reference *like)
{
    struct rc__ledger_reference *reference = take(&references);
    if (!reference) {
        give_up();
        return false;
    }
    *reference = *like;
    reference->stack = copy_stack(like->stack);
    reference->order = ++rc__ledger.order;
    reference->next = entry->held;
    entry->held = reference;
    return true;
}

void rc__ledger_drop(struct rc__ledger_reference **link)
{
    struct rc__ledger_reference *reference = *link;
    *link = reference->next;
    if (reference->stack) give(&stacks, reference->stack);
    give(&references, reference);
}

#else

void rc__ledger_each(void (*visit)(const void *object, void *context), void *context)
{
    (void)visit, (void)context;
}

#endif
