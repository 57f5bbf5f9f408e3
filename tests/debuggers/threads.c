/* SPDX-License-Identifier: MIT */
/* Biased objects seen while another thread holds references to them, and what died there. */
#include <pthread.h>

#include <buffer/buffer.h>
#include <rc/bias.h>

static const rc_type counter_type = {.name = "counter", .size = 8, .flags = RC_TYPE_BIASED};

void *own, *theirs, *dead, *shared;

__attribute__((noinline)) void stop_here(void)
{
    __asm__ volatile("" : : : "memory");
}

static void *work(void *unused)
{
    (void)unused;
    (void)rc_retain(own);
    (void)rc_retain(own);
    rc_release(theirs); /* the owner's, which goes to its queue */
    dead = rc_buffer_new(20);
    rc_release(dead);
    stop_here();
    return NULL;
}

int main(void)
{
    pthread_t thread;
    own = rc_object_new(&counter_type, 0);
    theirs = rc_object_new(&counter_type, 0);
    shared = rc_share(rc_object_new(&counter_type, 0));
    (void)rc_retain(own);
    if (pthread_create(&thread, NULL, work, NULL) != 0) return 1;
    return pthread_join(thread, NULL);
}
