/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/home_support.h
 * Things with a home, whose finalizer says where it ran, and threads that release them.
 */
#ifndef TESTS_RC_HOME_SUPPORT_H
#define TESTS_RC_HOME_SUPPORT_H

#include <pthread.h>

#include "rc/home.h"
#include "tests/child.h"
#include "tests/harness.h"

struct thing {
    int id;
    struct thing *next;
};

static pthread_t finalized_by;
static int finalized, last_id;

static inline void finalize(void *self)
{
    struct thing *thing = self;
    finalized++;
    last_id = thing->id;
    finalized_by = pthread_self();
    rc_release(thing->next);
}

static const rc_type thing_type = {
    .name = "thing", .size = sizeof(struct thing), .finalize = finalize};

static inline rc_home *home_new(void)
{
    finalized = 0;
    rc_home *home = rc_home_new();
    ck_assert_ptr_nonnull(home);
    return home;
}

static inline struct thing *thing_new(rc_home *home, int id)
{
    struct thing *thing = RC_HOME_NEW(home, struct thing, &thing_type);
    ck_assert_ptr_nonnull(thing);
    thing->id = id;
    return thing;
}

static inline void *release_all(void *argument)
{
    for (struct thing **thing = argument; *thing; thing++) rc_release(*thing);
    return NULL;
}

/* By another thread, in the order of the array, whose end is NULL. */
static inline void release_elsewhere(struct thing **things)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, release_all, things), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

#endif
