/* SPDX-License-Identifier: MIT */
/*
 * The stacks of references, where they are asked for: addresses alone when they are taken, and
 * names in the report. Lines come from addr2line, a child for each module of a stack, or do not
 * come: for all stacks of the process together it has a few seconds.
 */
#define RC__LIBRARY 1
#define _GNU_SOURCE 1 /* pipe2 */
#include "cancel.h"
#include "ledger_hooks.h"
#include "ledger_symbol.h"
#include "ledger_table.h"

#ifdef RCBUF_LEDGER

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_include)
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAS_BACKTRACE 1
#endif
#endif

extern char **environ;

/* ---- taken ----------------------------------------------------------------------------------- */

__attribute__((noinline)) struct rc__ledger_stack *
rc__ledger_stack_here(struct rc__ledger_stack *stack)
{
#ifdef HAS_BACKTRACE
    int depth = backtrace(stack->frames, RC__LEDGER_STACK_MAX);
    stack->depth = depth > 0 ? (unsigned)depth : 0;
    return depth > 0 ? stack : NULL;
#else
    (void)stack;
    return NULL;
#endif
}

/* The first call loads what unwinds, with memory of its own. */
void rc__ledger_stack_prepare(void)
{
    struct rc__ledger_stack stack;
    (void)rc__ledger_stack_here(&stack);
}

/* ---- written --------------------------------------------------------------------------------- */

struct frame {
    struct rc__ledger_symbol symbol;
    char line[256]; /* "file:12", or "" */
};

/* The call is in front of where it returns to. */
static const void *call_of(void *frame)
{
    return (const char *)frame - 1;
}

static bool open_pipe(int *ends)
{
#if defined(__linux__)
    return pipe2(ends, O_CLOEXEC) == 0;
#else
    if (pipe(ends) != 0) return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
#endif
}

/* A child that runs addr2line. Returns: where it writes to; -1: there is none. */
static int ask(char **arguments, pid_t *child)
{
    int ends[2];
    posix_spawn_file_actions_t actions;
    if (!open_pipe(ends)) return -1;
    bool started = posix_spawn_file_actions_init(&actions) == 0;
    if (started) {
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        started = posix_spawnp(child, "addr2line", &actions, NULL, arguments, environ) == 0;
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    if (started) return ends[0];
    close(ends[0]);
    *child = -1;
    return -1;
}

/* ---- in time --------------------------------------------------------------------------------- */

#define MILLISECONDS_MAX 3000

/* What is left for all children of the process. */
static long left = MILLISECONDS_MAX;

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long)(time.tv_sec % 1000000) * 1000 + time.tv_nsec / 1000000;
}

static void spend(long since)
{
    long spent = now() - since, before = __atomic_load_n(&left, __ATOMIC_RELAXED);
    __atomic_store_n(&left, spent < 0 || spent > before ? 0 : before - spent, __ATOMIC_RELAXED);
}

/* Returns: bytes; 0: it is at its end, or the time is over. */
static size_t read_some(int descriptor, char *bytes, size_t size)
{
    struct pollfd ready = {.fd = descriptor, .events = POLLIN};
    for (;;) {
        long begin = now(), time = __atomic_load_n(&left, __ATOMIC_RELAXED);
        int answer = time > 0 ? poll(&ready, 1, (int)time) : 0;
        ssize_t got = answer > 0 ? read(descriptor, bytes, size) : 0;
        bool was_interrupted = (answer < 0 || got < 0) && errno == EINTR;
        spend(begin);
        if (!was_interrupted) return got > 0 ? (size_t)got : 0;
    }
}

/* It is a child of our own, and not waited for by anyone else. */
static void end_child(pid_t child)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    pid_t ended;
    while ((ended = waitpid(child, NULL, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
        long begin = now();
        if (__atomic_load_n(&left, __ATOMIC_RELAXED) <= 0) {
            kill(child, SIGKILL);
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
            return;
        }
        nanosleep(&pause, NULL);
        spend(begin);
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Lines of any length, of which a frame keeps what fits. */
struct lines {
    struct frame *frames;
    const char *module;
    unsigned depth, at; /* the frame whose line comes */
    char line[sizeof((struct frame *)NULL)->line];
    size_t length;
};

static void skip_others(struct lines *lines)
{
    while (lines->at < lines->depth &&
           strcmp(lines->frames[lines->at].symbol.module, lines->module) != 0)
        lines->at++;
}

static void end_line(struct lines *lines)
{
    char *line = lines->line;
    line[lines->length] = '\0';
    lines->length = 0;
    char *note = strstr(line, " (discriminator");
    if (note) *note = '\0';
    if (lines->at < lines->depth && line[0] != '?' && !strstr(line, ":?"))
        memcpy(lines->frames[lines->at].line, line, sizeof lines->line);
    lines->at++;
    skip_others(lines);
}

static void read_lines(struct lines *lines, int descriptor)
{
    char bytes[1024];
    skip_others(lines);
    for (size_t got; (got = read_some(descriptor, bytes, sizeof bytes)) > 0;) {
        for (size_t i = 0; i < got; i++) {
            if (bytes[i] == '\n')
                end_line(lines);
            else if (lines->length < sizeof lines->line - 1)
                lines->line[lines->length++] = bytes[i];
        }
    }
}

/* The lines of all frames that lie in one module. */
static void find_lines(struct frame *frames, unsigned depth, char *module)
{
    char addresses[RC__LEDGER_STACK_MAX][2 + 16 + 1];
    char name[] = "addr2line", option[] = "-e";
    char *arguments[3 + RC__LEDGER_STACK_MAX + 1] = {name, option, module};
    size_t count = 3;
    pid_t child = -1;
    for (unsigned i = 0; i < depth; i++) {
        if (strcmp(frames[i].symbol.module, module) != 0) continue;
        snprintf(addresses[i], sizeof addresses[i], "%#llx",
                 (unsigned long long)frames[i].symbol.address);
        arguments[count++] = addresses[i];
    }
    struct lines lines = {.frames = frames, .module = module, .depth = depth};
    int descriptor = __atomic_load_n(&left, __ATOMIC_RELAXED) > 0 ? ask(arguments, &child) : -1;
    if (descriptor < 0) return;
    read_lines(&lines, descriptor);
    close(descriptor);
    end_child(child);
}

/* Functions of the library begin so, and the ledger's are on the top of each stack. */
static bool is_ledgers(const struct frame *frame)
{
    const char *name = frame->symbol.name;
    return strncmp(name, "rc__ledger_", 11) == 0 || strncmp(name, "rc_ledger_", 10) == 0;
}

/* Below them, too, only what the program calls is worth a line. */
static unsigned first_of_interest(const struct frame *frames, unsigned depth)
{
    unsigned first = 0;
    for (unsigned i = 0; i < depth && i < 4; i++)
        if (is_ledgers(&frames[i])) first = i + 1;
    while (first + 1 < depth && strncmp(frames[first].symbol.name, "rc__", 4) == 0) first++;
    return first;
}

static void find_names(struct frame *frames, void *const *addresses, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        frames[i] = (struct frame){.symbol = rc__ledger_symbol_find(call_of(addresses[i]), false)};
    for (unsigned i = 0; i < depth; i++) {
        bool is_first = frames[i].symbol.module[0] != '\0';
        for (unsigned before = 0; before < i; before++)
            is_first &= strcmp(frames[before].symbol.module, frames[i].symbol.module) != 0;
        if (is_first) find_lines(frames, depth, frames[i].symbol.module);
    }
}

void rc__ledger_stack_write(void *const *addresses, unsigned depth, const char *indent, FILE *file)
{
    struct frame frames[RC__LEDGER_STACK_MAX];
    int cancel = rc__cancel_hold();
    find_names(frames, addresses, depth);
    rc__cancel_allow(cancel);
    for (unsigned first = first_of_interest(frames, depth), i = first; i < depth; i++)
        fprintf(file, "\n%s#%u %p in %s %s", indent, i - first, addresses[i],
                frames[i].symbol.name[0] ? frames[i].symbol.name : "?",
                frames[i].line[0] ? frames[i].line : frames[i].symbol.module);
}

#endif
