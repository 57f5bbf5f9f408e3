/* SPDX-License-Identifier: MIT */
/* Chains: their pieces, rooms and copies, and what is read into them. */
#define _GNU_SOURCE 1
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffer/chain_fill.h"
#include "buffer/chain_io.h"
#include "oom.h"

enum { PIECES = 4, PIECE = 10, STEP = 20, SIZE = 100 };

static const char text[SIZE + 1] = "The quick brown fox jumps over the lazy dog, and while it "
                                   "does, the dog wakes up and looks at it....";

/* ---- what scenarios share -------------------------------------------------------------------- */

/* As many pieces as have a place in the object, with gaps between them in their buffer. */
static void prepare(struct stage *stage)
{
    stage->buffer = rc_buffer_copy(text, SIZE);
    stage->object = rc_chain_new();
    for (size_t i = 0; i < PIECES; i++) {
        rc_buffer *slice = rc_buffer_slice(stage->buffer, i * STEP, PIECE);
        expect(rc_chain_append(stage->object, slice) == RC_OK, "a piece cannot be appended");
        rc_release(slice);
    }
    watch(stage, stage->object);
    watch(stage, stage->buffer);
}

/* Another one, and a slice that follows no piece. */
static void prepare_two(struct stage *stage)
{
    prepare(stage);
    stage->made = rc_chain_new();
    stage->other = rc_buffer_slice(stage->buffer, 95, 5);
    expect(rc_chain_append(stage->made, stage->other) == RC_OK, "a piece cannot be appended");
    watch(stage, stage->made);
    watch(stage, stage->other);
}

static void end(struct stage *stage)
{
    rc_clear(&stage->result);
    rc_clear(&stage->made);
    rc_clear(&stage->object);
    rc_clear(&stage->other);
    rc_clear(&stage->buffer);
    for (int i = 0; i < 2; i++)
        if (stage->sockets[i] >= 0) close(stage->sockets[i]);
}

/* The pieces that it was prepared with, from @p offset on. */
static bool has_pieces(const rc_chain *chain, size_t offset)
{
    for (size_t i = 0; i < PIECES; i++)
        if (!rc_chain_equal(chain, offset + i * PIECE, text + i * STEP, PIECE)) return false;
    return true;
}

static bool is_as_prepared(struct stage *stage)
{
    const rc_chain *chain = stage->object;
    return chain->size == PIECES * PIECE && has_pieces(chain, 0);
}

/* ---- add ------------------------------------------------------------------------------------- */

static bool make(struct stage *stage)
{
    stage->object = rc_chain_new();
    return stage->object != NULL;
}

static bool append(struct stage *stage)
{
    return rc_chain_append(stage->object, stage->other) == RC_OK;
}

static bool append_chain(struct stage *stage)
{
    return rc_chain_append_chain(stage->object, stage->made) == RC_OK;
}

static bool move(struct stage *stage)
{
    return rc_chain_move(stage->object, stage->made) == RC_OK;
}

static bool is_appended(struct stage *stage)
{
    const rc_chain *chain = stage->object;
    return chain->count == PIECES + 1 && has_pieces(chain, 0) &&
           rc_chain_equal(chain, PIECES * PIECE, text + 95, 5);
}

static bool prepend(struct stage *stage)
{
    return rc_chain_prepend(stage->object, stage->other) == RC_OK;
}

static bool is_prepended(struct stage *stage)
{
    return rc_chain_equal(stage->object, 0, text + 95, 5) && has_pieces(stage->object, 5);
}

static bool append_bytes(struct stage *stage)
{
    return rc_chain_append_bytes(stage->object, text, SIZE) == RC_OK;
}

static bool has_bytes_behind(struct stage *stage)
{
    return has_pieces(stage->object, 0) &&
           rc_chain_equal(stage->object, PIECES * PIECE, text, SIZE);
}

static bool prepend_bytes(struct stage *stage)
{
    return rc_chain_prepend_bytes(stage->object, text, SIZE) == RC_OK;
}

static bool has_bytes_before(struct stage *stage)
{
    return rc_chain_equal(stage->object, 0, text, SIZE) && has_pieces(stage->object, SIZE);
}

/* ---- written where it is to lie -------------------------------------------------------------- */

/* What was reserved is committed without memory. */
static bool fill(struct stage *stage)
{
    size_t room;
    unsigned char *place = rc_chain_reserve(stage->object, SIZE, &room);
    if (!place) return false;
    memcpy(place, text, SIZE);
    return room >= SIZE && rc_chain_commit(stage->object, place, SIZE) == RC_OK;
}

static bool print(struct stage *stage)
{
    return rc_chain_printf(stage->object, "%s", text) == RC_OK;
}

static RC_PRINTF(2, 3) enum rc_status print_list(rc_chain *chain, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum rc_status status = rc_chain_vprintf(chain, format, arguments);
    va_end(arguments);
    return status;
}

static bool print_by_list(struct stage *stage)
{
    return print_list(stage->object, "%s", text) == RC_OK;
}

/* ---- take away, in one piece ----------------------------------------------------------------- */

static bool cut(struct stage *stage)
{
    stage->made = rc_chain_cut(stage->object, 2 * PIECE + 5);
    return stage->made != NULL;
}

static bool is_cut(struct stage *stage)
{
    const rc_chain *front = stage->made, *rest = stage->object;
    return front->size == 25 && rc_chain_equal(front, 10, text + STEP, PIECE) && rest->size == 15 &&
           rc_chain_equal(rest, 5, text + 3 * STEP, PIECE);
}

static bool cut_part(struct stage *stage)
{
    stage->result = rc_chain_cut_slice(stage->object, PIECE / 2);
    return stage->result != NULL;
}

static bool cut_piece(struct stage *stage)
{
    stage->result = rc_chain_cut_slice(stage->object, PIECE);
    return stage->result != NULL;
}

static bool cut_copy(struct stage *stage)
{
    stage->result = rc_chain_cut_slice(stage->object, PIECE + 5);
    return stage->result != NULL;
}

static bool is_cut_off(struct stage *stage)
{
    const rc_chain *rest = stage->object;
    size_t size = stage->result->size;
    return size + rest->size == PIECES * PIECE &&
           memcmp(stage->result->data, text, size < PIECE ? size : PIECE) == 0 &&
           rc_chain_equal(rest, rest->size - PIECE, text + 3 * STEP, PIECE);
}

static bool flatten(struct stage *stage)
{
    stage->result = rc_chain_flatten(stage->object);
    return stage->result != NULL;
}

static bool is_flat(struct stage *stage)
{
    return is_as_prepared(stage) && stage->result->size == PIECES * PIECE &&
           rc_chain_compare(stage->object, stage->result->data, stage->result->size) == 0;
}

static bool make_contiguous(struct stage *stage)
{
    return rc_chain_make_contiguous(stage->object, 2 * PIECE + 5) != NULL;
}

static bool is_contiguous(struct stage *stage)
{
    size_t run;
    return is_as_prepared(stage) && rc_chain_peek(stage->object, 0, &run) && run == 25;
}

/* ---- receive --------------------------------------------------------------------------------- */

static rc_pool *pool;

/* What was not received for lack of memory is still there. */
static void prepare_sockets(struct stage *stage)
{
    prepare(stage);
    expect(socketpair(AF_UNIX, SOCK_STREAM, 0, stage->sockets) == 0 &&
               write(stage->sockets[0], text, SIZE) == SIZE,
           "there is no socket to receive from");
    pool = rc_pool_new(40, 0, 0);
}

static void end_sockets(struct stage *stage)
{
    end(stage);
    rc_clear(&pool);
}

static bool receive(struct stage *stage)
{
    size_t received = 0;
    return rc_chain_receive(stage->object, stage->sockets[1], NULL, 1000, &received) == RC_OK &&
           received == SIZE;
}

static bool receive_flags(struct stage *stage)
{
    size_t received = 0;
    return rc_chain_receive_flags(stage->object, stage->sockets[1], MSG_DONTWAIT, pool, SIZE,
                                  &received) == RC_OK &&
           received == SIZE;
}

static bool receive_pooled(struct stage *stage)
{
    size_t received = 0;
    return rc_chain_receive(stage->object, stage->sockets[1], pool, SIZE, &received) == RC_OK &&
           received == SIZE;
}

/* ---- what it pins ---------------------------------------------------------------------------- */

static size_t pinned;

static bool ask_pinned(struct stage *stage)
{
    return rc_chain_pinned(stage->object, &pinned) == RC_OK;
}

static bool is_told(struct stage *stage)
{
    return is_as_prepared(stage) && pinned == SIZE;
}

static bool compact(struct stage *stage)
{
    return rc_chain_compact(stage->object, 2) == RC_OK;
}

static bool is_compacted(struct stage *stage)
{
    return is_as_prepared(stage) && rc_buffer_exports(stage->buffer) == 0;
}

/* ---- quiet ----------------------------------------------------------------------------------- */

static void prepare_quiet(struct stage *stage)
{
    prepare_sockets(stage);
    stage->other = rc_buffer_slice(stage->buffer, 3 * STEP + PIECE, 5);
}

static bool read_chain(const rc_chain *chain)
{
    struct iovec vectors[PIECES];
    char copy[PIECE];
    size_t run, bytes;
    bool good = rc_chain_peek(chain, 15, &run) && run == 5 && rc_chain_equal(chain, 0, text, PIECE);
    good = good && rc_chain_copy_out(chain, PIECE, copy, PIECE) == RC_OK;
    good = good && rc_chain_find(chain, copy, PIECE, 0) == PIECE;
    good = good && rc_chain_vectors(chain, 0, vectors, PIECES, &bytes) == PIECES;
    return good && bytes == chain->size && rc_chain_compare(chain, text, PIECE) > 0;
}

/* What only lengthens a piece, and what goes. */
static bool use(struct stage *stage)
{
    rc_chain *chain = stage->object;
    bool good = read_chain(chain) && rc_chain_append(chain, stage->other) == RC_OK;
    good = good && chain->count == PIECES && rc_chain_drop(chain, PIECE + 5) == RC_OK;
    good = good && rc_chain_drop_back(chain, 10) == RC_OK && chain->size == 20;
    good = good && rc_chain_send(chain, stage->sockets[1], 0) == RC_OK && chain->size == 0;
    good = good && rc_chain_append(chain, stage->other) == RC_OK;
    good = good && rc_chain_write_most(chain, stage->sockets[1], 2, NULL) == RC_OK;
    good = good && rc_chain_send_most(chain, stage->sockets[1], 0, 1, NULL) == RC_OK;
    return good && chain->size == 2 && rc_chain_write(chain, stage->sockets[1]) == RC_OK &&
           chain->size == 0;
}

#define CHAIN(title, before, call, result)                                                         \
    {                                                                                              \
        .name = (title), .prepare = (before), .act = (call), .holds = (result), .end = end         \
    }

static const struct scenario list[] = {
    {.name = "chain", .act = make, .end = end},
    CHAIN("append to a chain", prepare_two, append, is_appended),
    CHAIN("append a chain", prepare_two, append_chain, is_appended),
    CHAIN("move a chain", prepare_two, move, is_appended),
    CHAIN("prepend to a chain", prepare_two, prepend, is_prepended),
    CHAIN("append bytes to a chain", prepare, append_bytes, has_bytes_behind),
    CHAIN("prepend bytes to a chain", prepare, prepend_bytes, has_bytes_before),
    CHAIN("fill a room of a chain", prepare, fill, has_bytes_behind),
    CHAIN("print to a chain", prepare, print, has_bytes_behind),
    CHAIN("print to a chain by a list", prepare, print_by_list, has_bytes_behind),
    CHAIN("cut a chain", prepare, cut, is_cut),
    CHAIN("cut part of a piece", prepare, cut_part, is_cut_off),
    CHAIN("cut a piece", prepare, cut_piece, is_cut_off),
    CHAIN("cut more than a piece", prepare, cut_copy, is_cut_off),
    CHAIN("flatten a chain", prepare, flatten, is_flat),
    CHAIN("make bytes contiguous", prepare, make_contiguous, is_contiguous),
    {.name = "receive",
     .prepare = prepare_sockets,
     .act = receive,
     .holds = has_bytes_behind,
     .end = end_sockets},
    {.name = "receive by flags",
     .prepare = prepare_sockets,
     .act = receive_flags,
     .holds = has_bytes_behind,
     .end = end_sockets},
    {.name = "receive into a pool",
     .prepare = prepare_sockets,
     .act = receive_pooled,
     .holds = has_bytes_behind,
     .end = end_sockets},
    CHAIN("ask what a chain pins", prepare, ask_pinned, is_told),
    CHAIN("compact a chain", prepare, compact, is_compacted),
    {.name = "use a chain",
     .prepare = prepare_quiet,
     .act = use,
     .end = end_sockets,
     .quiet = true},
};

const struct scenarios chain_scenarios = {list, sizeof list / sizeof list[0]};
