/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/python.h
 * CPython and NumPy as peers, in the row's own process: the program stays one that a C compiler
 * alone builds, since the shared library of /usr/bin/python3 is looked up while it runs. Where it
 * is not there, the rows say so and go on without.
 */
#ifndef TESTS_BENCH_PYTHON_H
#define TESTS_BENCH_PYTHON_H

#include "bench.h"

#include <sys/types.h>

typedef struct python_object python_object;

/* Functions of CPython's stable ABI under the names that they have there. */
struct python {
    void (*Py_InitializeEx)(int signals);
    void (*Py_DecRef)(python_object *object);
    int (*PyRun_SimpleString)(const char *statements);
    python_object *(*PyImport_AddModule)(const char *name); /* borrowed */
    python_object *(*PyObject_GetAttrString)(python_object *object, const char *name);
    int (*PyObject_SetAttrString)(python_object *object, const char *name, python_object *value);
    python_object *(*PyMemoryView_FromMemory)(char *bytes, ssize_t size, int flags);
    python_object *(*PyObject_CallObject)(python_object *callable, python_object *arguments);
    python_object *(*PyObject_GetItem)(python_object *object, python_object *key);
    double (*PyFloat_AsDouble)(python_object *object);
    const char *(*PyUnicode_AsUTF8AndSize)(python_object *text, ssize_t *size);
};

/** After python_absent() or numpy_absent() gave NULL. */
extern struct python python;

/** Contestants' absent: the first call starts Python, and imports NumPy as np. */
const char *python_absent(void);
const char *numpy_absent(void);

/* These give up where Python raises. */

/** Statements, at the top of a module of ours. */
void python_run(const char *statements);
/** What a name stands for there: one new reference. */
python_object *python_get(const char *name);
/** @p name becomes a writable memoryview of @p size bytes. */
void python_set_memory(const char *name, void *bytes, size_t size);
/** callable(*arguments), and its result released. */
void python_call(python_object *callable, python_object *arguments);

#endif
