/* SPDX-License-Identifier: MIT */
/*
 * The threads of a scenario are fibers of one real thread, so that a switch costs nanoseconds and
 * only one of them ever runs. Each has its own copy of the program's thread-local variables, which
 * is moved in and out of the real ones at a switch; the C library's own (errno apart) are shared.
 */
#define _GNU_SOURCE
#include "runtime.h"

#include <errno.h>
#include <link.h>

struct image {
    unsigned char *start;
    size_t size;
};

/* The first module that the loader lists is the program itself. */
static int find_image(struct dl_phdr_info *info, size_t size, void *context)
{
    struct image *image = context;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_TLS)
            *image = (struct image){info->dlpi_tls_data, info->dlpi_phdr[i].p_memsz};
    return 1;
}

static struct image thread_locals(void)
{
    struct image image = {0};
    dl_iterate_phdr(find_image, &image);
    return image;
}

/* Kept in a static that every schedule restores to the same value. */
static struct image image;

static void fiber_main(void)
{
    struct thread *self = &explorer->threads[explorer->current];
    self->body();
    self->finished = true;
    fiber_switch(0);
}

void fiber_set_up(void)
{
    image = thread_locals();
    for (int i = 0; i < THREADS; i++) {
        struct thread *thread = &explorer->threads[i];
        thread->locals = heap_map(image.size + 1);
        thread->locals_base = heap_map(image.size + 1);
        __real_memcpy(thread->locals, image.start, image.size);
        __real_memcpy(thread->locals_base, image.start, image.size);
        if (i == 0) continue;
        thread->stack = heap_map(STACK_SIZE);
        getcontext(&thread->context);
        thread->context.uc_stack.ss_sp = thread->stack;
        thread->context.uc_stack.ss_size = STACK_SIZE;
    }
}

void fiber_keep(void)
{
    __real_memcpy(explorer->threads[0].locals, image.start, image.size);
    for (int i = 0; i < THREADS; i++)
        __real_memcpy(explorer->threads[i].locals_base, explorer->threads[i].locals, image.size);
}

void fiber_reset(void)
{
    for (int i = 0; i < THREADS; i++) {
        struct thread *thread = &explorer->threads[i];
        __real_memcpy(thread->locals, thread->locals_base, image.size);
        thread->started = i == 0;
        thread->finished = i >= explorer->thread_count;
        thread->saved_errno = 0;
        thread->steps = thread->steps_beside = 0;
        if (i > 0) makecontext(&thread->context, fiber_main, 0);
    }
    __real_memcpy(image.start, explorer->threads[0].locals, image.size);
}

bool fiber_is_local(uintptr_t address)
{
    return address - (uintptr_t)image.start < image.size;
}

void fiber_switch(int to)
{
    struct thread *from = &explorer->threads[explorer->current];
    struct thread *next = &explorer->threads[to];
    from->saved_errno = errno;
    __real_memcpy(from->locals, image.start, image.size);
    __real_memcpy(image.start, next->locals, image.size);
    errno = next->saved_errno;
    explorer->current = to;
    if (_setjmp(from->point) != 0) return;
    if (next->started) _longjmp(next->point, 1);
    next->started = true;
    setcontext(&next->context);
    __real_abort();
}
