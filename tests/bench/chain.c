/* SPDX-License-Identifier: MIT */
/* Chains: a slice is appended to one that has three pieces already, the first piece is cut off, and
 * released. Bare is a list of pieces from malloc, each with a count, over a root that counts them;
 * and, with nothing counted, a ring of vectors. */
#include "bench.h"

#include <stdlib.h>
#include <sys/uio.h>

#include <buffer/chain.h>

enum { PIECE = 64, PAGE = 4096, DEPTH = 3, RING = 4 };

static unsigned char bytes[PAGE];

/* ---- pieces from malloc ---------------------------------------------------------------------- */

struct root {
    int count;
};

struct piece {
    int count;
    struct root *root;
    unsigned char *data;
    size_t size;
    struct piece *next;
};

struct list {
    struct piece *first, **end;
};

static struct root root = {.count = 1};
static struct list list = {.end = &list.first};

static inline void list_append(struct list *to, struct root *of, unsigned char *data, size_t size)
{
    struct piece *piece = need(malloc(sizeof *piece));
    __atomic_fetch_add(&of->count, 1, __ATOMIC_RELAXED);
    *piece = (struct piece){.count = 1, .root = of, .data = data, .size = size};
    *to->end = piece;
    to->end = &piece->next;
}

static inline struct piece *list_cut(struct list *from)
{
    struct piece *piece = need(from->first);
    from->first = piece->next;
    if (!from->first) from->end = &from->first;
    return piece;
}

static inline void piece_release(struct piece *piece)
{
    if (__atomic_sub_fetch(&piece->count, 1, __ATOMIC_ACQ_REL) != 0) return;
    if (__atomic_sub_fetch(&piece->root->count, 1, __ATOMIC_ACQ_REL) == 0) give_up("a dead root");
    free(piece);
}

static void fill_list(void)
{
    for (size_t i = 0; i < DEPTH; i++) list_append(&list, &root, bytes, PIECE);
}

BENCH_BODY list_turns(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        list_append(opaque(&list), opaque(&root), bytes, PIECE);
        piece_release(opaque(list_cut(opaque(&list))));
    }
}
BENCH_PLACES(run_list, list_turns(operations))

/* ---- a ring of vectors ----------------------------------------------------------------------- */

struct ring {
    struct iovec vectors[RING];
    size_t first, count;
};

static struct ring ring = {.count = DEPTH};

static inline void ring_turn(struct ring *it)
{
    it->vectors[(it->first + it->count) % RING] =
        (struct iovec){.iov_base = bytes, .iov_len = PIECE};
    seen(it);
    it->first = (it->first + 1) % RING;
}

BENCH_BODY ring_turns(size_t operations)
{
    for (size_t i = 0; i < operations; i++) ring_turn(opaque(&ring));
}
BENCH_PLACES(run_ring, ring_turns(operations))

/* ---- ours ------------------------------------------------------------------------------------ */

static rc_buffer *page, *slice;
static rc_chain *chain;

static void check(enum rc_status status)
{
    if (__builtin_expect(status != RC_OK, 0)) give_up(rc_error_message());
}

static void fill_chain(void)
{
    page = need(rc_buffer_new_zeroed(PAGE));
    slice = need(rc_buffer_slice(page, PIECE, PIECE));
    chain = need(rc_chain_new());
    for (size_t i = 0; i < DEPTH; i++) check(rc_chain_append(chain, slice));
}

BENCH_BODY chain_turns(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        check(rc_chain_append(opaque(chain), opaque(slice)));
        rc_buffer *cut = need(rc_chain_cut_slice(opaque(chain), PIECE));
        rc_release(cut);
    }
}
BENCH_PLACES(run_chain, chain_turns(operations))

/* The slice is made, too, and let go of. */
BENCH_BODY slice_turns(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        rc_buffer *made = need(rc_buffer_slice(opaque(page), PIECE, PIECE));
        check(rc_chain_append(opaque(chain), made));
        rc_release(made);
        rc_buffer *cut = need(rc_chain_cut_slice(opaque(chain), PIECE));
        rc_release(cut);
    }
}
BENCH_PLACES(run_slice, slice_turns(operations))

/* ---------------------------------------------------------------------------------------------- */

#define CHAIN(row)                                                                                 \
    {(row), "malloc'd pieces", KIND_BARE, .set_up = fill_list, .run = run_list},                   \
        {(row), "ring of vectors", KIND_BARE, .run = run_ring},                                    \
        {(row), "rcbuf", KIND_OURS, .set_up = fill_chain, .run = run_chain},                       \
    {                                                                                              \
        (row), "rcbuf, slicing too", KIND_OURS, .set_up = fill_chain, .run = run_slice             \
    }

static const struct contestant table[] = {
    CHAIN("chain"),
    CHAIN("chain-started"),
};
CONTESTANTS(contestants_chain, table);
