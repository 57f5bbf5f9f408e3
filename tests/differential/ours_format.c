/* SPDX-License-Identifier: MIT */
/* Formats. */
#include "ours.h"

static PyObject *format_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    const char *text;
    (void)keywords;
    if (!PyArg_ParseTuple(arguments, "y", &text)) return NULL;
    ours_begin();
    rc_format *format = rc_format_new(text);
    if (!format) return ours_refuse();
    struct ours_format *self = (struct ours_format *)type->tp_alloc(type, 0);
    if (self)
        self->format = format;
    else
        rc_release(format);
    return (PyObject *)self;
}

static void format_dealloc(PyObject *self)
{
    rc_release(((struct ours_format *)self)->format);
    Py_TYPE(self)->tp_free(self);
}

static const rc_format *format_of(PyObject *self)
{
    return ((struct ours_format *)self)->format;
}

/* ---- ask ------------------------------------------------------------------------------------- */

static PyObject *fields_of(const rc_format *format);

static PyObject *record_of(const struct rc_format_field *field)
{
    if (!field->record) Py_RETURN_NONE;
    return fields_of(field->record);
}

/* (name, offset, size, shape, code, swapped, fields of the record or None) */
static PyObject *field_tuple(const struct rc_format_field *field)
{
    return Py_BuildValue("(ynnNCNN)", field->name, (Py_ssize_t)field->offset,
                         (Py_ssize_t)field->size, ours_tuple_of_sizes(field->ndim, field->shape),
                         field->code, PyBool_FromLong(field->swapped), record_of(field));
}

static PyObject *fields_of(const rc_format *format)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)format->field_count);
    for (size_t i = 0; tuple && i < format->field_count; i++) {
        PyObject *field = field_tuple(&format->fields[i]);
        if (field)
            PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, field);
        else
            Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *format_fields(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return fields_of(format_of(self));
}

/* (itemsize, alignment, values) */
static PyObject *format_sizes(PyObject *self, PyObject *nothing)
{
    const rc_format *format = format_of(self);
    (void)nothing;
    return Py_BuildValue("(nnn)", (Py_ssize_t)format->itemsize, (Py_ssize_t)format->alignment,
                         (Py_ssize_t)format->value_count);
}

static PyObject *format_text(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return PyBytes_FromString(format_of(self)->text);
}

static PyObject *format_equal(PyObject *self, PyObject *arguments)
{
    PyObject *other;
    if (!PyArg_ParseTuple(arguments, "O!", &ours_format_type, &other)) return NULL;
    return PyBool_FromLong(rc_format_equal(format_of(self), format_of(other)));
}

/* The field, or None. */
static PyObject *format_find(PyObject *self, PyObject *arguments)
{
    const char *name;
    if (!PyArg_ParseTuple(arguments, "y", &name)) return NULL;
    const struct rc_format_field *field = rc_format_find(format_of(self), name);
    if (!field) Py_RETURN_NONE;
    return field_tuple(field);
}

/* ---- items ----------------------------------------------------------------------------------- */

/* pack(values): the item. Its bytes are 0xa5 before, and have to be after a refusal. */
static PyObject *format_pack(PyObject *self, PyObject *arguments)
{
    const rc_format *format = format_of(self);
    PyObject *sequence;
    struct ours_values values;
    if (!PyArg_ParseTuple(arguments, "O!", &PyTuple_Type, &sequence)) return NULL;
    if (!ours_values_from(sequence, &values)) return NULL;
    PyObject *item = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)format->itemsize);
    if (!item) return NULL;
    char *bytes = PyBytes_AsString(item);
    memset(bytes, 0xa5, format->itemsize);
    ours_begin();
    enum rc_status status = rc_format_pack(format, bytes, values.values, values.count);
    ours_values_free(&values);
    if (status == RC_OK) return item;
    size_t same = 0;
    while (same < format->itemsize && (unsigned char)bytes[same] == 0xa5) same++;
    Py_DECREF(item);
    if (same == format->itemsize) return ours_refuse();
    PyErr_SetString(PyExc_SystemError, "rc_format_pack refused and has written");
    return NULL;
}

/* unpack(item, count): the values. The item lies at an odd address. */
static PyObject *format_unpack(PyObject *self, PyObject *arguments)
{
    const rc_format *format = format_of(self);
    const char *bytes;
    Py_ssize_t size, count;
    if (!PyArg_ParseTuple(arguments, "y#n", &bytes, &size, &count)) return NULL;
    char *item = PyMem_Malloc((size_t)size + 1);
    struct rc_value *values = PyMem_Calloc((size_t)count + 1, sizeof *values);
    PyObject *tuple = NULL;
    if (!item || !values || (size_t)size != format->itemsize) {
        PyErr_SetString(PyExc_ValueError, "the item has other bytes");
        goto done;
    }
    memcpy(item + 1, bytes, (size_t)size);
    ours_begin();
    if (rc_format_unpack(format, item + 1, values, (size_t)count) == RC_OK)
        tuple = ours_values_to((size_t)count, values);
    else
        ours_refuse();
done:
    PyMem_Free(item);
    PyMem_Free(values);
    return tuple;
}

static PyMethodDef methods[] = {
    {"fields", format_fields, METH_NOARGS, NULL},  {"sizes", format_sizes, METH_NOARGS, NULL},
    {"text", format_text, METH_NOARGS, NULL},      {"equal", format_equal, METH_VARARGS, NULL},
    {"find", format_find, METH_VARARGS, NULL},     {"pack", format_pack, METH_VARARGS, NULL},
    {"unpack", format_unpack, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL},
};

PyTypeObject ours_format_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ours.Format",
    .tp_basicsize = sizeof(struct ours_format),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = format_new,
    .tp_dealloc = format_dealloc,
    .tp_methods = methods,
};
