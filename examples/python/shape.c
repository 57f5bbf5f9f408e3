/* SPDX-License-Identifier: MIT */
/* Shapes, strides and axes: between Python's sequences of integers and arrays. */
#include "module.h"

static int read_entry(PyObject *object, ptrdiff_t *entry)
{
    Py_ssize_t value = PyNumber_AsSsize_t(object, PyExc_OverflowError);
    if (value == -1 && PyErr_Occurred()) return -1;
    *entry = value;
    return 0;
}

static int read_entries(PyObject *sequence, ptrdiff_t *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PyObject *object = PySequence_GetItem(sequence, (Py_ssize_t)i);
        int result = object ? read_entry(object, &entries[i]) : -1;
        Py_XDECREF(object);
        if (result < 0) return -1;
    }
    return 0;
}

static int too_many(const char *what, Py_ssize_t size)
{
    PyErr_Format(PyExc_ValueError, "%s has %zd entries, and %d are the most", what, size,
                 RC_VIEW_DIMENSIONS_MAX);
    return -1;
}

int shape_read(PyObject *object, const char *what, ptrdiff_t *entries, size_t *count)
{
    *count = 1;
    if (PyIndex_Check(object)) return read_entry(object, entries);
    if (!PyTuple_Check(object) && !PyList_Check(object)) {
        PyErr_Format(PyExc_TypeError, "%s is neither an integer nor a tuple or list of them", what);
        return -1;
    }
    Py_ssize_t size = PySequence_Size(object);
    if (size < 0) return -1;
    if (size > RC_VIEW_DIMENSIONS_MAX) return too_many(what, size);
    *count = (size_t)size;
    return read_entries(object, entries, *count);
}

PyObject *shape_tuple(size_t count, const ptrdiff_t *entries)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        PyObject *entry = PyLong_FromSsize_t(entries[i]);
        if (!entry || PyTuple_SetItem(tuple, (Py_ssize_t)i, entry) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}
