/* SPDX-License-Identifier: MIT */
/*
 * Exporter(object, format, itemsize, offset, shape, strides, suboffsets or None): the bytes of
 * another Python object, described as one likes, so that memoryview has something to answer about
 * that no line of the library has made. What is described has to lie inside: NumPy is asked first.
 */
#include "ours.h"

struct exporter {
    PyObject_HEAD Py_buffer bytes;
    bool is_held;
    PyObject *format;
    Py_ssize_t itemsize, offset, size; /* size: in bytes */
    int ndim, is_indirect;
    Py_ssize_t shape[RC_VIEW_DIMENSIONS_MAX + 1], strides[RC_VIEW_DIMENSIONS_MAX + 1],
        suboffsets[RC_VIEW_DIMENSIONS_MAX + 1];
};

static bool keep_numbers(PyObject *sequence, Py_ssize_t *numbers, int *count)
{
    struct ours_numbers read;
    if (!ours_numbers_from(sequence, &read)) return false;
    memcpy(numbers, read.entries, read.count * sizeof *numbers);
    *count = (int)read.count;
    return true;
}

static PyObject *exporter_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    PyObject *object, *format, *shape, *strides, *suboffsets;
    Py_ssize_t itemsize, offset;
    int count;
    (void)keywords;
    if (!PyArg_ParseTuple(arguments, "OSnnOOO", &object, &format, &itemsize, &offset, &shape,
                          &strides, &suboffsets))
        return NULL;
    struct exporter *self = (struct exporter *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->format = Py_NewRef(format);
    self->itemsize = self->size = itemsize;
    self->offset = offset;
    self->is_indirect = suboffsets != Py_None;
    self->is_held = PyObject_GetBuffer(object, &self->bytes, PyBUF_SIMPLE) == 0;
    if (!self->is_held || !keep_numbers(strides, self->strides, &count) ||
        !keep_numbers(suboffsets, self->suboffsets, &count) ||
        !keep_numbers(shape, self->shape, &self->ndim)) {
        Py_DECREF(self);
        return NULL;
    }
    for (int i = 0; i < self->ndim; i++) self->size *= self->shape[i];
    return (PyObject *)self;
}

static void exporter_dealloc(PyObject *object)
{
    struct exporter *self = (struct exporter *)object;
    if (self->is_held) PyBuffer_Release(&self->bytes);
    Py_XDECREF(self->format);
    Py_TYPE(object)->tp_free(object);
}

static int exporter_get(PyObject *object, Py_buffer *view, int flags)
{
    struct exporter *self = (struct exporter *)object;
    (void)flags;
    *view = (Py_buffer){.buf = (char *)self->bytes.buf + self->offset,
                        .obj = Py_NewRef(object),
                        .len = self->size,
                        .itemsize = self->itemsize,
                        .readonly = self->bytes.readonly,
                        .ndim = self->ndim,
                        .format = PyBytes_AsString(self->format),
                        .shape = self->shape,
                        .strides = self->strides,
                        .suboffsets = self->is_indirect ? self->suboffsets : NULL};
    return 0;
}

static PyBufferProcs exporter_procedures = {.bf_getbuffer = exporter_get};

PyTypeObject ours_exporter_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ours.Exporter",
    .tp_basicsize = sizeof(struct exporter),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = exporter_new,
    .tp_dealloc = exporter_dealloc,
    .tp_as_buffer = &exporter_procedures,
};
