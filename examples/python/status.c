/* SPDX-License-Identifier: MIT */
/* Which exception says what a status says. */
#include "module.h"

static PyObject *exception_of(enum rc_status status)
{
    switch (status) {
    case RC_NO_MEMORY:
        return PyExc_MemoryError;
    case RC_BUSY:
        return PyExc_BufferError;
    case RC_OVERFLOW:
        return PyExc_OverflowError;
    case RC_READ_ONLY:
        return PyExc_TypeError;
    case RC_SYSTEM:
        return PyExc_OSError;
    case RC_UNSUPPORTED:
        return PyExc_NotImplementedError;
    default: /* RC_INVALID, RC_RANGE, RC_FORMAT */
        return PyExc_ValueError;
    }
}

static void *raise_as(PyObject *exception)
{
    PyErr_SetString(exception, rc_error_message());
    return NULL;
}

void *status_raise(void)
{
    return raise_as(exception_of(rc_error_status()));
}

void *status_raise_index(void)
{
    bool is_outside = rc_error_status() == RC_RANGE;
    return is_outside ? raise_as(PyExc_IndexError) : status_raise();
}

void *status_raise_value(void)
{
    bool is_other_kind = rc_error_status() == RC_INVALID;
    return is_other_kind ? raise_as(PyExc_TypeError) : status_raise();
}

PyObject *status_none(enum rc_status status)
{
    if (status != RC_OK) return status_raise();
    Py_RETURN_NONE;
}
