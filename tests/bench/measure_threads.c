/* SPDX-License-Identifier: MIT */
/* What rows with threads need: a thread that was started, and those that hammer along. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rc/config.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
const bool tells_threads = true;
#else
const bool tells_threads = false;
#endif

bool is_single_threaded(void)
{
    return RC_SINGLE_THREADED;
}

static void *return_at_once(void *argument)
{
    return argument;
}

void start_a_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, return_at_once, NULL) != 0) give_up("no thread");
    pthread_join(thread, NULL);
    if (is_single_threaded()) give_up("a thread was started, and the C library denies it");
}

/* ---- processors ------------------------------------------------------------------------------ */

/* Have the calling thread run on one of those that the process may run on, each place on another as
 * far as they go. Where that cannot be, it runs where it is put. */
static void pin(size_t place)
{
#if defined(__linux__)
    static cpu_set_t allowed;
    cpu_set_t one;
    if (place == 0 && sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    size_t there = (size_t)CPU_COUNT(&allowed), left = there ? place % there : 0;
    for (size_t cpu = 0; there && cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || left-- > 0) continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof one, &one);
        return;
    }
#else
    (void)place;
#endif
}

/* ns that a thread of this process waited for its processor, ever; 0 where nobody tells. */
static double waited_by(long thread)
{
    char path[64];
    double ran, waited = 0;
    snprintf(path, sizeof path, "/proc/self/task/%ld/schedstat", thread);
    FILE *told = fopen(path, "r");
    if (!told) return 0;
    if (fscanf(told, "%lf %lf", &ran, &waited) != 2) waited = 0;
    fclose(told);
    return waited;
}

static long this_thread(void)
{
#if defined(__linux__)
    return syscall(SYS_gettid);
#else
    return 0;
#endif
}

/* ---- the partners ---------------------------------------------------------------------------- */

/* Operations between two looks at what is wanted; enough of them not to disturb. What is done
 * beside may take longer. */
enum { STRETCH = 64, STRETCH_BESIDE = 8, PARTNERS_MAX = 2 };

/* Apart from what is measured: each word is on cache lines of its own. */
struct partner {
    _Alignas(128) const struct contestant *wanted; /* NULL: rest */
    size_t place;                                  /* from 1 on */
    bool pinned;
    long thread;
    _Alignas(128) const struct contestant *hammering;
    size_t done; /* operations, ever */
};

static struct partner partners[PARTNERS_MAX];
static size_t partner_count; /* that were started */

/* The first one does what is to be done beside, if anything is. */
static bool works_beside(const struct partner *partner, const struct contestant *contestant)
{
    return partner == &partners[0] && contestant->beside;
}

static void run_stretch(struct partner *partner, const struct contestant *wanted)
{
    bool beside = works_beside(partner, wanted);
    size_t stretch = beside ? STRETCH_BESIDE : STRETCH;
    (beside ? wanted->beside : wanted->run)(stretch);
    __atomic_store_n(&partner->done, partner->done + stretch, __ATOMIC_RELAXED);
}

static void *hammer(void *self)
{
    struct partner *partner = self;
    partner->thread = this_thread();
    if (partner->pinned) pin(partner->place);
    for (;;) {
        const struct contestant *wanted = __atomic_load_n(&partner->wanted, __ATOMIC_ACQUIRE);
        if (wanted)
            run_stretch(partner, wanted);
        else
            sched_yield();
        __atomic_store_n(&partner->hammering, wanted, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void start_partners(const struct row *row)
{
    size_t count = row->threads == THREADS_THREE ? 2 : 1;
    if (row->pinned && partner_count == 0) pin(0);
    for (; partner_count < count; partner_count++) {
        struct partner *partner = &partners[partner_count];
        pthread_t thread;
        partner->place = partner_count + 1;
        partner->pinned = row->pinned;
        if (pthread_create(&thread, NULL, hammer, partner) != 0) give_up("no thread");
        pthread_detach(thread);
    }
}

/* They work from their first stretch on until they are told to rest; the process's end ends them.
 */
static void want(const struct contestant *contestant)
{
    for (size_t i = 0; i < partner_count; i++)
        __atomic_store_n(&partners[i].wanted, contestant, __ATOMIC_RELEASE);
    for (size_t i = 0; i < partner_count; i++)
        while (__atomic_load_n(&partners[i].hammering, __ATOMIC_ACQUIRE) != contestant)
            sched_yield();
}

static void read_done(size_t done[PARTNERS_MAX])
{
    for (size_t i = 0; i < partner_count; i++)
        done[i] = __atomic_load_n(&partners[i].done, __ATOMIC_RELAXED);
}

/* Of all of them. Asked only where each has a processor: there is nobody to wait for but strangers.
 */
static double waited_now(const struct row *row)
{
    if (!row->pinned || row->threads != THREADS_TWO) return 0;
    double waited = waited_by(this_thread());
    for (size_t i = 0; i < partner_count; i++) waited += waited_by(partners[i].thread);
    return waited;
}

static bool no_partner_rested(const struct contestant *contestant, size_t operations,
                              const size_t before[PARTNERS_MAX], const size_t after[PARTNERS_MAX])
{
    for (size_t i = 0; i < partner_count; i++) {
        bool beside = works_beside(&partners[i], contestant);
        if (after[i] - before[i] < (beside ? 1 : operations / 2)) return false;
    }
    return true;
}

/* ns; *busy: no partner rested meanwhile, or had to wait for a twentieth of the time. */
static double burst_of_all(const struct row *row, const struct contestant *contestant,
                           size_t operations, bool *busy)
{
    size_t before[PARTNERS_MAX], after[PARTNERS_MAX];
    want(contestant);
    double waited = waited_now(row);
    read_done(before);
    double started = clock_now();
    contestant->run(operations);
    double took = clock_now() - started;
    read_done(after);
    want(NULL);
    *busy = no_partner_rested(contestant, operations, before, after) &&
            waited_now(row) - waited <= took / 20;
    return took;
}

static size_t alone;

double measure_with_partners(const struct row *row, const struct contestant *contestant,
                             size_t operations, double patience)
{
    double took, end = clock_now() + patience;
    bool busy;
    start_partners(row);
    do {
        took = burst_of_all(row, contestant, operations, &busy);
    } while (!busy && clock_now() < end);
    alone += !busy;
    return took;
}

void burst_was_alone(void)
{
    alone++;
}

size_t bursts_alone(void)
{
    return alone;
}
