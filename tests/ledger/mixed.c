/* SPDX-License-Identifier: MIT */
/* Compiled with RCBUF_LEDGER, and linked with tests/ledger/unseen.c, which is not. The word says
 * what is left to be found at the end. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rc/home.h"
#include "rc/ledger.h"
#include "rc/scope.h"
#include "tests/ledger/unseen.h"

/* A reference that no retain was seen for. */
static void retain_unseen(void)
{
    RC_AUTO(rc_buffer, buffer) = rc_buffer_new(16);
    (void)unseen_retain(buffer);
}

/* Made there, leaked here. */
static void make_unseen(void)
{
    (void)rc_retain_tagged(unseen_new(16), "kept");
}

/* Each is given back by the other kind of unit. */
static void balance(void)
{
    rc_buffer *ours = rc_buffer_new(16), *theirs = unseen_new(16);
    (void)rc_retain(ours);
    unseen_release(ours);
    (void)unseen_retain(theirs);
    rc_release(theirs);
    unseen_release(ours);
    rc_release(theirs);
}

/* A child that ends by exit() has a report of its own; what it has from its parent is there twice.
 * */
static void fork_child(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        (void)rc_retain(rc_buffer_new(32));
        return;
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("the child exited with %d\n", WEXITSTATUS(status));
}

/* By its address a release has no line. */
static void release_by_address(void)
{
    void (*release)(void *) = rc_release;
    rc_buffer *buffer = rc_buffer_new(16);
    (void)rc_retain(buffer);
    release(buffer);
    release(buffer);
}

static void report(void)
{
    RC_AUTO(rc_buffer, buffer) = rc_buffer_new(16);
    printf("%zu leaked\n", rc_ledger_report(stdout));
    printf("%zu held\n", rc_ledger_holders(buffer, stdout));
}

/* More references than there is memory to remember, where that is little. */
static void retain_many(void)
{
    enum { MANY = 3000000 };
    RC_AUTO(rc_buffer, buffer) = rc_buffer_new(16);
    for (int i = 0; i < MANY; i++) (void)rc_retain(buffer);
    for (int i = 0; i < MANY; i++) rc_release(buffer);
    printf("%zu left\n", rc_count(buffer));
}

/* Where a thousand references are held, each release has the one that it is for before it. */
static void retain_and_release(void)
{
    enum { HELD = 1000, ROUNDS = 5000 };
    RC_AUTO(rc_buffer, buffer) = rc_buffer_new(16);
    for (int i = 0; i < HELD; i++) (void)rc_retain(buffer);
    for (int i = 0; i < ROUNDS; i++) {
        (void)rc_retain(buffer);
        rc_release(buffer);
    }
    for (int i = 0; i < HELD; i++) rc_release(buffer);
}

/* What is retained by one tag is released by another, which no reference has. */
static void mistype(void)
{
    RC_AUTO(rc_buffer, buffer) = rc_buffer_new(16);
    rc_release_tagged(rc_retain_tagged(buffer, "session"), "sesion");
}

static void *release_there(void *object)
{
    rc_release(object);
    return NULL;
}

static rc_home *volatile home; /* is there to the end */

/* An object whose last reference goes on another thread than its home's, which does not run it. */
static void wait_at_home(void)
{
    static const rc_type type = {.name = "handle", .size = 1000};
    pthread_t thread;
    rc_home *own = home = rc_home_new();
    void *handle = rc_home_object_new(own, &type, 0);
    if (pthread_create(&thread, NULL, release_there, handle) == 0) pthread_join(thread, NULL);
}

int main(int count, char **arguments)
{
    const char *word = count > 1 ? arguments[1] : "";
    if (strcmp(word, "retained") == 0) retain_unseen();
    if (strcmp(word, "made") == 0) make_unseen();
    if (strcmp(word, "balanced") == 0) balance();
    if (strcmp(word, "fork") == 0) fork_child();
    if (strcmp(word, "address") == 0) release_by_address();
    if (strcmp(word, "report") == 0) report();
    if (strcmp(word, "many") == 0) retain_many();
    if (strcmp(word, "pairs") == 0) retain_and_release();
    if (strcmp(word, "tags") == 0) mistype();
    if (strcmp(word, "home") == 0) wait_at_home();
    return 0;
}
