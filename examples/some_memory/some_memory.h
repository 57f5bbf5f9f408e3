/* SPDX-License-Identifier: MIT */
/*
 * A block of memory whose life is tied to an object: a Python class, and the same in C.
 *
 *     cdef class SomeMemory:                     typedef struct some_memory { ... } some_memory;
 *         cdef double *data                          double *data;
 *         def __cinit__(self, size_t number)     some_memory_new(number)
 *         def resize(self, size_t new_number)    some_memory_resize(self, new_number)
 *         def __dealloc__(self)                  finalize(self), in some_memory.c
 *
 *     m = SomeMemory(10)                         some_memory *m = some_memory_new(10);
 *     n = m                                      some_memory *n = rc_retain(m);
 *     del n                                      rc_release(n);
 *     MemoryError                                NULL or RC_NO_MEMORY, and rc_error_message()
 *
 * In C each owner says rc_retain() and rc_release() itself; RC_AUTO (rc/scope.h) says the latter
 * at the end of a scope, as Python does. The last release runs the finalizer.
 */
#ifndef SOME_MEMORY_H
#define SOME_MEMORY_H

#include <rc/object.h>

typedef struct some_memory {
    double *data;
    size_t number; /* of doubles in data */
} some_memory;

/* An object with room for @p number doubles, not initialised.
 * Returns: one new reference; NULL: RC_NO_MEMORY or RC_OVERFLOW. */
some_memory *some_memory_new(size_t number);

/* Change how many doubles there is room for. The content is kept, and its place where it can be.
 * Errors: RC_NO_MEMORY, RC_OVERFLOW; the old block is still there, with all that is in it. */
enum rc_status some_memory_resize(some_memory *self, size_t new_number);

#endif
