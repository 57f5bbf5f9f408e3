/* SPDX-License-Identifier: MIT */
/*
 * A view's reference for C code that knows nothing of Python: share(object) gives a capsule, whoever
 * reads it takes the reference over, and releases it where and when it likes.
 */
#include "module.h"

#include <rc/memory.h>

static const char capsule_name[] = "rcbuf.reference";

/* For those who take the reference over. */
static void release_anywhere(void *object)
{
    rc_release(object);
}

/* Nobody took it. */
static void destroy(PyObject *capsule)
{
    struct rcbuf_reference *reference = PyCapsule_GetPointer(capsule, capsule_name);
    if (!reference) return;
    lock_release(reference->object);
    rc_memory_free(reference);
}

/* Takes: view, also on failure. */
static PyObject *make_capsule(rc_view *view)
{
    struct rcbuf_reference *reference = rc_memory_allocate(sizeof *reference);
    PyObject *capsule = NULL;
    if (reference) {
        *reference = (struct rcbuf_reference){.object = view,
                                              .release = release_anywhere,
                                              .data = view->data,
                                              .size = rc_view_byte_count(view)};
        capsule = PyCapsule_New(reference, capsule_name, destroy);
    } else {
        (void)status_raise();
    }
    if (capsule) return capsule;
    rc_memory_free(reference);
    lock_release(view);
    return NULL;
}

/* A view of its own: the collector tells by the count of views that others hold the memory. */
PyObject *share_object(PyObject *module, PyObject *object)
{
    rc_view *view = wrap_briefly(PyModule_GetState(module), object);
    if (!view) return NULL;
    rc_view *shared = rc_view_to_read_only(view);
    PyObject *capsule = shared ? make_capsule(shared) : status_raise();
    lock_release(view);
    return capsule;
}
