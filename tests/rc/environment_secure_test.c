/* SPDX-License-Identifier: MIT */
/*
 * What a set-uid program reads of the environment: this one, copied and given away, by what the
 * library does here and by what it does where the C library has no answer of its own.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <fcntl.h>
#include <sys/stat.h>

#if defined(__linux__)
#define RC__SECURE_BY_AUXV
#endif
#include "rc/environment.h"
#include "rc/environment_secure.h"
#include "tests/child.h"
#include "tests/harness.h"

#define NAME "RCBUF_SECURE_TEST"
#define ROLE "RCBUF_SECURE_CHILD"

enum { RAN = 16, READS = 1, READS_BY_OTHER_MEANS = 2, HAS_RIGHTS = 4 };

/* Instead of main(): what it finds. */
static __attribute__((constructor(201))) void be_the_other(void)
{
    if (!getenv(ROLE)) return;
    int found = RAN;
    if (*rc__environment_read(NAME)) found |= READS;
    if (rc__environment_secure(NAME)) found |= READS_BY_OTHER_MEANS;
    if (geteuid() != getuid()) found |= HAS_RIGHTS;
    _exit(found);
}

/* ---- a copy of this program ------------------------------------------------------------------ */

static char folder[] = "/tmp/rcbuf_secure_XXXXXX", copy[64];

/* With these rights. False: this process may not do that. */
static bool make_copy(mode_t mode)
{
    char bytes[65536];
    ssize_t size;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(copy, sizeof copy, "%s/program", folder);
    int from = open("/proc/self/exe", O_RDONLY), to = open(copy, O_WRONLY | O_CREAT, 0700);
    ck_assert(from >= 0 && to >= 0);
    while ((size = read(from, bytes, sizeof bytes)) > 0)
        ck_assert_int_eq(write(to, bytes, (size_t)size), size);
    bool given = chmod(folder, 0755) == 0 && fchown(to, 65534, 65534) == 0;
    given = given && fchmod(to, mode) == 0;
    close(from);
    close(to);
    return given;
}

static void run_copy(void *unused)
{
    (void)unused;
    setenv(NAME, "text", 1);
    setenv(ROLE, "yes", 1);
    execl(copy, "program", (char *)NULL);
    _exit(127);
}

/* What it found; -1: it could not be made, or did not run. */
static int result_of_copy(mode_t mode)
{
    struct child_result result = {.status = -1};
    bool is_made = make_copy(mode);
    if (is_made) result = child_run(run_copy, NULL);
    remove(copy);
    ck_assert_int_eq(rmdir(folder), 0);
    bool ran = is_made && WIFEXITED(result.status) && WEXITSTATUS(result.status) / RAN == 1;
    return ran ? WEXITSTATUS(result.status) : -1;
}

/* ---- tests ----------------------------------------------------------------------------------- */

START_TEST(a_program_reads_its_environment)
{
    setenv(NAME, "text", 1);
    ck_assert_str_eq(rc__environment_read(NAME), "text");
    ck_assert_str_eq(rc__environment_secure(NAME), "text");
    unsetenv(NAME);
    ck_assert_str_eq(rc__environment_read(NAME), "");
    ck_assert_ptr_null(rc__environment_secure(NAME));
}
END_TEST

START_TEST(a_set_uid_program_does_not)
{
    int found = result_of_copy(04755);
    ck_assert_msg(found == (RAN | HAS_RIGHTS) || found < 0 || !(found & HAS_RIGHTS),
                  "it reads its environment: %d", found);
    if (found != (RAN | HAS_RIGHTS))
        printf("skipped: set-uid: a copy of this program gets no rights of another user here: %d\n",
               found);
}
END_TEST

HARNESS_MAIN("rc/environment_secure", a_program_reads_its_environment, a_set_uid_program_does_not)
