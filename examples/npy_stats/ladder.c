/* SPDX-License-Identifier: MIT */
#include "ladder.h"

#include <rc/object.h>

static const rc_type ladder_type = {
    .name = "npy_stats.ladder",
    .size = sizeof(struct ladder),
    .alignment = _Alignof(struct ladder),
};

struct ladder *ladder_new(size_t columns, size_t rows)
{
    size_t levels = 2, bytes;
    while (rows >>= 1) levels++;
    if (__builtin_mul_overflow(columns, levels * sizeof(long double), &bytes)) {
        rc_error_set(RC_OVERFLOW, "%zu levels of %zu sums", levels, columns);
        return NULL;
    }
    struct ladder *self = rc_object_new(&ladder_type, bytes);
    if (self) self->columns = columns;
    return self;
}

long double *ladder_row(struct ladder *self)
{
    return self->sums + self->level * self->columns;
}

/* The uppermost level is added to the one below. */
static void step_down(struct ladder *self)
{
    self->level--;
    long double *sums = self->sums + (self->level - 1) * self->columns;
    const long double *upper = sums + self->columns;
    for (size_t i = 0; i < self->columns; i++) sums[i] += upper[i];
}

void ladder_push(struct ladder *self)
{
    self->level++;
    for (size_t pairs = self->rows++; pairs & 1; pairs >>= 1) step_down(self);
}

const long double *ladder_finish(struct ladder *self)
{
    while (self->level > 1) step_down(self);
    return self->sums;
}
