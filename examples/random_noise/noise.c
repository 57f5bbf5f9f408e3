/* SPDX-License-Identifier: MIT */
#include "noise.h"

#include <rc/memory.h>
#include <rc/scope.h>
#include <rc/try.h>

static double *allocate(size_t number)
{
    double *array = NULL;
    if (number <= SIZE_MAX / sizeof(double)) array = rc_memory_allocate(number * sizeof(double));
    if (!array) rc_raise(RC_NO_MEMORY, "no room for %zu doubles", number);
    return array;
}

static void fill(double *array, size_t number, struct generator *generator)
{
    for (size_t i = 0; i < number; i++) array[i] = generator_normal(generator);
}

/* As Python has it: try, and finally. The copy may be refused, too: then RC_CHECK raises. */
rc_buffer *random_noise(size_t number, struct generator *generator)
{
    double *my_array = allocate(number);
    rc_buffer *copy = NULL;
    RC_PROTECT {
        fill(my_array, number, generator);
        copy = RC_CHECK(rc_buffer_copy(my_array, number * sizeof(double)), RC_NO_MEMORY);
    } RC_FINALLY {
        rc_memory_free(my_array);
    } RC_END_PROTECT
    return copy;
}

RC_DEFINE_SCOPED(doubles, double *, NULL, rc_memory_free(_v));

/* What is to be done at the end is said once, where the kind of variable is defined. */
rc_buffer *random_noise_scoped(size_t number, struct generator *generator)
{
    RC_SCOPED(doubles, my_array) = allocate(number);
    fill(my_array, number, generator);
    return RC_CHECK(rc_buffer_copy(my_array, number * sizeof(double)), RC_NO_MEMORY);
}
