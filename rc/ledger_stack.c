/* SPDX-License-Identifier: MIT */
/* The stacks of references, where they are asked for: addresses alone, since names are for the report. */
#define RC__LIBRARY 1
#include "ledger_hooks.h"
#include "ledger_table.h"

#ifdef RCBUF_LEDGER

#if defined(__has_include)
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAS_BACKTRACE 1
#endif
#endif
#ifndef HAS_BACKTRACE
#define HAS_BACKTRACE 0
#endif

__attribute__((noinline)) struct rc__ledger_stack *
rc__ledger_stack_here(struct rc__ledger_stack *stack)
{
#if HAS_BACKTRACE
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

#endif
