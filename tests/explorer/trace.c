/* SPDX-License-Identifier: MIT */
/*
 * A schedule up to the order of independent operations: the set of its operations, each with its
 * thread and the clock of what it depends on. Its hash is the sum of theirs, so that order in time
 * does not enter.
 */
#include "trace.h"

#include "runtime.h"

#include <stdio.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static uint64_t hash_operation(const struct state *state)
{
    struct op op = state->pending[state->chosen];
    uint64_t hash = mix(state->chosen, op.address);
    hash = mix(hash, op.kind);
    for (int lane = 0; lane < LANES; lane++) hash = mix(hash, state->clock[lane]);
    return hash;
}

static void grow(void)
{
    size_t room = explorer->trace_room ? explorer->trace_room * 2 : 1024;
    uint64_t *old = explorer->traces, *fresh = heap_map(room * sizeof *fresh);
    for (size_t i = 0; i < explorer->trace_room; i++) {
        if (!old[i]) continue;
        size_t at = old[i] % room;
        while (fresh[at]) at = (at + 1) % room;
        fresh[at] = old[i];
    }
    explorer->traces = fresh;
    explorer->trace_room = room;
}

void trace_note(void)
{
    uint64_t hash = 1;
    for (int i = 0; i < explorer->depth; i++) hash += hash_operation(&explorer->states[i]);
    if (hash == 0) hash = 1;
    if (explorer->trace_count * 2 >= explorer->trace_room) grow();
    size_t at = hash % explorer->trace_room;
    for (; explorer->traces[at]; at = (at + 1) % explorer->trace_room)
        if (explorer->traces[at] == hash) return;
    explorer->traces[at] = hash;
    explorer->trace_count++;
}

void trace_print(void)
{
    static const char *const names[] = {"read", "write", "lock", "await"};
    for (int i = 0; i < explorer->depth; i++) {
        const struct state *state = &explorer->states[i];
        struct op op = state->pending[state->chosen];
        fprintf(stderr, "  %3d  thread %d  %-5s %p, by %p\n", i + 1, state->chosen, names[op.kind],
                (void *)op.address, op.where);
    }
}
