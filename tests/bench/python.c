/* SPDX-License-Identifier: MIT */
/* CPython, found while the program runs. */
#include "python.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/python3"

struct python python;

static python_object *module;

/* ---- the library ----------------------------------------------------------------------------- */

/* "libpython3.11.so.1.0" of a program that is a link to python3.11. */
static void *open_library(void)
{
    char target[64], name[96];
    ssize_t length = readlink(PROGRAM, target, sizeof target - 1);
    if (length <= 0) return NULL;
    target[length] = '\0';
    const char *slash = strrchr(target, '/');
    snprintf(name, sizeof name, "lib%s.so.1.0", slash ? slash + 1 : target);
    return dlopen(name, RTLD_NOW | RTLD_GLOBAL); /* extension modules look for its symbols */
}

static bool find(void *library, const char *name, void *place)
{
    void *symbol = dlsym(library, name);
    memcpy(place, &symbol, sizeof symbol);
    return symbol != NULL;
}

#define FIND(name) find(library, #name, &python.name)

static bool find_all(void *library)
{
    return FIND(Py_InitializeEx) && FIND(Py_DecRef) && FIND(PyRun_SimpleString) &&
           FIND(PyImport_AddModule) && FIND(PyObject_GetAttrString) &&
           FIND(PyObject_SetAttrString) && FIND(PyMemoryView_FromMemory) &&
           FIND(PyObject_CallObject) && FIND(PyObject_GetItem) && FIND(PyFloat_AsDouble) &&
           FIND(PyUnicode_AsUTF8AndSize);
}

/* The interpreter takes its folders from where python3 is found; nothing else of the environment
 * counts. NumPy's algebra starts threads unless it is told not to. */
static void set_environment(void)
{
    setenv("PATH", "/usr/bin:/bin", 1);
    unsetenv("PYTHONHOME");
    unsetenv("PYTHONPATH");
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    setenv("MKL_NUM_THREADS", "1", 1);
    setenv("OMP_NUM_THREADS", "1", 1);
}

static const char *start(void)
{
    void *library = open_library();
    if (!library) return "the shared library of " PROGRAM " is not there";
    if (!find_all(library)) return "the shared library of " PROGRAM " lacks functions";
    set_environment();
    python.Py_InitializeEx(0);
    module = python.PyImport_AddModule("__main__");
    return module ? NULL : "Python did not start";
}

const char *python_absent(void)
{
    static bool is_started;
    static const char *answer;
    if (!is_started) answer = start();
    is_started = true;
    return answer;
}

/* ---- what runs in it ------------------------------------------------------------------------- */

void python_run(const char *statements)
{
    if (python.PyRun_SimpleString(statements) != 0) give_up("Python raised");
}

python_object *python_get(const char *name)
{
    return need(python.PyObject_GetAttrString(module, name));
}

void python_set_memory(const char *name, void *bytes, size_t size)
{
    enum { WRITABLE = 0x200 }; /* PyBUF_WRITE */
    python_object *memory = need(python.PyMemoryView_FromMemory(bytes, (ssize_t)size, WRITABLE));
    if (python.PyObject_SetAttrString(module, name, memory) != 0) give_up("Python raised");
    python.Py_DecRef(memory);
}

void python_call(python_object *callable, python_object *arguments)
{
    python.Py_DecRef(need(python.PyObject_CallObject(callable, arguments)));
}

/* ---- NumPy ----------------------------------------------------------------------------------- */

static double number(const char *name)
{
    python_object *object = python_get(name);
    double value = python.PyFloat_AsDouble(object);
    python.Py_DecRef(object);
    return value;
}

static const char *import(void)
{
    const char *absent = python_absent();
    if (absent) return absent;
    python_run("import sys\n"
               "try:\n"
               "    import numpy as np\n"
               "    there = 1.0\n"
               "    versions = f'NumPy {np.__version__}, Python {sys.version.split()[0]}'\n"
               "except Exception:\n"
               "    there = 0.0\n");
    if (number("there") == 0) return "NumPy is not there for " PROGRAM;
    python_object *versions = python_get("versions");
    add_note(need((void *)(uintptr_t)python.PyUnicode_AsUTF8AndSize(versions, NULL)));
    python.Py_DecRef(versions);
    return NULL;
}

const char *numpy_absent(void)
{
    static bool is_imported;
    static const char *answer;
    if (!is_imported) answer = import();
    is_imported = true;
    return answer;
}
