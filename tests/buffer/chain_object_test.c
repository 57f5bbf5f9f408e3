/* SPDX-License-Identifier: MIT */
/* What chains refuse, what they do without memory, and what they are as objects. */
#include "buffer/chain.h"

#include "chain_support.h"
#include "rc/weak.h"

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(null_is_refused)
{
    rc_chain *chain = chain_of("ab");
    rc_buffer *buffer = buffer_of("cd");
    ASSERT_REFUSED(rc_chain_append(NULL, buffer), RC_INVALID, "rc_chain_append: the chain is NULL");
    ASSERT_REFUSED(rc_chain_prepend(NULL, buffer), RC_INVALID, "rc_chain_prepend: the chain is");
    ASSERT_REFUSED(rc_chain_append(chain, NULL), RC_INVALID, "rc_chain_append: the buffer is NULL");
    ASSERT_REFUSED(rc_chain_prepend(chain, NULL), RC_INVALID, "rc_chain_prepend: the buffer");
    ASSERT_REFUSED(rc_chain_append_chain(chain, NULL), RC_INVALID, "_append_chain: the chain is");
    ASSERT_REFUSED(rc_chain_append_chain(NULL, chain), RC_INVALID, "_append_chain: the chain is");
    ASSERT_REFUSED(rc_chain_move(chain, NULL), RC_INVALID, "rc_chain_move: the chain is NULL");
    ASSERT_REFUSED(rc_chain_move(NULL, chain), RC_INVALID, "rc_chain_move: the chain is NULL");
    ASSERT_REFUSED(rc_chain_move(NULL, NULL), RC_INVALID, "rc_chain_move: the chain is NULL");
    assert_text(chain, "ab");
    rc_release(chain);
    rc_release(buffer);
}
END_TEST

/* Three buffers that claim half of memory each, and are never read. */
START_TEST(more_bytes_than_a_size_counts_are_refused)
{
    rc_chain *chain = new_chain(), *other = new_chain();
    rc_buffer *half = rc_buffer_borrow("x", PTRDIFF_MAX), *one = buffer_of("a");
    if (!half) { /* on some machines a literal lies too high for that */
        rc_error_clear();
        half = rc_buffer_borrow((const void *)16, PTRDIFF_MAX);
    }
    ASSERT_OK(rc_chain_append(chain, half));
    ASSERT_OK(rc_chain_append(chain, half));
    ASSERT_OK(rc_chain_append(chain, one));
    ck_assert_uint_eq(chain->size, SIZE_MAX);
    ASSERT_REFUSED(rc_chain_append(chain, one), RC_OVERFLOW, "1");
    ASSERT_REFUSED(rc_chain_prepend(chain, half), RC_OVERFLOW, "");
    ASSERT_REFUSED(rc_chain_append_bytes(chain, "b", 1), RC_OVERFLOW, "1");
    ASSERT_REFUSED(rc_chain_append_chain(chain, chain), RC_OVERFLOW, "");
    ASSERT_OK(rc_chain_append(other, one));
    ASSERT_REFUSED(rc_chain_append_chain(chain, other), RC_OVERFLOW, "1");
    ASSERT_REFUSED(rc_chain_move(chain, other), RC_OVERFLOW, "1");
    ASSERT_REFUSED(rc_chain_move(other, chain), RC_OVERFLOW, "1");
    assert_text(other, "a");
    ck_assert_uint_eq(chain->count, 3);
    ck_assert_uint_eq(rc_buffer_exports(one), 2);
    rc_release(chain);
    rc_release(other);
    rc_release(half);
    rc_release(one);
}
END_TEST

/* Also where the last piece would only grow. */
START_TEST(more_slices_of_a_buffer_than_there_can_be_are_refused)
{
    rc_chain *chain = chain_of("ab"), *other = chain_of("ab");
    rc_buffer *buffer = buffer_of("cdef");
    ASSERT_OK(rc_chain_append(other, buffer));
    ASSERT_OK(rc_chain_append(other, buffer));
    uint32_t exports = buffer->rc__exports;
    buffer->rc__exports = RC__EXPORTS_MAX;
    ASSERT_REFUSED(rc_chain_append(chain, buffer), RC_OVERFLOW,
                   "rc_chain_append: 2147483648 slices of a buffer of 4 bytes live already");
    ASSERT_REFUSED(rc_chain_prepend(chain, buffer), RC_OVERFLOW, "2147483648 slices");
    ASSERT_REFUSED(rc_chain_append_chain(chain, other), RC_OVERFLOW, "2147483648 slices");
    buffer->rc__exports = RC__EXPORTS_MAX - 1;
    ASSERT_REFUSED(rc_chain_append_chain(chain, other), RC_OVERFLOW, "2147483648 slices");
    ck_assert_uint_eq(buffer->rc__exports, RC__EXPORTS_MAX - 1);
    buffer->rc__exports = exports;
    assert_text(chain, "ab");
    assert_text(other, "abcdefcdef");
    rc_release(other);
    ck_assert(rc_is_unique(buffer));
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

/* ---- without memory -------------------------------------------------------------------------- */

static bool append(rc_chain *chain, void *buffer)
{
    return rc_chain_append(chain, buffer) == RC_OK;
}

static bool prepend(rc_chain *chain, void *buffer)
{
    return rc_chain_prepend(chain, buffer) == RC_OK;
}

static bool append_chain(rc_chain *chain, void *other)
{
    return rc_chain_append_chain(chain, other) == RC_OK;
}

static bool move(rc_chain *chain, void *other)
{
    return rc_chain_move(chain, other) == RC_OK;
}

/* The ring asks its chain's allocator. */
START_TEST(a_chain_without_memory_for_its_ring_stays_as_it_is)
{
    struct rc_limiting_allocator limiting;
    rc_limiting_allocator_init(&limiting, NULL, 4096);
    bool (*const calls[])(rc_chain *, void *) = {append, prepend, append_chain, move};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        rc_chain *other = chain_of("x y z");
        ASSERT_OK(rc_allocator_set_default(&limiting.allocator));
        rc_chain *chain = chain_of("a b c d");
        rc_buffer *buffer = buffer_of("ef");
        limiting.limit = rc_limiting_allocator_used(&limiting);
        void *argument = i < 2 ? (void *)buffer : (void *)other;
        ck_assert(!calls[i](chain, argument));
        ASSERT_LAST_ERROR(RC_NO_MEMORY, "no room for");
        assert_text(chain, "abcd");
        assert_text(other, "xyz");
        ck_assert(rc_is_unique(buffer));
        limiting.limit = 4096;
        ck_assert(calls[i](chain, argument));
        assert_chain_is_sound(chain);
        rc_release(chain);
        rc_release(buffer);
        ASSERT_OK(rc_allocator_set_default(NULL));
        rc_release(other);
        ck_assert_uint_eq(rc_limiting_allocator_used(&limiting), 0);
    }
}
END_TEST

START_TEST(no_chain_is_made_without_memory)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 1, true);
    ASSERT_OK(rc_allocator_set_default(&failing.allocator));
    ASSERT_NULL(rc_chain_new(), RC_NO_MEMORY, "no room for");
    ASSERT_OK(rc_allocator_set_default(NULL));
}
END_TEST

/* What would only make a piece longer needs no place. */
START_TEST(a_piece_grows_without_memory)
{
    struct rc_failing_allocator failing;
    rc_chain *chain = chain_of("a b c");
    rc_buffer *buffer = buffer_of("defgh"), *more = slice_of(buffer, 2, 3);
    append_part(chain, buffer, 0, 2);
    rc_failing_allocator_init(&failing, NULL, 1, true);
    ASSERT_OK(rc_allocator_set_default(&failing.allocator));
    ASSERT_OK(rc_chain_append(chain, more));
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_uint_eq(chain->count, 4);
    assert_text(chain, "abcdefgh");
    rc_release(more);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

/* ---- the object ------------------------------------------------------------------------------ */

static void count_visits(void *object, void *argument)
{
    size_t *visits = argument;
    *visits += object != NULL;
}

START_TEST(a_chain_reports_its_roots_when_it_is_traversed)
{
    rc_chain *chain = chain_of("a b c");
    size_t visits = 0;
    rc_type_of(chain)->traverse(chain, count_visits, &visits);
    ck_assert_uint_eq(visits, 3);
    ASSERT_OK(rc_chain_append_bytes(chain, "d", 1)); /* a piece, and the room that it lies in */
    ASSERT_OK(rc_chain_prepend_bytes(chain, "e", 1));
    visits = 0;
    rc_type_of(chain)->traverse(chain, count_visits, &visits);
    ck_assert_uint_eq(visits, 7);
    rc_release(chain);
}
END_TEST

static rc_chain *using;
static unsigned given_back;

/* Uses the chain whose piece it was. */
static void give_back(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size;
    given_back++;
    if (using) ck_assert_int_eq(rc_chain_append(using, context), RC_OK);
}

static rc_buffer *adopt(void *context)
{
    static char bytes[3] = "abc";
    rc_buffer *buffer = rc_buffer_adopt(bytes, 3, give_back, context);
    ck_assert_ptr_nonnull(buffer);
    return buffer;
}

static void append_adopted(rc_chain *chain, void *context)
{
    rc_buffer *buffer = adopt(context);
    ASSERT_OK(rc_chain_append(chain, buffer));
    rc_release(buffer);
}

START_TEST(adopted_bytes_are_given_back_when_their_last_piece_is_gone)
{
    rc_chain *chain = new_chain();
    given_back = 0;
    append_adopted(chain, NULL);
    append_adopted(chain, NULL);
    rc_chain *front = rc_chain_cut(chain, 2);
    ASSERT_OK(rc_chain_drop(chain, 1));
    ck_assert_uint_eq(given_back, 0);
    rc_release(front);
    ck_assert_uint_eq(given_back, 1);
    rc_release(chain);
    ck_assert_uint_eq(given_back, 2);
}
END_TEST

/* Each piece that goes is followed by one more, in a ring that is full. */
START_TEST(a_release_function_may_add_to_the_chain_that_let_its_bytes_go)
{
    rc_chain *chain = new_chain();
    rc_buffer *more = buffer_of("xy");
    given_back = 0;
    for (int i = 0; i < 4; i++) append_adopted(chain, more);
    using = chain;
    ASSERT_OK(rc_chain_drop(chain, 7));
    ck_assert_uint_eq(given_back, 2);
    assert_text(chain, "bcabcxyxy");
    ASSERT_OK(rc_chain_drop_back(chain, 7));
    ck_assert_uint_eq(given_back, 3);
    assert_text(chain, "bcxy");
    ck_assert_ptr_nonnull(rc_chain_make_contiguous(chain, 3));
    ck_assert_uint_eq(given_back, 4);
    assert_text(chain, "bcxyxy");
    using = NULL;
    rc_release(chain);
    ck_assert(rc_is_unique(more));
    rc_release(more);
}
END_TEST

static rc_chain *dying;

static void use_dying(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
    given_back++;
    size_t run;
    ASSERT_REFUSED(rc_chain_append_bytes(dying, "x", 1), RC_INVALID, "is being finalized");
    ASSERT_REFUSED(rc_chain_drop(dying, 0), RC_INVALID, "is being finalized");
    ASSERT_NULL(rc_chain_peek(dying, 0, &run), RC_INVALID, "a chain of 1 byte is being finalized");
}

START_TEST(a_chain_that_is_being_finalized_refuses_to_be_used)
{
    static char bytes[3] = "abc";
    dying = new_chain();
    given_back = 0;
    rc_buffer *buffer = rc_buffer_adopt(bytes, 3, use_dying, NULL), *last = buffer_of("x");
    ASSERT_OK(rc_chain_append(dying, buffer));
    ASSERT_OK(rc_chain_append(dying, last));
    rc_release(buffer);
    rc_release(last);
    rc_release(dying);
    ck_assert_uint_eq(given_back, 1);
}
END_TEST

START_TEST(a_chain_can_be_referred_to_weakly)
{
    rc_chain *chain = chain_of("ab cd");
    rc_weak *weak = rc_weak_new(chain);
    rc_chain *locked = rc_weak_lock(weak);
    ck_assert_ptr_eq(locked, chain);
    rc_release(locked);
    rc_release(chain);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
}
END_TEST

/* Its ring goes with it to what is counted apart. */
START_TEST(an_immortal_chain_is_no_leak)
{
    static rc_chain *chain; /* where a leak checker finds it */
    static char text[] = "a b c d e f g h i j k l";
    chain = new_chain();
    for (size_t i = 0; i < sizeof text - 1; i++) {
        rc_buffer *buffer = rc_buffer_borrow(text + 2 * (i % 12), 1);
        rc_make_immortal(buffer);
        ASSERT_OK(rc_chain_append(chain, buffer));
    }
    ck_assert_uint_gt(rc__chain_ring_bytes(chain), 0);
    rc_make_immortal(chain);
    ck_assert_uint_eq(chain->size, sizeof text - 1);
}
END_TEST

START_TEST(an_empty_chain_gives_a_large_ring_back)
{
    enum { MANY = 2000 };
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(10, 1);
    for (size_t turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < MANY; i++) append_part(chain, buffer, i % 9, 1 + i % 2);
        ck_assert_uint_ge(rc__chain_ring_bytes(chain), chain->count * sizeof(struct rc__piece));
        size_t size = chain->size;
        if (turn == 0)
            ASSERT_OK(rc_chain_drop(chain, size));
        else if (turn == 1)
            ASSERT_OK(rc_chain_drop_back(chain, size));
        else
            rc_release(rc_chain_cut(chain, size));
        ck_assert_uint_eq(rc__chain_ring_bytes(chain), 0);
        ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    }
    for (size_t i = 0; i < 20; i++) append_part(chain, buffer, i % 9, 1);
    size_t bytes = rc__chain_ring_bytes(chain);
    ASSERT_OK(rc_chain_drop(chain, chain->size));
    ck_assert_uint_eq(rc__chain_ring_bytes(chain), bytes); /* a small one stays */
    rc_release(chain);
    rc_release(buffer);
}
END_TEST

START_TEST(a_mapped_a_borrowed_and_a_biased_buffer_can_be_in_a_chain)
{
    rc_chain *chain = new_chain();
    rc_buffer *borrowed = rc_buffer_borrow("bor", 3);
    rc_buffer *biased = rc_buffer_new_with(NULL, 3, 0, RC_BUFFER_BIASED);
    memcpy(rc_buffer_edit(biased), "row", 3);
    rc_buffer *aligned = rc_buffer_new_aligned(2, 4096);
    memcpy(rc_buffer_edit(aligned), "ed", 2);
    ASSERT_OK(rc_chain_append(chain, borrowed));
    ASSERT_OK(rc_chain_append(chain, biased));
    ASSERT_OK(rc_chain_append(chain, aligned));
    rc_release(borrowed);
    rc_release(biased);
    rc_release(aligned);
    assert_text(chain, "borrowed");
    rc_buffer *slice = rc_chain_cut_slice(chain, 2);
    ASSERT_REFUSED(rc_buffer_edit(slice) ? RC_OK : rc_error_status(), RC_READ_ONLY,
                   "a borrowed buffer of 3 bytes");
    rc_release(slice);
    rc_release(chain);
}
END_TEST

HARNESS_MAIN("buffer/chain_object", null_is_refused, more_bytes_than_a_size_counts_are_refused,
             more_slices_of_a_buffer_than_there_can_be_are_refused,
             a_chain_without_memory_for_its_ring_stays_as_it_is, no_chain_is_made_without_memory,
             a_piece_grows_without_memory, a_chain_reports_its_roots_when_it_is_traversed,
             adopted_bytes_are_given_back_when_their_last_piece_is_gone,
             a_release_function_may_add_to_the_chain_that_let_its_bytes_go,
             a_chain_that_is_being_finalized_refuses_to_be_used, a_chain_can_be_referred_to_weakly,
             an_immortal_chain_is_no_leak, an_empty_chain_gives_a_large_ring_back,
             a_mapped_a_borrowed_and_a_biased_buffer_can_be_in_a_chain)
