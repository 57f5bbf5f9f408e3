/* SPDX-License-Identifier: MIT */
/*
 * The buffer protocol: what of a view a request of PyBUF_... flags gets, and which it is refused.
 *
 * The rules are memoryview's and those of the manual, "Buffer Protocol", in the order in which they
 * are told: writing, contiguity, suboffsets, strides, shape. Flags share bits: a request has one if
 * it has all of its bits.
 */
#include "module.h"

static bool asks(int flags, int flag)
{
    return (flags & flag) == flag;
}

/* What the request cannot have; NULL: nothing. */
static const char *refusal(const rc_view *view, int flags)
{
    bool is_c = rc_view_is_contiguous(view, 'C');
    if (asks(flags, PyBUF_WRITABLE) && rc_view_is_read_only(view))
        return "elements that can be written were asked for, and these are read-only";
    if (asks(flags, PyBUF_C_CONTIGUOUS) && !is_c)
        return "the elements are not contiguous in order C";
    if (asks(flags, PyBUF_F_CONTIGUOUS) && !rc_view_is_contiguous(view, 'F'))
        return "the elements are not contiguous in order F";
    if (asks(flags, PyBUF_ANY_CONTIGUOUS) && !rc_view_is_contiguous(view, 'A'))
        return "the elements are not contiguous in any order";
    if (!asks(flags, PyBUF_INDIRECT) && view->suboffsets)
        return "the elements are reached by suboffsets, which were not asked for";
    if (!asks(flags, PyBUF_STRIDES) && !is_c)
        return "strides were not asked for, and the elements are not contiguous in order C";
    if (!asks(flags, PyBUF_ND) && asks(flags, PyBUF_FORMAT))
        return "a format without a shape was asked for, and bytes without a shape have none";
    return NULL;
}

static void fill(Py_buffer *out, const rc_view *view, int flags)
{
    bool has_shape = asks(flags, PyBUF_ND), has_dimensions = view->ndim > 0;
    out->buf = (void *)(uintptr_t)view->data;
    out->len = (Py_ssize_t)rc_view_byte_count(view);
    out->readonly = rc_view_is_read_only(view);
    out->itemsize = (Py_ssize_t)view->itemsize;
    out->ndim = has_shape ? (int)view->ndim : 1;
    if (asks(flags, PyBUF_FORMAT)) out->format = (char *)(uintptr_t)view->format->text;
    if (has_shape && has_dimensions) out->shape = (Py_ssize_t *)(uintptr_t)view->shape;
    if (asks(flags, PyBUF_STRIDES) && has_dimensions)
        out->strides = (Py_ssize_t *)(uintptr_t)view->strides;
    out->suboffsets = (Py_ssize_t *)(uintptr_t)view->suboffsets;
}

int export_view(PyObject *exporter, const rc_view *view, Py_buffer *out, int flags)
{
    if (!out) {
        PyErr_SetString(PyExc_BufferError, "a request without a Py_buffer gets nothing");
        return -1;
    }
    memset(out, 0, sizeof *out);
    const char *reason = refusal(view, flags);
    if (reason) {
        PyErr_SetString(PyExc_BufferError, reason);
        return -1;
    }
    fill(out, view, flags);
    out->internal = (void *)(uintptr_t)rc_retain(view);
    out->obj = Py_NewRef(exporter);
    return 0;
}

/* PyBuffer_Release() lets go of the exporter. */
void export_release(Py_buffer *out)
{
    lock_release(out->internal);
    out->internal = NULL;
}
