/* SPDX-License-Identifier: MIT */
/*
 * Giving buffers back to Python, from any thread, before, during and after the interpreter's end.
 *
 * What is wrapped has a home (rc/home.h), which goes with the interpreter's lock: whoever has that
 * binds the home for a few instructions, in which no Python code runs, and unbinds it. A last
 * release elsewhere lets it wait there, and never waits for the lock itself. The finalizer only
 * puts the object into a list, and so saves it; PyBuffer_Release() is called outside of the
 * library, by a thread that has the lock, and so may run any Python code, and be ended in it by a
 * Python that shuts down. Whether the releasing thread waited for the lock is no question then, and
 * so neither is who waits for that thread with the lock in hand. By the thread of the last release:
 *
 *     with the lock, in this module     given back before lock_release() returns: a View that goes
 *                                       gives NumPy's array back at once, as memoryview does
 *     with the lock, in other C code    waits; given back by the next call into this module that
 *                                       makes or ends a View or Buffer, in any thread, or by a
 *                                       pending call, once the main thread next takes the lock and
 *                                       runs Python
 *     without the lock                  the same. As long as neither happens, because the main
 *     thread
 *                                       blocks in C, the memory stays
 *     at exit, from our atexit          waits, and no pending call is asked for; given back if an
 *     object function on                       of this module is released after that with the lock,
 *     as it
 *                                       is when modules are torn down
 *     when the last module is gone      the home is closed: the record is freed by whoever releases
 *     it,
 *                                       its owner stays, having no interpreter. Its bytes can be
 *                                       read to the last release and after
 *     after a new Py_Initialize()       the same: the new interpreter has another home
 *
 * The pending call is asked for by the home's hook, without the lock. It needs an interpreter: our
 * atexit function, which Py_Finalize() runs before anything is taken down, takes the hook away, and
 * none is under way then. For tracemalloc lock_enter() and lock_leave() count the threads inside,
 * and that function waits for them, with the lock given up.
 */
#include "module.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of these; never waited for long */
static pthread_cond_t empty = PTHREAD_COND_INITIALIZER;
static size_t inside; /* threads between enter and leave */
static bool is_open;  /* the interpreter is there, and threads may enter */

/* With the interpreter's lock: */
static PyInterpreterState *interpreter;
static size_t modules; /* of it */
static rc_home *home;  /* of what is wrapped; NULL: there is no module */
static struct wrapped *ended, **ended_last = &ended; /* what is to be given back */
static size_t ended_count;
static bool is_late; /* what ends is not given back any more */

static bool is_missed; /* Python had no place for a pending call */

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

bool lock_is_held(void)
{
    return is_held;
}

/* ---- at home --------------------------------------------------------------------------------- */

/* The caller has the lock, and runs no Python code before it goes. */
static void come_home(void)
{
    is_held = true;
    if (home) (void)rc_home_bind(home);
}

static void leave_home(void)
{
    if (home) (void)rc_home_unbind(home);
    is_held = false;
}

/* The finalizer of what is wrapped: it is saved, and given back outside of the library. */
static void save(void *self)
{
    struct wrapped *wrapped = self;
    if (!wrapped->view.obj || is_late) return;
    *ended_last = rc_retain(wrapped);
    ended_last = &wrapped->next;
    ended_count++;
}

static const rc_type wrapped_type = {
    .name = "wrapped buffer", .size = sizeof(struct wrapped), .finalize = save};

struct wrapped *lock_wrapped_new(void)
{
    return RC_HOME_NEW(home, struct wrapped, &wrapped_type);
}

/* The next that ended; NULL: none. */
static struct wrapped *take_ended(void)
{
    struct wrapped *first = ended;
    if (!first) return NULL;
    ended = first->next;
    if (!ended) ended_last = &ended;
    ended_count--;
    return first;
}

/* Release what was given back, and end what waits. */
static void run_home(struct wrapped *given_back)
{
    come_home();
    rc_release(given_back);
    if (home) (void)rc_home_run(home);
    leave_home();
}

size_t lock_waiting(void)
{
    return ended_count + rc_home_waiting(home);
}

/* What is given back may release more, which is given back at once, or, where Views of Views of
 * Views go deep, by the outer drains: so the stack stays small. */
void lock_drain(void)
{
    enum { DRAINS_MOST = 20 };
    run_home(NULL);
    struct wrapped *wrapped = drains < DRAINS_MOST ? take_ended() : NULL;
    if (!wrapped) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    drains++;
    for (; wrapped; wrapped = take_ended()) {
        PyBuffer_Release(&wrapped->view);
        run_home(wrapped);
    }
    drains--;
    PyErr_Restore(type, value, traceback);
}

/* Python code runs after the library has come to its end, not inside of it. */
void lock_release(void *object)
{
    come_home();
    rc_release(object);
    leave_home();
    lock_drain();
}

/* ---- elsewhere ------------------------------------------------------------------------------- */

static int drain_later(void *unused)
{
    (void)unused;
    lock_drain();
    return 0;
}

/* The home's hook. Without the lock, and while the interpreter stays. */
static void ask_for_a_call(void *unused)
{
    (void)unused;
    bool missed = Py_AddPendingCall(drain_later, NULL) < 0;
    __atomic_store_n(&is_missed, missed, __ATOMIC_RELAXED);
}

/* Python keeps few pending calls: if it had no place, the next release asks again. */
void lock_let_go(struct wrapped *wrapped)
{
    rc_release(wrapped);
    if (!__atomic_load_n(&is_missed, __ATOMIC_RELAXED) || !lock_enter()) return;
    ask_for_a_call(NULL);
    lock_leave();
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
    pthread_mutex_unlock(&mutex);
}

static void watch_forks(void)
{
    (void)pthread_atfork(before_fork, after_fork, in_child);
}

/* @p late: what waits is not given back, and what was to be is not either. */
static void close_home(bool late)
{
    come_home();
    is_late = late;
    (void)rc_home_close(home, RC_HOME_NOWHERE);
    is_late = false;
    home = NULL;
    leave_home();
    struct wrapped *wrapped;
    while (late && (wrapped = take_ended())) rc_release(wrapped);
    lock_drain();
}

/* The first module of an interpreter. Threads may release at any time, so the home stays. */
static int make_home(void)
{
    if (home) close_home(true); /* that of an interpreter which kept its modules */
    home = rc_home_new();
    if (!home) return -1;
    rc_make_immortal(home);
    (void)rc_home_set_wake(home, ask_for_a_call, NULL);
    leave_home();
    return 0;
}

static void open_door(PyInterpreterState *mine)
{
    if (interpreter != mine) modules = 0;
    interpreter = mine;
    pthread_mutex_lock(&mutex);
    is_open = true;
    pthread_mutex_unlock(&mutex);
}

static bool door_is_open(void)
{
    pthread_mutex_lock(&mutex);
    bool answer = is_open;
    pthread_mutex_unlock(&mutex);
    return answer;
}

int lock_open(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    PyInterpreterState *mine = PyInterpreterState_Get();
    pthread_once(&once, watch_forks);
    bool open = door_is_open();
    if (open && interpreter != mine) {
        PyErr_SetString(PyExc_ImportError, "rcbuf serves one interpreter of a process at a time");
        return -1;
    }
    if (!open) {
        if (make_home() < 0) {
            (void)status_raise();
            return -1;
        }
        open_door(mine);
    }
    modules++;
    return 0;
}

/* From atexit, with the lock; who is in the hook does not wait for it. */
void lock_close(void)
{
    lock_drain();
    come_home();
    if (home) (void)rc_home_set_wake(home, NULL, NULL);
    leave_home();
    Py_BEGIN_ALLOW_THREADS close_door();
    Py_END_ALLOW_THREADS
}

/* After atexit nobody gives back what waits; a module that was imported after it has a home as
 * well. */
void lock_forget(void)
{
    if (modules == 0 || --modules > 0) return;
    bool late = !door_is_open();
    if (!late) lock_close();
    if (home) close_home(late);
}
