/* SPDX-License-Identifier: MIT */
/*
 * rcbuf_threads: C code that takes references over and releases them in threads that Python knows
 * nothing of: with the interpreter's lock held by the thread that waits for them, without it, while
 * the interpreter ends, and after it.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "reference.h"

/* References that one thread releases. */
struct load {
    size_t count;
    struct reference *references;
    unsigned long sum; /* of all first bytes: they can be read until then */
    pthread_t thread;
};

static struct load at_exit, during_exit;

static void *release_all(void *argument)
{
    struct load *load = argument;
    for (size_t i = 0; i < load->count; i++) {
        load->sum += reference_first_byte(&load->references[i]);
        reference_release(&load->references[i]);
        if (i % 16 == 0) sched_yield();
    }
    return NULL;
}

/* The references of a list of capsules. */
static int take(PyObject *capsules, struct load *load)
{
    Py_ssize_t count = PyList_Size(capsules);
    if (count < 0) return -1;
    load->references = calloc((size_t)count + 1, sizeof *load->references);
    if (!load->references) return -1;
    load->count = (size_t)count;
    for (Py_ssize_t i = 0; i < count; i++)
        if (!reference_take(PyList_GetItem(capsules, i), &load->references[i])) return -1;
    return 0;
}

static PyObject *failure(void)
{
    return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_RuntimeError, "no thread, or no memory");
}

/* release(capsules, hold): in a thread that is waited for, with the lock in hand if hold is true. */
static PyObject *release(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsules;
    int hold;
    struct load load = {0};
    if (!PyArg_ParseTuple(arguments, "Op", &capsules, &hold)) return NULL;
    if (take(capsules, &load) < 0 || pthread_create(&load.thread, NULL, release_all, &load) != 0)
        return failure();
    if (hold) {
        pthread_join(load.thread, NULL);
    } else {
        Py_BEGIN_ALLOW_THREADS pthread_join(load.thread, NULL);
        Py_END_ALLOW_THREADS
    }
    free(load.references);
    return PyLong_FromUnsignedLong(load.sum);
}

/* The C library's atexit: the interpreter is gone. */
static void release_after_exit(void)
{
    pthread_t thread;
    if (Py_IsInitialized() || pthread_create(&thread, NULL, release_all, &at_exit) != 0) abort();
    pthread_join(thread, NULL);
    printf("after the interpreter: %zu released, sum %lu\n", at_exit.count, at_exit.sum);
    fflush(stdout);
}

static PyObject *release_later(PyObject *module, PyObject *capsules)
{
    (void)module;
    if (take(capsules, &at_exit) < 0 || atexit(release_after_exit) != 0) return failure();
    Py_RETURN_NONE;
}

static void join_after_exit(void)
{
    pthread_join(during_exit.thread, NULL);
    printf("while it ended: %zu released, sum %lu\n", during_exit.count, during_exit.sum);
    fflush(stdout);
}

/* The thread goes on while the interpreter ends. */
static PyObject *release_meanwhile(PyObject *module, PyObject *capsules)
{
    (void)module;
    if (take(capsules, &during_exit) < 0 ||
        pthread_create(&during_exit.thread, NULL, release_all, &during_exit) != 0 ||
        atexit(join_after_exit) != 0)
        return failure();
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"release", release, METH_VARARGS, NULL},
    {"release_later", release_later, METH_O, NULL},
    {"release_meanwhile", release_meanwhile, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "rcbuf_threads",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_rcbuf_threads(void)
{
    return PyModule_Create(&definition);
}
