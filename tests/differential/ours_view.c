/* SPDX-License-Identifier: MIT */
/* Views: how they are made, and what is asked of them. */
#include "ours.h"

static void view_dealloc(PyObject *self)
{
    rc_release(((struct ours_view *)self)->view);
    Py_TYPE(self)->tp_free(self);
}

PyObject *ours_view_of(rc_view *view)
{
    if (!view) return ours_refuse();
    struct ours_view *self = PyObject_New(struct ours_view, &ours_view_type);
    if (self)
        self->view = view;
    else
        rc_release(view);
    return (PyObject *)self;
}

static const rc_view *view_of(PyObject *self)
{
    return ((struct ours_view *)self)->view;
}

/* ---- create ---------------------------------------------------------------------------------- */

static rc_buffer *buffer_of(PyObject *buffer)
{
    return ((struct ours_buffer *)buffer)->buffer;
}

static PyObject *create(PyObject *module, PyObject *arguments)
{
    PyObject *buffer;
    const char *format;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!z", &ours_buffer_type, &buffer, &format)) return NULL;
    ours_begin();
    return ours_view_of(rc_view_new(buffer_of(buffer), format));
}

/* view_with(buffer, format, offset, shape, strides or None, suboffsets or None, read-only) */
static PyObject *create_with(PyObject *module, PyObject *arguments)
{
    PyObject *buffer, *shape, *strides, *suboffsets;
    struct ours_numbers lengths, steps, followed;
    const char *format;
    Py_ssize_t offset;
    int read_only;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!znOOOp", &ours_buffer_type, &buffer, &format, &offset,
                          &shape, &strides, &suboffsets, &read_only) ||
        !ours_numbers_from(shape, &lengths) || !ours_numbers_from(strides, &steps) ||
        !ours_numbers_from(suboffsets, &followed))
        return NULL;
    const struct rc_view_layout layout = {
        .struct_size = sizeof layout,
        .format = format,
        .offset = (size_t)offset,
        .ndim = lengths.is_none ? 1 : lengths.count,
        .shape = lengths.is_none ? NULL : lengths.entries,
        .strides = steps.is_none ? NULL : (const ptrdiff_t *)steps.entries,
        .suboffsets = followed.is_none ? NULL : (const ptrdiff_t *)followed.entries,
        .read_only = read_only,
    };
    ours_begin();
    return ours_view_of(rc_view_new_with(buffer_of(buffer), &layout));
}

static PyObject *create_zeroed(PyObject *module, PyObject *arguments)
{
    const char *format;
    PyObject *shape;
    struct ours_numbers lengths;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "yO", &format, &shape) || !ours_numbers_from(shape, &lengths))
        return NULL;
    ours_begin();
    return ours_view_of(rc_view_new_zeroed(format, lengths.count, lengths.entries));
}

PyMethodDef ours_create_functions[] = {
    {"view", create, METH_VARARGS, NULL},
    {"view_with", create_with, METH_VARARGS, NULL},
    {"zeroed", create_zeroed, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* ---- ask ------------------------------------------------------------------------------------- */

/* (shape, strides, itemsize, ndim, size, bytes, offset from the buffer's first byte) */
static PyObject *view_geometry(PyObject *self, PyObject *nothing)
{
    const rc_view *view = view_of(self);
    (void)nothing;
    return Py_BuildValue("(NNnnnnn)", ours_tuple_of_sizes(view->ndim, view->shape),
                         ours_tuple_of_strides(view->ndim, view->strides),
                         (Py_ssize_t)view->itemsize, (Py_ssize_t)view->ndim, (Py_ssize_t)view->size,
                         (Py_ssize_t)rc_view_byte_count(view),
                         (Py_ssize_t)(view->data - view->base->data));
}

/* (read-only, contiguous in C, in F, in A) */
static PyObject *view_flags(PyObject *self, PyObject *nothing)
{
    const rc_view *view = view_of(self);
    (void)nothing;
    return Py_BuildValue("(NNNN)", PyBool_FromLong(rc_view_is_read_only(view)),
                         PyBool_FromLong(rc_view_is_contiguous(view, 'C')),
                         PyBool_FromLong(rc_view_is_contiguous(view, 'F')),
                         PyBool_FromLong(rc_view_is_contiguous(view, 'A')));
}

static PyObject *view_format(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return PyBytes_FromString(view_of(self)->format->text);
}

/* The buffer that its bytes are of. */
static PyObject *view_base(PyObject *self, PyObject *nothing)
{
    struct ours_buffer *base = PyObject_New(struct ours_buffer, &ours_buffer_type);
    (void)nothing;
    if (base) base->buffer = rc_retain(view_of(self)->base);
    return (PyObject *)base;
}

/* at(index, edit): where the element lies, from the buffer's first byte. */
static PyObject *view_at(PyObject *self, PyObject *arguments)
{
    const rc_view *view = view_of(self);
    PyObject *index;
    struct ours_numbers numbers;
    int edit;
    if (!PyArg_ParseTuple(arguments, "Op", &index, &edit) || !ours_numbers_from(index, &numbers))
        return NULL;
    if (numbers.count != view->ndim) {
        PyErr_SetString(PyExc_ValueError, "an index has an entry for each dimension");
        return NULL;
    }
    ours_begin();
    const unsigned char *place =
        edit ? rc_view_edit_at(view, numbers.entries) : rc_view_at(view, numbers.entries);
    if (!place) return ours_refuse();
    return PyLong_FromSsize_t(place - view->base->data);
}

/* item(index): the values of the element there. */
static PyObject *view_item(PyObject *self, PyObject *arguments)
{
    const rc_view *view = view_of(self);
    PyObject *index, *tuple = NULL;
    struct ours_numbers numbers;
    if (!PyArg_ParseTuple(arguments, "O", &index) || !ours_numbers_from(index, &numbers))
        return NULL;
    ours_begin();
    const void *place = rc_view_at(view, numbers.entries);
    if (!place) return ours_refuse();
    size_t count = view->format->value_count;
    struct rc_value *values = PyMem_Calloc(count + 1, sizeof *values);
    if (!values) return PyErr_NoMemory();
    if (rc_format_unpack(view->format, place, values, count) == RC_OK)
        tuple = ours_values_to(count, values);
    else
        ours_refuse();
    PyMem_Free(values);
    return tuple;
}

static PyObject *view_equal(PyObject *self, PyObject *arguments)
{
    PyObject *other;
    if (!PyArg_ParseTuple(arguments, "O!", &ours_view_type, &other)) return NULL;
    return PyBool_FromLong(rc_view_equal(view_of(self), view_of(other)));
}

static PyObject *view_sum(PyObject *self, PyObject *nothing)
{
    struct rc_value sum;
    (void)nothing;
    ours_begin();
    if (rc_view_sum(view_of(self), &sum) != RC_OK) return ours_refuse();
    return ours_value_to(&sum);
}

static PyMethodDef methods[] = {
    {"geometry", view_geometry, METH_NOARGS, NULL},
    {"flags", view_flags, METH_NOARGS, NULL},
    {"base", view_base, METH_NOARGS, NULL},
    {"format", view_format, METH_NOARGS, NULL},
    {"at", view_at, METH_VARARGS, NULL},
    {"item", view_item, METH_VARARGS, NULL},
    {"equal", view_equal, METH_VARARGS, NULL},
    {"sum", view_sum, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject ours_view_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ours.View",
    .tp_basicsize = sizeof(struct ours_view),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = view_dealloc,
    .tp_methods = methods,
};
