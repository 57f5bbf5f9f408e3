/* SPDX-License-Identifier: MIT */
/**
 * @file rc/home_queue.h
 * Private (not installed): a home, and what waits in it. home_queue.c tells how it does.
 */
#ifndef RC_HOME_QUEUE_H
#define RC_HOME_QUEUE_H

#include "header.h"
#include "home.h"

enum rc__home_state {
    RC__HOME_OPEN,
    RC__HOME_CLOSING, /* no new objects; all else as before */
    RC__HOME_ANYWHERE,
    RC__HOME_NOWHERE
};

struct rc_home {
    size_t thread;            /* its number: rc__home_thread(); 0: it is no thread's */
    struct rc__header *first; /* that waits; the last that came */
    size_t alive, waiting;
    size_t visitors, callers; /* other threads: home_queue.c */
    enum rc__home_state state;
    void (*wake)(void *context);
    void *context;
    struct rc_home *next, **link; /* in the list of all */
    /* Of the home's thread alone: */
    struct rc__header *taken, **end; /* what it took of that, in the order in which they came */
    struct rc__header *grabbed, *in_hand, *reversed; /* on the way there: home_queue.c */
    unsigned running; /* calls under way that end them, each in a finalizer of the one before */
    bool closing;     /* one of them closes the home */
};

/* This thread's number, which no other has, nor had: of those that come to homes. */
RC_HIDDEN size_t rc__home_thread(void);

static inline bool rc__home_is_mine(const rc_home *home)
{
    return __atomic_load_n(&home->thread, __ATOMIC_RELAXED) == rc__home_thread();
}

static inline enum rc__home_state rc__home_state_of(const rc_home *home)
{
    return __atomic_load_n(&home->state, __ATOMIC_SEQ_CST);
}

/* End what waits, on the home's thread. @p all: also what a call took that this one is in. Returns:
 * how many. */
RC_HIDDEN size_t rc__home_end_waiting(rc_home *home, bool all);
/* One is under way on this thread: that home's, or, for NULL, any. */
RC_HIDDEN bool rc__home_is_in_hook(const rc_home *home);
/* Call the hook, if there is one, for what waits already. */
RC_HIDDEN void rc__home_wake_now(rc_home *home);

/* For rc/object_end.c. */
extern RC_HIDDEN const struct rc__home_hooks rc__home_hooks_here;

/* In the child of a fork, for each home and then once: what other threads had begun does not end
 * here. */
RC_HIDDEN void rc__home_forget_others(rc_home *home);
RC_HIDDEN void rc__home_remember_own(void);

#endif
