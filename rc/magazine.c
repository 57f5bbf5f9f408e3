/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "magazine.h"

#include "ledger_hooks.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "environment.h"

/* A fork holds all of them: ThreadSanitizer follows no more than 64 locks of one thread. */
enum { LOCKS = 16, SHELF_MAX = 256 };

/* What the depot holds of a class: under the class's lock. */
struct shelf {
    size_t count;
    void *blocks[SHELF_MAX];
};

static struct shelf shelves[RC__MAGAZINE_CLASSES];
static pthread_mutex_t locks[LOCKS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Of all shelves together; moved by as much as a visit brings or takes. */
static size_t depot_bytes;

static uint32_t recalls;

/* ---- lines that another processor has -------------------------------------------------------- */

#if defined(__x86_64__) || defined(__i386__)
static bool may_fetch;

/* Old processors do not know the instruction, and compilers do not use it unless told to. */
static void find_out_about_fetching(void)
{
    unsigned a, b, c = 0, d;
    may_fetch = __get_cpuid(0x80000001u, &a, &b, &c, &d) && c & 1u << 8;
}

static inline void fetch(const void *line)
{
    if (may_fetch) __asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
}
#else
static void find_out_about_fetching(void)
{
}

static inline void fetch(const void *line)
{
    __builtin_prefetch(line, 1);
}
#endif

void rc__fetch_to_write(void *const *places, size_t count)
{
    for (size_t i = count; i > 0; i--) fetch(places[i - 1]);
}

/* ---- set-up, and fork ------------------------------------------------------------------------ */

static void lock_all(void)
{
    for (size_t i = 0; i < LOCKS; i++) pthread_mutex_lock(&locks[i]);
}

static void unlock_all(void)
{
    for (size_t i = LOCKS; i > 0; i--) pthread_mutex_unlock(&locks[i - 1]);
}

static void set_up(void)
{
    find_out_about_fetching();
    for (size_t i = 0; i < LOCKS; i++) pthread_mutex_init(&locks[i], NULL);
    pthread_atfork(lock_all, unlock_all, unlock_all);
}

/* Before main(), as rc/tally.c and rc/weak.c do. */
static __attribute__((constructor(102))) void set_up_early(void)
{
    pthread_once(&once, set_up);
}

/* ---- the depot ------------------------------------------------------------------------------- */

static pthread_mutex_t *lock_class(size_t class_)
{
    pthread_once(&once, set_up);
    pthread_mutex_t *lock = &locks[class_ % LOCKS];
    pthread_mutex_lock(lock);
    return lock;
}

static void depot_bytes_add(size_t change)
{
    __atomic_fetch_add(&depot_bytes, change, __ATOMIC_RELAXED);
}

static void depot_bytes_subtract(size_t change)
{
    __atomic_fetch_sub(&depot_bytes, change, __ATOMIC_RELAXED);
}

size_t rc__depot_bytes(void)
{
    return __atomic_load_n(&depot_bytes, __ATOMIC_RELAXED);
}

/* Up to @p wanted blocks of the class into @p blocks. Returns: how many. */
static size_t depot_take(size_t class_, void **blocks, size_t wanted)
{
    struct shelf *shelf = &shelves[class_];
    if (__atomic_load_n(&shelf->count, __ATOMIC_RELAXED) == 0) return 0;
    pthread_mutex_t *lock = lock_class(class_);
    size_t count = shelf->count < wanted ? shelf->count : wanted;
    memcpy(blocks, &shelf->blocks[shelf->count - count], count * sizeof *blocks);
    __atomic_store_n(&shelf->count, shelf->count - count, __ATOMIC_RELAXED);
    pthread_mutex_unlock(lock);
    depot_bytes_subtract(count * rc__magazine_size(class_));
    return count;
}

/* As many of @p count blocks as there is room for. Returns: how many. */
static size_t depot_put(size_t class_, void *const *blocks, size_t count)
{
    struct shelf *shelf = &shelves[class_];
    size_t size = rc__magazine_size(class_);
    if (rc__depot_bytes() + count * size > RC__DEPOT_BYTES_MAX) return 0;
    pthread_mutex_t *lock = lock_class(class_);
    size_t room = SHELF_MAX - shelf->count;
    if (count > room) count = room;
    memcpy(&shelf->blocks[shelf->count], blocks, count * sizeof *blocks);
    __atomic_store_n(&shelf->count, shelf->count + count, __ATOMIC_RELAXED);
    pthread_mutex_unlock(lock);
    depot_bytes_add(count * size);
    return count;
}

size_t rc__depot_empty(void)
{
    void *blocks[RC__MAGAZINE_ROUNDS];
    size_t bytes = 0;
    for (size_t class_ = 1; class_ < RC__MAGAZINE_CLASSES; class_++) {
        size_t count;
        while ((count = depot_take(class_, blocks, RC__MAGAZINE_ROUNDS)) > 0) {
            for (size_t i = 0; i < count; i++) free(blocks[i]);
            bytes += count * rc__magazine_size(class_);
        }
    }
    return bytes;
}

/* ---- a thread's magazines -------------------------------------------------------------------- */

void rc__magazines_recall(void)
{
    __atomic_fetch_add(&recalls, 1, __ATOMIC_RELAXED);
}

/* True if there was a recall since the magazine's last visit. */
static bool is_recalled(struct rc__magazine *magazine)
{
    uint32_t now = __atomic_load_n(&recalls, __ATOMIC_RELAXED);
    bool is_new = magazine->seen != now;
    magazine->seen = now;
    return is_new;
}

bool rc__magazines_are_on(void)
{
    if (rc__ledger_is_watching()) return false; /* it sees each object begin and end */
    return !rc__checked_run() || rc__forced("magazines");
}

/* What goes to the depot or comes from there at once. What is left, or still fits, serves whoever makes
 * and frees by turns, so that he does not visit the depot each time. */
static uint32_t load_of(const struct rc__magazine *magazine)
{
    return magazine->room / 2 + magazine->room / 4;
}

/* The first use of a magazine, where there may be one. */
static bool open_magazine(struct rc__magazine *magazine)
{
    if (!rc__magazines_are_on()) return false;
    magazine->room = RC__MAGAZINE_ROUNDS;
    magazine->seen = __atomic_load_n(&recalls, __ATOMIC_RELAXED);
    return true;
}

/* The oldest @p count of its blocks, elsewhere. */
static void unload(struct rc__magazine *magazine, size_t class_, size_t count, bool to_depot)
{
    size_t kept = to_depot ? depot_put(class_, magazine->rounds, count) : 0;
    for (size_t i = kept; i < count; i++) free(magazine->rounds[i]);
    magazine->count -= (uint32_t)count;
    memmove(magazine->rounds, magazine->rounds + count,
            magazine->count * sizeof magazine->rounds[0]);
}

void rc__magazines_empty(struct rc__magazine *magazines, bool to_depot)
{
    for (size_t class_ = 1; class_ < RC__MAGAZINE_CLASSES; class_++) {
        struct rc__magazine *magazine = &magazines[class_];
        if (magazine->count) unload(magazine, class_, magazine->count, to_depot);
    }
}

size_t rc__magazines_bytes(const struct rc__magazine *magazines)
{
    size_t bytes = 0;
    for (size_t class_ = 1; class_ < RC__MAGAZINE_CLASSES; class_++)
        bytes +=
            __atomic_load_n(&magazines[class_].count, __ATOMIC_RELAXED) * rc__magazine_size(class_);
    return bytes;
}

size_t rc__magazines_hits(const struct rc__magazine *magazines)
{
    size_t hits = 0;
    for (size_t class_ = 1; class_ < RC__MAGAZINE_CLASSES; class_++)
        hits += __atomic_load_n(&magazines[class_].hits, __ATOMIC_RELAXED);
    return hits;
}

/* Large blocks begin a cache line: what stands before an object and the first bytes of its content are
 * then one line for the thread that it is handed to. */
enum { LINE = 64, LARGE = 2048 };

static void *from_malloc(size_t size)
{
    void *block = NULL;
    if (size < LARGE) return malloc(size);
    return posix_memalign(&block, LINE, size) == 0 ? block : NULL;
}

/* What malloc has for a block of the class, in the end after all that idles was given back. */
static void *allocate(size_t class_, size_t size, bool is_open)
{
    if (!is_open) return malloc(size);
    size_t asked = rc__magazine_size(class_);
    void *block = from_malloc(asked);
    return RC_LIKELY(block) || rc__depot_empty() == 0 ? block : from_malloc(asked);
}

void *rc__magazine_refill(struct rc__magazine *magazine, size_t class_, size_t size)
{
    if (RC_UNLIKELY(!magazine)) return allocate(class_, size, rc__magazines_are_on());
    if (RC_UNLIKELY(!magazine->room) && !open_magazine(magazine))
        return allocate(class_, size, false);
    (void)is_recalled(magazine);
    size_t count = depot_take(class_, magazine->rounds, load_of(magazine));
    if (count == 0) return allocate(class_, size, true);
    rc__fetch_to_write(magazine->rounds, count);
    __atomic_store_n(&magazine->count, (uint32_t)count - 1, __ATOMIC_RELEASE);
    magazine->hits++;
    return magazine->rounds[count - 1];
}

void rc__magazine_spill(struct rc__magazine *magazine, size_t class_, void *block)
{
    int number = errno;
    bool may = magazine && (magazine->room || open_magazine(magazine));
    if (may && is_recalled(magazine))
        unload(magazine, class_, magazine->count, false);
    else if (may && magazine->count >= magazine->room)
        unload(magazine, class_, load_of(magazine), true);
    if (!may || !rc__magazine_push(magazine, block)) free(block);
    errno = number;
}
