/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/process.h
 * A row's own process: the program executes itself anew, and reads what the child found. And
 * counting: one contestant, nothing else in the process, for callgrind to look at.
 */
#ifndef TESTS_BENCH_PROCESS_H
#define TESTS_BENCH_PROCESS_H

#include <sys/types.h>

#include "bench.h"

/** The contestants of a row, without figures. */
struct results results_of(const struct row *row);

/** Measure @p row in a fresh process, for @p seconds. False: it failed, and has said why. */
bool process_run(const char *program, const struct row *row, double seconds,
                 struct results *results);

/** The child's side: measure here, and write the figures to @p out. */
void process_measure(const struct row *row, double seconds, FILE *out);

/* ---- any child ------------------------------------------------------------------------------- */

struct child {
    pid_t pid;
    FILE *output; /* what it writes to its standard output */
};

/** This program anew, with @p words, the first its name, the last NULL. */
struct child child_start(const char *program, const char *const words[]);
/** Wait for its end: its status, 0 if all went well. */
int child_end(struct child *child);

/* ---- counting instructions ------------------------------------------------------------------- */

/** A line for each contestant that can be counted: row, name, "limit" (the first bare one), "bare",
 * "ours" or "peer", and how many operations; tabs between them. */
void process_list_countable(FILE *out);

/** Run that many operations of a contestant inside bench_counted(), after as many outside of it.
 * False: the contestant is absent, and @p out says why. */
bool process_count(const struct row *row, const char *name, size_t operations, FILE *out);

/* ---- what RCBUF_FORCE turned on -------------------------------------------------------------- */

/** Requests so far that the library served without malloc: blocks from magazines, and objects made
 * from dead ones. */
size_t forced_magazine_hits(void);
/** Of a few retains of a biased object: those that its owner counted by itself. 0 in a process that
 * never had a second thread, where nobody's count is shared. */
size_t forced_biased_operations(void);

#endif
