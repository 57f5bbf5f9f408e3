/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/bench.h
 * What the benchmark is made of: rows, the contestants of each row, and how they are measured.
 *
 * A row is one operation. Its contestants take turns in one process, in bursts of about a tenth of
 * a millisecond, so that whatever disturbs the machine disturbs all of them; and each row has a
 * process of its own, since the C library never forgets that a second thread was started. A row
 * for one thread asserts at its beginning and end that there was none.
 *
 * A ratio is the median of the ratios that the rounds found, each from bursts right after each
 * other: what slows the machine for a while cancels out, and one lucky burst decides nothing.
 *
 * Contestants stand in tables, one table a file (`count.c`, `create.c`, ...), and name their row;
 * tables.c lists the tables. Other libraries, the peers, come by the tables of peers.c, whose loops
 * are found while the program runs, so that it builds without any of them.
 *
 * All of that is a session. Sessions follow each other, row by row; a goal counts as reached that
 * was reached in two thirds of them.
 *
 * Each contestant's loop is a function of its own that starts a cache line, BENCH_LOOP. Where in
 * the line a loop's instructions fall moves the figures of locked ones by a fifth, so those loops
 * exist at several places, BENCH_PLACES, which take turns: no contestant wins by luck. loops.h has
 * all that the loops are made of.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "loops.h"

/* ---- rows ------------------------------------------------------------------------------------ */

enum threads {
    THREADS_ONE,     /* the process never had a second thread */
    THREADS_STARTED, /* one was started, and has ended */
    THREADS_TWO,     /* two hammer at once: skipped where there is one core */
    THREADS_THREE    /* the same of three, though there be two cores */
};

enum measure {
    MEASURE_TIME, /* ns per operation: the shortest, and the median of all bursts */
    MEASURE_BYTES /* bytes of overhead per thing alive: by malloc's books, and by resident memory */
};

/** What our contestants are to reach; limit 0: there is no such goal, but where `of` is set, a ratio
 * that is to stand in the table. */
struct goal {
    double limit;
    bool times;     /* a limit of a ratio; else in the row's unit */
    const char *of; /* which of ours; NULL: each */
    const char *to; /* what the ratio is to; NULL: the first bare contestant */
};

#define GOALS_MAX 3

struct row {
    const char *name;  /* for --row and in CSV */
    const char *title; /* for people */
    enum threads threads;
    enum measure measure;
    size_t burst;   /* operations in a burst; 0: as many as take a tenth of a millisecond */
    size_t things;  /* MEASURE_BYTES: how many are alive at once */
    size_t payload; /* MEASURE_BYTES: bytes of each that are no overhead */
    bool pinned;    /* each thread to a processor */
    struct goal goals[GOALS_MAX];
};

/** All rows, in the order of the table. */
extern const struct row rows[];
extern const size_t row_count;

/** NULL: there is none of that name. */
const struct row *row_find(const char *name);

/* ---- contestants ----------------------------------------------------------------------------- */

enum kind {
    KIND_BARE, /* ratios are to the first bare contestant of a row, where no goal says otherwise */
    KIND_OURS,
    KIND_PEER /* another library, which need not be there */
};

struct contestant {
    const char *row; /* row.name */
    const char *name;
    enum kind kind;
    void (*set_up)(void); /* once, before anything is measured; NULL: nothing to do */
    /* Asked before set_up: why this peer is not there; NULL, the function too: it is. */
    const char *(*absent)(void);
    /* Before each burst, and not measured: what it is to unmake; NULL: nothing to do. */
    void (*before)(size_t operations);
    /* MEASURE_TIME: that many operations. THREADS_TWO: by two threads at once. NULL in a row of
     * time: this thread makes things, and another one unmakes them (hand_over.c). */
    void (*run)(size_t operations);
    /* What the second thread does meanwhile, where that is something else. A third one does as the
     * first.
     */
    void (*beside)(size_t operations);
    /* MEASURE_BYTES: one thing that stays alive, and its end. */
    void *(*make)(size_t payload);
    void (*unmake)(void *thing);
    /* Only the thread that did the set-up may call make and unmake: a peer with a lock around it
     * all, or with a context. bench --scale leaves it out where there are threads. */
    bool one_thread;
    /* A loop of peers/: the library and the loop. contestant_absent() fills in the functions above.
     */
    const char *peer, *loop, *loop_beside;
};

struct contestants {
    const struct contestant *first;
    size_t count;
};

/** All tables, in the order in which a row's contestants are told. */
extern const struct contestants *const tables[];
extern const size_t table_count;

extern const struct contestants contestants_count, contestants_create, contestants_bytes,
    contestants_weak, contestants_weight, contestants_hand_over, contestants_pool, contestants_bias,
    contestants_lens, contestants_lens_checked, contestants_sum, contestants_copy,
    contestants_views, contestants_file, contestants_chain, contestants_cycle, contestants_own,
    contestants_slot, contestants_allocators, contestants_peers;

#define CONTESTANTS(name, array)                                                                   \
    const struct contestants name = {(array), sizeof(array) / sizeof(array)[0]}

/** A row with more contestants than this stops the program. */
#define CONTESTANTS_MAX 24

/** What a row's process found out about a contestant, in one session or in all. */
struct result {
    const struct contestant *contestant;
    double first;                   /* shortest burst; or bytes by malloc's books */
    double second;                  /* median burst; or bytes by resident memory */
    double ratios[CONTESTANTS_MAX]; /* to each of the row: median of the rounds; or by the books */
    size_t rounds;                  /* bursts */
    char absent[128];               /* "", or why there are no figures */
};

/** Of each contestant of a row. */
struct results {
    const struct row *row;
    struct result of[CONTESTANTS_MAX];
    size_t count;
    char note[160];      /* "", or what the row's process wants to be said */
    const char *skipped; /* NULL, or why there are none */
};

#define SESSIONS_MAX 9

/**
 * What several sessions found out about a row, each in a process of its own and at another time.
 * `all` is the shortest burst of any session, and of everything else the median of the sessions.
 */
struct summary {
    struct results all;
    struct results sessions[SESSIONS_MAX];
    size_t session_count;
    double instructions[CONTESTANTS_MAX]; /* per operation, by callgrind; 0: not counted */
};

/* ---- measuring, in a row's own process ------------------------------------------------------- */

/** Fills all of each result that is not absent; @p seconds for all contestants together. */
void measure_time(struct results *results, double seconds);
void measure_bytes(struct results *results);

/** For set_up: whether this is a quick run, which need not do all of it; and a sentence that is to
 * stand below the row. */
bool is_quick(void);
void add_note(const char *note);

/** Run @p contestant's loop here and in the row's other threads at once: ns of that many operations
 * here. A burst during which one of them rested, as most do on a busy machine, is tried again for
 * as many ns as @p patience says. */
double measure_with_partners(const struct row *row, const struct contestant *contestant,
                             size_t operations, double patience);
/** How many of those were in vain; and one more, of those that hand over. */
size_t bursts_alone(void);
void burst_was_alone(void);
/** Start and join a thread, as a program with threads has done. */
void start_a_thread(void);

/** ns since some moment. */
double clock_now(void);
/** Whether this C library tells that a process has one thread; where not, counting always locks. */
extern const bool tells_threads;
/** It says so: there is, and was, no other thread. */
bool is_single_threaded(void);

/** ns in which this thread makes @p operations things and another one has unmade them all. */
double measure_hand_over(const struct contestant *contestant, size_t operations);

/** Why a contestant is not there; NULL: it is, and the loop of one that has a peer was found. In a
 * row's process alone: what a peer does to a process must not reach other rows. */
const char *contestant_absent(const struct contestant *contestant);
/** Before a row's process is started: thread-local variables of libraries that are opened late, as
 * jemalloc has them, find room there only if the C library was told so. */
void make_room_for_peers(void);
/** Stops the program if malloc is not the C library's: some peers define one of their own. */
void check_malloc(void);

/* ---- what the figures say -------------------------------------------------------------------- */

/** Sorts @p values, one at least; of an even number the upper one of the two in the middle. */
double median(double *values, size_t count);

/** Fill summary->all out of the sessions. */
void summarize(struct summary *summary);

/** The result that ratios are to: the first bare contestant. A row without one stops the program.
 */
const struct result *result_bare(const struct results *results);
/** The peer whose ratio to that one is the least; NULL: no peer is there. */
const struct result *result_best_peer(const struct results *results);

enum verdict { VERDICT_NONE, VERDICT_REACHED, VERDICT_MISSED };

/** A line of a table: a contestant against another one, and a goal where there is one. */
struct comparison {
    const struct goal *goal;      /* NULL: none */
    const struct result *against; /* the bare contestant, where the goal names none */
    double ratio;
    size_t reached;       /* in how many sessions the goal was reached */
    enum verdict verdict; /* reached in two thirds of them; NONE: no goal, or one is absent */
    char goal_text[64];   /* "<= 2 x int ++, --"; "" without a goal */
};

/** The goals of summary->all.of[place], one after the other; at least one comparison, to the bare
 * contestant. */
size_t compare_all(const struct summary *summary, size_t place,
                   struct comparison comparisons[GOALS_MAX]);
/** Whether that session alone reached the goal of *it; false if it has none. */
bool goal_is_reached(const struct summary *summary, size_t session, size_t place,
                     const struct comparison *it);

/** Fill the instructions of summaries from what tests/bench/instructions.sh wrote. */
void read_instructions(const char *path, struct summary *summaries, size_t count);

/* ---- reporting ------------------------------------------------------------------------------- */

/** The machine, the compiler, the date, and how the program was asked: on lines that start with
 * @p prefix. */
void report_machine(FILE *out, const char *prefix, const char *options);
/** What instructions depend on, a line each: the compiler, its major version, the C library. */
void report_versions(FILE *out);
/** What follows a row's title: "", ", threaded", ", 2 threads" or ", 3 threads". */
const char *report_threads(enum threads threads);
void report_text(FILE *out, const struct summary *summaries, size_t count, const char *options);
void report_markdown(FILE *out, const struct summary *summaries, size_t count, const char *options);
void report_csv(FILE *out, const struct summary *summaries, size_t count);

#endif
