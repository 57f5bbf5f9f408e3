/* SPDX-License-Identifier: MIT */
/* View: a Python object that owns an rc_view, and lives as memoryview does. */
#include "module.h"

#include <structmember.h>

static struct view_object *of(PyObject *object)
{
    return (struct view_object *)(void *)object;
}

/* The view, or NULL with an exception. */
static rc_view *alive(PyObject *object)
{
    rc_view *view = of(object)->view;
    if (!view) PyErr_SetString(PyExc_ValueError, "operation forbidden on a released View");
    return view;
}

rc_view *view_hold(struct view_object *self)
{
    return alive(&self->head) ? rc_retain(self->view) : NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

PyObject *view_adopt(PyTypeObject *type, rc_view *view, struct buffer_object *owner)
{
    if (!view) return status_raise();
    allocfunc allocate = (allocfunc)(uintptr_t)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *object = allocate(type, 0);
    if (!object) {
        lock_release(view);
        return NULL;
    }
    struct view_object *self = of(object);
    self->view = view;
    self->hash = -1;
    self->owner = (struct buffer_object *)(void *)Py_NewRef(&owner->head);
    owner->views++;
    return object;
}

static PyObject *create(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    struct module_state *state = module_state_of(type);
    PyObject *buffer = state && PyTuple_Size(arguments) > 0 ? PyTuple_GetItem(arguments, 0) : NULL;
    if (!state) return NULL;
    if (!buffer || !PyObject_TypeCheck(buffer, state->buffer_type))
        return PyErr_Format(PyExc_TypeError, "a View is of an rcbuf.Buffer; see rcbuf.wrap()");
    PyObject *rest = PyTuple_GetSlice(arguments, 1, PyTuple_Size(arguments));
    if (!rest) return NULL;
    PyObject *self = view_of_buffer(type, (struct buffer_object *)(void *)buffer, rest, keywords);
    Py_DECREF(rest);
    return self;
}

static void let_go(struct view_object *self)
{
    rc_view *view = self->view;
    struct buffer_object *owner = self->owner;
    self->view = NULL;
    self->owner = NULL;
    if (owner) owner->views--;
    lock_release(view);
    Py_XDECREF((PyObject *)owner);
}

static PyObject *release(PyObject *object, PyObject *unused)
{
    (void)unused;
    if (of(object)->exports > 0)
        return PyErr_Format(PyExc_BufferError, "the View has %zd exported buffers",
                            of(object)->exports);
    let_go(of(object));
    Py_RETURN_NONE;
}

static PyObject *enter(PyObject *object, PyObject *unused)
{
    (void)unused;
    return alive(object) ? Py_NewRef(object) : NULL;
}

static PyObject *leave(PyObject *object, PyObject *arguments)
{
    (void)arguments;
    return release(object, NULL);
}

static int traverse(PyObject *object, visitproc visit, void *arg)
{
    VISIT_TYPE(object);
    Py_VISIT((PyObject *)of(object)->owner);
    return 0;
}

/* A buffer that is out needs the view. */
static int clear(PyObject *object)
{
    if (of(object)->exports == 0) let_go(of(object));
    return 0;
}

static void deallocate(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    if (of(object)->weak) PyObject_ClearWeakRefs(object);
    let_go(of(object));
    freefunc give_back = (freefunc)(uintptr_t)PyType_GetSlot(type, Py_tp_free);
    give_back(object);
    Py_DECREF(type);
}

/* ---- the buffer protocol --------------------------------------------------------------------- */

static int get_buffer(PyObject *object, Py_buffer *out, int flags)
{
    if (out) out->obj = NULL; /* as a refusal has to */
    if (!alive(object) || export_view(object, of(object)->view, out, flags) < 0) return -1;
    of(object)->exports++;
    return 0;
}

static void release_buffer(PyObject *object, Py_buffer *out)
{
    of(object)->exports--;
    export_release(out);
}

/* ---- elements -------------------------------------------------------------------------------- */

static Py_ssize_t length(PyObject *object)
{
    rc_view *view = alive(object);
    if (!view) return -1;
    if (view->ndim > 0) return (Py_ssize_t)view->shape[0];
    PyErr_SetString(PyExc_TypeError, "a View without dimensions has no length");
    return -1;
}

static PyObject *get(PyObject *object, PyObject *key)
{
    struct module_state *state = module_state_of(Py_TYPE(object));
    rc_view *view = state ? view_hold(of(object)) : NULL;
    if (!view) return NULL;
    PyObject *owner = Py_NewRef(&of(object)->owner->head);
    PyObject *result = view_get(view, key, state->view_type, (struct buffer_object *)(void *)owner);
    lock_release(view);
    Py_DECREF(owner);
    return result;
}

static int set(PyObject *object, PyObject *key, PyObject *value)
{
    struct module_state *state = module_state_of(Py_TYPE(object));
    rc_view *view = state ? view_hold(of(object)) : NULL;
    int result = view ? view_set(state, view, key, value) : -1;
    lock_release(view);
    return result;
}

static PyObject *item(PyObject *object, Py_ssize_t index)
{
    return item_by_key(object, index, get);
}

/* What is released equals itself alone. */
static PyObject *compare(PyObject *object, PyObject *other, int how)
{
    struct module_state *state = module_state_of(Py_TYPE(object));
    if (!state) return NULL;
    if (!of(object)->view) {
        if (how != Py_EQ && how != Py_NE) Py_RETURN_NOTIMPLEMENTED;
        return PyBool_FromLong((object == other) == (how == Py_EQ));
    }
    rc_view *view = view_hold(of(object));
    PyObject *result = view_compare(state, view, other, how);
    lock_release(view);
    return result;
}

static Py_hash_t hash(PyObject *object)
{
    if (of(object)->hash != -1) return of(object)->hash;
    rc_view *view = view_hold(of(object));
    if (view) of(object)->hash = view_hash_bytes(view, of(object)->owner);
    lock_release(view);
    return of(object)->hash;
}

static PyObject *represent(PyObject *object)
{
    rc_view *view = of(object)->view;
    if (!view) return PyUnicode_FromFormat("<rcbuf.View of released memory at %p>", object);
    PyObject *shape = shape_tuple(view->ndim, (const ptrdiff_t *)view->shape);
    if (!shape) return NULL;
    PyObject *text = PyUnicode_FromFormat("<rcbuf.View of elements '%s' in the shape %R at %p>",
                                          view->format->text, shape, view->data);
    Py_DECREF(shape);
    return text;
}

/* ---- what it says of itself ------------------------------------------------------------------ */

static PyObject *get_object(PyObject *object, void *unused)
{
    (void)unused;
    if (!alive(object)) return NULL;
    struct buffer_object *owner = of(object)->owner;
    if (!owner->source) return Py_NewRef(&owner->head);
    PyObject *exporter = owner->source->view.obj;
    return Py_NewRef(exporter ? exporter : Py_None);
}

static PyObject *get_format(PyObject *object, void *unused)
{
    (void)unused;
    return alive(object) ? PyUnicode_FromString(of(object)->view->format->text) : NULL;
}

/* The numbers that a view has: each attribute's closure is one. */
enum number { ITEMSIZE, NDIM, NBYTES, ADDRESS, SIZE };

static PyObject *get_number(PyObject *object, void *closure)
{
    const rc_view *view = alive(object);
    if (!view) return NULL;
    switch ((enum number)(uintptr_t)closure) {
    case ITEMSIZE:
        return PyLong_FromSize_t(view->itemsize);
    case NDIM:
        return PyLong_FromSize_t(view->ndim);
    case NBYTES:
        return PyLong_FromSize_t(rc_view_byte_count(view));
    case SIZE:
        return PyLong_FromSize_t(view->size);
    default:
        return PyLong_FromVoidPtr((void *)(uintptr_t)view->data);
    }
}

static PyObject *get_shape(PyObject *object, void *unused)
{
    (void)unused;
    const rc_view *view = alive(object);
    return view ? shape_tuple(view->ndim, (const ptrdiff_t *)view->shape) : NULL;
}

static PyObject *get_strides(PyObject *object, void *unused)
{
    (void)unused;
    const rc_view *view = alive(object);
    return view ? shape_tuple(view->ndim, view->strides) : NULL;
}

static PyObject *get_suboffsets(PyObject *object, void *unused)
{
    (void)unused;
    const rc_view *view = alive(object);
    return view ? shape_tuple(view->suboffsets ? view->ndim : 0, view->suboffsets) : NULL;
}

static PyObject *get_read_only(PyObject *object, void *unused)
{
    (void)unused;
    const rc_view *view = alive(object);
    return view ? PyBool_FromLong(rc_view_is_read_only(view)) : NULL;
}

static PyObject *get_contiguous(PyObject *object, void *order)
{
    const rc_view *view = alive(object);
    return view ? PyBool_FromLong(rc_view_is_contiguous(view, *(const char *)order)) : NULL;
}

static PyObject *list(PyObject *object, PyObject *unused)
{
    (void)unused;
    rc_view *view = view_hold(of(object));
    PyObject *result = view ? view_list(view) : NULL;
    lock_release(view);
    return result;
}

static PyObject *bytes(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static const char *const names[] = {"order", NULL};
    const char *order = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|z:tobytes", KEYWORDS(names), &order))
        return NULL;
    rc_view *view = view_hold(of(object));
    PyObject *result = view ? view_bytes(view, order ? order[0] : 'C') : NULL;
    lock_release(view);
    return result;
}

/* ---- the type -------------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"release", release, METH_NOARGS, "release(): let the memory go. BufferError while exported."},
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", leave, METH_VARARGS, NULL},
    {"tolist", list, METH_NOARGS, "tolist(): nested lists of the elements."},
    {"tobytes", METHOD(bytes), METH_VARARGS | METH_KEYWORDS,
     "tobytes(order='C'): the elements without gaps, in order 'C', 'F' or 'A'."},
    {0},
};

#define NUMBER(name, number, text)                                                                 \
    {                                                                                              \
        name, get_number, NULL, text, (void *)(uintptr_t)(number)                                  \
    }
#define CONTIGUOUS(name, order)                                                                    \
    {                                                                                              \
        name, get_contiguous, NULL, NULL, (void *)(uintptr_t)(order)                               \
    }

static PyGetSetDef attributes[] = {
    {"obj", get_object, NULL, "what owns the memory: a Buffer, or what wrap() has wrapped", NULL},
    {"format", get_format, NULL, "of an element", NULL},
    {"shape", get_shape, NULL, "in elements", NULL},
    {"strides", get_strides, NULL, "in bytes", NULL},
    {"suboffsets", get_suboffsets, NULL, "in bytes; () without any", NULL},
    {"readonly", get_read_only, NULL, "whether elements cannot be written now", NULL},
    NUMBER("itemsize", ITEMSIZE, "bytes of an element"),
    NUMBER("ndim", NDIM, "dimensions"),
    NUMBER("nbytes", NBYTES, "bytes of all elements without gaps"),
    NUMBER("size", SIZE, "elements"),
    NUMBER("address", ADDRESS, "of the first element"),
    CONTIGUOUS("c_contiguous", "C"),
    CONTIGUOUS("f_contiguous", "F"),
    CONTIGUOUS("contiguous", "A"),
    {0},
};

static PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct view_object, weak), READONLY, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "View(buffer, format='B', shape=None, strides=None, offset=0, readonly=False, "
                "suboffsets=None)\n--\n\nElements anywhere in a Buffer; nothing is copied."},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_members, members},
    SLOT(Py_tp_new, create),
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

PyType_Spec view_spec = {
    .name = "rcbuf.View",
    .basicsize = sizeof(struct view_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
