/* SPDX-License-Identifier: MIT */
/*
 * embed SCENARIO: a C program that begins and ends interpreters while it holds wrapped buffers.
 *
 *   held     a thread releases while the main thread waits for it with the lock in hand; Python's
 *            next steps give the buffer back
 *   after    the interpreter ends first; the bytes can be read, and the reference released in
 *            another thread
 *   during   threads release while the interpreter ends
 *   again    what belongs to an interpreter that has ended is not given to the next one, whose own
 *            buffers are given back
 *
 * Prints "SCENARIO: ok"; any fault is a line on standard error, and status 1.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "reference.h"

enum { THREADS = 4, EACH = 2000 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "embed.c:%d: not so: %s\n", __LINE__, #condition);                     \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static void run(const char *code)
{
    CHECK(PyRun_SimpleString(code) == 0);
}

/* A value of Python's __main__. */
static PyObject *global(const char *name)
{
    PyObject *value = PyObject_GetAttrString(PyImport_AddModule("__main__"), name);
    CHECK(value);
    return value;
}

static struct reference take(const char *name)
{
    struct reference taken;
    PyObject *capsule = global(name);
    CHECK(reference_take(capsule, &taken));
    Py_DECREF(capsule);
    return taken;
}

static void *release_one(void *reference)
{
    reference_release(reference);
    return NULL;
}

static void release_in_thread(struct reference *reference)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, release_one, reference) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* Of a bytearray b"abc", as `shared`; `gone` becomes true at its end. */
static const char make_one[] = "import rcbuf, weakref\n"
                               "class Source(bytearray): pass\n"
                               "source = Source(b'abc')\n"
                               "gone = False\n"
                               "def end(_):\n"
                               "    global gone\n"
                               "    gone = True\n"
                               "watch = weakref.ref(source, end)\n"
                               "shared = rcbuf.share(source)\n"
                               "del source\n";

static void held(void)
{
    Py_Initialize();
    run(make_one);
    struct reference reference = take("shared");
    release_in_thread(&reference);
    run("assert not gone, 'given back without the lock'");
    run("import os\n"
        "os.stat('.')  # gives the lock up, and takes it\n"
        "for _ in range(1000):\n    pass\n");
    run("assert gone and rcbuf.waiting() == 0, 'not given back by the pending call'");
    CHECK(Py_FinalizeEx() == 0);
}

static void after(void)
{
    Py_Initialize();
    run(make_one);
    struct reference reference = take("shared");
    CHECK(Py_FinalizeEx() == 0);
    CHECK(reference.size == 3 && memcmp(reference.data, "abc", 3) == 0);
    release_in_thread(&reference);
}

/* ---- during ---------------------------------------------------------------------------------- */

static struct reference loads[THREADS][EACH];
static int running;

static void *release_load(void *load)
{
    struct reference *references = load;
    __atomic_fetch_add(&running, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < EACH; i++) {
        reference_release(&references[i]);
        sched_yield();
    }
    return NULL;
}

static void take_loads(void)
{
    run("import rcbuf\n"
        "class Source(bytearray): pass\n"
        "def share():\n"
        "    return rcbuf.share(Source(b'abc'))\n");
    PyObject *share = global("share");
    for (size_t i = 0; i < (size_t)THREADS * EACH; i++) {
        PyObject *capsule = PyObject_CallNoArgs(share);
        CHECK(capsule && reference_take(capsule, &loads[i / EACH][i % EACH]));
        Py_DECREF(capsule);
    }
    Py_DECREF(share);
}

static void during(void)
{
    pthread_t threads[THREADS];
    Py_Initialize();
    take_loads();
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, release_load, loads[i]) == 0);
    while (__atomic_load_n(&running, __ATOMIC_ACQUIRE) < THREADS) sched_yield();
    CHECK(Py_FinalizeEx() == 0);
    for (size_t i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* ---- again ----------------------------------------------------------------------------------- */

static void again(void)
{
    Py_Initialize();
    run(make_one);
    PyObject *watch = global("watch"), *source = PyObject_CallNoArgs(watch);
    CHECK(source && source != Py_None);
    Py_DECREF(watch);
    struct reference old = take("shared");
    CHECK(Py_FinalizeEx() == 0);
    Py_ssize_t owners = Py_REFCNT(source);

    Py_Initialize();
    run(make_one);
    struct reference new = take("shared");
    release_in_thread(&old);
    run("assert rcbuf.waiting() == 0 and rcbuf.drain() == 0 and not gone");
    CHECK(Py_REFCNT(source) == owners);
    release_in_thread(&new);
    run("rcbuf.drain()\n"
        "assert gone and rcbuf.waiting() == 0\n"
        "assert rcbuf.Buffer(b'abc')[:].tolist() == [97, 98, 99]\n");
    CHECK(Py_FinalizeEx() == 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } scenarios[] = {{"held", held}, {"after", after}, {"during", during}, {"again", again}};
    for (size_t i = 0; argc == 2 && i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run();
            printf("%s: ok\n", argv[1]);
            return 0;
        }
    fputs("usage: embed held|after|during|again\n", stderr);
    return 2;
}
