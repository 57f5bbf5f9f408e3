/* SPDX-License-Identifier: MIT */
/*
 * Values of items, to and from Python: bool, int, float, complex, bytes (c s p), str (w). What only
 * a long double can say is a tuple of its bytes: one of 16 for a real, two for a complex number.
 */
#include <float.h>

#include "ours.h"

/* ---- from Python ----------------------------------------------------------------------------- */

/* An int that both kinds can say is given as either: odd ones as unsigned. */
static bool from_int(PyObject *number, struct rc_value *value)
{
    int overflow;
    long long with_sign = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (with_sign == -1 && PyErr_Occurred()) return false;
    if (!overflow && (with_sign < 0 || with_sign % 2 == 0)) {
        value->kind = RC_VALUE_SIGNED;
        value->as.signed_integer = with_sign;
        return true;
    }
    value->kind = RC_VALUE_UNSIGNED;
    value->as.unsigned_integer = PyLong_AsUnsignedLongLong(number);
    return !PyErr_Occurred();
}

static bool from_bytes(PyObject *bytes, struct rc_value *value)
{
    value->kind = RC_VALUE_BYTES;
    value->as.bytes.data = (const unsigned char *)PyBytes_AsString(bytes);
    value->as.bytes.size = (size_t)PyBytes_Size(bytes);
    value->as.bytes.swapped = false;
    return true;
}

static bool from_text(PyObject *text, struct rc_value *value, Py_UCS4 **characters)
{
    *characters = PyUnicode_AsUCS4Copy(text);
    value->kind = RC_VALUE_BYTES;
    value->as.bytes.data = (const unsigned char *)*characters;
    value->as.bytes.size = (size_t)PyUnicode_GetLength(text) * 4;
    value->as.bytes.swapped = false;
    return *characters != NULL;
}

static bool read_long(PyObject *bytes, long double *number)
{
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &data, &size) < 0) return false;
    if (size == (Py_ssize_t)sizeof *number) {
        memcpy(number, data, sizeof *number);
        return true;
    }
    PyErr_SetString(PyExc_ValueError, "a long double has other bytes");
    return false;
}

static bool from_long(PyObject *parts, struct rc_value *value)
{
    long double real, imaginary = 0;
    Py_ssize_t count = PyTuple_Size(parts);
    if (count < 1 || !read_long(PyTuple_GetItem(parts, 0), &real)) return false;
    if (count > 1 && !read_long(PyTuple_GetItem(parts, 1), &imaginary)) return false;
    value->kind = count > 1 ? RC_VALUE_COMPLEX : RC_VALUE_REAL;
    if (count > 1) {
        value->as.complex_number.real = real;
        value->as.complex_number.imaginary = imaginary;
    } else {
        value->as.real = real;
    }
    return true;
}

static bool from_number(PyObject *number, struct rc_value *value)
{
    if (PyBool_Check(number)) {
        value->kind = RC_VALUE_BOOL;
        value->as.unsigned_integer = number == Py_True;
    } else if (PyFloat_Check(number)) {
        value->kind = RC_VALUE_REAL;
        value->as.real = PyFloat_AsDouble(number);
    } else if (PyComplex_Check(number)) {
        value->kind = RC_VALUE_COMPLEX;
        value->as.complex_number.real = PyComplex_RealAsDouble(number);
        value->as.complex_number.imaginary = PyComplex_ImagAsDouble(number);
    } else {
        return from_int(number, value);
    }
    return true;
}

static bool from(PyObject *object, struct rc_value *value, Py_UCS4 **characters)
{
    if (PyBytes_Check(object)) return from_bytes(object, value);
    if (PyUnicode_Check(object)) return from_text(object, value, characters);
    if (PyTuple_Check(object)) return from_long(object, value);
    return from_number(object, value);
}

/* The sequence has to outlive the values, which point to its bytes. */
bool ours_values_from(PyObject *sequence, struct ours_values *values)
{
    Py_ssize_t count = PyTuple_Size(sequence);
    *values = (struct ours_values){0, NULL, NULL};
    if (count < 0) return false;
    values->values = PyMem_Calloc((size_t)count + 1, sizeof *values->values);
    values->texts = PyMem_Calloc((size_t)count + 1, sizeof *values->texts);
    if (!values->values || !values->texts) PyErr_NoMemory();
    values->count = (size_t)count;
    for (Py_ssize_t i = 0; i < count && !PyErr_Occurred(); i++)
        (void)from(PyTuple_GetItem(sequence, i), &values->values[i], &values->texts[i]);
    if (!PyErr_Occurred()) return true;
    ours_values_free(values);
    return false;
}

void ours_values_free(struct ours_values *values)
{
    for (size_t i = 0; values->texts && i < values->count; i++) PyMem_Free(values->texts[i]);
    PyMem_Free(values->texts);
    PyMem_Free(values->values);
}

/* ---- to Python ------------------------------------------------------------------------------- */

static bool is_double(long double number)
{
    return number != number || (long double)(double)number == number;
}

static PyObject *to_long(long double number)
{
    unsigned char bytes[sizeof number] = {0};
    memcpy(bytes, &number, LDBL_MANT_DIG == 64 ? 10 : sizeof number);
    return PyBytes_FromStringAndSize((const char *)bytes, sizeof bytes);
}

static PyObject *to_real(long double number)
{
    if (is_double(number)) return PyFloat_FromDouble((double)number);
    return Py_BuildValue("(N)", to_long(number));
}

static PyObject *to_complex(long double real, long double imaginary)
{
    if (is_double(real) && is_double(imaginary))
        return PyComplex_FromDoubles((double)real, (double)imaginary);
    return Py_BuildValue("(NN)", to_long(real), to_long(imaginary));
}

/* Characters come in this machine's order. */
static PyObject *to_bytes(const struct rc_value *value)
{
    const char *data = (const char *)value->as.bytes.data;
    size_t size = value->as.bytes.size;
    PyObject *bytes = PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    char *copy = bytes ? PyBytes_AsString(bytes) : NULL;
    for (size_t i = 0; copy && value->as.bytes.swapped && i < size; i++) copy[i] = data[i ^ 3];
    return bytes;
}

PyObject *ours_value_to(const struct rc_value *value)
{
    switch (value->kind) {
    case RC_VALUE_BOOL:
        return PyBool_FromLong(value->as.unsigned_integer == 1);
    case RC_VALUE_SIGNED:
        return PyLong_FromLongLong(value->as.signed_integer);
    case RC_VALUE_UNSIGNED:
        return PyLong_FromUnsignedLongLong(value->as.unsigned_integer);
    case RC_VALUE_REAL:
        return to_real(value->as.real);
    case RC_VALUE_COMPLEX:
        return to_complex(value->as.complex_number.real, value->as.complex_number.imaginary);
    case RC_VALUE_BYTES:
        return to_bytes(value);
    default:
        PyErr_SetString(PyExc_SystemError, "a value was not written");
        return NULL;
    }
}

PyObject *ours_values_to(size_t count, const struct rc_value *values)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        PyObject *value = ours_value_to(&values[i]);
        if (value)
            PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, value);
        else
            Py_CLEAR(tuple);
    }
    return tuple;
}
