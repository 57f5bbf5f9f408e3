/* SPDX-License-Identifier: MIT */
/* Making a Buffer, and how it is exported: a format, and a shape whose first entry follows the size. */
#include "module.h"

/* ---- rows ------------------------------------------------------------------------------------ */

size_t buffer_row(const struct buffer_object *self)
{
    size_t row = self->format->itemsize;
    for (size_t i = 1; i < self->ndim; i++) row *= self->shape[i];
    return row;
}

int buffer_check_rows(const struct buffer_object *self, size_t size)
{
    size_t row = buffer_row(self);
    if (self->ndim == 0 ? size == row : row == 0 ? size == 0 : size % row == 0) return 0;
    if (self->ndim == 0)
        PyErr_Format(PyExc_ValueError, "one item of '%s' has %zu bytes, not %zu",
                     self->format->text, row, size);
    else
        PyErr_Format(PyExc_ValueError, "%zu bytes are no whole number of rows of %zu bytes", size,
                     row);
    return -1;
}

void buffer_follow_size(struct buffer_object *self)
{
    size_t row = buffer_row(self);
    if (self->ndim > 0 && row > 0) self->shape[0] = self->buffer->size / row;
}

/* With the format and the bytes there, @p shape as it was asked for; NULL: one dimension. */
static int set_shape(struct buffer_object *self, PyObject *shape)
{
    ptrdiff_t entries[RC_VIEW_DIMENSIONS_MAX];
    self->ndim = 1;
    if (shape) {
        if (shape_read(shape, "shape", entries, &self->ndim) < 0) return -1;
        for (size_t i = 0; i < self->ndim; i++) self->shape[i] = (size_t)entries[i];
    } else if (buffer_check_rows(self, self->buffer->size) < 0) {
        return -1;
    } else {
        buffer_follow_size(self);
    }
    rc_view *view = buffer_view_of(self); /* which checks the entries */
    if (!view) return -1;
    size_t wanted = rc_view_byte_count(view);
    lock_release(view);
    if (wanted == self->buffer->size) return 0;
    PyErr_Format(PyExc_ValueError, "the shape has %zu bytes, and the buffer %zu", wanted,
                 self->buffer->size);
    return -1;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static rc_buffer *make_zeroed(size_t size, size_t alignment, bool wipe)
{
    rc_buffer *buffer =
        rc_buffer_new_with(NULL, size, alignment, wipe ? (unsigned)RC_BUFFER_WIPE : 0);
    if (!buffer) return status_raise();
    if (size > 0) memset(rc_buffer_edit(buffer), 0, size);
    return buffer;
}

static rc_buffer *make_of_size(PyObject *source, size_t alignment, bool wipe)
{
    Py_ssize_t size = PyNumber_AsSsize_t(source, PyExc_OverflowError);
    if (size == -1 && PyErr_Occurred()) return NULL;
    if (size >= 0) return make_zeroed((size_t)size, alignment, wipe);
    PyErr_Format(PyExc_ValueError, "a buffer of %zd bytes cannot be", size);
    return NULL;
}

static rc_buffer *make_copy(PyObject *source, size_t alignment, bool wipe)
{
    Py_buffer view;
    if (PyObject_GetBuffer(source, &view, PyBUF_FULL_RO) < 0) return NULL;
    rc_buffer *buffer = make_zeroed((size_t)view.len, alignment, wipe);
    if (buffer && view.len > 0 &&
        PyBuffer_ToContiguous(rc_buffer_edit(buffer), &view, view.len, 'C') < 0) {
        lock_release(buffer);
        buffer = NULL;
    }
    PyBuffer_Release(&view);
    return buffer;
}

/* NumPy's arrays look like indices, and most are none: as for bytearray(), they are copied. */
static rc_buffer *make(PyObject *source, size_t alignment, bool wipe)
{
    if (!PyIndex_Check(source)) return make_copy(source, alignment, wipe);
    rc_buffer *buffer = make_of_size(source, alignment, wipe);
    if (buffer || !PyErr_ExceptionMatches(PyExc_TypeError) || !PyObject_CheckBuffer(source))
        return buffer;
    PyErr_Clear();
    return make_copy(source, alignment, wipe);
}

/* ---- the object ------------------------------------------------------------------------------ */

struct buffer_object *buffer_adopt(PyTypeObject *type, rc_buffer *buffer, const rc_format *format)
{
    allocfunc allocate = (allocfunc)(uintptr_t)PyType_GetSlot(type, Py_tp_alloc);
    struct buffer_object *self = buffer ? (struct buffer_object *)(void *)allocate(type, 0) : NULL;
    if (!self) {
        lock_release(buffer);
        return NULL;
    }
    self->buffer = buffer;
    self->format = (rc_format *)(uintptr_t)rc_retain(format);
    self->ndim = 1;
    self->hash = -1;
    buffer_follow_size(self);
    return self;
}

static PyObject *finish(struct buffer_object *self, PyObject *shape, bool read_only)
{
    if (!self) return NULL;
    if (set_shape(self, shape == Py_None ? NULL : shape) == 0) {
        if (!read_only || rc_buffer_freeze(self->buffer) == RC_OK) return &self->head;
        (void)status_raise();
    }
    Py_DECREF(self);
    return NULL;
}

PyObject *buffer_create(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static const char *const names[] = {"",          "format", "shape", "readonly",
                                        "alignment", "wipe",   NULL};
    PyObject *source, *shape = NULL;
    const char *text = "B";
    int read_only = 0, wipe = 0;
    Py_ssize_t alignment = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|sOp$np:Buffer", KEYWORDS(names),
                                     &source, &text, &shape, &read_only, &alignment, &wipe))
        return NULL;
    rc_format *format = rc_format_new(text);
    if (!format) return status_raise();
    rc_buffer *buffer = make(source, (size_t)alignment, wipe);
    PyObject *self = buffer ? finish(buffer_adopt(type, buffer, format), shape, read_only) : NULL;
    rc_release(format);
    return self;
}
