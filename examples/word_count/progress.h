/* SPDX-License-Identifier: MIT */
/*
 * A progress bar on standard error, for people who wait: drawn only on a terminal, and only once
 * the work has taken half a second; erased at the end.
 *
 * Threads: progress_add() from any thread, the others from the one that draws.
 */
#ifndef WORD_COUNT_PROGRESS_H
#define WORD_COUNT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    size_t total;        /* bytes of all the work */
    size_t done;         /* bytes counted; changed by any thread */
    double next_drawing; /* in seconds of the steady clock; 0: never */
    bool drawn;          /* there is a bar to erase */
};

/* @p wanted: draw if standard error is a terminal. */
void progress_start(struct progress *self, size_t total, bool wanted);
void progress_add(struct progress *self, size_t bytes);
/* Draw, if it is time to: at most ten times a second. */
void progress_show(struct progress *self);
/* Erase what was drawn; to be called before anything else is written, and at the end. */
void progress_hide(struct progress *self);

#endif
