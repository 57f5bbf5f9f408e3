/* SPDX-License-Identifier: MIT */
/* Random operations on three chains over a few buffers, beside plain arrays that say what the
 * chains have to hold. */
#include "buffer/chain.h"

#include <sys/socket.h>

#include "chain_support.h"

enum { CHAINS = 3, BUFFERS = 6, SLICES = 8, MODEL_MAX = 60000, STEPS = 3000 };

struct string {
    rc_chain *chain;
    unsigned char bytes[MODEL_MAX];
    size_t size;
};

struct model {
    struct string strings[CHAINS];
    rc_buffer *buffers[BUFFERS]; /* whose bytes never change */
    rc_buffer *slices[SLICES];   /* that were cut; NULL: none yet */
    unsigned char *copies[SLICES];
    rc_pool *pool;
    int sockets[2];
    uint64_t random;
    size_t refused; /* calls that memory lacked for */
};

static size_t pick(struct model *model, size_t below)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return (size_t)(model->random >> 11) % below;
}

static struct string *pick_string(struct model *model)
{
    return &model->strings[pick(model, CHAINS)];
}

/* Small ones mostly, and now and then all or none. */
static size_t pick_size(struct model *model, size_t most)
{
    static const size_t below[] = {4, 40, 400, MODEL_MAX};
    size_t size = pick(model, below[pick(model, 4)]);
    if (pick(model, 10) == 0) return most;
    return size < most ? size : most;
}

/* A call that failed has changed nothing, which is seen when all is compared. */
static bool done(struct model *model, enum rc_status status)
{
    if (status == RC_OK) return true;
    ck_assert_msg(status == RC_NO_MEMORY, "%s", rc_error_message());
    rc_error_clear();
    model->refused++;
    return false;
}

static bool there(struct model *model, const void *result)
{
    return done(model, result ? RC_OK : rc_error_status());
}

static void insert(struct string *string, bool in_front, const unsigned char *bytes, size_t size)
{
    if (in_front) memmove(string->bytes + size, string->bytes, string->size);
    memmove(string->bytes + (in_front ? 0 : string->size), bytes, size);
    string->size += size;
}

static void cut_off(struct string *string, size_t size)
{
    string->size -= size;
    memmove(string->bytes, string->bytes + size, string->size);
}

/* ---- add ------------------------------------------------------------------------------------- */

static void step_buffer(struct model *model)
{
    struct string *string = pick_string(model);
    rc_buffer *buffer = model->buffers[pick(model, BUFFERS)];
    size_t offset = pick(model, buffer->size + 1);
    size_t size = pick_size(model, buffer->size - offset);
    bool in_front = pick(model, 2);
    if (size > MODEL_MAX - string->size) return;
    rc_buffer *slice = rc_buffer_slice(buffer, offset, size);
    if (!there(model, slice)) return;
    if (done(model, (in_front ? rc_chain_prepend : rc_chain_append)(string->chain, slice)))
        insert(string, in_front, buffer->data + offset, size);
    rc_release(slice);
}

static void step_bytes(struct model *model)
{
    struct string *string = pick_string(model), *from = pick_string(model);
    size_t offset = pick(model, from->size + 1), size = pick_size(model, from->size - offset);
    bool in_front = pick(model, 2);
    if (size > MODEL_MAX - string->size) return;
    size_t run;
    const unsigned char *bytes = rc_chain_peek(from->chain, offset, &run);
    if (size > run) size = run; /* bytes of this chain or another */
    if (!done(model, (in_front ? rc_chain_prepend_bytes : rc_chain_append_bytes)(string->chain,
                                                                                 bytes, size)))
        return;
    unsigned char *copy = malloc(size + 1);
    memcpy(copy, from->bytes + offset, size);
    insert(string, in_front, copy, size);
    free(copy);
}

static void step_chain(struct model *model)
{
    struct string *string = pick_string(model), *other = pick_string(model);
    if (other->size > MODEL_MAX - string->size) return;
    if (done(model, rc_chain_append_chain(string->chain, other->chain)))
        insert(string, false, other->bytes, other->size);
}

static void step_move(struct model *model)
{
    struct string *string = pick_string(model), *other = pick_string(model);
    if (other->size > MODEL_MAX - string->size) return;
    if (!done(model, rc_chain_move(string->chain, other->chain)) || string == other) return;
    insert(string, false, other->bytes, other->size);
    other->size = 0;
}

/* ---- take away ------------------------------------------------------------------------------- */

static void step_drop(struct model *model)
{
    struct string *string = pick_string(model);
    size_t size = pick_size(model, string->size);
    if (pick(model, 2)) {
        ASSERT_OK(rc_chain_drop(string->chain, size));
        cut_off(string, size);
    } else {
        ASSERT_OK(rc_chain_drop_back(string->chain, size));
        string->size -= size;
    }
}

/* What is cut off is put at the end of another, or back to the end of the same. */
static void step_cut(struct model *model)
{
    struct string *string = pick_string(model), *other = pick_string(model);
    size_t size = pick_size(model, string->size);
    if (size > MODEL_MAX - other->size) return;
    rc_chain *front = rc_chain_cut(string->chain, size);
    if (!there(model, front)) return;
    assert_bytes(front, string->bytes, size);
    unsigned char *copy = malloc(size + 1);
    memcpy(copy, string->bytes, size);
    cut_off(string, size);
    if (done(model, rc_chain_move(other->chain, front))) insert(other, false, copy, size);
    free(copy);
    rc_release(front);
}

/* It is kept for a while, and its bytes stay what they are. */
static void step_cut_slice(struct model *model)
{
    struct string *string = pick_string(model);
    size_t size = pick_size(model, string->size), slot = pick(model, SLICES), run;
    const unsigned char *place = rc_chain_peek(string->chain, 0, &run);
    rc_buffer *slice = rc_chain_cut_slice(string->chain, size);
    if (!there(model, slice)) return;
    ck_assert_uint_eq(slice->size, size);
    ck_assert(size == 0 || (slice->data == place) == (run >= size));
    rc_release(model->slices[slot]);
    free(model->copies[slot]);
    model->slices[slot] = slice;
    model->copies[slot] = malloc(size + 1);
    memcpy(model->copies[slot], string->bytes, size);
    cut_off(string, size);
}

/* Between others' bytes, or in front of those that it was cut off from. */
static void step_put_back(struct model *model)
{
    struct string *string = pick_string(model);
    rc_buffer *slice = model->slices[pick(model, SLICES)];
    bool in_front = pick(model, 2);
    if (!slice || slice->size > MODEL_MAX - string->size) return;
    if (done(model, (in_front ? rc_chain_prepend : rc_chain_append)(string->chain, slice)))
        insert(string, in_front, slice->data, slice->size);
}

/* ---- read ------------------------------------------------------------------------------------ */

static void step_read(struct model *model)
{
    struct string *string = pick_string(model);
    size_t offset = pick(model, string->size + 1), run;
    size_t size = pick_size(model, string->size - offset);
    unsigned char *copy = malloc(size + 1);
    ASSERT_OK(rc_chain_copy_out(string->chain, offset, copy, size));
    ck_assert(memcmp(copy, string->bytes + offset, size) == 0);
    ck_assert(rc_chain_equal(string->chain, offset, copy, size));
    const unsigned char *bytes = rc_chain_peek(string->chain, offset, &run);
    ck_assert(memcmp(bytes, string->bytes + offset, run) == 0);
    if (size > 0) {
        copy[pick(model, size)] ^= 1;
        ck_assert(!rc_chain_equal(string->chain, offset, copy, size));
    }
    free(copy);
}

static void step_find(struct model *model)
{
    struct string *string = pick_string(model);
    size_t offset = pick(model, string->size + 1), from = pick(model, string->size + 1);
    size_t size = pick_size(model, string->size - offset);
    const unsigned char *what = string->bytes + offset;
    size_t at = from;
    while (size > string->size - at || memcmp(string->bytes + at, what, size) != 0)
        if (at++ == string->size) break;
    ck_assert_uint_eq(rc_chain_find(string->chain, what, size, from),
                      at > string->size ? RC_CHAIN_NOT_FOUND : at);
}

static void step_vectors(struct model *model)
{
    struct string *string = pick_string(model);
    size_t at = pick(model, string->size + 1), most = 1 + pick(model, 20), bytes, count, wrong = 0;
    struct iovec vectors[20];
    while ((count = rc_chain_vectors(string->chain, at, vectors, most, &bytes)) > 0) {
        size_t next = at + bytes;
        for (size_t i = 0; i < count; at += vectors[i++].iov_len)
            wrong += memcmp(vectors[i].iov_base, string->bytes + at, vectors[i].iov_len) != 0;
        ck_assert_uint_eq(at, next);
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(at, string->size);
}

/* ---- in one piece, through a socket, compacted ----------------------------------------------- */

static void step_flatten(struct model *model)
{
    struct string *string = pick_string(model);
    rc_buffer *flat = rc_chain_flatten(string->chain);
    if (!there(model, flat)) return;
    ck_assert_uint_eq(flat->size, string->size);
    ck_assert(memcmp(flat->data, string->bytes, flat->size) == 0);
    rc_release(flat);
}

static void step_contiguous(struct model *model)
{
    struct string *string = pick_string(model);
    size_t size = pick_size(model, string->size);
    const unsigned char *bytes = rc_chain_make_contiguous(string->chain, size);
    if (there(model, bytes)) ck_assert(memcmp(bytes, string->bytes, size) == 0);
}

static void step_send(struct model *model)
{
    struct string *string = pick_string(model), *other = pick_string(model);
    size_t size = string->size, came;
    if (string == other || size > MODEL_MAX - other->size) return;
    if (rc_chain_send(string->chain, model->sockets[0], 0) != RC_OK) {
        ck_assert_int_eq(rc_error_status(),
                         RC_SYSTEM); /* what memory lacked for fills the socket */
        rc_error_clear();
    }
    size_t sent = size - string->chain->size;
    unsigned char *copy = malloc(size + 1);
    memcpy(copy, string->bytes, sent);
    cut_off(string, sent);
    for (size_t done_so_far = 0; done_so_far < sent;) {
        rc_pool *pool = pick(model, 2) ? model->pool : NULL;
        if (!done(model, rc_chain_receive(other->chain, model->sockets[1], pool,
                                          1 + pick(model, 3000), &came)))
            continue;
        insert(other, false, copy + done_so_far, came);
        done_so_far += came;
    }
    free(copy);
}

static void step_compact(struct model *model)
{
    struct string *string = pick_string(model);
    size_t times = 1 + pick(model, 10), pinned;
    if (!done(model, rc_chain_compact(string->chain, times))) return;
    if (!done(model, rc_chain_pinned(string->chain, &pinned))) return;
    ck_assert_uint_le(pinned, times * string->size);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void check(const struct model *model)
{
    for (size_t i = 0; i < CHAINS; i++) {
        const struct string *string = &model->strings[i];
        assert_chain_is_sound(string->chain);
        ck_assert_uint_eq(string->chain->size, string->size);
        ck_assert_msg(rc_chain_compare(string->chain, string->bytes, string->size) == 0,
                      "chain %zu has other bytes", i);
    }
    for (size_t i = 0; i < SLICES; i++) {
        const rc_buffer *slice = model->slices[i];
        ck_assert_msg(!slice || memcmp(slice->data, model->copies[i], slice->size) == 0,
                      "what was cut off has changed");
    }
}

static void begin(struct model *model)
{
    static const size_t sizes[BUFFERS] = {1, 10, 100, 1000, 5000, 20000};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, model->sockets), 0);
    for (size_t i = 0; i < BUFFERS; i++) model->buffers[i] = support_buffer(sizes[i], (unsigned)i);
    for (size_t i = 0; i < CHAINS; i++) model->strings[i].chain = new_chain();
    model->pool = rc_pool_new(700, 0, 5);
}

static void end(struct model *model)
{
    for (size_t i = 0; i < CHAINS; i++) rc_release(model->strings[i].chain);
    for (size_t i = 0; i < SLICES; i++) rc_release(model->slices[i]);
    for (size_t i = 0; i < SLICES; i++) free(model->copies[i]);
    for (size_t i = 0; i < BUFFERS; i++) {
        ck_assert_uint_eq(rc_buffer_exports(model->buffers[i]), 0);
        ck_assert(rc_is_unique(model->buffers[i]));
        rc_release(model->buffers[i]);
    }
    struct rc_pool_statistics now;
    ASSERT_OK(rc_pool_read(model->pool, &now));
    ck_assert_uint_eq(now.out, 0);
    rc_release(model->pool);
    close(model->sockets[0]);
    close(model->sockets[1]);
    free(model);
}

/* failing: NULL, or what one request in @p often fails by. Returns: how many calls were refused. */
static size_t run(struct rc_failing_allocator *failing, size_t often, uint64_t seed)
{
    static void (*const steps[])(struct model *) = {
        step_buffer, step_buffer,  step_buffer,     step_bytes,    step_bytes, step_chain,
        step_move,   step_drop,    step_drop,       step_cut,      step_cut,   step_cut_slice,
        step_read,   step_find,    step_cut_slice,  step_put_back, step_drop,  step_vectors,
        step_send,   step_flatten, step_contiguous, step_compact,
    };
    struct model *model = calloc(1, sizeof *model);
    model->random = seed;
    begin(model);
    for (size_t step = 0; step < STEPS; step++) {
        if (failing)
            failing->fail_at = rc_failing_allocator_requests(failing) + 1 + pick(model, often);
        steps[pick(model, sizeof steps / sizeof *steps)](model);
        if (failing) failing->fail_at = 0;
        check(model);
    }
    size_t refused = model->refused;
    end(model);
    return refused;
}

START_TEST(random_operations_agree_with_plain_strings)
{
    for (uint64_t seed = 1; seed <= 6; seed++) ck_assert_uint_eq(run(NULL, 0, seed), 0);
}
END_TEST

START_TEST(random_operations_agree_where_memory_is_refused_now_and_then)
{
    support_fail_from_here();
    for (uint64_t seed = 11; seed <= 13; seed++)
        ck_assert_uint_gt(run(&support_failing, 3, seed), 100);
    support_fail_none();
}
END_TEST

START_TEST(random_operations_stay_inside_the_blocks_that_a_guarding_allocator_watches)
{
    struct rc_guarding_allocator guarding;
    rc_guarding_allocator_init(&guarding, NULL);
    ASSERT_OK(rc_allocator_set_default(&guarding.allocator));
    for (uint64_t seed = 21; seed <= 22; seed++) run(NULL, 0, seed);
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 0);
}
END_TEST

HARNESS_MAIN("buffer/chain_model", random_operations_agree_with_plain_strings,
             random_operations_agree_where_memory_is_refused_now_and_then,
             random_operations_stay_inside_the_blocks_that_a_guarding_allocator_watches)
