/* SPDX-License-Identifier: MIT */
/* What a generated function leaves in its trace, by the rules of rc/scope.h and rc/try.h. */
#include "tests/fuzz/try_tree.h"

#include <stddef.h>

#include "rc/status.h"

/* How a statement ended. */
enum end { NORMAL, BROKE, CONTINUED, LEFT, WENT, RETURNED, RAISED };

struct exception {
    unsigned status, number;
};

struct frame {
    unsigned v[VARIABLES];
    unsigned held[NAMES_MAX]; /* 0: nothing, or dismissed */
    struct exception caught[NAMES_MAX];
    unsigned result;
};

static uint64_t trace, random_state;
static struct exception raised;

static void t(unsigned value)
{
    trace = (trace ^ value) * 0x100000001b3u;
}

static unsigned flip(unsigned of)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 40) % of;
}

static enum end run_block(struct frame *frame, const struct node *block);

static enum end raise_it(int status, unsigned number)
{
    raised = (struct exception){9000u - (unsigned)status, number};
    return RAISED;
}

static enum end run_function(unsigned index, unsigned argument, unsigned *result)
{
    struct frame frame = {.v = {argument, 1, 2, 3}};
    enum end end = run_block(&frame, functions[index].body);
    if (end == RAISED) return RAISED;
    if (end != RETURNED) {
        frame.result = 0;
        for (unsigned i = 0; i < VARIABLES; i++) frame.result = frame.result * 5 + frame.v[i];
    }
    *result = frame.result;
    return NORMAL;
}

/* Give back what one declaration holds. */
static void close_one(const struct frame *frame, const struct node *node)
{
    unsigned held = frame->held[node->name];
    if (node->kind == LAST_BLOCK)
        t(3000 + frame->v[node->variable]);
    else if (held)
        t((node->kind == SCOPED || node->kind == WITH ? 1000
           : node->kind == DEFER                      ? 2000
                                                      : 4000) +
          held);
}

static enum end run_loop(struct frame *frame, const struct node *node)
{
    for (unsigned i = 0; i < node->number; i++) {
        enum end end = run_block(frame, node->first);
        if (end == BROKE) return NORMAL;
        if (end != NORMAL && end != CONTINUED) return end;
    }
    return NORMAL;
}

static enum end run_with(struct frame *frame, const struct node *node)
{
    frame->held[node->name] = node->number;
    enum end end = run_block(frame, node->first);
    close_one(frame, node);
    return end == BROKE || end == CONTINUED ? NORMAL : end;
}

static enum end run_try(struct frame *frame, const struct node *node)
{
    enum end end = run_block(frame, node->first);
    if (end != RAISED) return end;
    frame->caught[node->name] = raised;
    t(raised.status);
    t(raised.number);
    return run_block(frame, node->second);
}

static enum end run_protect(struct frame *frame, const struct node *node)
{
    enum end end = run_block(frame, node->first);
    struct exception kept = raised;
    enum end last = run_block(frame, node->second);
    raised = kept;
    if (last != NORMAL) return last;
    return end == LEFT ? NORMAL : end;
}

static enum end run_call(struct frame *frame, const struct node *node)
{
    unsigned result = 0;
    enum end end = run_function(node->callee, frame->v[node->variable], &result);
    frame->v[node->variable] += result;
    return end;
}

static enum end run_compound(struct frame *frame, const struct node *node)
{
    switch (node->kind) {
    case IF:
        return run_block(frame, flip(node->number) ? node->first : node->second);
    case LOOP:
        return run_loop(frame, node);
    case WITH:
        return run_with(frame, node);
    case TRY:
        return run_try(frame, node);
    case PROTECT:
        return run_protect(frame, node);
    case CALL:
        return run_call(frame, node);
    case CHECK:
        return flip(node->number) ? NORMAL : raise_it(RC_RANGE, 7);
    case RAISE:
        return raise_it(RC_BUSY, node->number);
    case RERAISE:
        raised = frame->caught[node->name];
        return RAISED;
    case RETURN:
        frame->result = frame->v[node->variable] + node->number;
        return RETURNED;
    case BREAK:
        return BROKE;
    case CONTINUE:
        return CONTINUED;
    case LEAVE:
        return LEFT;
    default:
        return WENT;
    }
}

static enum end run_node(struct frame *frame, const struct node *node)
{
    unsigned *v = &frame->v[node->variable];
    switch (node->kind) {
    case TRACE:
        t(node->number);
        return NORMAL;
    case TRACE_V:
        t(*v);
        return NORMAL;
    case SET:
        *v = *v * 3 + node->number;
        return NORMAL;
    case SCOPED:
    case OBJECT:
    case DEFER:
        frame->held[node->name] = node->number;
        return NORMAL;
    case LAST_BLOCK:
        return NORMAL;
    case STEAL:
        t(frame->held[node->name]);
        frame->held[node->name] = 0;
        return NORMAL;
    case RESET:
        if (frame->held[node->name]) t(1000 + frame->held[node->name]);
        frame->held[node->name] = 0;
        return NORMAL;
    case DISMISS:
        frame->held[node->name] = 0;
        return NORMAL;
    default:
        return run_compound(frame, node);
    }
}

/* Run a block, then give back what it declared, last first, however it ended. */
static enum end run_block(struct frame *frame, const struct node *block)
{
    const struct node *opened[NAMES_MAX];
    unsigned count = 0;
    enum end end = NORMAL;
    for (const struct node *node = block; node && end == NORMAL; node = node->next) {
        end = run_node(frame, node);
        if (node->kind == SCOPED || node->kind == OBJECT || node->kind == DEFER ||
            node->kind == LAST_BLOCK)
            opened[count++] = node;
    }
    while (count > 0) close_one(frame, opened[--count]);
    return end;
}

uint64_t simulate(unsigned function, unsigned run)
{
    unsigned result = 0;
    trace = 0xcbf29ce484222325u;
    random_state = function * 64ull + run;
    if (run_function(function, run, &result) == RAISED) {
        t(raised.status);
        t(raised.number);
    } else {
        t(result);
    }
    return trace;
}
