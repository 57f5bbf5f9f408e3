/* SPDX-License-Identifier: MIT */
/*
 * Any Python buffer as an rc_buffer, without a copy.
 *
 * The rc_buffer covers the bytes that the elements lie in, from the lowest one to the highest, where
 * strides are negative too; the view says where in them the first element is. Where there are
 * suboffsets it covers the table of addresses that is looked at first. It is adopted: its end
 * lets go of the Py_buffer, whose home has the rest of the story: lock.c.
 */
#include "module.h"

/* Bytes around the first element of what is addressed directly. */
struct reach {
    size_t before, size;
};

static void let_go(void *bytes, size_t size, void *context)
{
    (void)bytes;
    (void)size;
    lock_let_go(context);
}

/* ---- where the bytes are --------------------------------------------------------------------- */

/* The dimensions up to the first one whose entries are addresses. */
static size_t direct_dimensions(const Py_buffer *view, size_t *itemsize)
{
    *itemsize = (size_t)view->itemsize;
    for (int i = 0; view->suboffsets && i < view->ndim; i++)
        if (view->suboffsets[i] >= 0) {
            *itemsize = sizeof(void *);
            return (size_t)i + 1;
        }
    return (size_t)view->ndim;
}

static bool is_empty(const Py_buffer *view)
{
    for (int i = 0; i < view->ndim; i++)
        if (view->shape[i] == 0) return true;
    return false;
}

/* Grow @p reach by a dimension. False: there are more bytes than memory has. */
static bool extend(struct reach *reach, Py_ssize_t length, Py_ssize_t stride)
{
    size_t distance, step = stride < 0 ? -(size_t)stride : (size_t)stride;
    if (__builtin_mul_overflow((size_t)length - 1, step, &distance)) return false;
    if (stride < 0 && __builtin_add_overflow(reach->before, distance, &reach->before)) return false;
    return !__builtin_add_overflow(reach->size, distance, &reach->size);
}

static bool find_reach(const Py_buffer *view, struct reach *reach)
{
    size_t itemsize, ndim = direct_dimensions(view, &itemsize);
    *reach = (struct reach){0};
    if (is_empty(view)) return true;
    reach->size = view->strides ? itemsize : (size_t)view->len;
    if (!view->strides) return true;
    for (size_t i = 0; i < ndim; i++)
        if (!extend(reach, view->shape[i], view->strides[i])) return false;
    return true;
}

/* ---- adopting -------------------------------------------------------------------------------- */

/* An exporter, such as ctypes, may leave out the strides of elements without gaps in order C. */
static int check_buffer(const Py_buffer *view)
{
    if (view->ndim >= 0 && view->ndim <= RC_VIEW_DIMENSIONS_MAX &&
        (view->ndim == 0 || (view->shape && (view->strides || !view->suboffsets))))
        return 0;
    PyErr_Format(PyExc_ValueError,
                 "a buffer of %d dimensions has no shape, or suboffsets without strides",
                 view->ndim);
    return -1;
}

/* As memoryview asks: the exporter says in `readonly` whether the memory may be written. */
static struct wrapped *acquire(PyObject *object)
{
    struct wrapped *wrapped = lock_wrapped_new();
    if (!wrapped) return status_raise();
    if (PyObject_GetBuffer(object, &wrapped->view, PyBUF_FULL_RO) == 0) {
        if (check_buffer(&wrapped->view) == 0) return wrapped;
        PyBuffer_Release(&wrapped->view);
    }
    wrapped->view.obj = NULL; /* there is nothing to give back */
    lock_release(wrapped);
    return NULL;
}

static rc_buffer *adopt(struct wrapped *wrapped, struct reach *reach)
{
    if (!find_reach(&wrapped->view, reach)) {
        rc_error_set(RC_OVERFLOW, "the elements of %d dimensions reach beyond the end of memory",
                     wrapped->view.ndim);
        return NULL;
    }
    void *first = wrapped->view.buf ? (char *)wrapped->view.buf - reach->before : NULL;
    rc_buffer *buffer = rc_buffer_adopt(first, reach->size, let_go, wrapped);
    if (buffer && wrapped->view.readonly) (void)rc_buffer_freeze(buffer);
    return buffer;
}

static rc_view *view_all(rc_buffer *buffer, const Py_buffer *view, size_t offset, bool read_only)
{
    const struct rc_view_layout layout = {
        .struct_size = sizeof layout,
        .format = view->format,
        .offset = offset,
        .ndim = (size_t)view->ndim,
        .shape = (const size_t *)view->shape,
        .strides = view->strides,
        .suboffsets = view->suboffsets,
        .read_only = read_only,
    };
    rc_view *result = rc_view_new_with(buffer, &layout);
    if (!result || result->itemsize == (size_t)view->itemsize) return result;
    rc_error_set(RC_FORMAT,
                 "an item of the format \"%.60s\" has %zu bytes, where the buffer has %zd",
                 result->format->text, result->itemsize, view->itemsize);
    rc_release(result);
    return NULL;
}

/* The buffer holds @p wrapped from its making on; before that it is given back here. */
rc_view *wrap_object(PyObject *object, bool read_only, struct wrapped **wrapped)
{
    struct reach reach;
    *wrapped = acquire(object);
    if (!*wrapped) return NULL;
    rc_buffer *buffer = adopt(*wrapped, &reach);
    if (!buffer) {
        (void)status_raise();
        lock_release(*wrapped);
        return NULL;
    }
    rc_view *view = view_all(buffer, &(*wrapped)->view, reach.before, read_only);
    if (!view) (void)status_raise();
    lock_release(buffer);
    return view;
}

rc_view *wrap_briefly(struct module_state *state, PyObject *object)
{
    struct wrapped *wrapped;
    if (PyObject_TypeCheck(object, state->view_type)) return view_hold((void *)object);
    if (PyObject_TypeCheck(object, state->buffer_type)) return buffer_view_of((void *)object);
    return wrap_object(object, true, &wrapped);
}
