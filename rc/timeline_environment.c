/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * RCBUF_TIMELINE=FILE: a timeline from before main() until exit().
 *
 * The file is opened when the program starts, so that what is wrong with it is told then, and once
 * more when it ends: a descriptor that stayed open would be closed by programs that close all they
 * know of, and its number be another file's by then. Nothing but a regular file is opened: a named
 * pipe would keep the program waiting for its reader.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environment.h"
#include "timeline_state.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* Where it goes, from the root on; empty: nowhere. */
static char path[PATH_MAX];

static void complain(const char *what, const char *why)
{
    fprintf(stderr, "rcbuf: RCBUF_TIMELINE: %s: %s\n", what, why);
}

/* ---- the name -------------------------------------------------------------------------------- */

struct name {
    size_t length;
    bool fits;
};

static void put(struct name *name, const char *text, size_t length)
{
    name->fits = name->fits && length < sizeof path - name->length;
    if (!name->fits) return;
    memcpy(path + name->length, text, length);
    name->length += length;
    path[name->length] = '\0';
}

static bool put_folder(struct name *name)
{
    char folder[PATH_MAX];
    if (!getcwd(folder, sizeof folder)) return false;
    put(name, folder, strlen(folder));
    put(name, "/", 1);
    return true;
}

/* False: it was told why. */
static bool set_path(const char *file)
{
    struct name name = {.fits = true};
    char number[24];
    int digits = snprintf(number, sizeof number, "%ld", (long)getpid());
    const char *all = file;
    if (file[0] != '/' && !put_folder(&name)) {
        complain("the folder of the program is not known", strerror(errno));
        return false;
    }
    for (const char *next; (next = strstr(file, "%p")) != NULL; file = next + 2) {
        put(&name, file, (size_t)(next - file));
        put(&name, number, (size_t)digits);
    }
    put(&name, file, strlen(file));
    if (!name.fits) complain("the name of the file is too long", all);
    return name.fits;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* Standard input, output or error is this file: what the program reads or writes would be lost. */
static bool is_in_use(const struct stat *file)
{
    struct stat other;
    for (int i = 0; i <= STDERR_FILENO; i++)
        if (fstat(i, &other) == 0 && other.st_dev == file->st_dev && other.st_ino == file->st_ino)
            return true;
    return false;
}

/* Asked before it is opened, which a device or a reader may notice. One that is not there can be
 * made. */
static bool can_be_opened(void)
{
    struct stat file;
    const char *why = NULL;
    if (stat(path, &file) != 0)
        why = errno == ENOENT ? NULL : strerror(errno);
    else if (!S_ISREG(file.st_mode))
        why = "not a regular file";
    else if (is_in_use(&file))
        why = "standard input, output or error of the program";
    if (why) complain(path, why);
    return !why;
}

/* Does not wait, even where it has just become a pipe, and empties nothing but a regular file.
 * NULL: it was told why. */
static FILE *open_file(void)
{
    if (!can_be_opened()) return NULL;
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int descriptor = open(path, flags, 0666);
    bool is_ready = descriptor >= 0 && ftruncate(descriptor, 0) == 0;
    FILE *file = is_ready ? fdopen(descriptor, "w") : NULL;
    if (!file) complain(path, strerror(errno));
    if (!file && descriptor >= 0) close(descriptor);
    return file;
}

/* ---- start and end --------------------------------------------------------------------------- */

static bool can_be_written(void)
{
    FILE *file = open_file();
    if (file) fclose(file);
    return file != NULL;
}

/* After those of the library, and of the tests, that prepare what is needed here. */
static __attribute__((constructor(102))) void start(void)
{
    const char *file = rc__environment_read("RCBUF_TIMELINE");
    if (!*file) return;
    if (set_path(file) && can_be_written())
        rc_timeline_start();
    else
        rc__timeline_environment_forget();
}

static void write_to(FILE *file)
{
    bool written = rc_timeline_write_csv(file) == RC_OK;
    if (!written) complain(path, rc_error_message());
    if (fclose(file) && written) complain(path, strerror(errno));
}

static __attribute__((destructor(102))) void end(void)
{
    if (!path[0]) return;
    rc_timeline_stop();
    FILE *file = open_file();
    if (file) write_to(file);
}

void rc__timeline_environment_forget(void)
{
    path[0] = '\0';
}
