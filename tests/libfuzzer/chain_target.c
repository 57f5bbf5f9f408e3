/* SPDX-License-Identifier: MIT */
/* The input is a program of calls on three chains. Beside each stands the string that it has to be;
 * after each call all are compared, and what was cut off earlier. */
#define _GNU_SOURCE 1 /* pipe2 */
#include "tests/libfuzzer/chain_model.h"

#include <fcntl.h>
#include <unistd.h>

static struct string *pick_string(struct fuzz_input *input)
{
    return &strings[fuzz_below(input, CHAINS)];
}

/* Up to @p most; more than that now and then, which is refused. */
static size_t pick_size(struct fuzz_input *input, size_t most, unsigned *allowed)
{
    unsigned how = fuzz_byte(input);
    size_t size = fuzz_wide_below(input, most + 1);
    *allowed = BIT(RC_OK);
    if (how % 4 == 0) size = most;
    if (how < 250) return size;
    *allowed = BIT(RC_RANGE);
    return how < 253 ? most + 1 : SIZE_MAX - size;
}

/* ---- add ------------------------------------------------------------------------------------- */

static void do_add(struct fuzz_input *input, struct string *string)
{
    unsigned how = fuzz_byte(input);
    rc_buffer *buffer = how % 4 == BUFFERS - 1 ? frozen : buffers[how % 4];
    size_t offset = fuzz_wide_below(input, buffer->size + 1);
    size_t size = fuzz_wide_below(input, buffer->size - offset + 1);
    bool in_front = how & 8;
    if (!has_room(string, size)) return;
    rc_buffer *slice = rc_buffer_slice(buffer, offset, size);
    if (!returns("rc_buffer_slice", slice, BIT(RC_OK))) return;
    enum rc_status status = (in_front ? rc_chain_prepend : rc_chain_append)(string->chain, slice);
    if (answers("rc_chain_append", status, BIT(RC_OK)))
        insert(string, in_front, buffer->data + offset, size);
    rc_release(slice);
}

/* Of the input, or where some chain's bytes lie. */
static void do_add_bytes(struct fuzz_input *input, struct string *string)
{
    static unsigned char copy[BYTES_MAX];
    unsigned how = fuzz_byte(input);
    bool in_front = how & 1;
    size_t size = input->left < 60 ? input->left : 60;
    const unsigned char *bytes = input->next;
    if (how & 2) bytes = rc_chain_peek(strings[how / 4 % CHAINS].chain, 0, &size);
    if (how & 2 && how & 128) size = size * fuzz_byte(input) / 256;
    if (!has_room(string, size)) return;
    if (size > 0) memcpy(copy, bytes, size);
    enum rc_status status =
        (in_front ? rc_chain_prepend_bytes : rc_chain_append_bytes)(string->chain, bytes, size);
    if (answers("rc_chain_append_bytes", status, BIT(RC_OK))) insert(string, in_front, copy, size);
}

/* All of the room is written, and some of it committed; too much now and then, or elsewhere. */
static void do_fill(struct fuzz_input *input, struct string *string)
{
    unsigned how = fuzz_byte(input), allowed = BIT(RC_OK);
    size_t wanted = fuzz_wide_below(input, 5000), room;
    unsigned char *place = rc_chain_reserve(string->chain, wanted, &room);
    if (!returns("rc_chain_reserve", place, BIT(RC_OK))) return;
    FUZZ_CHECK(room >= wanted && room > 0, "%zu bytes, and %zu were wanted", room, wanted);
    for (size_t i = 0; i < room; i++) place[i] = (unsigned char)('f' + (how + i / 5) % 9);
    size_t size = fuzz_wide_below(input, room + 1);
    if (how == 250) size = room + 1, allowed = BIT(RC_RANGE);
    if (how > 250) place++, allowed = size ? BIT(RC_INVALID) : BIT(RC_OK);
    if (allowed & BIT(RC_OK) && !has_room(string, size)) return;
    if (answers("rc_chain_commit", rc_chain_commit(string->chain, place, size), allowed))
        insert(string, false, place, size);
}

/* Of the input's letters, with up to 300 blanks before them. */
static void do_print(struct fuzz_input *input, struct string *string)
{
    static unsigned char copy[400];
    int width = (int)fuzz_wide_below(input, 300), length = (int)fuzz_below(input, 90);
    char text[100];
    for (int i = 0; i < length; i++) text[i] = (char)('a' + fuzz_byte(input) % 26);
    text[length] = '\0';
    int size = snprintf((char *)copy, sizeof copy, "%*s", width, text);
    if (!has_room(string, (size_t)size)) return;
    if (answers("rc_chain_printf", rc_chain_printf(string->chain, "%*s", width, text), BIT(RC_OK)))
        insert(string, false, copy, (size_t)size);
}

static void do_append_chain(struct fuzz_input *input, struct string *string)
{
    struct string *other = pick_string(input);
    if (!has_room(string, other->size)) return;
    enum rc_status status = rc_chain_append_chain(string->chain, other->chain);
    if (answers("rc_chain_append_chain", status, BIT(RC_OK)))
        insert(string, false, other->bytes, other->size);
}

static void do_move(struct fuzz_input *input, struct string *string)
{
    struct string *other = pick_string(input);
    if (!has_room(string, other->size)) return;
    enum rc_status status = rc_chain_move(string->chain, other->chain);
    if (!answers("rc_chain_move", status, BIT(RC_OK)) || string == other) return;
    insert(string, false, other->bytes, other->size);
    other->size = 0;
}

/* ---- take away ------------------------------------------------------------------------------- */

static void do_drop(struct fuzz_input *input, struct string *string)
{
    unsigned allowed;
    size_t size = pick_size(input, string->size, &allowed);
    if (answers("rc_chain_drop", rc_chain_drop(string->chain, size), allowed))
        cut_off(string, size);
}

static void do_drop_back(struct fuzz_input *input, struct string *string)
{
    unsigned allowed;
    size_t size = pick_size(input, string->size, &allowed);
    if (answers("rc_chain_drop_back", rc_chain_drop_back(string->chain, size), allowed))
        string->size -= size;
}

/* What was cut off goes to the end of another, or the same. */
static void do_cut(struct fuzz_input *input, struct string *string)
{
    static unsigned char copy[BYTES_MAX];
    unsigned allowed;
    struct string *other = pick_string(input);
    size_t size = pick_size(input, string->size, &allowed);
    rc_chain *front = rc_chain_cut(string->chain, size);
    if (!returns("rc_chain_cut", front, allowed)) return;
    memcpy(copy, string->bytes, size);
    cut_off(string, size);
    FUZZ_CHECK(rc_chain_compare(front, copy, size) == 0, "%zu bytes differ", size);
    if (has_room(other, size) &&
        answers("rc_chain_move", rc_chain_move(other->chain, front), BIT(RC_OK)))
        insert(other, false, copy, size);
    rc_release(front);
}

static void do_cut_slice(struct fuzz_input *input, struct string *string)
{
    unsigned allowed;
    struct cut *cut = &cuts[fuzz_below(input, SLICES)];
    size_t size = pick_size(input, string->size, &allowed), run;
    const unsigned char *place = rc_chain_peek(string->chain, 0, &run);
    rc_buffer *slice = rc_chain_cut_slice(string->chain, size);
    if (!returns("rc_chain_cut_slice", slice, allowed)) return;
    FUZZ_CHECK(slice->size == size, "%zu, not %zu bytes", slice->size, size);
    FUZZ_CHECK(size == 0 || (slice->data == place) == (run >= size), "it is %s copy",
               slice->data == place ? "no" : "a");
    rc_release(cut->slice);
    cut->slice = slice;
    memcpy(cut->bytes, string->bytes, size);
    cut_off(string, size);
}

static void do_put_back(struct fuzz_input *input, struct string *string)
{
    unsigned how = fuzz_byte(input);
    const struct cut *cut = &cuts[how / 2 % SLICES];
    if (!cut->slice || !has_room(string, cut->slice->size)) return;
    enum rc_status status =
        (how & 1 ? rc_chain_prepend : rc_chain_append)(string->chain, cut->slice);
    if (answers("rc_chain_append", status, BIT(RC_OK)))
        insert(string, how & 1, cut->bytes, cut->slice->size);
}

/* ---- read ------------------------------------------------------------------------------------ */

static void do_read(struct fuzz_input *input, struct string *string)
{
    static unsigned char copy[BYTES_MAX];
    unsigned allowed;
    size_t offset = fuzz_wide_below(input, string->size + 1), run;
    size_t size = pick_size(input, string->size - offset, &allowed);
    enum rc_status status = rc_chain_copy_out(string->chain, offset, copy, size);
    bool is_there = answers("rc_chain_copy_out", status, allowed);
    FUZZ_CHECK(rc_chain_equal(string->chain, offset, string->bytes + offset, size) == is_there,
               "%zu bytes at %zu", size, offset);
    if (!is_there) return;
    FUZZ_CHECK(memcmp(copy, string->bytes + offset, size) == 0, "%zu bytes differ", size);
    const unsigned char *bytes = rc_chain_peek(string->chain, offset, &run);
    FUZZ_CHECK(run > 0 || offset == string->size, "no bytes at %zu", offset);
    FUZZ_CHECK(memcmp(bytes, string->bytes + offset, run) == 0, "%zu bytes differ", run);
}

static void do_find(struct fuzz_input *input, struct string *string)
{
    size_t offset = fuzz_wide_below(input, string->size + 1), at = 0;
    size_t size = fuzz_wide_below(input, string->size - offset + 1) % 20;
    size_t from = fuzz_wide_below(input, string->size + 1);
    const unsigned char *what = string->bytes + offset;
    for (at = from; at + size <= string->size; at++)
        if (memcmp(string->bytes + at, what, size) == 0) break;
    if (at + size > string->size) at = RC_CHAIN_NOT_FOUND;
    size_t found = rc_chain_find(string->chain, what, size, from);
    FUZZ_CHECK(found == at, "found at %zu, not %zu", found, at);
}

static void do_vectors(struct fuzz_input *input, struct string *string)
{
    struct iovec vectors[7];
    size_t at = fuzz_wide_below(input, string->size + 1), most = 1 + fuzz_below(input, 7), count;
    while ((count = rc_chain_vectors(string->chain, at, vectors, most, NULL)) > 0)
        for (size_t i = 0; i < count; at += vectors[i++].iov_len)
            FUZZ_CHECK(memcmp(vectors[i].iov_base, string->bytes + at, vectors[i].iov_len) == 0,
                       "%zu bytes at %zu differ", vectors[i].iov_len, at);
    FUZZ_CHECK(at == string->size, "the vectors end at %zu", at);
}

/* ---- in one piece, through a pipe, compacted ------------------------------------------------- */

static void do_flatten(struct fuzz_input *input, struct string *string)
{
    (void)input;
    rc_buffer *flat = rc_chain_flatten(string->chain);
    if (!returns("rc_chain_flatten", flat, BIT(RC_OK))) return;
    FUZZ_CHECK(flat->size == string->size && !memcmp(flat->data, string->bytes, flat->size),
               "%zu bytes, or others", flat->size);
    rc_release(flat);
}

static void do_make_contiguous(struct fuzz_input *input, struct string *string)
{
    unsigned allowed;
    size_t size = pick_size(input, string->size, &allowed);
    const unsigned char *bytes = rc_chain_make_contiguous(string->chain, size);
    if (returns("rc_chain_make_contiguous", bytes, allowed))
        FUZZ_CHECK(memcmp(bytes, string->bytes, size) == 0, "%zu bytes differ", size);
}

static void do_pipe(struct fuzz_input *input, struct string *string)
{
    static int ends[2];
    static unsigned char copy[BYTES_MAX];
    struct string *other = pick_string(input);
    size_t size = string->size, most = 1 + fuzz_below(input, 200), received;
    if (string == other || !has_room(other, size)) return;
    if (ends[1] == 0) FUZZ_CHECK(pipe2(ends, O_CLOEXEC) == 0, "there is no pipe");
    if (most % 2) size = size * most / 200;
    FUZZ_CHECK(rc_chain_write_most(string->chain, ends[1], size, NULL) == RC_OK,
               "%zu bytes cannot be written", size);
    memcpy(copy, string->bytes, size);
    cut_off(string, size);
    for (size_t done = 0; done < size;) {
        enum rc_status status = rc_chain_receive(other->chain, ends[0], NULL, most, &received);
        if (!answers("rc_chain_receive", status, BIT(RC_OK))) continue;
        insert(other, false, copy + done, received);
        done += received;
    }
}

static void do_compact(struct fuzz_input *input, struct string *string)
{
    size_t times = fuzz_below(input, 6), pinned;
    unsigned allowed = times ? BIT(RC_OK) : BIT(RC_INVALID);
    if (!answers("rc_chain_compact", rc_chain_compact(string->chain, times), allowed)) return;
    if (answers("rc_chain_pinned", rc_chain_pinned(string->chain, &pinned), BIT(RC_OK)))
        FUZZ_CHECK(pinned <= times * string->size, "%zu bytes are pinned by %zu", pinned,
                   string->size);
}

/* ---- the program ----------------------------------------------------------------------------- */

static void step(struct fuzz_input *input)
{
    static void (*const calls[])(struct fuzz_input *, struct string *) = {
        do_add,          do_add_bytes,
        do_append_chain, do_move,
        do_drop,         do_drop_back,
        do_cut,          do_cut_slice,
        do_put_back,     do_read,
        do_find,         do_vectors,
        do_flatten,      do_make_contiguous,
        do_pipe,         do_compact,
        do_add,          do_add_bytes,
        do_cut_slice,    do_fill,
        do_print,
    };
    rc_error_clear();
    unsigned code = fuzz_byte(input), memory = fuzz_byte(input);
    struct string *string = &strings[code % CHAINS];
    if (memory >= 224) fuzz_fail_memory(memory % 4);
    calls[code / CHAINS % (sizeof calls / sizeof *calls)](input, string);
    (void)fuzz_memory_has_failed();
}

static void run(struct fuzz_input *input)
{
    begin();
    while (input->left > 0) {
        step(input);
        compare_all();
    }
    end();
}

FUZZ_TARGET(run)
