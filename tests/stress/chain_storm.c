/* SPDX-License-Identifier: MIT */
/*
 * Eight threads with a chain each: pieces of roots that all share, bytes in rooms of their own, of
 * which slices go to the next thread, which reads them while the room is filled further; then, once
 * no chain has a piece of it any more, a root's owner resizes and writes.
 */
#include "storm.h"

#include <string.h>

#include "buffer/chain.h"

enum { SIZE = 4096, TURNS = 40, PIECE = 100 };

static rc_buffer *shared, *adopted;
static rc_buffer *roots[STORM_THREADS];
static rc_buffer *given[STORM_THREADS][TURNS]; /* NULL: not yet */
static unsigned char foreign[SIZE];
static unsigned taken_back;

static unsigned char byte_at(size_t offset)
{
    return (unsigned char)(offset * 7 + 1);
}

static void fill(unsigned char *bytes)
{
    for (size_t i = 0; i < SIZE; i++) bytes[i] = byte_at(i);
}

static void take_back(void *bytes, size_t size, void *context)
{
    CHECK(bytes == foreign && context == &taken_back);
    taken_back++;
    memset(bytes, 0, size); /* nobody reads any more */
}

static rc_buffer *new_filled(void)
{
    rc_buffer *buffer = rc_buffer_new(SIZE);
    CHECK(buffer);
    fill(rc_buffer_edit(buffer));
    return buffer;
}

static size_t append_part(rc_chain *chain, rc_buffer *root)
{
    size_t offset = storm_random() % (SIZE - PIECE);
    rc_buffer *slice = rc_buffer_slice(root, offset, PIECE);
    CHECK(slice && rc_chain_append(chain, slice) == RC_OK);
    rc_release(slice);
    return offset;
}

/* Across two pieces a copy is cut off, inside of one a slice. */
static void pass_pieces(rc_chain *chain, rc_buffer *first, rc_buffer *second)
{
    size_t from = append_part(chain, first), to = append_part(chain, second);
    rc_chain *front = rc_chain_cut(chain, PIECE / 2);
    rc_buffer *across = rc_chain_cut_slice(chain, PIECE);
    CHECK(front && across && front->size == PIECE / 2 && across->size == PIECE);
    CHECK(across->data[0] == byte_at(from + PIECE / 2) &&
          across->data[PIECE - 1] == byte_at(to + PIECE / 2 - 1));
    if (storm_random() % 4 == 0) CHECK(rc_chain_compact(chain, 2) == RC_OK);
    CHECK(rc_chain_move(front, chain) == RC_OK && front->size == PIECE);
    rc_release(across);
    rc_release(front);
}

/* What comes next lies behind it in the same room. */
static void give(rc_chain *chain, unsigned thread, size_t turn)
{
    unsigned char bytes[50];
    memset(bytes, (int)(thread + turn), sizeof bytes);
    CHECK(rc_chain_append_bytes(chain, bytes, sizeof bytes) == RC_OK);
    rc_buffer *message = rc_chain_cut_slice(chain, sizeof bytes);
    CHECK(message);
    __atomic_store_n(&given[thread][turn], message, __ATOMIC_RELEASE);
}

static void take(unsigned thread, size_t turn)
{
    rc_buffer *message = __atomic_exchange_n(&given[thread][turn], NULL, __ATOMIC_ACQUIRE);
    if (!message) return;
    for (size_t i = 0; i < message->size; i++)
        CHECK(message->data[i] == (unsigned char)(thread + turn));
    rc_release(message);
}

/* Waits for nobody: a root that is still in some chain is refused, and stays as it is. */
static void change_own(rc_buffer *root)
{
    enum rc_status status = rc_buffer_resize(root, SIZE / 2);
    CHECK(status == RC_OK || status == RC_BUSY);
    if (status != RC_OK) return;
    unsigned char *bytes = rc_buffer_edit(root);
    CHECK(bytes);
    memset(bytes, 0, root->size);
}

static void storm_chains(unsigned thread)
{
    unsigned next = (thread + 1) % STORM_THREADS;
    rc_chain *chain = rc_chain_new();
    CHECK(chain);
    for (size_t turn = 0; turn < TURNS; turn++) {
        pass_pieces(chain, shared, adopted);
        pass_pieces(chain, roots[thread], shared);
        give(chain, thread, turn);
        if (turn > 0) take(next, turn - 1);
    }
    rc_release(chain);
    change_own(roots[thread]);
    rc_release(roots[thread]);
    rc_release(shared);
    rc_release(adopted);
}

static void one_round(void)
{
    taken_back = 0;
    fill(foreign);
    shared = new_filled();
    adopted = rc_buffer_adopt(foreign, SIZE, take_back, &taken_back);
    CHECK(adopted);
    for (unsigned i = 0; i < STORM_THREADS; i++) {
        roots[i] = new_filled();
        if (i == 0) continue;
        (void)rc_retain(shared);
        (void)rc_retain(adopted);
    }
    storm(storm_chains);
    for (unsigned i = 0; i < STORM_THREADS; i++)
        for (size_t turn = 0; turn < TURNS; turn++) take(i, turn);
    CHECK(taken_back == 1);
}

int main(int count, char **arguments)
{
    return storm_rounds(count, arguments, one_round);
}
