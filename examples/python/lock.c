/* SPDX-License-Identifier: MIT */
/*
 * Giving buffers back to Python, from any thread, before, during and after the interpreter's end.
 *
 * The finalizer of a wrapped buffer never calls Python and never waits for the interpreter's lock:
 * it puts the Py_buffer into a queue. PyBuffer_Release() is called later, outside of the library,
 * by a thread that has the lock, and so may run any Python code, and be ended in it by a Python that
 * shuts down. Whether the releasing thread waited for the lock is no question then, and so neither
 * is who waits for that thread with the lock in hand. By the thread of the last release:
 *
 *     with the lock, in this module     given back before lock_release() returns: a View that goes
 *                                       gives NumPy's array back at once, as memoryview does
 *     with the lock, in other C code    queued; given back by the next call into this module that
 *                                       makes or ends a View or Buffer, in any thread, or by a pending
 *                                       call, once the main thread next takes the lock and runs Python
 *     without the lock                  the same. As long as neither happens, because the main thread
 *                                       blocks in C, the memory stays
 *     at exit, from our atexit          queued, and no pending call asked for; given back if an object
 *     function on                       of this module is released after that with the lock, as it
 *                                       is when modules are torn down, else kept until the process ends
 *     after Py_Finalize()               kept until the process ends: its owner has no interpreter.
 *                                       Its bytes can be read to the last release and after
 *     after a new Py_Initialize()       what belongs to the old interpreter is never given to the new
 *                                       one: the record is freed, its owner stays
 *
 * Py_AddPendingCall() is called without the lock, and needs an interpreter: lock_enter() and
 * lock_leave() count the threads inside, and our atexit function, which Py_Finalize() runs before
 * anything is taken down, closes the door and waits for them, with the lock given up.
 */
#include "module.h"

#include <pthread.h>

#include <rc/memory.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all below; never waited for long */
static pthread_cond_t empty = PTHREAD_COND_INITIALIZER;
static struct wrapped *queue, **queue_end = &queue;
static size_t queued;
static size_t inside;     /* threads between enter and leave */
static bool is_open;      /* the interpreter is there, and threads may enter */
static bool is_scheduled; /* a pending call will come */
static uint64_t epoch;    /* of the interpreter */
static size_t modules;    /* of this epoch */
static PyInterpreterState *home;

static __thread bool is_held;
static __thread unsigned drains; /* of this thread, each in what the one before it gives back */

/* ---- the door -------------------------------------------------------------------------------- */

bool lock_enter(void)
{
    pthread_mutex_lock(&mutex);
    bool entered = is_open;
    if (entered) inside++;
    pthread_mutex_unlock(&mutex);
    return entered;
}

void lock_leave(void)
{
    pthread_mutex_lock(&mutex);
    if (--inside == 0) pthread_cond_broadcast(&empty);
    pthread_mutex_unlock(&mutex);
}

static void close_door(void)
{
    pthread_mutex_lock(&mutex);
    is_open = false;
    while (inside > 0) pthread_cond_wait(&empty, &mutex);
    pthread_mutex_unlock(&mutex);
}

uint64_t lock_epoch(void)
{
    return epoch;
}

bool lock_is_held(void)
{
    return is_held;
}

/* ---- the queue ------------------------------------------------------------------------------- */

static void append(struct wrapped *wrapped)
{
    wrapped->next = NULL;
    *queue_end = wrapped;
    queue_end = &wrapped->next;
    queued++;
}

static struct wrapped *take_first(void)
{
    pthread_mutex_lock(&mutex);
    struct wrapped *first = queue;
    if (first) {
        queue = first->next;
        if (!queue) queue_end = &queue;
        queued--;
    }
    pthread_mutex_unlock(&mutex);
    return first;
}

size_t lock_waiting(void)
{
    pthread_mutex_lock(&mutex);
    size_t waiting = queued;
    pthread_mutex_unlock(&mutex);
    return waiting;
}

static void give_back(struct wrapped *wrapped)
{
    if (wrapped->epoch == epoch) PyBuffer_Release(&wrapped->view);
    rc_memory_free(wrapped);
}

/* What is given back may release more, which is given back at once, or, where Views of Views of Views
 * go deep, appended and left to the outer drains: so the stack stays small. */
void lock_drain(void)
{
    enum { DRAINS_MOST = 20 };
    struct wrapped *wrapped = drains < DRAINS_MOST ? take_first() : NULL;
    if (!wrapped) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    drains++;
    for (; wrapped; wrapped = take_first()) give_back(wrapped);
    drains--;
    PyErr_Restore(type, value, traceback);
}

static int drain_later(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    is_scheduled = false;
    pthread_mutex_unlock(&mutex);
    lock_drain();
    return 0;
}

/* True: this thread asks for the pending call, and has entered. */
static bool append_and_enter(struct wrapped *wrapped)
{
    pthread_mutex_lock(&mutex);
    append(wrapped);
    bool enters = is_open && !is_held && !is_scheduled;
    if (enters) {
        inside++;
        is_scheduled = true;
    }
    pthread_mutex_unlock(&mutex);
    return enters;
}

/* Python keeps few pending calls: if it has no place, the next release asks again. */
void lock_defer(struct wrapped *wrapped)
{
    if (!append_and_enter(wrapped)) return;
    if (Py_AddPendingCall(drain_later, NULL) < 0) {
        pthread_mutex_lock(&mutex);
        is_scheduled = false;
        pthread_mutex_unlock(&mutex);
    }
    lock_leave();
}

/* Python code runs after the library has come to its end, not inside of it. */
void lock_release(void *object)
{
    bool before = is_held;
    is_held = true;
    rc_release(object);
    is_held = before;
    lock_drain();
}

/* ---- the interpreter begins and ends --------------------------------------------------------- */

static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&mutex);
}

/* The other threads are not there any more. */
static void in_child(void)
{
    inside = 0;
    is_scheduled = false;
    pthread_mutex_unlock(&mutex);
}

static void watch_forks(void)
{
    (void)pthread_atfork(before_fork, after_fork, in_child);
}

/* The first module of an interpreter. */
static void begin(PyInterpreterState *interpreter)
{
    home = interpreter;
    is_open = true;
    is_scheduled = false;
    modules = 0;
    epoch++;
}

int lock_open(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&mutex);
    if (!is_open) begin(interpreter);
    bool is_home = home == interpreter;
    modules += is_home;
    pthread_mutex_unlock(&mutex);
    if (is_home) return 0;
    PyErr_SetString(PyExc_ImportError, "rcbuf serves one interpreter of a process at a time");
    return -1;
}

/* From atexit, with the lock. */
void lock_close(void)
{
    lock_drain();
    Py_BEGIN_ALLOW_THREADS close_door();
    Py_END_ALLOW_THREADS
}

/* Once more when the last module goes, for one that was imported after atexit had run. */
void lock_forget(void)
{
    pthread_mutex_lock(&mutex);
    bool is_last = modules > 0 && --modules == 0 && is_open;
    pthread_mutex_unlock(&mutex);
    if (is_last) lock_close();
}
