/* SPDX-License-Identifier: MIT */
/* What makes views of views, and what reads and writes their elements. */
#include "ours.h"

static const rc_view *view_of(PyObject *self)
{
    return ((struct ours_view *)self)->view;
}

/* ---- derive ---------------------------------------------------------------------------------- */

static PyObject *view_index(PyObject *module, PyObject *arguments)
{
    PyObject *view;
    Py_ssize_t dimension, index;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!nn", &ours_view_type, &view, &dimension, &index))
        return NULL;
    ours_begin();
    return ours_view_of(rc_view_index(view_of(view), (size_t)dimension, index));
}

/* An end of a slice: None is open. */
static bool end_from(PyObject *object, Py_ssize_t *end)
{
    *end = RC_VIEW_OPEN;
    if (object != Py_None) *end = PyLong_AsSsize_t(object);
    return !PyErr_Occurred();
}

static PyObject *view_slice(PyObject *module, PyObject *arguments)
{
    PyObject *view, *first, *last;
    Py_ssize_t dimension, start, stop, step;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!nOOn", &ours_view_type, &view, &dimension, &first, &last,
                          &step) ||
        !end_from(first, &start) || !end_from(last, &stop))
        return NULL;
    ours_begin();
    return ours_view_of(rc_view_slice(view_of(view), (size_t)dimension, start, stop, step));
}

static PyObject *view_transpose(PyObject *module, PyObject *arguments)
{
    PyObject *view;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!", &ours_view_type, &view)) return NULL;
    ours_begin();
    return ours_view_of(rc_view_transpose(view_of(view)));
}

static PyObject *view_permute(PyObject *module, PyObject *arguments)
{
    PyObject *view, *sequence;
    struct ours_numbers axes;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!O", &ours_view_type, &view, &sequence) ||
        !ours_numbers_from(sequence, &axes))
        return NULL;
    if (axes.count != view_of(view)->ndim) {
        PyErr_SetString(PyExc_ValueError, "there are as many axes as dimensions");
        return NULL;
    }
    ours_begin();
    return ours_view_of(rc_view_permute(view_of(view), axes.entries));
}

static PyObject *view_broadcast(PyObject *module, PyObject *arguments)
{
    PyObject *view, *sequence;
    struct ours_numbers shape;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!O", &ours_view_type, &view, &sequence) ||
        !ours_numbers_from(sequence, &shape))
        return NULL;
    ours_begin();
    return ours_view_of(rc_view_broadcast(view_of(view), shape.count, shape.entries));
}

static PyObject *view_reshape(PyObject *module, PyObject *arguments)
{
    PyObject *view, *sequence;
    struct ours_numbers shape;
    int order;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!OC", &ours_view_type, &view, &sequence, &order) ||
        !ours_numbers_from(sequence, &shape))
        return NULL;
    ours_begin();
    return ours_view_of(rc_view_reshape(view_of(view), shape.count, shape.entries, (char)order));
}

/* cast(view, format, shape or None) */
static PyObject *view_cast(PyObject *module, PyObject *arguments)
{
    PyObject *view, *sequence;
    struct ours_numbers shape;
    const char *format;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!yO", &ours_view_type, &view, &format, &sequence) ||
        !ours_numbers_from(sequence, &shape))
        return NULL;
    ours_begin();
    return ours_view_of(
        rc_view_cast(view_of(view), format, shape.count, shape.is_none ? NULL : shape.entries));
}

static PyObject *view_field(PyObject *module, PyObject *arguments)
{
    PyObject *view;
    const char *name;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!y", &ours_view_type, &view, &name)) return NULL;
    ours_begin();
    return ours_view_of(rc_view_field(view_of(view), name));
}

static PyObject *view_to_read_only(PyObject *module, PyObject *arguments)
{
    PyObject *view;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!", &ours_view_type, &view)) return NULL;
    ours_begin();
    return ours_view_of(rc_view_to_read_only(view_of(view)));
}

/* ---- content --------------------------------------------------------------------------------- */

/* copy(destination, source) */
static PyObject *view_copy(PyObject *module, PyObject *arguments)
{
    PyObject *destination, *source;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!O!", &ours_view_type, &destination, &ours_view_type,
                          &source))
        return NULL;
    ours_begin();
    return ours_none_or_refuse(rc_view_copy(view_of(destination), view_of(source)));
}

/* fill(view, item): its bytes. */
static PyObject *view_fill(PyObject *module, PyObject *arguments)
{
    PyObject *view;
    const char *item;
    Py_ssize_t size;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!y#", &ours_view_type, &view, &item, &size)) return NULL;
    if ((size_t)size != view_of(view)->itemsize) {
        PyErr_SetString(PyExc_ValueError, "the item has other bytes");
        return NULL;
    }
    ours_begin();
    return ours_none_or_refuse(rc_view_fill(view_of(view), item));
}

/* fill_from(view, index): with one of its own elements. */
static PyObject *view_fill_from(PyObject *module, PyObject *arguments)
{
    PyObject *view, *sequence;
    struct ours_numbers index;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!O", &ours_view_type, &view, &sequence) ||
        !ours_numbers_from(sequence, &index))
        return NULL;
    ours_begin();
    const void *item = rc_view_at(view_of(view), index.entries);
    if (!item) return ours_refuse();
    return ours_none_or_refuse(rc_view_fill(view_of(view), item));
}

static PyObject *view_copy_new(PyObject *module, PyObject *arguments)
{
    PyObject *view;
    int order;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!C", &ours_view_type, &view, &order)) return NULL;
    ours_begin();
    return ours_view_of(rc_view_copy_new(view_of(view), (char)order));
}

static PyObject *view_to_bytes(PyObject *module, PyObject *arguments)
{
    PyObject *view;
    int order;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!C", &ours_view_type, &view, &order)) return NULL;
    ours_begin();
    rc_buffer *bytes = rc_view_to_bytes(view_of(view), (char)order);
    if (!bytes) return ours_refuse();
    PyObject *copy = PyBytes_FromStringAndSize((const char *)bytes->data, (Py_ssize_t)bytes->size);
    rc_release(bytes);
    return copy;
}

static PyObject *view_from_bytes(PyObject *module, PyObject *arguments)
{
    PyObject *view;
    const char *bytes;
    Py_ssize_t size;
    int order;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!y#C", &ours_view_type, &view, &bytes, &size, &order))
        return NULL;
    ours_begin();
    return ours_none_or_refuse(rc_view_from_bytes(view_of(view), bytes, (size_t)size, (char)order));
}

PyMethodDef ours_derive_functions[] = {
    {"index", view_index, METH_VARARGS, NULL},
    {"slice", view_slice, METH_VARARGS, NULL},
    {"transpose", view_transpose, METH_VARARGS, NULL},
    {"permute", view_permute, METH_VARARGS, NULL},
    {"broadcast", view_broadcast, METH_VARARGS, NULL},
    {"reshape", view_reshape, METH_VARARGS, NULL},
    {"cast", view_cast, METH_VARARGS, NULL},
    {"field", view_field, METH_VARARGS, NULL},
    {"to_read_only", view_to_read_only, METH_VARARGS, NULL},
    {"copy", view_copy, METH_VARARGS, NULL},
    {"fill", view_fill, METH_VARARGS, NULL},
    {"fill_from", view_fill_from, METH_VARARGS, NULL},
    {"copy_new", view_copy_new, METH_VARARGS, NULL},
    {"to_bytes", view_to_bytes, METH_VARARGS, NULL},
    {"from_bytes", view_from_bytes, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
