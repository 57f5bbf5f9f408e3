/* SPDX-License-Identifier: MIT */
/* The table is written where its file is mapped, through a lens over records. */
#include "make.h"

#include <buffer/lens.h>
#include <buffer/npy.h>
#include <math.h>
#include <rc/scope.h>

/* A measurement, and the same as a format. */
struct measurement {
    double time;       /* in seconds, one each second or so */
    float position[2]; /* in metres: a walk at random */
    float temperature; /* in degrees; NaN where the sensor was silent */
    uint16_t count;    /* of particles */
    bool is_warm;
    char station[5];
};

static const char format[] = "T{d:time:(2)f:position:f:temperature:H:count:?:is_warm:5s:station:}";

typedef RC_LENS(struct measurement, 1) measurements;

/* xorshift64: from 0 to below 1, and the same on every machine. */
static double next_random(uint64_t *state)
{
    *state ^= (*state & UINT64_MAX >> 13) << 13;
    *state ^= *state >> 7;
    *state ^= (*state & UINT64_MAX >> 17) << 17;
    return (double)(*state >> 11) * 0x1p-53;
}

/* Around 0, with a deviation of 1: bell-shaped, nearly. */
static double next_normal(uint64_t *state)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += next_random(state);
    return sum;
}

static void fill(const measurements *rows)
{
    static const char stations[][5] = {"alpha", "bravo", "delta"};
    uint64_t state = 88172645463325252;
    double x = 0, y = 0;
    for (size_t i = 0; i < rows->shape[0]; i++) {
        struct measurement *row = &RC_AT(*rows, i);
        x += 0.25 * next_normal(&state);
        y += 0.25 * next_normal(&state);
        row->time = (double)i + next_random(&state) / 100;
        row->position[0] = (float)x;
        row->position[1] = (float)y;
        row->temperature = (float)(15 + 4 * next_normal(&state));
        row->is_warm = row->temperature > 20;
        if (i % 1000 == 999) row->temperature = NAN;
        row->count = (uint16_t)(1000 * next_random(&state) * next_random(&state));
        memcpy(row->station, stations[i % 3], sizeof row->station);
    }
}

enum rc_status make_file(const char *path, size_t rows)
{
    RC_AUTO(rc_view, view) = rc_npy_create(path, format, 1, &rows, 'C');
    if (!view) return rc_error_status();
    if (rows == 0) return RC_OK;
    measurements lens = RC_LENS_OF_FORMAT(measurements, view, format);
    if (!lens.data) return rc_error_status();
    fill(&lens);
    return rc_map_flush(view->base);
}
