/* SPDX-License-Identifier: MIT */
/*
 * The same function twice: a temporary array of doubles, filled with noise, copied out, and freed
 * on every way out of the function. In Cython it begins like this:
 *
 *     def random_noise(int number=1):
 *         cdef double *my_array = <double *> malloc(number * sizeof(double))
 *         if not my_array:
 *             raise MemoryError()
 *         try: ...
 *         finally:
 *             free(my_array)
 */
#ifndef RANDOM_NOISE_NOISE_H
#define RANDOM_NOISE_NOISE_H

#include <buffer/buffer.h>

#include "generator.h"

/*
 * @p number doubles from a normal distribution.
 *
 * Returns:  one new reference to a buffer of number * sizeof(double) bytes, never NULL.
 * Raises:   RC_NO_MEMORY; then nothing is left behind.
 */
rc_buffer *random_noise(size_t number, struct generator *generator);

/* The same, the shorter way. */
rc_buffer *random_noise_scoped(size_t number, struct generator *generator);

#endif
