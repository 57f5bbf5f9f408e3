/* SPDX-License-Identifier: MIT */
/**
 * @file examples/python/module.h
 * rcbuf for Python: memory that rc_buffer owns, as Python objects; and Python's memory, as
 * rc_buffer.
 *
 *     import numpy, rcbuf
 *     b = rcbuf.Buffer(24, format='d')      # three doubles, zero
 *     a = numpy.asarray(b)                  # NumPy's array over the same bytes
 *     b.resize(48)                          # BufferError: an array lives on them
 *     v = b.view(format='d', shape=(3,), strides=(-8,), offset=16)      # no bytes are copied
 *     w = rcbuf.wrap(a[::2])                # NumPy's memory as an rc_buffer, with a View of it
 *
 * Two types. A Buffer owns an rc_buffer, with a format and a shape that say how it is exported; its
 * first dimension grows and shrinks with it. A View owns an rc_view, and does what memoryview does,
 * and slices, transposes and broadcasts in all dimensions. Both export the buffer protocol. What
 * is exported is an rc_view each time, so that the buffer keeps its address and its size until
 * whoever asked has given it back.
 *
 * One rcbuf.abi3.so, of the limited API of 3.11, serves that Python and all later ones. The library
 * is in it, hidden, so two modules that bring their own copies do not meet.
 *
 * Rooms, each with its part below: module.c (what Python imports), buffer_new.c and buffer_object.c
 * (Buffer), view_object.c and view_derive.c (View), view_index.c (elements), item.c (one element),
 * export.c (the buffer protocol), wrap.c (foreign memory), lock.c (releases and the interpreter's
 * lock), trace.c (tracemalloc), share.c (to other C code), status.c (exceptions), shape.c (shapes).
 */
#ifndef EXAMPLES_PYTHON_MODULE_H
#define EXAMPLES_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <buffer/view.h>
#include <rc/home.h>

/* ISO C has no conversion from a function to the void * of a slot; POSIX does. */
#define SLOT(id, function)                                                                         \
    {                                                                                              \
        (id), (void *)(uintptr_t)(function)                                                        \
    }
#define METHOD(function) ((PyCFunction)(void (*)(void))(function))
#define KEYWORDS(names)  ((char **)(uintptr_t)(names))
#define VISIT_TYPE(self) Py_VISIT((PyObject *)Py_TYPE(self))

struct wrapped;

struct module_state {
    PyTypeObject *buffer_type;
    PyTypeObject *view_type;
    bool is_open; /* lock_open() has succeeded */
};

struct buffer_object {
    PyObject head;
    rc_buffer *buffer;      /* owned; NULL once the collector has cleared the object */
    struct wrapped *source; /* what wrap() found, owned by the buffer; NULL: bytes of our own */
    size_t views;           /* Views whose owner this is */
    bool is_written;   /* a slice of bytes that can be written there, for as long as it lives */
    rc_format *format; /* owned: how the bytes are exported */
    size_t ndim;
    size_t shape[RC_VIEW_DIMENSIONS_MAX]; /* shape[0] follows the size of the buffer */
    Py_hash_t hash;                       /* -1: not taken yet */
    PyObject *weak;
};

struct view_object {
    PyObject head;
    rc_view *view;               /* owned; NULL: released */
    struct buffer_object *owner; /* owned; NULL: released */
    Py_ssize_t exports;          /* buffers of the protocol that are out */
    Py_hash_t hash;              /* -1: not taken yet */
    PyObject *weak;
};

/* ---- module.c -------------------------------------------------------------------------------- */

/* Of the module that @p type or its base belongs to. An exception must not be pending.
 * Returns: borrowed, NULL with an exception. */
struct module_state *module_state_of(PyTypeObject *type);

/* ---- status.c: each sets the exception for this thread's last error, with its message ---------
 * */

/* Returns: NULL. */
void *status_raise(void);
/* The same; what is outside is an IndexError. */
void *status_raise_index(void);
/* The same; a value of another kind, such as a float for an integer, is a TypeError. */
void *status_raise_value(void);
/* Returns: None for RC_OK, else NULL. */
PyObject *status_none(enum rc_status status);

/* ---- shape.c --------------------------------------------------------------------------------- */

/* The integers of a sequence, or one integer; RC_VIEW_DIMENSIONS_MAX of them at most. @p what names
 * them in messages. Returns: 0, or -1 with an exception. */
int shape_read(PyObject *object, const char *what, ptrdiff_t *entries, size_t *count);
/* A new tuple. */
PyObject *shape_tuple(size_t count, const ptrdiff_t *entries);

/* ---- lock.c ---------------------------------------------------------------------------------- */

/* Put what @p object holds back, and give back to Python what that set free. The caller holds the
 * interpreter's lock. Keeps a pending exception. NULL is a no-op. */
void lock_release(void *object);
/* The same for what others released without the lock since. */
void lock_drain(void);
/* Releases that wait for the lock. */
size_t lock_waiting(void);
/* One that ends at home. The caller has the lock. Returns: owned, or NULL; the library knows why.
 * */
struct wrapped *lock_wrapped_new(void);
/* Release @p wrapped, which is given back to Python when somebody has its lock. Any thread, any
 * state of the interpreter; never waits for its lock, calls no Python code. Takes: wrapped. */
void lock_let_go(struct wrapped *wrapped);
/* Between the two the interpreter stays; false: it goes, or has gone. Any thread; waits for nothing
 * but a few instructions of other threads. */
bool lock_enter(void);
void lock_leave(void);
/* Of this thread: it has the lock, and is in the library to release something. */
bool lock_is_held(void);
/* The interpreter that has the lock begins with this module; -1 with an exception: another one has
 * it already. */
int lock_open(void);
/* It ends: no thread enters any more. */
void lock_close(void);
/* A module that lock_open() succeeded for is gone. */
void lock_forget(void);

/* ---- trace.c --------------------------------------------------------------------------------- */

/* tracemalloc's domain of the blocks of this module: "rcbf". */
#define TRACE_DOMAIN 0x72636266

/* All that the library makes from now on is told to tracemalloc, where this Python has it. */
void trace_start(void);

/* ---- wrap.c ---------------------------------------------------------------------------------- */

/* A buffer of Python's protocol, owned by the rc_buffer over its memory: an object with a home,
 * that of the interpreter. */
struct wrapped {
    struct wrapped *next; /* of those that are to be given back */
    Py_buffer view;
};

/* The memory of @p object as an rc_buffer and a view of all of it; nothing is copied.
 * Returns: the view, owned, and through @p wrapped what its base holds; NULL with an exception. */
rc_view *wrap_object(PyObject *object, bool read_only, struct wrapped **wrapped);

/* A view of any exporter's memory for the time of one call: to be given to lock_release(). */
rc_view *wrap_briefly(struct module_state *state, PyObject *object);

/* ---- buffer_new.c, buffer_object.c ----------------------------------------------------------- */

extern PyType_Spec buffer_spec;

PyObject *buffer_create(PyTypeObject *type, PyObject *arguments, PyObject *keywords);
/* A Buffer of bytes. Takes: buffer, also on failure. Borrows: format. */
struct buffer_object *buffer_adopt(PyTypeObject *type, rc_buffer *buffer, const rc_format *format);
/* All of it, as it is exported. Returns: owned; NULL with an exception. */
rc_view *buffer_view_of(struct buffer_object *self);
/* Bytes of all dimensions but the first. */
size_t buffer_row(const struct buffer_object *self);
/* 0, or -1 with an exception: @p size bytes are no whole number of rows. */
int buffer_check_rows(const struct buffer_object *self, size_t size);
/* shape[0] follows the size. */
void buffer_follow_size(struct buffer_object *self);
/* Whether anything but the object itself holds the buffer or lives on its bytes. */
bool buffer_is_shared(const struct buffer_object *self);

/* ---- view_object.c, view_derive.c, view_index.c ---------------------------------------------- */

extern PyType_Spec view_spec;
/* What view_derive.c adds to the type. */
extern PyMethodDef view_derive_methods[];
extern PyGetSetDef view_derive_attributes[];

/* A View. Takes: view, also on failure; NULL is an error that is told already by rc_error_...().
 * Borrows: owner. */
PyObject *view_adopt(PyTypeObject *type, rc_view *view, struct buffer_object *owner);
/* The view, for as long as the caller needs it, to be given to lock_release(); NULL with an
 * exception: it is released. */
rc_view *view_hold(struct view_object *self);
/* View(buffer, ...) and Buffer.view(...): @p arguments has the same keywords. */
PyObject *view_of_buffer(PyTypeObject *type, struct buffer_object *buffer, PyObject *arguments,
                         PyObject *keywords);
/* What @p get has for the key that the number is: sq_item by mp_subscript. */
PyObject *item_by_key(PyObject *object, Py_ssize_t index, binaryfunc get);

/* view[key] of a view that is not the caller's alone: an element, or a View of @p type. */
PyObject *view_get(const rc_view *view, PyObject *key, PyTypeObject *type,
                   struct buffer_object *owner);
int view_set(struct module_state *state, const rc_view *view, PyObject *key, PyObject *value);
PyObject *view_list(const rc_view *view);
/* ==, !=: NotImplemented for what exports no buffer and for <. */
PyObject *view_compare(struct module_state *state, const rc_view *view, PyObject *other, int how);
/* The elements without gaps as bytes, and their hash. */
PyObject *view_bytes(const rc_view *view, char order);
Py_hash_t view_hash_bytes(const rc_view *view, const struct buffer_object *owner);

/* ---- item.c ---------------------------------------------------------------------------------- */

/* The element at @p place as struct.unpack has it: one value, or a tuple. */
PyObject *item_load(const rc_format *format, const void *place);
/* The reverse, to @p place: 0, or -1 with an exception and nothing written. */
int item_store(const rc_format *format, PyObject *value, void *place);

/* ---- export.c -------------------------------------------------------------------------------- */

/* Fill in @p out as @p flags (PyBUF_...) ask; it holds a reference to @p view and to @p exporter
 * until it is released. Returns: 0, or -1 with BufferError. */
int export_view(PyObject *exporter, const rc_view *view, Py_buffer *out, int flags);
void export_release(Py_buffer *out);

/* ---- share.c --------------------------------------------------------------------------------- */

/* What a capsule called "rcbuf.reference" has. Whoever sets object to NULL has taken the reference
 * over, and calls release on it once, in any thread, at any time, with or without the lock. */
struct rcbuf_reference {
    void *object; /* an rc_view */
    void (*release)(void *object);
    const void *data; /* the first element; valid until release */
    size_t size;      /* bytes of all elements without gaps */
};

PyObject *share_object(PyObject *module, PyObject *object);

#endif
