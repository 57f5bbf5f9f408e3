/* SPDX-License-Identifier: MIT */
/*
 * A schedule explorer: runs every interleaving of a few threads over the unchanged library.
 *
 * How it works. The library and the scenarios are compiled with -fsanitize=thread, which makes the
 * compiler call __tsan_* before each access to memory and instead of each atomic operation. They
 * are linked not with ThreadSanitizer but with this runtime, which answers those calls
 * (tsan_entry.c). Before an atomic operation or a mutex the thread stops, and the search
 * (schedule.c) decides who goes on. Threads are fibers with thread-locals of their own (fiber.c);
 * memory is the same at the start of each schedule (heap.c), so that a schedule can be run again
 * up to its last choice, and on from another one. Where a scenario says so a thread stops after each
 * of its steps, and the others have to end without it.
 *
 * What it finds, in any schedule: accesses that race by the memory orders in the code (clocks.c),
 * use after free, double free, accesses outside a block, leaks, deadlocks, calls that stop the
 * program, writes to bytes declared untouchable, and conditions of the scenario that do not hold.
 * Memory orders are judged by happens-before, not by what this processor does.
 *
 * What it does not do. Loads return the newest value: stale values that a relaxed load might see
 * are not enumerated, so weak orders show as races on the plain memory that they should protect,
 * and not as odd values. A compare and swap that may fail for no reason never does. Freed addresses
 * are not used again within a schedule. Stacks and thread-locals are not watched. Condition
 * variables, read-write locks and trylock are not modelled; the gate checks that the library does
 * not use them.
 *
 *     explorer                         every scenario, one line each
 *     explorer NAME                    that scenario
 *     explorer --all NAME              without reduction: all interleavings
 *     explorer --all --preemptions N   at most N switches away from a thread that could go on
 *     explorer --limit N               at most N schedules
 *
 * A line: name|threads|schedules|pruned|distinct|result. Exit status: 0 if nothing was found, 1 if
 * something was, 2 if the explorer itself cannot work here.
 */
#define _GNU_SOURCE
#include "runtime.h"
#include "trace.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <sys/wait.h>
#include <unistd.h>

struct explorer *explorer;

struct options {
    const char *name; /* NULL: every scenario but those of the explorer's own */
    bool all;
    int preemptions;
    unsigned long limit;
};

/* ---- one scenario, in a process of its own --------------------------------------------------- */

static void print_line(const char *result)
{
    printf("%s|%d|%lu|%lu|%zu|%s\n", explorer->scenario->name, explorer->thread_count - 1,
           explorer->schedules, explorer->pruned, explorer->trace_count, result);
    fflush(stdout);
}

void explorer_fail(const char *format, ...)
{
    va_list arguments;
    explorer->exploring = false;
    explorer->schedules++; /* this one, too */
    fprintf(stderr, "%s: ", explorer->scenario->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    trace_print();
    print_line("violation");
    _exit(EXIT_FAILURE);
}

void explorer_forbid_writes(const void *bytes, size_t size)
{
    int index = explorer->forbidden_count++;
    if (index == FORBIDDEN) explorer_fail("more than %d forbidden ranges", FORBIDDEN);
    explorer->forbidden[index] = bytes;
    explorer->forbidden_size[index] = size;
}

static void on_crash(int number)
{
    explorer_fail("signal %d", number);
}

/* Once without a schedule, so that lazily made records and tables are there from the start. */
static void warm_up(const struct scenario *scenario)
{
    fiber_reset();
    scenario->before();
    for (int i = 1; i < explorer->thread_count; i++) fiber_switch(i);
    scenario->after();
    fiber_keep();
    heap_keep();
}

static struct stop find_stop(const struct stop *list, const char *scenario)
{
    while (list->scenario && strcmp(list->scenario, scenario) != 0) list++;
    return *list;
}

static struct stop stop_of(const char *scenario)
{
    struct stop stop = find_stop(slot_stops, scenario);
    if (!stop.scenario) stop = find_stop(home_stops, scenario);
    return stop.scenario ? stop : find_stop(self_stops, scenario);
}

static void set_up(const struct scenario *scenario, const struct options *options)
{
    __libc_single_threaded = 0; /* or the library would count without atomics */
    explorer = heap_map(sizeof *explorer);
    explorer->scenario = scenario;
    explorer->stop = stop_of(scenario->name);
    explorer->reduce = !options->all;
    explorer->preemptions = options->preemptions;
    explorer->limit = options->limit;
    explorer->thread_count = 1;
    for (int i = 1; i < THREADS && scenario->threads[i - 1]; i++) {
        explorer->threads[i].body = scenario->threads[i - 1];
        explorer->thread_count = i + 1;
    }
    heap_set_up();
    fiber_set_up();
    signal(SIGSEGV, on_crash);
    signal(SIGBUS, on_crash);
}

static void explore(const struct scenario *scenario, const struct options *options)
{
    set_up(scenario, options);
    warm_up(scenario);
    schedule_explore();
    print_line(schedule_is_complete() ? "passed" : "limit");
    _exit(EXIT_SUCCESS);
}

/* Exit status of the child: 0 passed, 1 violation, anything else a fault of the explorer. */
static int explore_in_child(const struct scenario *scenario, const struct options *options)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) explore(scenario, options);
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) return 2;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    fprintf(stderr, "%s: the explorer died of signal %d\n", scenario->name, WTERMSIG(status));
    return 2;
}

/* ---- which scenarios ------------------------------------------------------------------------- */

static struct options parse(int count, char **arguments)
{
    struct options options = {.preemptions = -1};
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--all") == 0)
            options.all = true;
        else if (strcmp(arguments[i], "--preemptions") == 0 && i + 1 < count)
            options.preemptions = atoi(arguments[++i]);
        else if (strcmp(arguments[i], "--limit") == 0 && i + 1 < count)
            options.limit = strtoul(arguments[++i], NULL, 10);
        else
            options.name = arguments[i];
    }
    return options;
}

static int run_list(const struct scenario *list, const struct options *options, int *ran)
{
    int worst = 0;
    for (; list->name; list++) {
        if (options->name && strcmp(options->name, list->name) != 0) continue;
        int status = explore_in_child(list, options);
        if (status > worst) worst = status;
        ++*ran;
    }
    return worst;
}

int main(int count, char **arguments)
{
    const struct scenario *const lists[] = {
        object_scenarios, weak_scenarios,   pin_scenarios,  bias_scenarios,  buffer_scenarios,
        view_scenarios,   format_scenarios, pool_scenarios, chain_scenarios, magazine_scenarios,
        pages_scenarios,  slot_scenarios,   home_scenarios, cycle_scenarios, self_scenarios};
    struct options options = parse(count, arguments);
    /* The explorer's own include some that must be found wrong: they are run by name. */
    size_t used = sizeof lists / sizeof lists[0] - (options.name ? 0 : 1);
    int worst = 0, ran = 0;
    for (size_t i = 0; i < used; i++) {
        int status = run_list(lists[i], &options, &ran);
        if (status > worst) worst = status;
    }
    if (ran > 0) return worst;
    fprintf(stderr, "explorer: no scenario is called %s\n", options.name ? options.name : "that");
    return 2;
}
