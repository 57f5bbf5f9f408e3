/* SPDX-License-Identifier: MIT */
/* What some_memory.h promises, shown: content kept, a refused resize, two owners, nothing left. */
#include <rc/account.h>
#include <rc/scope.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "some_memory.h"

static void show(const char *what, const some_memory *memory)
{
    printf("%s: room for %zu:", what, memory->number);
    for (size_t i = 0; i < memory->number && i < 4; i++) printf(" %g", memory->data[i]);
    putchar('\n');
}

static void show_alive(const char *when)
{
    struct rc_account now;
    rc_account_read(&now);
    printf("%s: %zu objects and %zu blocks are alive\n", when, now.live_objects, now.live_blocks);
}

static int run(void)
{
    RC_AUTO(some_memory, memory) = some_memory_new(4);
    if (!memory) return EXIT_FAILURE;
    for (size_t i = 0; i < memory->number; i++) memory->data[i] = (double)(i * i);
    show("made", memory);

    if (some_memory_resize(memory, 1000)) return EXIT_FAILURE;
    show("resized", memory);

    if (some_memory_resize(memory, 1000000) == RC_OK) return EXIT_FAILURE;
    printf("refused, %s: %s\n", rc_status_name(rc_error_status()), rc_error_message());
    if (some_memory_resize(memory, SIZE_MAX) == RC_OK) return EXIT_FAILURE;
    printf("refused, %s: %s\n", rc_status_name(rc_error_status()), rc_error_message());
    show("still", memory);

    some_memory *other = rc_retain(memory);
    printf("retained: %zu owners\n", rc_count(memory));
    rc_release(other);
    printf("released: %zu owner\n", rc_count(memory));
    if (some_memory_new(1000000)) return EXIT_FAILURE;
    printf("not made, %s\n", rc_status_name(rc_error_status()));
    show_alive("before the end");
    return EXIT_SUCCESS; /* the last owner goes, and with it the block */
}

int main(void)
{
    /* A quota of 100,000 bytes, so that it is seen what a lack of memory does. */
    static struct rc_limiting_allocator quota;
    rc_limiting_allocator_init(&quota, NULL, 100000);
    rc_allocator_set_default(&quota.allocator);

    int code = run();
    if (code != EXIT_SUCCESS) fprintf(stderr, "some_memory: %s\n", rc_error_message());
    rc_release((some_memory *)NULL); /* NULL is fine */
    show_alive("after it");
    return code;
}
