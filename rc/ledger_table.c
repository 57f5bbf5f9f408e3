/* SPDX-License-Identifier: MIT */
/* The tables of the ledger: their memory, their lock, and who is in them. */
#define RC__LIBRARY 1
#include "ledger_table.h"

struct rc__ledger rc__ledger;

#ifdef RCBUF_LEDGER

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "header.h"
#include "ledger.h"
#include "ledger_memory.h"

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

/* Objects that may end in handlers of signals while their thread is inside. */
#define WAITING_MAX 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static RC_HOT_THREAD_LOCAL bool inside;
static RC_HOT_THREAD_LOCAL unsigned waiting_count;
static __thread const void *waiting[WAITING_MAX];
static bool must_tell; /* that it was given up */

void (*rc__ledger_watcher)(const void *object);

bool rc__ledger_lock(void)
{
    if (inside || !__atomic_load_n(&rc_ledger_on, __ATOMIC_RELAXED)) return false;
    inside = true;
    pthread_mutex_lock(&lock);
    return true;
}

/* Forgets all, since what it would say from here on could be wrong. */
static void give_up(void)
{
    if (rc__ledger.out_of_room) return;
    rc__ledger.out_of_room = true;
    rc__ledger.entry_count = rc__ledger.bucket_count = 0;
    rc__ledger.export_count = rc__ledger.export_bucket_count = 0;
    __atomic_store_n(&rc_ledger_on, 0, __ATOMIC_RELAXED);
    must_tell = true;
}

static void end_waiting(void)
{
    while (waiting_count > 0) {
        if (waiting_count > WAITING_MAX)
            give_up(), waiting_count = 0;
        else
            rc__ledger_remove(waiting[--waiting_count]);
    }
}

static void tell(size_t count)
{
    int number = errno;
    fprintf(stderr,
            "rcbuf: the ledger has no memory for more than %zu references, and is given up\n",
            count);
    errno = number;
}

void rc__ledger_unlock(void)
{
    end_waiting();
    bool tells = must_tell;
    size_t count = rc__ledger.reference_count;
    must_tell = false;
    pthread_mutex_unlock(&lock);
    inside = false;
    if (tells) tell(count);
}

void rc__ledger_retire(const void *object)
{
    if (rc__ledger_lock()) {
        rc__ledger_remove(object);
        rc__ledger_unlock();
    } else if (inside) {
        if (waiting_count < WAITING_MAX) waiting[waiting_count] = object;
        if (waiting_count <= WAITING_MAX) waiting_count++;
    }
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
    const struct rc__ledger_type *type = rc__ledger_type_of(rc__header_of(object)->type);
    if (type && !(is_full && !grow())) entry = take(&entries);
    if (!entry) {
        give_up();
        return NULL;
    }
    struct rc__ledger_entry **bucket = bucket_of(object);
    *entry = (struct rc__ledger_entry){
        .next = *bucket, .object = object, .type = type, .order = rc__ledger.order + 1};
    *bucket = entry;
    rc__ledger.entry_count++;
    return entry;
}

void rc__ledger_remove(const void *object)
{
    if (!rc__ledger.bucket_count) return;
    struct rc__ledger_entry **link = link_of(object), *entry = *link;
    if (!entry) return;
    if (rc__ledger_watcher) rc__ledger_watcher(object);
    while (entry->held) rc__ledger_drop(entry, entry->held);
    *link = entry->next;
    give(&entries, entry);
    rc__ledger.entry_count--;
}

/* ---- exports --------------------------------------------------------------------------------- */

static struct rc__ledger_reference **export_bucket_of(const void *object, const void *holder)
{
    uintptr_t word = (uintptr_t)object >> 4 ^ (uintptr_t)holder >> 3 ^ (uintptr_t)holder << 7;
    return &rc__ledger
                .exports[(word ^ word >> 9 ^ word >> 19) & (rc__ledger.export_bucket_count - 1)];
}

static void link_export(struct rc__ledger_reference *exported)
{
    struct rc__ledger_reference **bucket = export_bucket_of(exported->object, exported->holder);
    exported->newer = NULL;
    exported->older = *bucket;
    if (*bucket) (*bucket)->newer = exported;
    *bucket = exported;
}

static void unlink_export(struct rc__ledger_reference *exported)
{
    if (exported->older) exported->older->newer = exported->newer;
    if (exported->newer)
        exported->newer->older = exported->older;
    else
        *export_bucket_of(exported->object, exported->holder) = exported->older;
}

/* The oldest of each bucket first, so that the latest of a holder is found before its others. */
static void move_bucket(struct rc__ledger_reference *bucket)
{
    while (bucket && bucket->older) bucket = bucket->older;
    for (struct rc__ledger_reference *newer; bucket; bucket = newer) {
        newer = bucket->newer;
        link_export(bucket);
    }
}

static bool grow_exports(void)
{
    size_t old_count = rc__ledger.export_bucket_count, count = old_count ? 2 * old_count : 1024;
    struct rc__ledger_reference **old = rc__ledger.exports,
                                **fresh = rc__ledger_pages(count * sizeof *fresh);
    if (!fresh) return false;
    rc__ledger.exports = fresh;
    rc__ledger.export_bucket_count = count;
    for (size_t i = 0; i < old_count; i++) move_bucket(old[i]);
    rc__ledger_pages_free(old, old_count * sizeof *old);
    return true;
}

struct rc__ledger_reference *rc__ledger_find_export(const void *object, const void *holder)
{
    if (!rc__ledger.export_bucket_count) return NULL;
    struct rc__ledger_reference *exported = *export_bucket_of(object, holder);
    while (exported && (exported->object != object || exported->holder != holder))
        exported = exported->older;
    return exported;
}

void rc__ledger_pass_on(struct rc__ledger_reference *exported, const void *holder)
{
    unlink_export(exported);
    exported->holder = holder;
    link_export(exported);
}

/* ---- references ------------------------------------------------------------------------------ */

static struct rc__ledger_stack *copy_stack(const struct rc__ledger_stack *stack)
{
    struct rc__ledger_stack *copy = stack ? take(&stacks) : NULL;
    if (!copy) return NULL;
    *copy = *stack;
    rc__ledger.stack_count++;
    return copy;
}

static void link_plain(struct rc__ledger_entry *entry, struct rc__ledger_reference *reference)
{
    reference->newer = NULL;
    reference->older = entry->latest;
    if (entry->latest) entry->latest->newer = reference;
    entry->latest = reference;
}

static void unlink_plain(struct rc__ledger_entry *entry, struct rc__ledger_reference *reference)
{
    if (reference->older) reference->older->newer = reference->newer;
    if (reference->newer)
        reference->newer->older = reference->older;
    else
        entry->latest = reference->older;
}

bool rc__ledger_hold(struct rc__ledger_entry *entry, const struct rc__ledger_reference *like)
{
    bool is_export = like->kind == RC__LEDGER_EXPORT;
    bool is_full = is_export && rc__ledger.export_count >= rc__ledger.export_bucket_count;
    struct rc__ledger_reference *reference = is_full && !grow_exports() ? NULL : take(&references);
    if (!reference) {
        give_up();
        return false;
    }
    *reference = *like;
    reference->object = entry->object;
    reference->stack = copy_stack(like->stack);
    reference->order = ++rc__ledger.order;
    reference->previous = NULL;
    reference->next = entry->held;
    if (entry->held) entry->held->previous = reference;
    entry->held = reference;
    is_export ? link_export(reference) : link_plain(entry, reference);
    rc__ledger.export_count += is_export;
    rc__ledger.reference_count++;
    return true;
}

void rc__ledger_drop(struct rc__ledger_entry *entry, struct rc__ledger_reference *reference)
{
    bool is_export = reference->kind == RC__LEDGER_EXPORT;
    if (reference->next) reference->next->previous = reference->previous;
    if (reference->previous)
        reference->previous->next = reference->next;
    else
        entry->held = reference->next;
    is_export ? unlink_export(reference) : unlink_plain(entry, reference);
    if (reference->stack) give(&stacks, reference->stack);
    rc__ledger.stack_count -= reference->stack != NULL;
    rc__ledger.export_count -= is_export;
    rc__ledger.reference_count--;
    give(&references, reference);
}

#endif
