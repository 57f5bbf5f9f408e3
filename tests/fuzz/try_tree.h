/* SPDX-License-Identifier: MIT */
/**
 * @file tests/fuzz/try_tree.h
 * Differential fuzz of rc/scope.h and rc/try.h: random functions as trees.
 *
 * try_generate.c makes the trees from a seed, try_emit.c writes them as C, try_simulate.c says what
 * each leaves in its trace. A generated program links try_run.c, runs each function and compares.
 * Everything that the trees do at run time (flip, trace) is done by the simulator in the same way.
 */
#ifndef TESTS_FUZZ_TRY_TREE_H
#define TESTS_FUZZ_TRY_TREE_H

#include <stdbool.h>
#include <stdint.h>

#define RUNS       6  /* of each function */
#define VARIABLES  4  /* v0 to v3, unsigned locals of each function */
#define NAMES_MAX  64 /* scoped variables, named calls and exceptions of one function */
#define GROUP_SIZE 4  /* a function calls earlier ones of its group */

enum kind {
    TRACE,      /* t(number) */
    TRACE_V,    /* t(v) */
    SET,        /* v = v * 3 + number */
    CALL,       /* v += f(v); the callee may raise */
    SCOPED,     /* RC_SCOPED(number, name) = number */
    OBJECT,     /* RC_AUTO(unsigned, name) = object(number) */
    DEFER,      /* RC_DEFER_NAMED(name, trace_deferred, number) */
    LAST_BLOCK, /* RC_DEFER_BLOCK { t(v) }, where the compiler can */
    STEAL,      /* t(RC_STEAL(number, name)) */
    RESET,      /* RC_RESET(number, name) */
    DISMISS,    /* RC_DISMISS(name) */
    IF,         /* if (flip(number)) first else second */
    LOOP,       /* number rounds of first */
    WITH,       /* RC_WITH(number, name, number) first */
    TRY,        /* RC_TRY first RC_EXCEPT(name) second */
    PROTECT,    /* RC_PROTECT first RC_FINALLY second */
    CHECK,      /* RC_CHECK_THAT(flip(number), RC_RANGE) */
    RAISE,      /* rc_raise(RC_BUSY, "m%u", number) */
    RERAISE,    /* rc_reraise(name) */
    RETURN,     /* return v + number */
    BREAK,
    CONTINUE,
    LEAVE, /* RC_LEAVE */
    GOTO   /* goto out, behind all blocks */
};

struct node {
    enum kind kind;
    unsigned number;
    unsigned variable;
    unsigned name;
    unsigned callee;
    struct node *first, *second, *next;
};

struct function {
    struct node *body;
    unsigned names;             /* how many are used */
    enum kind kinds[NAMES_MAX]; /* what each name is */
};

/* try_generate.c */
extern unsigned function_count;
extern struct function *functions;
extern bool for_clang; /* leave RC_PROTECT by RC_LEAVE alone */
void generate(uint64_t seed, unsigned count);

/* try_emit.c: functions from @p begin to before @p end, or all declarations, or the table. */
void emit_functions(unsigned begin, unsigned end);
void emit_table(void);

/* try_simulate.c */
uint64_t simulate(unsigned function, unsigned run);

#endif
