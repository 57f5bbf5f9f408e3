/* SPDX-License-Identifier: MIT */
/* Loops over a column of a patch. LANES of them go side by side, so that they can be vectorised
 * without a change of their order. */
#include "reduce.h"

#include <math.h>

#define LANES 8

/* ---- integers -------------------------------------------------------------------------------- */

static void exact_add(struct exact *total, int64_t high, uint64_t low)
{
    total->high += high + (int64_t)__builtin_add_overflow(total->low, low, &total->low);
}

/* The two halves of numbers are added apart: 2^7 of them stay far from 2^63. */
static void first_integers(struct part *part, const int64_t *x, size_t count)
{
    int64_t least = part->least.integer, greatest = part->greatest.integer, high = 0, low = 0;
    for (size_t i = 0; i < count; i++) {
        least = x[i] < least ? x[i] : least;
        greatest = x[i] > greatest ? x[i] : greatest;
        high += x[i] >> 32;
        low += x[i] & UINT32_MAX;
    }
    part->least.integer = least;
    part->greatest.integer = greatest;
    exact_add(&part->total, high >> 32, (uint64_t)(high & UINT32_MAX) << 32);
    exact_add(&part->total, 0, (uint64_t)low);
}

/* Of the magnitude, so that nothing is lost between the two words of a small negative number. */
static long double exact_value(struct exact total)
{
    bool is_negative = total.high < 0;
    if (is_negative) {
        total.high = ~total.high + (total.low == 0);
        total.low = total.low ? ~total.low + 1 : 0;
    }
    long double value = ldexpl((long double)total.high, 64) + (long double)total.low;
    return is_negative ? -value : value;
}

/* ---- reals ----------------------------------------------------------------------------------- */

/* A NaN is neither less nor greater than anything. */
#define DEFINE_REALS(name, type)                                                                   \
    static type sum_##name(type *x, size_t count)                                                  \
    {                                                                                              \
        for (size_t half; count > 1; count = half) {                                               \
            half = count - count / 2;                                                              \
            for (size_t i = 0; i < count / 2; i++) x[i] += x[half + i];                            \
        }                                                                                          \
        return x[0];                                                                               \
    }                                                                                              \
                                                                                                   \
    static void find_##name(struct part *part, const type *x, size_t count)                        \
    {                                                                                              \
        type least[LANES], greatest[LANES];                                                        \
        size_t nans = 0, i = 0;                                                                    \
        for (size_t k = 0; k < LANES; k++) {                                                       \
            least[k] = (type)part->least.real;                                                     \
            greatest[k] = (type)part->greatest.real;                                               \
        }                                                                                          \
        for (; i + LANES <= count; i += LANES)                                                     \
            for (size_t k = 0; k < LANES; k++) {                                                   \
                least[k] = x[i + k] < least[k] ? x[i + k] : least[k];                              \
                greatest[k] = x[i + k] > greatest[k] ? x[i + k] : greatest[k];                     \
            }                                                                                      \
        for (; i < count; i++) {                                                                   \
            least[0] = x[i] < least[0] ? x[i] : least[0];                                          \
            greatest[0] = x[i] > greatest[0] ? x[i] : greatest[0];                                 \
        }                                                                                          \
        for (i = 0; i < count; i++) nans += x[i] != x[i];                                          \
        part->nans += nans;                                                                        \
        for (size_t k = 0; k < LANES; k++) {                                                       \
            if (least[k] < part->least.real) part->least.real = least[k];                          \
            if (greatest[k] > part->greatest.real) part->greatest.real = greatest[k];              \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static type sum_squares_##name(type *x, size_t count, type mean)                               \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            const type distance = x[i] - mean;                                                     \
            x[i] = distance * distance;                                                            \
        }                                                                                          \
        return sum_##name(x, count);                                                               \
    }

DEFINE_REALS(reals, double)
DEFINE_REALS(long_reals, long double)

long double reduce_sum(long double *numbers, size_t count)
{
    return sum_long_reals(numbers, count);
}

/* ---- by kind --------------------------------------------------------------------------------- */

struct part reduce_nothing(enum kind kind)
{
    struct part part = {0};
    if (kind == KIND_INTEGER || kind == KIND_UNSIGNED) {
        part.least.integer = INT64_MAX;
        part.greatest.integer = INT64_MIN;
    } else {
        part.least.real = INFINITY;
        part.greatest.real = -INFINITY;
    }
    return part;
}

long double reduce_first(struct part *part, enum kind kind, union patch *patch, size_t column,
                         size_t count)
{
    if (kind == KIND_REAL) {
        find_reals(part, patch->reals[column], count);
        return sum_reals(patch->reals[column], count);
    }
    if (kind == KIND_LONG_REAL) {
        find_long_reals(part, patch->long_reals[column], count);
        return sum_long_reals(patch->long_reals[column], count);
    }
    first_integers(part, patch->integers[column], count);
    return 0;
}

long double reduce_second(enum kind kind, union patch *patch, size_t column, size_t count,
                          long double mean)
{
    if (kind == KIND_LONG_REAL)
        return sum_squares_long_reals(patch->long_reals[column], count, mean);
    if (kind == KIND_REAL) return sum_squares_reals(patch->reals[column], count, (double)mean);
    const int64_t *x = patch->integers[column];
    double reals[PATCH_ROWS];
    for (size_t i = 0; i < count; i++)
        reals[i] = kind == KIND_UNSIGNED ? (double)reader_unbias(x[i]) : (double)x[i];
    return sum_squares_reals(reals, count, (double)mean);
}

void reduce_merge(struct part *part, enum kind kind, const struct part *other)
{
    part->nans += other->nans;
    exact_add(&part->total, other->total.high, other->total.low);
    if (kind == KIND_INTEGER || kind == KIND_UNSIGNED) {
        if (other->least.integer < part->least.integer) part->least = other->least;
        if (other->greatest.integer > part->greatest.integer) part->greatest = other->greatest;
    } else {
        if (other->least.real < part->least.real) part->least = other->least;
        if (other->greatest.real > part->greatest.real) part->greatest = other->greatest;
    }
}

long double reduce_mean(const struct part *part, enum kind kind, size_t rows)
{
    if (kind == KIND_LONG_REAL) return part->sum / (long double)rows;
    if (kind == KIND_REAL) return (double)(part->sum / (long double)rows);
    struct exact total = part->total;
    if (kind == KIND_UNSIGNED) exact_add(&total, (int64_t)(rows >> 1), (uint64_t)(rows & 1) << 63);
    return (double)(exact_value(total) / (long double)rows);
}
