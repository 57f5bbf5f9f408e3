/* SPDX-License-Identifier: MIT */
/* Elements of a view: one, a part, all as lists or bytes, compared. */
#include "module.h"

/* ---- keys ------------------------------------------------------------------------------------ */

/* What one entry of a key says of one dimension. */
struct step {
    bool is_slice;
    ptrdiff_t start, stop, step; /* start: the index, where it is no slice */
};

struct key {
    size_t count;
    bool is_element; /* an index for each dimension */
    struct step steps[RC_VIEW_DIMENSIONS_MAX];
};

/* PySlice_Unpack() writes the least integer for an end that was left out where it means one, and
 * for one that is less than any: here the second is one more. */
static int read_slice(PyObject *object, struct step *step)
{
    PyObject *stop = PyObject_GetAttrString(object, "stop");
    PyObject *start = stop ? PyObject_GetAttrString(object, "start") : NULL;
    if (!start || PySlice_Unpack(object, &step->start, &step->stop, &step->step) < 0) {
        Py_XDECREF(start);
        Py_XDECREF(stop);
        return -1;
    }
    if (start == Py_None)
        step->start = RC_VIEW_OPEN;
    else if (step->start == PTRDIFF_MIN)
        step->start++;
    if (stop == Py_None)
        step->stop = RC_VIEW_OPEN;
    else if (step->stop == PTRDIFF_MIN)
        step->stop++;
    step->is_slice = true;
    Py_DECREF(start);
    Py_DECREF(stop);
    return 0;
}

static int read_step(PyObject *object, struct step *step)
{
    if (PySlice_Check(object)) return read_slice(object, step);
    step->is_slice = false;
    if (!PyIndex_Check(object)) {
        PyErr_SetString(PyExc_TypeError,
                        "a View is indexed by integers, slices, and tuples of them");
        return -1;
    }
    step->start = PyNumber_AsSsize_t(object, PyExc_IndexError);
    return step->start == -1 && PyErr_Occurred() ? -1 : 0;
}

static int read_tuple(PyObject *tuple, const rc_view *view, struct key *key)
{
    key->count = (size_t)PyTuple_Size(tuple);
    if (key->count > view->ndim) {
        PyErr_Format(PyExc_TypeError, "%zu indices for %zu dimensions", key->count, view->ndim);
        return -1;
    }
    for (size_t i = 0; i < key->count; i++)
        if (read_step(PyTuple_GetItem(tuple, (Py_ssize_t)i), &key->steps[i]) < 0) return -1;
    return 0;
}

static int read_single(PyObject *object, const rc_view *view, struct key *key)
{
    key->count = object == Py_Ellipsis ? 0 : 1;
    if (key->count <= view->ndim) return key->count ? read_step(object, &key->steps[0]) : 0;
    PyErr_SetString(PyExc_TypeError, "a View without dimensions is indexed by () or ...");
    return -1;
}

/* Python code may run here, and not after it. */
static int read_key(PyObject *object, const rc_view *view, struct key *key)
{
    bool is_tuple = PyTuple_Check(object);
    if ((is_tuple ? read_tuple : read_single)(object, view, key) < 0) return -1;
    key->is_element = key->count == view->ndim && object != Py_Ellipsis;
    for (size_t i = 0; i < key->count; i++) key->is_element &= !key->steps[i].is_slice;
    return 0;
}

/* ---- places ---------------------------------------------------------------------------------- */

/* NULL, with IndexError: there is no such element. */
static const void *element_at(const rc_view *view, const struct key *key)
{
    size_t index[RC_VIEW_DIMENSIONS_MAX];
    for (size_t i = 0; i < key->count; i++) {
        ptrdiff_t length = (ptrdiff_t)view->shape[i], start = key->steps[i].start;
        ptrdiff_t place = start < 0 ? start + length : start;
        if (place < 0 || place >= length) {
            PyErr_Format(PyExc_IndexError, "index %zd of dimension %zu, which has %zd elements",
                         start, i, length);
            return NULL;
        }
        index[i] = (size_t)place;
    }
    const void *element = rc_view_at(view, index);
    return element ? element : status_raise_index();
}

static rc_view *apply(const rc_view *view, const struct step *step, size_t *dimension)
{
    if (!step->is_slice) return rc_view_index(view, *dimension, step->start);
    return rc_view_slice(view, (*dimension)++, step->start, step->stop, step->step);
}

/* Another view of the same elements. */
static rc_view *again(const rc_view *view)
{
    return view->ndim ? rc_view_slice(view, 0, RC_VIEW_OPEN, RC_VIEW_OPEN, 1)
                      : rc_view_permute(view, NULL);
}

/* Never the view itself: the collector counts a view for each View.
 * Returns: owned; NULL with an exception. */
static rc_view *part_at(const rc_view *view, const struct key *key)
{
    rc_view *part = key->count ? rc_retain((rc_view *)(uintptr_t)view) : again(view);
    size_t dimension = 0;
    for (size_t i = 0; part && i < key->count; i++) {
        rc_view *next = apply(part, &key->steps[i], &dimension);
        lock_release(part);
        part = next;
    }
    return part ? part : status_raise_index();
}

/* ---- one element, or a part ------------------------------------------------------------------ */

PyObject *view_get(const rc_view *view, PyObject *object, PyTypeObject *type,
                   struct buffer_object *owner)
{
    struct key key;
    if (read_key(object, view, &key) < 0) return NULL;
    if (key.is_element) {
        const void *element = element_at(view, &key);
        return element ? item_load(view->format, element) : NULL;
    }
    rc_view *part = part_at(view, &key);
    return part ? view_adopt(type, part, owner) : NULL;
}

static int set_element(const rc_view *view, const struct key *key, PyObject *value)
{
    const void *element = element_at(view, key);
    if (!element) return -1;
    return item_store(view->format, value, (void *)(uintptr_t)element);
}

static int set_part(struct module_state *state, const rc_view *view, const struct key *key,
                    PyObject *value)
{
    rc_view *from = wrap_briefly(state, value);
    rc_view *to = from ? part_at(view, key) : NULL;
    int result = to && rc_view_copy(to, from) == RC_OK ? 0 : -1;
    if (to && result < 0) (void)status_raise();
    lock_release(to);
    lock_release(from);
    return result;
}

int view_set(struct module_state *state, const rc_view *view, PyObject *object, PyObject *value)
{
    struct key key;
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "elements of a View cannot be deleted");
        return -1;
    }
    if (rc_view_is_read_only(view)) {
        PyErr_SetString(PyExc_TypeError, "the elements are read-only");
        return -1;
    }
    if (read_key(object, view, &key) < 0) return -1;
    bool is_element = key.is_element || view->ndim == 0;
    return is_element ? set_element(view, &key, value) : set_part(state, view, &key, value);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const unsigned char *step_to(const rc_view *view, size_t dimension, size_t index,
                                    const unsigned char *place)
{
    place += (ptrdiff_t)index * view->strides[dimension];
    if (!view->suboffsets || view->suboffsets[dimension] < 0) return place;
    const unsigned char *address;
    memcpy(&address, place, sizeof address);
    return address + view->suboffsets[dimension];
}

static PyObject *list_from(const rc_view *view, size_t dimension, const unsigned char *place)
{
    if (dimension == view->ndim) return item_load(view->format, place);
    size_t length = view->shape[dimension];
    PyObject *list = PyList_New((Py_ssize_t)length);
    for (size_t i = 0; list && i < length; i++) {
        PyObject *entry = list_from(view, dimension + 1, step_to(view, dimension, i, place));
        if (!entry || PyList_SetItem(list, (Py_ssize_t)i, entry) < 0) Py_CLEAR(list);
    }
    return list;
}

/* Without elements there may be no addresses to follow. */
static PyObject *list_of_nothing(const rc_view *view, size_t dimension)
{
    size_t length = view->shape[dimension];
    PyObject *list = PyList_New((Py_ssize_t)length);
    for (size_t i = 0; list && i < length; i++) {
        PyObject *entry = list_of_nothing(view, dimension + 1);
        if (!entry || PyList_SetItem(list, (Py_ssize_t)i, entry) < 0) Py_CLEAR(list);
    }
    return list;
}

PyObject *view_list(const rc_view *view)
{
    return view->size ? list_from(view, 0, view->data) : list_of_nothing(view, 0);
}

PyObject *view_bytes(const rc_view *view, char order)
{
    rc_buffer *bytes = rc_view_to_bytes(view, order);
    if (!bytes) return status_raise();
    PyObject *result =
        PyBytes_FromStringAndSize((const char *)bytes->data, (Py_ssize_t)bytes->size);
    lock_release(bytes);
    return result;
}

/* Whether nobody writes the bytes: of what wrap() has wrapped, whether that has a hash, as memoryview
 * asks. Returns: 0, or -1 with an exception. */
static int check_constant(const rc_view *view, const struct buffer_object *owner)
{
    if (owner->source) {
        PyObject *source = Py_NewRef(owner->source->view.obj);
        Py_hash_t hash = PyObject_Hash(source);
        Py_DECREF(source);
        return hash == -1 ? -1 : 0;
    }
    if (!owner->is_written && !rc_buffer_edit(view->base)) return 0;
    PyErr_SetString(PyExc_ValueError, "the bytes have no hash: they can be written, if not here");
    return -1;
}

/* Equal views of other formats would have other bytes. */
Py_hash_t view_hash_bytes(const rc_view *view, const struct buffer_object *owner)
{
    const char *text = view->format->text;
    if (!rc_view_is_read_only(view) || !text[0] || text[1] || !strchr("Bbc", text[0])) {
        PyErr_SetString(PyExc_ValueError,
                        "only read-only elements of the formats B, b and c have a hash");
        return -1;
    }
    if (check_constant(view, owner) < 0) return -1;
    PyObject *bytes = view_bytes(view, 'C');
    Py_hash_t hash = bytes ? PyObject_Hash(bytes) : -1;
    Py_XDECREF(bytes);
    return hash;
}

PyObject *view_compare(struct module_state *state, const rc_view *view, PyObject *other, int how)
{
    if ((how != Py_EQ && how != Py_NE) || !PyObject_CheckBuffer(other)) Py_RETURN_NOTIMPLEMENTED;
    rc_view *against = wrap_briefly(state, other);
    if (!against) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    bool is_equal = rc_view_equal(view, against);
    lock_release(against);
    return PyBool_FromLong(is_equal == (how == Py_EQ));
}

PyObject *item_by_key(PyObject *object, Py_ssize_t index, binaryfunc get)
{
    PyObject *key = PyLong_FromSsize_t(index);
    PyObject *result = key ? get(object, key) : NULL;
    Py_XDECREF(key);
    return result;
}
