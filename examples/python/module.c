/* SPDX-License-Identifier: MIT */
/* The module: what `import rcbuf` finds. */
#include "module.h"

#include <rc/account.h>

static struct PyModuleDef definition;

static struct module_state *state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

/* The limited API of 3.11 finds a module by the very type that was made with it, not by a type
 * derived from that. */
static PyObject *base_of(PyTypeObject *type)
{
    for (;;) {
        PyObject *module = PyType_GetModule(type);
        if (module && PyModule_GetDef(module) == &definition) return module;
        PyErr_Clear();
        type = PyType_GetSlot(type, Py_tp_base);
        if (!type) return NULL;
    }
}

struct module_state *module_state_of(PyTypeObject *type)
{
    PyObject *module = base_of(type);
    if (module) return state_of(module);
    PyErr_SetString(PyExc_SystemError, "the type is none of rcbuf");
    return NULL;
}

/* ---- functions ------------------------------------------------------------------------------- */

/* A Buffer over all that the elements lie in, and a View of them. */
static PyObject *wrap(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static const char *const names[] = {"", "readonly", NULL};
    struct module_state *state = state_of(module);
    struct wrapped *source;
    PyObject *object;
    int read_only = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|p:wrap", KEYWORDS(names), &object,
                                     &read_only))
        return NULL;
    lock_drain();
    rc_view *view = wrap_object(object, read_only, &source);
    if (!view) return NULL;
    rc_format *bytes = rc_format_new("B");
    struct buffer_object *owner = buffer_adopt(state->buffer_type, rc_retain(view->base), bytes);
    if (!owner) {
        lock_release(view);
        return NULL;
    }
    owner->source = source;
    PyObject *result = view_adopt(state->view_type, view, owner);
    Py_DECREF(&owner->head);
    return result;
}

static PyObject *drain(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    size_t waiting = lock_waiting();
    lock_drain();
    return PyLong_FromSize_t(waiting);
}

static PyObject *waiting(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromSize_t(lock_waiting());
}

static PyObject *account(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    struct rc_account now;
    rc_account_read(&now);
    return Py_BuildValue("{s:n,s:n,s:n,s:n}", "objects", (Py_ssize_t)now.live_objects, "blocks",
                         (Py_ssize_t)now.live_blocks, "bytes", (Py_ssize_t)now.live_bytes,
                         "peak_bytes", (Py_ssize_t)now.peak_bytes);
}

static PyObject *at_exit(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    lock_close();
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"wrap", METHOD(wrap), METH_VARARGS | METH_KEYWORDS,
     "wrap(object, readonly=False): a View of what any object exports, held by an rc_buffer."},
    {"share", share_object, METH_O,
     "share(object): a capsule with a reference that C code may release in any thread."},
    {"drain", drain, METH_NOARGS,
     "drain(): give back what other threads released without the lock; how much that was."},
    {"waiting", waiting, METH_NOARGS, "waiting(): how much drain() would give back."},
    {"account", account, METH_NOARGS,
     "account(): what is alive in the library: objects, blocks, bytes, and the most bytes ever."},
    {"_at_exit", at_exit, METH_NOARGS,
     "for atexit: threads without the lock stay away from now on."},
    {0},
};

/* ---- life ------------------------------------------------------------------------------------ */

static int watch_exit(PyObject *module)
{
    PyObject *hook = PyObject_GetAttrString(module, "_at_exit");
    PyObject *atexit = hook ? PyImport_ImportModule("atexit") : NULL;
    PyObject *result = atexit ? PyObject_CallMethod(atexit, "register", "O", hook) : NULL;
    Py_XDECREF(hook);
    Py_XDECREF(atexit);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type && PyModule_AddType(module, type) < 0) Py_CLEAR(type);
    return type;
}

static int add_attribute(PyTypeObject *type, const char *name, PyObject *descriptor)
{
    int result = descriptor ? PyObject_SetAttrString((PyObject *)type, name, descriptor) : -1;
    Py_XDECREF(descriptor);
    return result;
}

static int add_derived(PyTypeObject *type)
{
    for (PyMethodDef *method = view_derive_methods; method->ml_name; method++)
        if (add_attribute(type, method->ml_name, PyDescr_NewMethod(type, method)) < 0) return -1;
    for (PyGetSetDef *attribute = view_derive_attributes; attribute->name; attribute++)
        if (add_attribute(type, attribute->name, PyDescr_NewGetSet(type, attribute)) < 0) return -1;
    return 0;
}

static int add_types(PyObject *module)
{
    struct module_state *state = state_of(module);
    state->buffer_type = add_type(module, &buffer_spec);
    if (!state->buffer_type) return -1;
    state->view_type = add_type(module, &view_spec);
    if (!state->view_type || add_derived(state->view_type) < 0) return -1;
    return PyModule_AddIntConstant(module, "TRACE_DOMAIN", TRACE_DOMAIN);
}

static int execute(PyObject *module)
{
    if (lock_open() < 0) return -1;
    state_of(module)->is_open = true;
    trace_start();
    if (watch_exit(module) < 0 || add_types(module) < 0) return -1;
    return PyModule_AddStringConstant(module, "__version__", rc_version());
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT((PyObject *)state_of(module)->buffer_type);
    Py_VISIT((PyObject *)state_of(module)->view_type);
    return 0;
}

static int clear(PyObject *module)
{
    Py_CLEAR(state_of(module)->buffer_type);
    Py_CLEAR(state_of(module)->view_type);
    return 0;
}

static void give_back(void *module)
{
    (void)clear(module);
    if (state_of(module)->is_open) lock_forget();
}

static PyModuleDef_Slot slots[] = {
    SLOT(Py_mod_exec, execute),
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "rcbuf",
    .m_doc = "Memory blocks tied to reference-counted objects, shared with Python without a copy.",
    .m_size = sizeof(struct module_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = give_back,
};

PyMODINIT_FUNC PyInit_rcbuf(void)
{
    return PyModuleDef_Init(&definition);
}
