/* SPDX-License-Identifier: MIT */
/**
 * @file tests/differential/ours.h
 * A Python module around the library's formats and views, for run.py alone: each method is one
 * call, with nothing of Python's or NumPy's in it. What the library refuses is the exception
 * Refused, with the name of the status and the sentence.
 *
 * All functions return new references or NULL with an exception set, as is usual in Python.
 */
#ifndef TESTS_DIFFERENTIAL_OURS_H
#define TESTS_DIFFERENTIAL_OURS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "buffer/view.h"

struct ours_buffer {
    PyObject_HEAD rc_buffer *buffer;
};

struct ours_format {
    PyObject_HEAD rc_format *format;
};

struct ours_view {
    PyObject_HEAD rc_view *view;
};

extern PyTypeObject ours_buffer_type, ours_format_type, ours_view_type, ours_exporter_type;

/* The library's last error, which has to be there; ours_begin() cleared it before the call. */
PyObject *ours_refuse(void);
void ours_begin(void);

/* None, or Refused where the status is not RC_OK. */
PyObject *ours_none_or_refuse(enum rc_status status);

/* ---- numbers --------------------------------------------------------------------------------- */

/* A sequence of at most 64 ints, as what they are modulo 2^64; None: *count is 0 and *is_none. */
struct ours_numbers {
    size_t count;
    bool is_none;
    size_t entries[RC_VIEW_DIMENSIONS_MAX + 1];
};

bool ours_numbers_from(PyObject *sequence, struct ours_numbers *numbers);
PyObject *ours_tuple_of_sizes(size_t count, const size_t *sizes);
PyObject *ours_tuple_of_strides(size_t count, const ptrdiff_t *strides);

/* ---- values ---------------------------------------------------------------------------------- */

/* Values of Python as the library has them, and what their bytes lie in. */
struct ours_values {
    size_t count;
    struct rc_value *values;
    Py_UCS4 **texts; /* count entries, NULL or to be freed */
};

bool ours_values_from(PyObject *sequence, struct ours_values *values);
void ours_values_free(struct ours_values *values);
PyObject *ours_values_to(size_t count, const struct rc_value *values); /* a tuple */
PyObject *ours_value_to(const struct rc_value *value);

/* ---- views ----------------------------------------------------------------------------------- */

/* Takes @p view; NULL: Refused. */
PyObject *ours_view_of(rc_view *view);

/* Functions of the module. */
extern PyMethodDef ours_create_functions[], ours_derive_functions[];

#endif
