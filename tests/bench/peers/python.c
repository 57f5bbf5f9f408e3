/* SPDX-License-Identifier: MIT */
/* CPython, under its global lock, which the program's first thread holds throughout: whoever is in
 * no hurry to share pays no locked instruction. Two threads could not be in it at once, so it plays
 * in no row of two. ../python.c has started the interpreter. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "peer.h"

static PyObject *object, *bytes_object, *memoryview, *slice, *weak;
static unsigned char foreign[PEER_PAGE];
static size_t released;

static PyObject *needed(void *made)
{
    if (!made) PyErr_Print();
    return (PyObject *)need(made);
}

/* An object of a class of Python's, since only such can be referred to weakly. */
PEER_EXPORT const char *peer_start(void)
{
    if (!Py_IsInitialized()) return "the interpreter was not started";
    PyObject *main = needed(PyImport_AddModule("__main__"));
    if (PyRun_SimpleString("class BenchObject: pass\nbench_object = BenchObject()\n") != 0)
        return "Python raised";
    object = needed(PyObject_GetAttrString(main, "bench_object"));
    bytes_object = needed(PyBytes_FromStringAndSize(NULL, PEER_SMALL));
    memset(PyBytes_AS_STRING(bytes_object), 1, PEER_SMALL);
    memoryview = needed(PyMemoryView_FromMemory((char *)foreign, PEER_PAGE, PyBUF_WRITE));
    slice = needed(PySlice_New(needed(PyLong_FromLong(PEER_SMALL)),
                               needed(PyLong_FromLong(2 * PEER_SMALL)), NULL));
    weak = needed(PyWeakref_NewRef(object, NULL));
    return NULL;
}

/* ---- retain and release ---------------------------------------------------------------------- */

PEER_RETAINS(retain, Py_INCREF((PyObject *)opaque(object)), Py_DECREF((PyObject *)opaque(object)))

/* ---- create and destroy ---------------------------------------------------------------------- */

static inline void bytes_and_drop(size_t size)
{
    PyObject *it = needed(PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size));
    touch(PyBytes_AS_STRING(it), size);
    it = opaque(it);
    Py_DECREF(it);
}

PEER_LOOP(bytes_64, bytes_and_drop(PEER_SMALL))
PEER_LOOP(bytes_4k, bytes_and_drop(PEER_PAGE))
PEER_LOOP(bytes_1m, bytes_and_drop(PEER_LARGE))

/* ---- slice, adopt ---------------------------------------------------------------------------- */

static void count_release(PyObject *capsule)
{
    (void)capsule;
    ++released;
}

PEER_LOOP(slice, Py_DECREF(needed(PyObject_GetItem(opaque(memoryview), slice))))
PEER_LOOP(adopt, Py_DECREF(needed(PyCapsule_New(foreign, NULL, count_release))))

/* ---- growth ---------------------------------------------------------------------------------- */

PEER_EXPORT BENCH_LOOP void peer_append(size_t operations)
{
    PyObject *array = needed(PyByteArray_FromStringAndSize(NULL, 0));
    for (size_t i = 0; i < operations; i++) /* array += piece */
        Py_DECREF(needed(PySequence_InPlaceConcat(array, opaque(bytes_object))));
    Py_DECREF(array);
}

static inline void resize(void)
{
    PyObject *array = needed(PyByteArray_FromStringAndSize(NULL, 0));
    for (size_t old = 0, size = PEER_RESIZE_FROM; size <= PEER_RESIZE_TO; old = size, size *= 2) {
        if (PyByteArray_Resize(array, (Py_ssize_t)size) != 0) give_up("bytearray does not grow");
        peer_touch_pages(PyByteArray_AS_STRING(array), old, size);
    }
    Py_DECREF(array);
}

PEER_LOOP(resize, resize())

/* ---- weak ------------------------------------------------------------------------------------ */

static inline void lock(PyObject *reference)
{
    PyObject *it = PyWeakref_GET_OBJECT(reference); /* borrowed */
    if (it == Py_None) give_up("a dead object");
    Py_INCREF(it);
    it = opaque(it);
    Py_DECREF(it);
}

/* Each is a new one: a reference without a callback that is still alive would be given again. */
static inline void new_weak_and_lock(void)
{
    PyObject *it = needed(PyWeakref_NewRef(object, NULL));
    lock(opaque(it));
    Py_DECREF(it);
}

static void forget_weak(void)
{
    Py_CLEAR(weak);
}

PEER_LOOP(weak_lock, lock(opaque(weak)))

PEER_EXPORT BENCH_LOOP void peer_weak_new(size_t operations)
{
    forget_weak();
    for (size_t i = 0; i < operations; i++) new_weak_and_lock();
}

/* ---- weighed --------------------------------------------------------------------------------- */

PEER_EXPORT void *peer_bytes_make(size_t payload)
{
    PyObject *it = needed(PyBytes_FromStringAndSize(NULL, (Py_ssize_t)payload));
    memset(PyBytes_AS_STRING(it), 1, payload);
    return it;
}

PEER_EXPORT void peer_bytes_unmake(void *thing)
{
    Py_DECREF((PyObject *)thing);
}
