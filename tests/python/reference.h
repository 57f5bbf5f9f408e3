/* SPDX-License-Identifier: MIT */
/**
 * @file tests/python/reference.h
 * What examples/python/share.c hands over, for C code that has no rcbuf of its own.
 */
#ifndef TESTS_PYTHON_REFERENCE_H
#define TESTS_PYTHON_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

/* As struct rcbuf_reference. */
struct reference {
    void *object;
    void (*release)(void *object);
    const void *data;
    size_t size;
};

/* Out of a capsule, which has none afterwards. False: there is none, with an exception. */
static inline bool reference_take(PyObject *capsule, struct reference *taken)
{
    struct reference *shared = PyCapsule_GetPointer(capsule, "rcbuf.reference");
    if (!shared) return false;
    *taken = *shared;
    shared->object = NULL;
    return true;
}

static inline unsigned char reference_first_byte(const struct reference *reference)
{
    return reference->size ? *(const unsigned char *)reference->data : 0;
}

static inline void reference_release(struct reference *reference)
{
    reference->release(reference->object);
    reference->object = NULL;
}

#endif
