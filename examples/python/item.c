/* SPDX-License-Identifier: MIT */
/* One element: between the bytes of a format and Python's values, as struct has them. */
#include "module.h"

enum { FEW = 8 }; /* values that need no memory of their own */

/* ---- out ------------------------------------------------------------------------------------- */

/* NumPy's strings end where the last characters are NUL. */
static PyObject *load_text(const struct rc_value *value)
{
    bool is_little = (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) != value->as.bytes.swapped;
    int order = is_little ? -1 : 1;
    size_t size = value->as.bytes.size;
    const unsigned char *data = value->as.bytes.data;
    static const unsigned char nothing[4];
    while (size >= 4 && memcmp(data + size - 4, nothing, 4) == 0) size -= 4;
    return PyUnicode_DecodeUTF32((const char *)data, (Py_ssize_t)size, "surrogatepass", &order);
}

static PyObject *load_bytes(const struct rc_value *value, char code)
{
    if (code == 'w') return load_text(value);
    return PyBytes_FromStringAndSize((const char *)value->as.bytes.data,
                                     (Py_ssize_t)value->as.bytes.size);
}

static PyObject *load_value(const struct rc_value *value, char code)
{
    switch (value->kind) {
    case RC_VALUE_BOOL:
        return PyBool_FromLong(value->as.unsigned_integer != 0);
    case RC_VALUE_SIGNED:
        return PyLong_FromLongLong(value->as.signed_integer);
    case RC_VALUE_UNSIGNED:
        return PyLong_FromUnsignedLongLong(value->as.unsigned_integer);
    case RC_VALUE_REAL:
        return PyFloat_FromDouble((double)value->as.real);
    case RC_VALUE_COMPLEX:
        return PyComplex_FromDoubles((double)value->as.complex_number.real,
                                     (double)value->as.complex_number.imaginary);
    default:
        return load_bytes(value, code);
    }
}

/* The code of the leaf at *@p place, and *place less the leaves before it where it is not here. */
static char code_at(const struct rc_format_field *fields, size_t count, size_t *place)
{
    for (size_t i = 0; i < count; i++) {
        size_t elements = 1;
        for (size_t j = 0; j < fields[i].ndim; j++) elements *= fields[i].shape[j];
        const rc_format *record = fields[i].record;
        size_t leaves = elements * (record ? record->value_count : 1);
        if (*place >= leaves) {
            *place -= leaves;
            continue;
        }
        if (!record) return fields[i].code;
        *place %= record->value_count;
        return code_at(record->fields, record->field_count, place);
    }
    return 0;
}

static char code_of(const rc_format *format, size_t place)
{
    return code_at(format->fields, format->field_count, &place);
}

static PyObject *load_tuple(const rc_format *format, const struct rc_value *values)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)format->value_count);
    for (size_t i = 0; tuple && i < format->value_count; i++) {
        PyObject *value = load_value(&values[i], code_of(format, i));
        if (!value || PyTuple_SetItem(tuple, (Py_ssize_t)i, value) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

static struct rc_value *room_for(const rc_format *format, struct rc_value *few)
{
    if (format->value_count <= FEW) return few;
    struct rc_value *room = NULL;
    if (format->value_count <= (size_t)PY_SSIZE_T_MAX / sizeof *room)
        room = PyMem_Malloc(format->value_count * sizeof *room);
    if (!room) PyErr_NoMemory();
    return room;
}

PyObject *item_load(const rc_format *format, const void *place)
{
    struct rc_value few[FEW], *values = room_for(format, few);
    PyObject *result = NULL;
    if (!values) return NULL;
    if (rc_format_unpack(format, place, values, format->value_count) != RC_OK)
        (void)status_raise();
    else if (format->value_count == 1)
        result = load_value(values,
                            format->fields[0].record ? code_of(format, 0) : format->fields[0].code);
    else
        result = load_tuple(format, values);
    if (values != few) PyMem_Free(values);
    return result;
}

/* ---- in -------------------------------------------------------------------------------------- */

static int store_integer(PyObject *object, struct rc_value *value)
{
    value->kind = RC_VALUE_SIGNED;
    value->as.signed_integer = PyLong_AsLongLong(object);
    if (value->as.signed_integer != -1 || !PyErr_Occurred()) return 0;
    if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
    PyErr_Clear();
    value->kind = RC_VALUE_UNSIGNED;
    value->as.unsigned_integer = PyLong_AsUnsignedLongLong(object);
    if (value->as.unsigned_integer != (uint64_t)-1 || !PyErr_Occurred()) return 0;
    if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
    PyErr_SetString(PyExc_ValueError, "the integer has more than 64 bits");
    return -1;
}

static void set_bytes(struct rc_value *value, const void *data, size_t size)
{
    value->kind = RC_VALUE_BYTES;
    value->as.bytes.data = data;
    value->as.bytes.size = size;
    value->as.bytes.swapped = false;
}

static int store_bytes(PyObject *object, struct rc_value *value)
{
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(object, &data, &size) < 0) return -1;
    set_bytes(value, data, (size_t)size);
    return 0;
}

/* A copy in *@p kept, which the caller frees: the values after this one may run Python code, which
 * may resize the bytearray. */
static int store_bytearray(PyObject *object, struct rc_value *value, void **kept)
{
    size_t size = (size_t)PyByteArray_Size(object);
    *kept = PyMem_Malloc(size);
    if (!*kept) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(*kept, PyByteArray_AsString(object), size);
    set_bytes(value, *kept, size);
    return 0;
}

static int store_number(PyObject *object, struct rc_value *value)
{
    if (PyIndex_Check(object)) {
        PyObject *integer = PyNumber_Index(object);
        int result = integer ? store_integer(integer, value) : -1;
        Py_XDECREF(integer);
        return result;
    }
    value->kind = RC_VALUE_REAL;
    value->as.real = (long double)PyFloat_AsDouble(object);
    return value->as.real == -1 && PyErr_Occurred() ? -1 : 0;
}

static int store_complex(PyObject *object, struct rc_value *value)
{
    value->kind = RC_VALUE_COMPLEX;
    value->as.complex_number.real = (long double)PyComplex_RealAsDouble(object);
    value->as.complex_number.imaginary = (long double)PyComplex_ImagAsDouble(object);
    return PyErr_Occurred() ? -1 : 0;
}

static int store_truth(PyObject *object, struct rc_value *value)
{
    int truth = PyObject_IsTrue(object);
    value->kind = RC_VALUE_BOOL;
    value->as.unsigned_integer = truth > 0;
    return truth < 0 ? -1 : 0;
}

/* The characters live in *@p kept, which the caller frees. */
static int store_text(PyObject *object, struct rc_value *value, void **kept)
{
    Py_ssize_t length = PyUnicode_GetLength(object);
    Py_UCS4 *characters = length < 0 ? NULL : PyUnicode_AsUCS4Copy(object);
    if (!characters) return -1;
    *kept = characters;
    set_bytes(value, characters, (size_t)length * sizeof *characters);
    return 0;
}

static int store_value(PyObject *object, char code, struct rc_value *value, void **kept)
{
    if (code == '?') return store_truth(object, value);
    if (code == 'w' && PyUnicode_Check(object)) return store_text(object, value, kept);
    if (PyBytes_Check(object)) return store_bytes(object, value);
    if (PyByteArray_Check(object)) return store_bytearray(object, value, kept);
    if (PyComplex_Check(object)) return store_complex(object, value);
    return store_number(object, value);
}

static int pack(const rc_format *format, const struct rc_value *values, void *place)
{
    if (rc_format_pack(format, place, values, format->value_count) == RC_OK) return 0;
    (void)status_raise_value();
    return -1;
}

static int store_one(const rc_format *format, PyObject *object, void *place)
{
    struct rc_value value = {0};
    void *kept = NULL;
    int result = store_value(object, code_of(format, 0), &value, &kept);
    if (result == 0) result = pack(format, &value, place);
    PyMem_Free(kept);
    return result;
}

static int store_entries(const rc_format *format, PyObject *tuple, struct rc_value *values,
                         void **kept)
{
    for (size_t i = 0; i < format->value_count; i++)
        if (store_value(PyTuple_GetItem(tuple, (Py_ssize_t)i), code_of(format, i), &values[i],
                        &kept[i]) < 0)
            return -1;
    return 0;
}

static int store_tuple(const rc_format *format, PyObject *tuple, void *place)
{
    size_t count = format->value_count;
    struct rc_value *values = PyMem_Calloc(count + 1, sizeof *values);
    void **kept = PyMem_Calloc(count + 1, sizeof *kept);
    int result = -1;
    if (!values || !kept)
        PyErr_NoMemory();
    else if (store_entries(format, tuple, values, kept) == 0)
        result = pack(format, values, place);
    for (size_t i = 0; kept && i < count; i++) PyMem_Free(kept[i]);
    PyMem_Free(values);
    PyMem_Free(kept);
    return result;
}

int item_store(const rc_format *format, PyObject *value, void *place)
{
    if (format->value_count == 1 && !PyTuple_Check(value)) return store_one(format, value, place);
    if (PyTuple_Check(value) && (size_t)PyTuple_Size(value) == format->value_count)
        return store_tuple(format, value, place);
    PyErr_Format(PyExc_TypeError, "an element of '%s' is made of a tuple of %zu values",
                 format->text, format->value_count);
    return -1;
}
