/* SPDX-License-Identifier: MIT */
/*
 * The search through all schedules: depth first, each schedule replayed from the start.
 *
 * A state holds what every thread is about to do. With reduction (Flanagan and Godefroid's dynamic
 * partial order reduction, with Godefroid's sleep sets) another choice is tried at a state only
 * where a later operation conflicts with the one taken there and nothing orders the two; what only
 * reorders independent operations is run once. Without reduction every enabled thread is tried at
 * every state, as far as the bound on preemptions lets it.
 *
 * A thread that stops is not enabled from its step on, until the others have ended. Then it ends,
 * too, so that memory can be looked at; what it does there comes after all that they did, whatever
 * that was.
 */
#include "runtime.h"
#include "trace.h"

static unsigned bit(int thread)
{
    return 1u << thread;
}

static bool only_reads(struct op op)
{
    return op.kind == OP_READ || op.kind == OP_AWAIT;
}

static bool conflict(struct op a, struct op b)
{
    if ((a.kind == OP_LOCK) != (b.kind == OP_LOCK)) return false;
    if (only_reads(a) && only_reads(b)) return false;
    return a.address < b.address + b.size && b.address < a.address + a.size;
}

/* ---- the thread that stops ------------------------------------------------------------------- */

static bool others_have_finished(int thread)
{
    for (int i = 1; i < explorer->thread_count; i++)
        if (i != thread && !explorer->threads[i].finished) return false;
    return true;
}

static bool is_stopped(int thread)
{
    const struct thread *it = &explorer->threads[thread];
    return thread == explorer->stop.thread && !it->finished && it->steps == explorer->stop_after &&
           !others_have_finished(thread);
}

static void fail_to_go_on(void)
{
    int stops = explorer->stop.thread;
    if (stops && is_stopped(stops))
        explorer_fail("the others wait for thread %d, which is stopped after %d steps", stops,
                      explorer->stop_after);
    explorer_fail("deadlock");
}

/* Nothing that it does from here on could have come earlier. */
static void go_on_after_all(struct thread *stopped)
{
    for (int i = 1; i < explorer->thread_count; i++)
        stopped->order = clock_join(stopped->order, explorer->threads[i].order);
}

/* Before a step of @p thread. */
static void count_step(int thread)
{
    struct thread *it = &explorer->threads[thread];
    int stops = explorer->stop.thread;
    if (thread == stops && it->steps == explorer->stop_after) go_on_after_all(it);
    it->steps++;
    if (!stops || !is_stopped(stops)) return;
    explorer->stopped = true;
    if (++it->steps_beside > explorer->stop.steps)
        explorer_fail("thread %d needs more than %d steps while thread %d is stopped after %d",
                      thread, explorer->stop.steps, stops, explorer->stop_after);
}

/* ---- running one step ------------------------------------------------------------------------ */

void schedule_point(enum kind kind, const volatile void *address, size_t size, void *where)
{
    if (!is_exploring() || explorer->current == 0 || fiber_is_local((uintptr_t)address)) return;
    explorer->threads[explorer->current].pending =
        (struct op){(uintptr_t)address, where, (uint16_t)size, (uint8_t)kind};
    fiber_switch(0);
}

static bool is_enabled(int thread)
{
    const struct thread *it = &explorer->threads[thread];
    if (it->finished || is_stopped(thread)) return false;
    if (it->pending.kind == OP_AWAIT) return yield_is_over(it);
    return it->pending.kind != OP_LOCK || mutex_of((void *)it->pending.address)->holder < 0;
}

/* The order of dependence: what this operation comes after, in every schedule equal to this one. */
static clock_vector order_of(const struct op *op, int thread)
{
    clock_vector order = explorer->threads[thread].order;
    for (int i = 0; i < explorer->depth; i++) {
        const struct state *state = &explorer->states[i];
        if (conflict(state->pending[state->chosen], *op)) order = clock_join(order, state->clock);
    }
    if (op->kind == OP_LOCK) order = clock_join(order, mutex_of((void *)op->address)->order);
    order[thread]++;
    return order;
}

static void step(struct state *state)
{
    int thread = state->chosen;
    count_step(thread);
    state->clock = order_of(&state->pending[thread], thread);
    explorer->threads[thread].order = state->clock;
    explorer->depth++;
    fiber_switch(thread);
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* The last operation that conflicts with what @p thread is about to do, and that nothing orders
 * before it: from the state before, the thread might have come first. */
static void note_reversal(int thread)
{
    struct op op = explorer->threads[thread].pending;
    clock_vector order = explorer->threads[thread].order;
    for (int i = explorer->depth; i-- > 0;) {
        struct state *state = &explorer->states[i];
        int other = state->chosen;
        if (other == thread || !conflict(state->pending[other], op)) continue;
        if (state->clock[other] <= order[other]) continue;
        unsigned more = state->enabled & bit(thread) ? bit(thread) : state->enabled;
        state->backtrack = (uint8_t)(state->backtrack | more);
        return;
    }
}

static void note_reversals(void)
{
    for (int i = 1; i < explorer->thread_count; i++)
        if (!explorer->threads[i].finished && !is_stopped(i)) note_reversal(i);
}

/* Threads explored from the state before, or asleep there, and not woken by its operation. */
static unsigned still_asleep(const struct state *before)
{
    unsigned asleep = 0;
    unsigned candidates = (before->asleep | before->done) & ~bit(before->chosen);
    for (int i = 1; i < explorer->thread_count; i++)
        if (candidates & bit(i) && !conflict(before->pending[i], before->pending[before->chosen]))
            asleep |= bit(i);
    return asleep;
}

static unsigned within_preemptions(const struct state *state, const struct state *before)
{
    if (!before || explorer->preemptions < 0 || before->preemptions < explorer->preemptions)
        return state->enabled;
    return state->enabled & bit(before->chosen) ? bit(before->chosen) : state->enabled;
}

static void observe(struct state *state)
{
    for (int i = 1; i < explorer->thread_count; i++) {
        state->pending[i] = explorer->threads[i].pending;
        if (is_enabled(i)) state->enabled = (uint8_t)(state->enabled | bit(i));
    }
}

static void choose(struct state *state, const struct state *before, unsigned thread)
{
    state->chosen = (uint8_t)thread;
    if (!before) return;
    bool preempts = thread != before->chosen && state->enabled & bit(before->chosen);
    state->preemptions = (uint8_t)(before->preemptions + preempts);
}

/* The first choice at a state not seen before; false: everything from here was run already. */
static bool enter_state(struct state *state)
{
    const struct state *before = explorer->depth ? state - 1 : NULL;
    *state = (struct state){0};
    observe(state);
    if (explorer->reduce && before) state->asleep = (uint8_t)still_asleep(before);
    unsigned candidates = explorer->reduce ? state->enabled & ~(unsigned)state->asleep
                                           : within_preemptions(state, before);
    if (explorer->reduce) note_reversals();
    if (!candidates) return false;
    bool carry_on = before && candidates & bit(before->chosen);
    choose(state, before, carry_on ? before->chosen : (unsigned)__builtin_ctz(candidates));
    state->backtrack = (uint8_t)(explorer->reduce ? bit(state->chosen) : candidates);
    return true;
}

/* ---- one schedule, and all of them ----------------------------------------------------------- */

static bool all_finished(void)
{
    for (int i = 1; i < explorer->thread_count; i++)
        if (!explorer->threads[i].finished) return false;
    return true;
}

static void begin(void)
{
    explorer->schedule++;
    explorer->depth = 0;
    explorer->forbidden_count = 0;
    heap_reset();
    fiber_reset();
    mutex_reset();
    clocks_reset();
    explorer->exploring = true;
    explorer->scenario->before();
    for (int i = 1; i < explorer->thread_count; i++) fiber_switch(i);
}

static void end(void)
{
    explorer->schedules++;
    explorer->forbidden_count = 0;
    trace_note();
    explorer->scenario->after();
    heap_check_leaks();
}

static void check_replay(const struct state *state)
{
    for (int i = 1; i < explorer->thread_count; i++) {
        struct op now = explorer->threads[i].pending, then = state->pending[i];
        if (now.address != then.address || now.size != then.size || now.kind != then.kind)
            explorer_fail("the scenario did something else when it was run again");
    }
}

/* Runs one schedule whose first @p replayed states are known. */
static void run(int replayed)
{
    begin();
    while (!all_finished()) {
        struct state *state = &explorer->states[explorer->depth];
        if (explorer->depth == DEPTH) explorer_fail("no end after %d operations", DEPTH);
        if (explorer->depth < replayed) {
            check_replay(state);
        } else if (!enter_state(state)) {
            if (!state->enabled) fail_to_go_on();
            explorer->pruned++;
            return;
        }
        step(state);
    }
    end();
}

/* Take back the last choice that leaves another one. Returns the states to replay; 0: done. */
static int backtrack(void)
{
    for (int i = explorer->depth; i-- > 0;) {
        struct state *state = &explorer->states[i];
        state->done = (uint8_t)(state->done | bit(state->chosen));
        unsigned rest = state->backtrack & ~(unsigned)(state->done | state->asleep);
        if (!rest) continue;
        choose(state, i ? state - 1 : NULL, (unsigned)__builtin_ctz(rest));
        return i + 1;
    }
    return 0;
}

static bool limit_reached(void)
{
    return explorer->limit && explorer->schedules + explorer->pruned >= explorer->limit;
}

/* All orders; false: the limit was reached before. */
static bool explore_orders(void)
{
    int replayed = 0;
    do {
        run(replayed);
        replayed = backtrack();
    } while (replayed && !limit_reached());
    return replayed == 0;
}

/* Once; or for each step after which the thread may stop, until it ends before. */
void schedule_explore(void)
{
    do {
        explorer->stopped = false;
        explorer->complete = explore_orders();
        explorer->stop_after++;
    } while (explorer->stopped && explorer->complete);
    explorer->exploring = false;
}

bool schedule_is_complete(void)
{
    return explorer->complete;
}
