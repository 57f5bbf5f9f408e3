/* SPDX-License-Identifier: MIT */
/*
 * The stacks of references, where they are asked for: addresses alone when they are taken, and
 * names in the report. Lines come from addr2line, one child for each stack, or do not come.
 */
#define RC__LIBRARY 1
#include "ledger_hooks.h"
#include "ledger_symbol.h"
#include "ledger_table.h"

#ifdef RCBUF_LEDGER

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

/* By a child that runs addr2line. Returns: what it writes; NULL: nothing. */
static FILE *ask(char **arguments, pid_t *child)
{
    int ends[2];
    posix_spawn_file_actions_t actions;
    if (pipe(ends) != 0) return NULL;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    bool started = posix_spawn_file_actions_init(&actions) == 0;
    if (started) {
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        started = posix_spawnp(child, "addr2line", &actions, NULL, arguments, environ) == 0;
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    FILE *file = started ? fdopen(ends[0], "r") : NULL;
    if (!file) close(ends[0]);
    return file;
}

static void read_lines(FILE *file, struct frame *frames, const char *module, unsigned depth)
{
    char line[sizeof frames->line];
    for (unsigned i = 0; i < depth; i++) {
        if (strcmp(frames[i].symbol.module, module) != 0) continue;
        if (!fgets(line, sizeof line, file)) return;
        line[strcspn(line, "\n")] = '\0';
        char *note = strstr(line, " (discriminator");
        if (note) *note = '\0';
        if (line[0] != '?' && !strstr(line, ":?")) memcpy(frames[i].line, line, sizeof line);
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
    FILE *file = ask(arguments, &child);
    if (file) {
        read_lines(file, frames, module, depth);
        fclose(file);
    }
    if (child > 0) waitpid(child, NULL, 0);
}

/* Functions of the library begin so, and the ledger's are on the top of each stack. */
static bool is_ledgers(const struct frame *frame)
{
    const char *name = frame->symbol.name;
    return strncmp(name, "rc__ledger_", 11) == 0 || strncmp(name, "rc_ledger_", 10) == 0;
}

static unsigned first_of_interest(const struct frame *frames, unsigned depth)
{
    unsigned first = 0;
    for (unsigned i = 0; i < depth && i < 4; i++)
        if (is_ledgers(&frames[i])) first = i + 1;
    return first;
}

void rc__ledger_stack_write(void *const *addresses, unsigned depth, const char *indent, FILE *file)
{
    struct frame frames[RC__LEDGER_STACK_MAX];
    for (unsigned i = 0; i < depth; i++)
        frames[i] = (struct frame){.symbol = rc__ledger_symbol_find(call_of(addresses[i]), false)};
    for (unsigned i = 0; i < depth; i++) {
        bool is_first = frames[i].symbol.module[0] != '\0';
        for (unsigned before = 0; before < i; before++)
            is_first &= strcmp(frames[before].symbol.module, frames[i].symbol.module) != 0;
        if (is_first) find_lines(frames, depth, frames[i].symbol.module);
    }
    for (unsigned first = first_of_interest(frames, depth), i = first; i < depth; i++)
        fprintf(file, "\n%s#%u %p in %s %s", indent, i - first, addresses[i],
                frames[i].symbol.name[0] ? frames[i].symbol.name : "?",
                frames[i].line[0] ? frames[i].line : frames[i].symbol.module);
}

#endif
