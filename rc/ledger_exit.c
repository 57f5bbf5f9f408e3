/* SPDX-License-Identifier: MIT */
/*
 * The report at exit is made by the last of the library's destructors: after the handlers and
 * destructors of the program, which may still release objects. The exit code is set later still,
 * by a handler that this destructor registers: it runs when the destructors of all modules have,
 * and before LeakSanitizer's, which ends the process too.
 *
 * A module that contains the library stays where it is when the program unloads it, since a report
 * then would be none of the process.
 */
#define RC__LIBRARY 1
#define _GNU_SOURCE 1 /* dl_iterate_phdr, dladdr */
#include "ledger_exit.h"

#ifdef RCBUF_LEDGER

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cancel.h"
#include "ledger.h"
#include "ledger_report.h"
#include "ledger_tags.h"

#if defined(__has_include) && defined(__ELF__)
#if __has_include(<link.h>) && __has_include(<dlfcn.h>)
#include <dlfcn.h>
#include <link.h>
#define HAS_MODULES 1
#endif
#endif

static struct rc__ledger_options options;
static pid_t process; /* whose ledger it is; 0: nothing is asked for at exit */
static int code;

/* ---- unloading ------------------------------------------------------------------------------- */

#if defined(HAS_MODULES) && defined(RTLD_NODELETE) && defined(RTLD_NOLOAD)

/* Not in the C library everywhere, nor in static programs, which unload nothing. */
extern void *dlopen(const char *, int) __attribute__((weak));
extern int dladdr(const void *, Dl_info *) __attribute__((weak));

/* The first is the program itself. */
static int is_in_module(struct dl_phdr_info *info, size_t size, void *found)
{
    uintptr_t place = (uintptr_t)&options;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && place >= start && place - start < segment->p_memsz)
            *(bool *)found = true;
    }
    return 1;
}

/* Until the process ends. */
static bool stays(void)
{
    bool is_in_program = false;
    Dl_info here;
    dl_iterate_phdr(is_in_module, &is_in_program);
    if (is_in_program) return true;
    return dlopen && dladdr && dladdr(&options, &here) != 0 && here.dli_fname &&
           dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) != NULL;
}

#else

static bool stays(void)
{
    return true;
}

#endif

void rc__ledger_exit_prepare(const struct rc__ledger_options *asked)
{
    options = *asked;
    if (!options.leaks && !options.holders) return;
    if (stays())
        process = getpid();
    else
        fputs("rcbuf: RCBUF_TRACE: this module may be unloaded; it reports nothing at exit\n",
              stderr);
}

/* ---- at exit --------------------------------------------------------------------------------- */

/* Of LeakSanitizer, where the program is linked with it: it speaks before the process ends by us.
 * */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static void end_process(void)
{
    fflush(NULL);
    if (__lsan_do_recoverable_leak_check) __lsan_do_recoverable_leak_check();
    _exit(code);
}

/* A stream of its own, since the program may have closed stderr, or hold it. */
static FILE *open_errors(void)
{
    int descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (!file && descriptor >= 0) close(descriptor);
    return file;
}

static void complain(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

/* format: of a name, and of what errno says. */
static __attribute__((format(printf, 1, 0))) void complain_of(const char *format, const char *name,
                                                              int number)
{
    char line[RC__LEDGER_NAME_MAX + 512];
    int length = snprintf(line, sizeof line - 1, "rcbuf: RCBUF_TRACE: ");
    size_t used = (size_t)length;
    (void)snprintf(line + used, sizeof line - 1 - used, format, name, strerror(number));
    strcat(line, "\n");
    complain(line);
}

static FILE *open_log(void)
{
    char name[RC__LEDGER_NAME_MAX + 64];
    if (!options.log[0]) return open_errors();
    if (!rc__ledger_log_name(options.log, name, sizeof name)) {
        complain(
            "rcbuf: RCBUF_TRACE: the log's name with the process in it is too long; the report "
            "goes here\n");
        return open_errors();
    }
    FILE *file = fopen(name, "ae");
    if (file) return file;
    complain_of("the log %s cannot be written: %s; the report goes here", name, errno);
    return open_errors();
}

static void write_report(struct rc__ledger_report *report)
{
    FILE *file = open_log();
    if (!file) return;
    errno = 0;
    rc__ledger_report_write(report, options.holders, file);
    int number = ferror(file) ? errno : 0;
    bool failed = ferror(file);
    if (fclose(file) == 0 && !failed) return;
    complain_of("the report could not be written in full to %s: %s",
                options.log[0] ? options.log : "standard error", number ? number : errno);
}

static bool is_error(const struct rc__ledger_report *report)
{
    if (rc__ledger_has_doubts(&report->picture)) return false;
    const struct rc__ledger_totals *totals = &report->totals;
    return (options.leaks && totals->leaked.objects) ||
           (options.reachable && (totals->reachable.objects || totals->waiting.objects));
}

static void finish(void)
{
    struct rc__ledger_report report;
    bool is_taken = rc__ledger_report_take(&report);
    const struct rc__ledger_totals *totals = &report.totals;
    bool has_any = totals->leaked.objects || totals->reachable.objects || totals->waiting.objects ||
                   totals->suppressed.objects;
    if (!is_taken || has_any || options.holders || rc__ledger_tags_any()) write_report(&report);
    if (is_taken && is_error(&report) && options.exit_code) {
        code = options.exit_code;
        atexit(end_process);
    }
    rc__ledger_report_drop(&report);
}

/* A child's objects are for the most part its parent's, on whose stack they may be held. */
static __attribute__((destructor(101))) void at_exit(void)
{
    pid_t asked = process;
    process = 0;
    if (!asked || (asked != getpid() && !options.children) || !rc_ledger_is_on()) return;
    int cancel = rc__cancel_hold();
    finish();
    rc__cancel_allow(cancel);
}

#endif
