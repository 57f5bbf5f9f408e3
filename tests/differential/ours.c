/* SPDX-License-Identifier: MIT */
/* The module, its buffers, and how the library's refusals become exceptions. */
#include "ours.h"

#include "rc/account.h"

static PyObject *refused;

void ours_begin(void)
{
    rc_error_clear();
}

PyObject *ours_refuse(void)
{
    enum rc_status status = rc_error_status();
    if (status == RC_OK || !*rc_error_message()) {
        PyErr_SetString(PyExc_SystemError, "a call failed and has left no error");
        return NULL;
    }
    const char *message = rc_error_message(); /* with bytes of a text, which may be any */
    PyObject *arguments =
        Py_BuildValue("(sN)", rc_status_name(status),
                      PyUnicode_DecodeUTF8(message, (Py_ssize_t)strlen(message), "replace"));
    if (!arguments) return NULL;
    PyErr_SetObject(refused, arguments);
    Py_DECREF(arguments);
    return NULL;
}

PyObject *ours_none_or_refuse(enum rc_status status)
{
    if (status != RC_OK) return ours_refuse();
    Py_RETURN_NONE;
}

/* ---- numbers --------------------------------------------------------------------------------- */

bool ours_numbers_from(PyObject *sequence, struct ours_numbers *numbers)
{
    numbers->count = 0;
    numbers->is_none = sequence == Py_None;
    if (numbers->is_none) return true;
    PyObject *fast = PySequence_Fast(sequence, "a sequence of ints is expected");
    if (!fast) return false;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    if (count > RC_VIEW_DIMENSIONS_MAX + 1)
        PyErr_SetString(PyExc_ValueError, "more numbers than the module has room for");
    for (Py_ssize_t i = 0; i < count && !PyErr_Occurred(); i++)
        numbers->entries[i] = PyLong_AsUnsignedLongMask(PySequence_Fast_GET_ITEM(fast, i));
    numbers->count = (size_t)count;
    Py_DECREF(fast);
    return !PyErr_Occurred();
}

PyObject *ours_tuple_of_sizes(size_t count, const size_t *sizes)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++)
        PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, PyLong_FromSize_t(sizes[i]));
    return tuple;
}

PyObject *ours_tuple_of_strides(size_t count, const ptrdiff_t *strides)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++)
        PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, PyLong_FromSsize_t(strides[i]));
    return tuple;
}

/* ---- buffers --------------------------------------------------------------------------------- */

static PyObject *buffer_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    const char *bytes;
    Py_ssize_t size;
    (void)keywords;
    if (!PyArg_ParseTuple(arguments, "y#", &bytes, &size)) return NULL;
    ours_begin();
    rc_buffer *buffer = rc_buffer_copy(bytes, (size_t)size);
    if (!buffer) return ours_refuse();
    struct ours_buffer *self = (struct ours_buffer *)type->tp_alloc(type, 0);
    if (self)
        self->buffer = buffer;
    else
        rc_release(buffer);
    return (PyObject *)self;
}

static void buffer_dealloc(PyObject *self)
{
    rc_release(((struct ours_buffer *)self)->buffer);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *buffer_bytes(PyObject *self, PyObject *nothing)
{
    const rc_buffer *buffer = ((struct ours_buffer *)self)->buffer;
    (void)nothing;
    return PyBytes_FromStringAndSize((const char *)buffer->data, (Py_ssize_t)buffer->size);
}

/* Other content of the same size, where the library may have left one of several. */
static PyObject *buffer_set(PyObject *self, PyObject *arguments)
{
    rc_buffer *buffer = ((struct ours_buffer *)self)->buffer;
    const char *bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "y#", &bytes, &size)) return NULL;
    ours_begin();
    void *data = rc_buffer_edit(buffer);
    if (!data) return ours_refuse();
    memcpy(data, bytes, (size_t)size < buffer->size ? (size_t)size : buffer->size);
    Py_RETURN_NONE;
}

static PyObject *buffer_exports(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return PyLong_FromSize_t(rc_buffer_exports(((struct ours_buffer *)self)->buffer));
}

static PyMethodDef buffer_methods[] = {
    {"bytes", buffer_bytes, METH_NOARGS, NULL},
    {"set", buffer_set, METH_VARARGS, NULL},
    {"exports", buffer_exports, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject ours_buffer_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "ours.Buffer",
    .tp_basicsize = sizeof(struct ours_buffer),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = buffer_new,
    .tp_dealloc = buffer_dealloc,
    .tp_methods = buffer_methods,
};

/* ---- the module ------------------------------------------------------------------------------ */

/* (live objects, live blocks, live bytes): rcbuf's own account. */
static PyObject *account(PyObject *module, PyObject *nothing)
{
    struct rc_account now;
    (void)module, (void)nothing;
    rc_account_read(&now);
    return Py_BuildValue("(nnn)", (Py_ssize_t)now.live_objects, (Py_ssize_t)now.live_blocks,
                         (Py_ssize_t)now.live_bytes);
}

static PyMethodDef functions[] = {
    {"account", account, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "ours",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit_ours(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    refused = PyErr_NewException("ours.Refused", NULL, NULL);
    if (!refused || PyModule_AddFunctions(module, ours_create_functions) < 0 ||
        PyModule_AddFunctions(module, ours_derive_functions) < 0 ||
        PyModule_AddObjectRef(module, "Refused", refused) < 0 ||
        PyModule_AddType(module, &ours_buffer_type) < 0 ||
        PyModule_AddType(module, &ours_format_type) < 0 ||
        PyModule_AddType(module, &ours_view_type) < 0 ||
        PyModule_AddType(module, &ours_exporter_type) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
