/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_SECONDS  0.5
#define EVERY_SECONDS 0.1
#define BAR_WIDTH     40
#define LINE_WIDTH    (BAR_WIDTH + 8) /* "[" bar "] 100%" and a little air */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void progress_start(struct progress *self, size_t total, bool wanted)
{
    *self = (struct progress){.total = total};
    if (wanted && isatty(STDERR_FILENO)) self->next_drawing = now() + WAIT_SECONDS;
}

void progress_add(struct progress *self, size_t bytes)
{
    __atomic_fetch_add(&self->done, bytes, __ATOMIC_RELAXED);
}

/* Between 0 and 1; files that grew meanwhile do not take it further. */
static double fraction_done(const struct progress *self)
{
    size_t done = __atomic_load_n(&self->done, __ATOMIC_RELAXED);
    return done < self->total ? (double)done / (double)self->total : 1.0;
}

void progress_show(struct progress *self)
{
    if (self->next_drawing == 0 || now() < self->next_drawing) return;
    static const char full[] = "########################################";
    double fraction = fraction_done(self);
    int filled = (int)(fraction * BAR_WIDTH);
    fprintf(stderr, "\r[%.*s%*s] %3d%%", filled, full, BAR_WIDTH - filled, "",
            (int)(fraction * 100));
    fflush(stderr);
    self->drawn = true;
    self->next_drawing = now() + EVERY_SECONDS;
}

void progress_hide(struct progress *self)
{
    if (self->drawn) fprintf(stderr, "\r%*s\r", LINE_WIDTH, "");
    self->drawn = false;
}
