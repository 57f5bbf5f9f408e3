/* SPDX-License-Identifier: MIT */
/* Scenarios of buffer/chain.h: each chain is one thread's, and what they share is neither written,
 * moved nor freed while a piece or a slice of it lives. */
#include "explorer.h"

#include "buffer/chain.h"

enum { SIZE = 16 };

static rc_buffer *root, *slice;
static rc_chain *chain, *other;

static rc_chain *chain_of_part(size_t offset, size_t size)
{
    rc_chain *made = rc_chain_new();
    rc_buffer *part = rc_buffer_slice(root, offset, size);
    CHECK(made && part && rc_chain_append(made, part) == RC_OK);
    rc_release(part);
    return made;
}

static void make_chain(void)
{
    slice = NULL;
    other = NULL;
    root = rc_buffer_copy("abcdefghijklmno", SIZE);
    CHECK(root);
    chain = chain_of_part(2, 4);
}

static void make_chain_and_slice(void)
{
    make_chain();
    slice = rc_buffer_slice(root, 4, 4);
    CHECK(slice);
}

static void make_two_chains(void)
{
    make_chain();
    other = chain_of_part(4, 4);
}

static void nothing(void)
{
}

static void release_root(void)
{
    CHECK(rc_buffer_exports(root) == 0);
    rc_release(root);
}

static void drop_root(void)
{
    rc_release(root);
}

/* ---- pieces that go -------------------------------------------------------------------------- */

static void read_and_drop(void)
{
    CHECK(rc_chain_equal(chain, 0, "cdef", 4));
    CHECK(rc_chain_drop(chain, 3) == RC_OK && rc_chain_drop(chain, 1) == RC_OK);
    rc_release(chain);
}

static void read_and_drop_other(void)
{
    CHECK(rc_chain_equal(other, 1, "fgh", 3));
    CHECK(rc_chain_drop_back(other, 4) == RC_OK);
    rc_release(other);
}

static void read_and_release_slice(void)
{
    CHECK(slice->data[0] == 'e' && slice->data[3] == 'h');
    rc_release(slice);
}

/* Smaller in place, so that the write goes where the piece was. */
static void resize_and_write(void)
{
    enum rc_status status = rc_buffer_resize(root, SIZE / 2);
    CHECK(status == RC_OK || status == RC_BUSY);
    if (status != RC_OK) return;
    unsigned char *bytes = rc_buffer_edit(root);
    CHECK(bytes);
    bytes[3] = 'X';
}

/* ---- pieces that become slices, and slices that become pieces -------------------------------- */

static void cut_and_release(void)
{
    rc_buffer *part = rc_chain_cut_slice(chain, 1), *rest = rc_chain_cut_slice(chain, 3);
    CHECK(part && rest && part->data[0] == 'c' && rest->data[2] == 'f');
    rc_release(rest);
    rc_release(part);
    rc_release(chain);
}

static void append_slice_and_release(void)
{
    rc_chain *mine = rc_chain_new();
    CHECK(mine && rc_chain_append(mine, slice) == RC_OK);
    rc_release(slice);
    CHECK(rc_chain_equal(mine, 0, "efgh", 4));
    rc_release(mine);
}

/* ---- a room is filled while others read what was in it --------------------------------------- */

static void make_room(void)
{
    chain = rc_chain_new();
    CHECK(chain && rc_chain_append_bytes(chain, "efgh", 4) == RC_OK);
    slice = rc_chain_cut_slice(chain, 4);
    CHECK(slice);
}

static void fill_room(void)
{
    CHECK(rc_chain_append_bytes(chain, "ijkl", 4) == RC_OK);
    CHECK(rc_chain_equal(chain, 0, "ijkl", 4));
    rc_release(chain);
}

const struct scenario chain_scenarios[] = {
    {"piece_gone_beside_slice",
     make_chain_and_slice,
     {read_and_drop, read_and_release_slice},
     release_root},
    {"pieces_gone_by_two", make_two_chains, {read_and_drop, read_and_drop_other}, release_root},
    {"root_gone_before_piece", make_chain, {drop_root, read_and_drop}, nothing},
    {"resize_after_piece", make_chain, {resize_and_write, read_and_drop}, release_root},
    {"resize_after_two_pieces",
     make_two_chains,
     {resize_and_write, read_and_drop, read_and_drop_other},
     release_root},
    {"piece_cut_beside_slice",
     make_chain_and_slice,
     {cut_and_release, read_and_release_slice},
     release_root},
    {"piece_cut_while_root_goes", make_chain, {drop_root, cut_and_release}, nothing},
    {"slice_becomes_a_piece",
     make_chain_and_slice,
     {append_slice_and_release, read_and_drop},
     release_root},
    {"room_filled_beside_reader", make_room, {fill_room, read_and_release_slice}, nothing},
    {0},
};
