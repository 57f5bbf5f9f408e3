/* SPDX-License-Identifier: MIT */
/* Buffer: a Python object that owns an rc_buffer. */
#include "module.h"

#include <structmember.h>

static struct buffer_object *of(PyObject *object)
{
    return (struct buffer_object *)(void *)object;
}

/* The buffer, or NULL with an exception: the collector has been there. */
static rc_buffer *alive(struct buffer_object *self)
{
    if (!self->buffer) PyErr_SetString(PyExc_ValueError, "the Buffer has been cleared");
    return self->buffer;
}

rc_view *buffer_view_of(struct buffer_object *self)
{
    if (!alive(self)) return NULL;
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = self->format->text,
                                          .ndim = self->ndim,
                                          .shape = self->shape};
    rc_view *view = rc_view_new_with(self->buffer, &layout);
    return view ? view : status_raise();
}

/* A view of a slice holds the slice itself. */
bool buffer_is_shared(const struct buffer_object *self)
{
    return rc_buffer_exports(self->buffer) > 0 || !rc_is_unique(self->buffer);
}

/* ---- size ------------------------------------------------------------------------------------ */

static PyObject *resize(PyObject *object, PyObject *argument)
{
    struct buffer_object *self = of(object);
    Py_ssize_t size = PyNumber_AsSsize_t(argument, PyExc_OverflowError);
    if (size == -1 && PyErr_Occurred()) return NULL;
    if (!alive(self)) return NULL;
    if (size < 0) return PyErr_Format(PyExc_ValueError, "a buffer of %zd bytes cannot be", size);
    size_t before = self->buffer->size;
    if (buffer_check_rows(self, (size_t)size) < 0) return NULL;
    if (rc_buffer_resize(self->buffer, (size_t)size) != RC_OK) return status_raise();
    buffer_follow_size(self);
    if ((size_t)size > before)
        memset((char *)rc_buffer_edit(self->buffer) + before, 0, (size_t)size - before);
    Py_RETURN_NONE;
}

/* Python may run while the bytes are asked for, and so resize the buffer; not from here on. */
static PyObject *append_bytes(struct buffer_object *self, const Py_buffer *bytes)
{
    if (!alive(self)) return NULL;
    size_t size = (size_t)bytes->len;
    if (buffer_check_rows(self, self->buffer->size + size) < 0) return NULL;
    if (rc_buffer_append(self->buffer, bytes->buf, size) != RC_OK) return status_raise();
    buffer_follow_size(self);
    Py_RETURN_NONE;
}

static PyObject *append(PyObject *object, PyObject *argument)
{
    Py_buffer bytes;
    if (PyObject_GetBuffer(argument, &bytes, PyBUF_SIMPLE) < 0) return NULL;
    PyObject *result = append_bytes(of(object), &bytes);
    PyBuffer_Release(&bytes);
    return result;
}

static PyObject *reserve(PyObject *object, PyObject *argument)
{
    Py_ssize_t size = PyNumber_AsSsize_t(argument, PyExc_OverflowError);
    if (size == -1 && PyErr_Occurred()) return NULL;
    if (!alive(of(object))) return NULL;
    return status_none(rc_buffer_reserve(of(object)->buffer, size < 0 ? 0 : (size_t)size));
}

static PyObject *shrink(PyObject *object, PyObject *unused)
{
    (void)unused;
    return alive(of(object)) ? status_none(rc_buffer_shrink(of(object)->buffer)) : NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Whoever has a writable export would write on. */
static PyObject *freeze(PyObject *object, PyObject *unused)
{
    (void)unused;
    struct buffer_object *self = of(object);
    if (!alive(self)) return NULL;
    if (!buffer_is_shared(self)) return status_none(rc_buffer_freeze(self->buffer));
    PyErr_Format(PyExc_BufferError, "the %zu bytes are exported, and may be written there",
                 self->buffer->size);
    return NULL;
}

/* Who took the hash relies on the bytes. */
static PyObject *thaw(PyObject *object, PyObject *unused)
{
    (void)unused;
    struct buffer_object *self = of(object);
    if (!alive(self)) return NULL;
    if (self->source && self->source->view.readonly)
        return PyErr_Format(PyExc_BufferError, "the bytes are read-only where they come from");
    if (self->hash == -1) return status_none(rc_buffer_thaw(self->buffer));
    PyErr_SetString(PyExc_BufferError, "the hash of the bytes has been taken, so they stay");
    return NULL;
}

/* ---- sharing --------------------------------------------------------------------------------- */

static PyObject *slice(PyObject *object, PyObject *arguments)
{
    Py_ssize_t offset, size;
    struct buffer_object *self = of(object);
    if (!PyArg_ParseTuple(arguments, "nn:slice", &offset, &size) || !alive(self)) return NULL;
    if (offset < 0 || size < 0)
        return PyErr_Format(PyExc_ValueError, "a slice of %zd bytes at %zd cannot be", size,
                            offset);
    rc_buffer *part = rc_buffer_slice(self->buffer, (size_t)offset, (size_t)size);
    if (!part) return status_raise();
    rc_format *bytes = rc_format_new("B");
    struct buffer_object *made = buffer_adopt(Py_TYPE(object), part, bytes);
    if (made) made->is_written = self->is_written || rc_buffer_edit(self->buffer) != NULL;
    return (PyObject *)made;
}

static PyObject *view(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    struct module_state *state = module_state_of(Py_TYPE(object));
    if (!state || !alive(of(object))) return NULL;
    return view_of_buffer(state->view_type, of(object), arguments, keywords);
}

/* ---- the buffer protocol, and elements as a View has them ------------------------------------ */

static int get_buffer(PyObject *object, Py_buffer *out, int flags)
{
    if (out) out->obj = NULL; /* as a refusal has to */
    rc_view *all = buffer_view_of(of(object));
    int result = all ? export_view(object, all, out, flags) : -1;
    lock_release(all);
    return result;
}

static void release_buffer(PyObject *object, Py_buffer *out)
{
    (void)object;
    export_release(out);
}

static Py_ssize_t length(PyObject *object)
{
    if (of(object)->ndim > 0) return (Py_ssize_t)of(object)->shape[0];
    PyErr_SetString(PyExc_TypeError, "a Buffer without dimensions has no length");
    return -1;
}

static PyObject *get(PyObject *object, PyObject *key)
{
    struct module_state *state = module_state_of(Py_TYPE(object));
    rc_view *all = state ? buffer_view_of(of(object)) : NULL;
    PyObject *result = all ? view_get(all, key, state->view_type, of(object)) : NULL;
    lock_release(all);
    return result;
}

static int set(PyObject *object, PyObject *key, PyObject *value)
{
    struct module_state *state = module_state_of(Py_TYPE(object));
    rc_view *all = state ? buffer_view_of(of(object)) : NULL;
    int result = all ? view_set(state, all, key, value) : -1;
    lock_release(all);
    return result;
}

static PyObject *item(PyObject *object, Py_ssize_t index)
{
    return item_by_key(object, index, get);
}

static PyObject *compare(PyObject *object, PyObject *other, int how)
{
    struct module_state *state = module_state_of(Py_TYPE(object));
    rc_view *all = state ? buffer_view_of(of(object)) : NULL;
    PyObject *result = all ? view_compare(state, all, other, how) : NULL;
    lock_release(all);
    return result;
}

static Py_hash_t hash(PyObject *object)
{
    struct buffer_object *self = of(object);
    if (self->hash != -1) return self->hash;
    rc_view *all = buffer_view_of(self);
    if (all) self->hash = view_hash_bytes(all, self);
    lock_release(all);
    return self->hash;
}

/* ---- what it says of itself ------------------------------------------------------------------ */

static PyObject *get_size(PyObject *object, void *unused)
{
    (void)unused;
    return alive(of(object)) ? PyLong_FromSize_t(of(object)->buffer->size) : NULL;
}

static PyObject *get_exports(PyObject *object, void *unused)
{
    (void)unused;
    return alive(of(object)) ? PyLong_FromSize_t(rc_buffer_exports(of(object)->buffer)) : NULL;
}

static PyObject *get_address(PyObject *object, void *unused)
{
    (void)unused;
    if (!alive(of(object))) return NULL;
    return PyLong_FromVoidPtr((void *)(uintptr_t)of(object)->buffer->data);
}

static PyObject *get_format(PyObject *object, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(of(object)->format->text);
}

static PyObject *get_shape(PyObject *object, void *unused)
{
    (void)unused;
    return shape_tuple(of(object)->ndim, (const ptrdiff_t *)of(object)->shape);
}

static PyObject *get_read_only(PyObject *object, void *unused)
{
    (void)unused;
    rc_view *all = buffer_view_of(of(object));
    PyObject *result = all ? PyBool_FromLong(rc_view_is_read_only(all)) : NULL;
    lock_release(all);
    return result;
}

static PyObject *get_object(PyObject *object, void *unused)
{
    (void)unused;
    struct wrapped *source = of(object)->source;
    return Py_NewRef(source && source->view.obj ? source->view.obj : Py_None);
}

static PyObject *represent(PyObject *object)
{
    if (!alive(of(object))) return NULL;
    return PyUnicode_FromFormat("<rcbuf.Buffer of %zu bytes, format '%s'>",
                                of(object)->buffer->size, of(object)->format->text);
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Whether only Python's objects, which the collector knows, hold the wrapped buffer: this one, and
 * Views, each with a view of its own. Then what is wrapped is reachable by this object alone. */
static bool holds_source_alone(const struct buffer_object *self)
{
    if (!self->source || !self->buffer) return false;
    size_t exports = rc_buffer_exports(self->buffer);
    return exports == self->views && rc_count(self->buffer) == 1 + (size_t)(exports > 0);
}

static int traverse(PyObject *object, visitproc visit, void *arg)
{
    VISIT_TYPE(object);
    if (holds_source_alone(of(object))) Py_VISIT(of(object)->source->view.obj);
    return 0;
}

static int clear(PyObject *object)
{
    struct buffer_object *self = of(object);
    rc_buffer *buffer = self->buffer;
    self->buffer = NULL;
    self->source = NULL;
    lock_release(buffer);
    return 0;
}

static void deallocate(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    if (of(object)->weak) PyObject_ClearWeakRefs(object);
    (void)clear(object);
    rc_release(of(object)->format);
    freefunc give_back = (freefunc)(uintptr_t)PyType_GetSlot(type, Py_tp_free);
    give_back(object);
    Py_DECREF(type);
}

/* ---- the type -------------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"resize", resize, METH_O, "resize(size): new bytes are zero. BufferError while exported."},
    {"append", append, METH_O, "append(bytes): whole rows. BufferError while exported."},
    {"reserve", reserve, METH_O, "reserve(size): room for as many bytes."},
    {"shrink", shrink, METH_NOARGS, "shrink(): give unused capacity back."},
    {"freeze", freeze, METH_NOARGS, "freeze(): read-only from now on. BufferError while exported."},
    {"thaw", thaw, METH_NOARGS, "thaw(): undo freeze(). BufferError while exported or hashed."},
    {"slice", slice, METH_VARARGS, "slice(offset, size): a Buffer over part of the same bytes."},
    {"view", METHOD(view), METH_VARARGS | METH_KEYWORDS,
     "view(format='B', shape=None, strides=None, offset=0, readonly=False, suboffsets=None): a "
     "View "
     "of elements anywhere in the bytes. Whoever gives suboffsets vouches for the addresses."},
    {0},
};

static PyGetSetDef attributes[] = {
    {"size", get_size, NULL, "in bytes", NULL},
    {"exports", get_exports, NULL, "views and slices that live on the bytes", NULL},
    {"address", get_address, NULL, "of the first byte", NULL},
    {"format", get_format, NULL, "of an element, as it is exported", NULL},
    {"shape", get_shape, NULL, "as it is exported", NULL},
    {"readonly", get_read_only, NULL, "whether the bytes cannot be written now", NULL},
    {"obj", get_object, NULL, "what wrap() has wrapped; None: bytes of its own", NULL},
    {0},
};

static PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct buffer_object, weak), READONLY, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Buffer(source, format='B', shape=None, readonly=False, *, alignment=0, wipe=False)"
                "\n--\n\nMemory of our own: source zero bytes, or a copy of source's."},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    SLOT(Py_tp_new, buffer_create),
    SLOT(Py_tp_dealloc, deallocate),
    SLOT(Py_tp_traverse, traverse),
    SLOT(Py_tp_clear, clear),
    SLOT(Py_tp_repr, represent),
    SLOT(Py_tp_hash, hash),
    SLOT(Py_tp_richcompare, compare),
    SLOT(Py_sq_item, item),
    SLOT(Py_sq_length, length),
    SLOT(Py_mp_length, length),
    SLOT(Py_mp_subscript, get),
    SLOT(Py_mp_ass_subscript, set),
    SLOT(Py_bf_getbuffer, get_buffer),
    SLOT(Py_bf_releasebuffer, release_buffer),
    {0, NULL},
};

PyType_Spec buffer_spec = {
    .name = "rcbuf.Buffer",
    .basicsize = sizeof(struct buffer_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
