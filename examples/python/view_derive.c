/* SPDX-License-Identifier: MIT */
/* Views made of views and buffers: what memoryview and NumPy have, without a copy of the bytes. */
#include "module.h"

static struct view_object *of(PyObject *object)
{
    return (struct view_object *)(void *)object;
}

/* A View over the same Buffer. Takes: derived; NULL is an error of the library's. */
static PyObject *over_the_same(PyObject *object, rc_view *derived)
{
    struct module_state *state = module_state_of(Py_TYPE(object));
    if (!derived) return status_raise();
    if (state && of(object)->owner) return view_adopt(state->view_type, derived, of(object)->owner);
    lock_release(derived);
    if (state) PyErr_SetString(PyExc_ValueError, "operation forbidden on a released View");
    return NULL;
}

/* ---- View(buffer, ...), Buffer.view(...) ----------------------------------------------------- */

/* What the keywords say; the arrays that the layout points to. */
struct request {
    const char *format;
    PyObject *shape, *strides, *suboffsets;
    Py_ssize_t offset;
    int read_only;
    ptrdiff_t lengths[RC_VIEW_DIMENSIONS_MAX], steps[RC_VIEW_DIMENSIONS_MAX];
    ptrdiff_t jumps[RC_VIEW_DIMENSIONS_MAX];
};

/* An array of as many entries as there are dimensions, or NULL for None. */
static int read_array(PyObject *object, const char *what, ptrdiff_t *entries, size_t ndim,
                      const ptrdiff_t **array)
{
    size_t count;
    *array = NULL;
    if (!object || object == Py_None) return 0;
    if (shape_read(object, what, entries, &count) < 0) return -1;
    *array = entries;
    if (count == ndim) return 0;
    PyErr_Format(PyExc_ValueError, "%s has %zu entries for %zu dimensions", what, count, ndim);
    return -1;
}

static int lay_out(struct request *request, struct rc_view_layout *layout)
{
    bool has_shape = request->shape && request->shape != Py_None;
    layout->format = request->format;
    layout->offset = (size_t)request->offset;
    layout->read_only = request->read_only;
    layout->ndim = 1;
    if (has_shape && shape_read(request->shape, "shape", request->lengths, &layout->ndim) < 0)
        return -1;
    layout->shape = has_shape ? (const size_t *)request->lengths : NULL;
    if (read_array(request->strides, "strides", request->steps, layout->ndim, &layout->strides) < 0)
        return -1;
    if (read_array(request->suboffsets, "suboffsets", request->jumps, layout->ndim,
                   &layout->suboffsets) < 0)
        return -1;
    if (request->offset >= 0) return 0;
    PyErr_Format(PyExc_ValueError, "the offset %zd is negative", request->offset);
    return -1;
}

PyObject *view_of_buffer(PyTypeObject *type, struct buffer_object *buffer, PyObject *arguments,
                         PyObject *keywords)
{
    static const char *const names[] = {"format",   "shape",      "strides", "offset",
                                        "readonly", "suboffsets", NULL};
    struct request request = {.format = "B"};
    struct rc_view_layout layout = {.struct_size = sizeof layout};
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|sOOnpO:view", KEYWORDS(names),
                                     &request.format, &request.shape, &request.strides,
                                     &request.offset, &request.read_only, &request.suboffsets))
        return NULL;
    if (lay_out(&request, &layout) < 0) return NULL;
    if (!buffer->buffer) return PyErr_Format(PyExc_ValueError, "the Buffer has been cleared");
    return view_adopt(type, rc_view_new_with(buffer->buffer, &layout), buffer);
}

/* ---- other shapes ---------------------------------------------------------------------------- */

/* NumPy's transpose(): in reverse, or by the axes as one tuple or one by one. */
static PyObject *transpose(PyObject *object, PyObject *arguments)
{
    ptrdiff_t axes[RC_VIEW_DIMENSIONS_MAX];
    size_t count = 0;
    PyObject *only = PyTuple_Size(arguments) == 1 ? PyTuple_GetItem(arguments, 0) : NULL;
    if (shape_read(only ? only : arguments, "axes", axes, &count) < 0) return NULL;
    rc_view *view = view_hold(of(object));
    if (!view) return NULL;
    PyObject *result;
    if (PyTuple_Size(arguments) == 0)
        result = over_the_same(object, rc_view_transpose(view));
    else if (count != view->ndim)
        result = PyErr_Format(PyExc_ValueError, "%zu axes for %zu dimensions", count, view->ndim);
    else
        result = over_the_same(object, rc_view_permute(view, (const size_t *)axes));
    lock_release(view);
    return result;
}

static PyObject *get_transposed(PyObject *object, void *unused)
{
    (void)unused;
    rc_view *view = view_hold(of(object));
    PyObject *result = view ? over_the_same(object, rc_view_transpose(view)) : NULL;
    lock_release(view);
    return result;
}

static PyObject *broadcast(PyObject *object, PyObject *shape)
{
    ptrdiff_t entries[RC_VIEW_DIMENSIONS_MAX];
    size_t count;
    if (shape_read(shape, "shape", entries, &count) < 0) return NULL;
    rc_view *view = view_hold(of(object));
    PyObject *result =
        view ? over_the_same(object, rc_view_broadcast(view, count, (const size_t *)entries))
             : NULL;
    lock_release(view);
    return result;
}

static PyObject *reshape(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static const char *const names[] = {"shape", "order", NULL};
    ptrdiff_t entries[RC_VIEW_DIMENSIONS_MAX];
    size_t count;
    PyObject *shape;
    int order = 'C';
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|C:reshape", KEYWORDS(names), &shape,
                                     &order) ||
        shape_read(shape, "shape", entries, &count) < 0)
        return NULL;
    rc_view *view = view_hold(of(object));
    if (!view) return NULL;
    char letter = order == 'F' ? 'F' : order == 'C' ? 'C' : '?';
    PyObject *result =
        over_the_same(object, rc_view_reshape(view, count, (const size_t *)entries, letter));
    lock_release(view);
    return result;
}

static PyObject *cast(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static const char *const names[] = {"format", "shape", NULL};
    ptrdiff_t entries[RC_VIEW_DIMENSIONS_MAX];
    size_t count = 1;
    const char *format;
    PyObject *shape = Py_None;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "s|O:cast", KEYWORDS(names), &format,
                                     &shape))
        return NULL;
    bool has_shape = shape != Py_None;
    if (has_shape && shape_read(shape, "shape", entries, &count) < 0) return NULL;
    rc_view *view = view_hold(of(object));
    if (!view) return NULL;
    PyObject *result = over_the_same(
        object, rc_view_cast(view, format, count, has_shape ? (const size_t *)entries : NULL));
    lock_release(view);
    return result;
}

static PyObject *field(PyObject *object, PyObject *name)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(name, &size);
    if (text && strlen(text) != (size_t)size) { /* which would be cut */
        PyErr_SetString(PyExc_ValueError, "the name of a field has no NUL in it");
        return NULL;
    }
    rc_view *view = text ? view_hold(of(object)) : NULL;
    PyObject *result = view ? over_the_same(object, rc_view_field(view, text)) : NULL;
    lock_release(view);
    return result;
}

static PyObject *to_read_only(PyObject *object, PyObject *unused)
{
    (void)unused;
    rc_view *view = view_hold(of(object));
    PyObject *result = view ? over_the_same(object, rc_view_to_read_only(view)) : NULL;
    lock_release(view);
    return result;
}

/* ---- copies ---------------------------------------------------------------------------------- */

static PyObject *over_a_new_buffer(struct module_state *state, rc_view *view)
{
    if (!view) return status_raise();
    rc_format *bytes = rc_format_new("B");
    struct buffer_object *owner = buffer_adopt(state->buffer_type, rc_retain(view->base), bytes);
    if (!owner) {
        lock_release(view);
        return NULL;
    }
    PyObject *result = view_adopt(state->view_type, view, owner);
    Py_DECREF(&owner->head);
    return result;
}

static PyObject *copy(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static const char *const names[] = {"order", NULL};
    int order = 'C';
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|C:copy", KEYWORDS(names), &order))
        return NULL;
    struct module_state *state = module_state_of(Py_TYPE(object));
    rc_view *view = state ? view_hold(of(object)) : NULL;
    if (!view) return NULL;
    char letter = order < 128 ? (char)order : '?';
    PyObject *result = over_a_new_buffer(state, rc_view_copy_new(view, letter));
    lock_release(view);
    return result;
}

PyMethodDef view_derive_methods[] = {
    {"transpose", transpose, METH_VARARGS, "transpose(*axes): in reverse without axes."},
    {"broadcast", broadcast, METH_O, "broadcast(shape): by NumPy's rule; read-only."},
    {"reshape", METHOD(reshape), METH_VARARGS | METH_KEYWORDS,
     "reshape(shape, order='C'): NotImplementedError where only a copy could be."},
    {"cast", METHOD(cast), METH_VARARGS | METH_KEYWORDS,
     "cast(format, shape=None): by memoryview's rules."},
    {"field", field, METH_O, "field(name): one field of each record."},
    {"toreadonly", to_read_only, METH_NOARGS, "toreadonly(): the same elements, read-only."},
    {"copy", METHOD(copy), METH_VARARGS | METH_KEYWORDS,
     "copy(order='C'): the elements in a new Buffer."},
    {0},
};

PyGetSetDef view_derive_attributes[] = {
    {"T", get_transposed, NULL, "the dimensions in reverse", NULL},
    {0},
};
