/* SPDX-License-Identifier: MIT */
/* gnuplot's three streams are files of this program, so that nothing of what is drawn depends on how
 * gnuplot would quote a name, and neither side waits for the other. */
#include "gnuplot.h"

#include <errno.h>
#include <rc/memory.h>
#include <rc/scope.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

typedef posix_spawn_file_actions_t actions;

RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v));
RC_DEFINE_SCOPED(descriptor, int, -1, close(_v));
RC_DEFINE_SCOPED(text, char *, NULL, rc_memory_free(_v));
RC_DEFINE_DEFER(unlink, const char *);
RC_DEFINE_DEFER(posix_spawn_file_actions_destroy, actions *);

static enum rc_status fail(const char *what, int error)
{
    return rc_error_set(RC_SYSTEM, "%s: %s", what, strerror(error));
}

/* The first line that gnuplot wrote which is not blank, without what points at the fault. */
static void read_complaint(FILE *errors, char *line, int size)
{
    rewind(errors);
    while (fgets(line, size, errors)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[strspn(line, " \t^")]) return;
    }
    snprintf(line, (size_t)size, "it does not say why");
}

static enum rc_status wait_for(pid_t child, FILE *errors)
{
    int status;
    char line[200];
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return fail("gnuplot cannot be waited for", errno);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return RC_OK;
    /* What posix_spawn() of some C libraries gives where there is no such program. */
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return rc_error_set(RC_UNSUPPORTED, "gnuplot cannot be run, so there is no plot");
    if (WIFSIGNALED(status))
        return rc_error_set(RC_SYSTEM, "gnuplot was ended by signal %d", WTERMSIG(status));
    read_complaint(errors, line, sizeof line);
    return rc_error_set(RC_SYSTEM, "gnuplot failed with status %d: %s", WEXITSTATUS(status), line);
}

static enum rc_status run(FILE *script, int output)
{
    static char *const arguments[] = {"gnuplot", "-d", NULL};
    RC_SCOPED(file, errors) = tmpfile();
    if (!errors) return fail("a temporary file cannot be made", errno);
    actions streams;
    int error = posix_spawn_file_actions_init(&streams);
    if (error) return fail("gnuplot cannot be started", error);
    RC_DEFER(posix_spawn_file_actions_destroy, &streams);
    pid_t child = 0;
    error = posix_spawn_file_actions_adddup2(&streams, fileno(script), STDIN_FILENO);
    if (!error) error = posix_spawn_file_actions_adddup2(&streams, output, STDOUT_FILENO);
    if (!error) error = posix_spawn_file_actions_adddup2(&streams, fileno(errors), STDERR_FILENO);
    if (!error) error = posix_spawnp(&child, arguments[0], &streams, NULL, arguments, environ);
    if (error == ENOENT)
        return rc_error_set(RC_UNSUPPORTED, "gnuplot is not installed, so there is no plot");
    return error ? fail("gnuplot cannot be started", error) : wait_for(child, errors);
}

/* The bytes of the script begin where its descriptor is, which the child shares. */
static enum rc_status rewind_script(FILE *script)
{
    if (fflush(script) || ferror(script) || lseek(fileno(script), 0, SEEK_SET) < 0)
        return fail("gnuplot's commands cannot be written", errno);
    return RC_OK;
}

/* As a file that is made in the ordinary way: mkstemp() lets its owner alone read it. */
static enum rc_status publish(int output, const char *temporary, const char *path)
{
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(output, 0666 & ~mask) || rename(temporary, path))
        return rc_error_set(RC_SYSTEM, "%s cannot be written: %s", path, strerror(errno));
    return RC_OK;
}

enum rc_status gnuplot_draw(FILE *script, const char *path)
{
    static const char ending[] = ".XXXXXX";
    size_t length = strlen(path);
    if (rewind_script(script)) return rc_error_status();
    RC_SCOPED(text, temporary) = rc_memory_allocate(length + sizeof ending);
    if (!temporary) return rc_error_status();
    memcpy(temporary, path, length);
    memcpy(temporary + length, ending, sizeof ending);
    RC_SCOPED(descriptor, output) = mkstemp(temporary);
    if (output < 0)
        return rc_error_set(RC_SYSTEM, "%s cannot be written: %s", path, strerror(errno));
    RC_DEFER_NAMED(undo, unlink, temporary);
    if (run(script, output) || publish(output, temporary, path)) return rc_error_status();
    RC_DISMISS(undo);
    return RC_OK;
}
