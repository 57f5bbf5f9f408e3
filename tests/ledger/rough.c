/* SPDX-License-Identifier: MIT */
/*
 * What the ledger has to live with: a program that does one thing, by the word it is given, and
 * ends as it would without a ledger.
 */
#define _GNU_SOURCE 1 /* fopencookie */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buffer/buffer.h"
#include "rc/account.h"
#include "rc/ledger.h"

#define AREA ((size_t)65536)

static _Alignas(65536) char area[4 * AREA];
static char large[(size_t)1 << 30];
static rc_buffer *volatile kept;

/* Pages of a static variable that cannot be read. */
static void unreadable(void)
{
    kept = rc_buffer_new(16);
    mprotect(area, AREA, PROT_NONE);
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* Variables that nobody wrote to are not looked through, which would fault once a page, or once for
 * two megabytes where pages may be large. */
static void untouched(void)
{
    large[0] = 1;
    kept = rc_buffer_new(16);
    long before = faults();
    (void)rc_ledger_report(stdout);
    long later = faults() - before;
    if (later < 300)
        puts("passed over");
    else
        printf("looked at with %ld faults\n", later);
}

struct node {
    pthread_mutex_t lock;
    void **children;
};

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    struct node *node = self;
    pthread_mutex_lock(&node->lock);
    for (size_t i = 0; i < 1000; i++) visit(node->children[i], argument);
    pthread_mutex_unlock(&node->lock);
}

static const rc_type node_type = {
    .name = "node", .size = sizeof(struct node), .traverse = node_traverse};
static struct node *node;
static pthread_barrier_t has_begun;

static void *change(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&node->lock);
    pthread_barrier_wait(&has_begun);
    while (kept) {
        free(node->children);
        node->children = calloc(1000, sizeof *node->children);
        rc_release(rc_retain(kept));
    }
    return NULL;
}

/* A thread goes on under the lock that a type's traverse takes. */
static void thread(void)
{
    pthread_t changing;
    kept = rc_buffer_new(16);
    node = rc_new(struct node, &node_type);
    pthread_mutex_init(&node->lock, NULL);
    pthread_barrier_init(&has_begun, NULL, 2);
    pthread_create(&changing, NULL, change, NULL);
    pthread_detach(changing);
    pthread_barrier_wait(&has_begun);
}

/* A stream that releases an object, and asks what is counted while another thread forks. */
static pthread_barrier_t is_writing;
static bool forks;

static ssize_t take_text(void *unused, const char *text, size_t size)
{
    struct rc_account account;
    (void)unused, (void)text;
    if (forks) {
        forks = false;
        pthread_barrier_wait(&is_writing);
    }
    rc_account_read(&account);
    rc_buffer *last = kept;
    kept = NULL;
    rc_release(last);
    rc_release(rc_buffer_new(100));
    return (ssize_t)size;
}

static void *write_report(void *file)
{
    (void)rc_ledger_report(file);
    return NULL;
}

static FILE *open_stream(void)
{
    FILE *file = fopencookie(NULL, "w", (cookie_io_functions_t){.write = take_text});
    if (!file) abort();
    setvbuf(file, NULL, _IONBF, 0);
    return file;
}

static void stream(void)
{
    kept = rc_buffer_new(100000);
    FILE *file = open_stream();
    (void)rc_ledger_report(file);
    fclose(file);
    printf("%zu leaked\n", rc_ledger_report(stdout));
}

static void fork_meanwhile(void)
{
    pthread_t writing;
    FILE *file = open_stream();
    kept = rc_buffer_new(16);
    forks = true;
    pthread_barrier_init(&is_writing, NULL, 2);
    pthread_create(&writing, NULL, write_report, file);
    pthread_barrier_wait(&is_writing);
    pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    pthread_join(writing, NULL);
    fclose(file);
    puts("joined");
}

/* One that is canceled while nobody reads. */
static void canceled(void)
{
    int ends[2];
    static char pages[4096];
    pthread_t writing;
    void *answer;
    if (pipe2(ends, O_NONBLOCK) != 0) abort();
    while (write(ends[1], pages, sizeof pages) > 0) continue;
    fcntl(ends[1], F_SETFL, 0);
    FILE *file = fdopen(ends[1], "w");
    setvbuf(file, NULL, _IONBF, 0);
    kept = rc_buffer_new(16);
    pthread_create(&writing, NULL, write_report, file);
    pthread_cancel(writing);
    pthread_join(writing, &answer);
    rc_release(rc_retain(kept));
    puts("goes on");
}

/* What a plug-in took has lines that are gone with it. */
static void plugin(const char *path)
{
    void *module = dlopen(path, RTLD_NOW);
    void *(*take)(void *) = NULL;
    void *found = module ? dlsym(module, "plugin_take") : NULL;
    memcpy(&take, &found, sizeof take);
    if (!take) abort();
    kept = rc_buffer_new(16);
    rc_buffer *first = take(kept), *second = take(kept);
    rc_release(second);
    dlclose(module);
    (void)rc_retain(kept);
    rc_release(first);
    (void)rc_ledger_holders(kept, stdout);
}

/* A library that leaves while its objects live does not end the program. */
static void unload(const char *path)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *(*make)(size_t) = NULL;
    void *found = module ? dlsym(module, "rc_buffer_new_zeroed") : NULL;
    memcpy(&make, &found, sizeof make);
    if (!make || !make(100)) abort();
    dlclose(module);
    puts("unloaded");
}

static bool leaves_words;

static __attribute__((destructor)) void say_goodbye(void)
{
    if (leaves_words) puts("destroyed");
}

static void handle_exit(void)
{
    puts("handled");
}

static void destroyed(void)
{
    leaves_words = true;
    atexit(handle_exit);
    (void)rc_retain(rc_buffer_new(16));
}

static void leave_inside(void *self, rc_visit *visit, void *argument)
{
    (void)self, (void)visit, (void)argument;
    exit(0);
}

static const rc_type leaving_type = {.name = "leaving", .size = 8, .traverse = leave_inside};

static void inside(void)
{
    (void)rc_retain(rc_object_new(&leaving_type, 0));
    (void)rc_ledger_report(stderr);
}

static void elsewhere(void)
{
    (void)rc_retain(rc_buffer_new(16));
    if (chdir("/") != 0) abort();
}

int main(int count, char **arguments)
{
    const char *word = count > 1 ? arguments[1] : "", *path = count > 2 ? arguments[2] : "";
    static const struct {
        const char *word;
        void (*run)(void);
    } all[] = {
        {"unreadable", unreadable}, {"untouched", untouched}, {"thread", thread},
        {"stream", stream},         {"fork", fork_meanwhile}, {"canceled", canceled},
        {"destroyed", destroyed},   {"inside", inside},       {"elsewhere", elsewhere},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(word, all[i].word) == 0) all[i].run();
    if (strcmp(word, "plugin") == 0) plugin(path);
    if (strcmp(word, "unload") == 0) unload(path);
    return 0;
}
