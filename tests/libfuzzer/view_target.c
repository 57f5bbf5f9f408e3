/* SPDX-License-Identifier: MIT */
/* The input is a program of calls on views of a few buffers. Beside each view stands the list of the
 * places of its elements (view_model.h), beside each buffer its bytes. */
#include "tests/libfuzzer/view_derive.h"
#include "tests/libfuzzer/view_lens.h"

/* ---- content --------------------------------------------------------------------------------- */

/* All elements without gaps. */
static size_t gather(const struct shown *shown, char order, unsigned char *bytes)
{
    size_t itemsize = itemsize_of(shown);
    for (size_t at = 0; at < shown->count; at++)
        memcpy(bytes + at * itemsize, shown->store->bytes + place_of(shown, at, order), itemsize);
    return shown->count * itemsize;
}

/* The reverse. Where elements share bytes the order of writing decides, which nobody promises: the
 * bytes of the elements are then taken over as they are. */
static void scatter(const struct shown *shown, char order, const unsigned char *bytes)
{
    size_t itemsize = itemsize_of(shown);
    bool overlaps = overlaps_itself(shown);
    for (size_t at = 0; at < shown->count; at++) {
        size_t place = place_of(shown, at, order);
        memcpy(shown->store->bytes + place,
               overlaps ? shown->store->buffer->data + place : bytes + at * itemsize, itemsize);
    }
}

enum { CONTENT = PLACES * 8 };

static void do_copy(struct fuzz_input *input, const struct shown *to)
{
    static unsigned char bytes[CONTENT];
    const struct shown *from = pick(input);
    unsigned refusals = is_read_only(to) ? BIT(RC_READ_ONLY) : 0;
    if (!same_format(&to->format, &from->format)) refusals |= BIT(RC_FORMAT);
    if (to->ndim != from->ndim || memcmp(to->shape, from->shape, to->ndim * sizeof *to->shape) != 0)
        refusals |= BIT(RC_INVALID);
    enum rc_status status = rc_view_copy(to->view, from->view);
    if (!answers("rc_view_copy", status, refusals ? refusals : BIT(RC_OK))) return;
    gather(from, 'C', bytes);
    scatter(to, 'C', bytes);
}

/* view[1:] = view[:-1] in one dimension, or the reverse: all bytes are shared, one step apart. */
static void do_copy_shifted(struct fuzz_input *input, const struct shown *shown)
{
    static unsigned char before[STORE_BYTES];
    size_t dimension = fuzz_below(input, DIMENSIONS), itemsize = itemsize_of(shown);
    bool up = fuzz_below(input, 2);
    if (dimension >= shown->ndim || shown->count == 0 || overlaps_itself(shown)) return;
    rc_view *low = rc_view_slice(shown->view, dimension, RC_VIEW_OPEN, -1, 1);
    rc_view *high = rc_view_slice(shown->view, dimension, 1, RC_VIEW_OPEN, 1);
    enum rc_status status = RC_NO_MEMORY;
    if (low && high) status = rc_view_copy(up ? high : low, up ? low : high);
    rc_release(low);
    rc_release(high);
    if (!answers("rc_view_copy", status, answers_to_writing(shown))) return;

    memcpy(before, shown->store->bytes, sizeof before);
    for (size_t at = 0; at < shown->count; at++) {
        size_t tuple[DIMENSIONS];
        tuple_of(shown->shape, shown->ndim, at, 'C', tuple);
        size_t from = shown->places[at], *index = &tuple[dimension];
        if (*index == (up ? shown->shape[dimension] - 1 : 0)) continue;
        *index = up ? *index + 1 : *index - 1;
        size_t to = shown->places[rank_of(shown->shape, shown->ndim, tuple)];
        memcpy(shown->store->bytes + to, before + from, itemsize);
    }
}

static void do_fill(struct fuzz_input *input, const struct shown *to)
{
    static unsigned char bytes[CONTENT];
    unsigned char item[32];
    const void *from = item;
    size_t itemsize = itemsize_of(to), own = fuzz_byte(input);
    for (size_t i = 0; i < itemsize; i++) item[i] = (unsigned char)fuzz_byte(input);
    if (own < 64 && to->count) { /* one of its own elements */
        from = to->store->buffer->data + to->places[own % to->count];
        memcpy(item, to->store->bytes + to->places[own % to->count], itemsize);
    }
    if (!answers("rc_view_fill", rc_view_fill(to->view, from), answers_to_writing(to))) return;
    for (size_t at = 0; at < to->count; at++) memcpy(bytes + at * itemsize, item, itemsize);
    scatter(to, 'C', bytes);
}

static void do_from_bytes(struct fuzz_input *input, const struct shown *to)
{
    static unsigned char bytes[CONTENT + 1];
    size_t size = to->count * itemsize_of(to);
    char order = "CF"[fuzz_below(input, 2)];
    bool longer = fuzz_below(input, 8) == 1;
    unsigned seed = fuzz_byte(input);
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)((seed + i) & 255);
    unsigned refusals = longer ? BIT(RC_RANGE) : 0;
    if (is_read_only(to)) refusals |= BIT(RC_READ_ONLY);
    enum rc_status status = rc_view_from_bytes(to->view, bytes, size + longer, order);
    if (answers("rc_view_from_bytes", status, refusals ? refusals : BIT(RC_OK)))
        scatter(to, order, bytes);
}

static void do_to_bytes(struct fuzz_input *input, const struct shown *from)
{
    static unsigned char bytes[CONTENT];
    char order = "CFA"[fuzz_below(input, 3)];
    size_t size = gather(from, resolve(from, order), bytes);
    rc_buffer *buffer = rc_view_to_bytes(from->view, order);
    if (!returns("rc_view_to_bytes", buffer, BIT(RC_OK))) return;
    FUZZ_CHECK(buffer->size == size, "%zu bytes, not %zu", buffer->size, size);
    FUZZ_CHECK(size == 0 || !memcmp(buffer->data, bytes, size), "other bytes in order %c", order);
    rc_release(buffer);
}

static void do_copy_new(struct fuzz_input *input, const struct shown *from)
{
    static unsigned char bytes[CONTENT];
    if (!has_free_store() || from->count * itemsize_of(from) > STORE_BYTES) return;
    char order = resolve(from, "CFA"[fuzz_below(input, 3)]);
    struct shown next = derived_of(from);
    size_t size = gather(from, order, bytes);
    rc_view *view = rc_view_copy_new(from->view, order);
    if (!returns("rc_view_copy_new", view, BIT(RC_OK))) return;
    next.store = add_store(rc_retain(view->base));
    FUZZ_CHECK(next.store->size == size && (!size || !memcmp(next.store->bytes, bytes, size)),
               "the copy has other bytes");
    next.read_only = false;
    next.count = from->count;
    for (size_t at = 0; at < next.count; at++) {
        size_t tuple[DIMENSIONS];
        tuple_of(next.shape, next.ndim, at, order, tuple);
        next.places[rank_of(next.shape, next.ndim, tuple)] = at * itemsize_of(&next);
    }
    enter(&next, view);
}

/* ---- questions ------------------------------------------------------------------------------- */

static void do_equal(struct fuzz_input *input, const struct shown *a)
{
    const struct shown *b = pick(input);
    bool equal = a->ndim == b->ndim && !memcmp(a->shape, b->shape, a->ndim * sizeof *a->shape);
    for (size_t at = 0; equal && at < a->count; at++) equal = same_element(a, at, b, at);
    FUZZ_CHECK(rc_view_equal(a->view, b->view) == equal, "%s and %s are %sequal", a->text, b->text,
               equal ? "" : "not ");
}

/* Integers alone: how reals are rounded is not the model's to say. */
static void do_sum(struct fuzz_input *input, const struct shown *from)
{
    (void)input;
    const struct model_leaf *leaf = &from->format.leaves[0];
    bool number = from->format.leaf_count == 1 && leaf->code != 'c';
    if (number && strchr("?fd", leaf->code)) return;
    struct rc_value sum;
    enum rc_status status = rc_view_sum(from->view, &sum);
    if (!answers("rc_view_sum", status, number ? BIT(RC_OK) : BIT(RC_FORMAT))) return;
    uint64_t right = 0;
    for (size_t at = 0; at < from->count; at++) {
        long double one = number_at(from->store->bytes + from->places[at], leaf);
        uint64_t bits = one < 0 ? (uint64_t)(int64_t)one : (uint64_t)one;
        (void)__builtin_add_overflow(right, bits, &right);
    }
    FUZZ_CHECK(sum.as.unsigned_integer == right, "the sum of %s is %llu, not %llu", from->text,
               (unsigned long long)sum.as.unsigned_integer, (unsigned long long)right);
}

/* An index tuple that may lie outside. */
static void do_at(struct fuzz_input *input, const struct shown *from)
{
    size_t index[DIMENSIONS] = {0};
    bool inside = true;
    for (size_t i = 0; i < from->ndim; i++) {
        unsigned byte = fuzz_byte(input);
        index[i] = byte == 255 ? SIZE_MAX : byte % 8;
        inside = inside && index[i] < from->shape[i];
    }
    const unsigned char *place = NULL;
    if (inside)
        place = from->store->buffer->data + from->places[rank_of(from->shape, from->ndim, index)];
    const void *element = rc_view_at(from->view, index);
    FUZZ_CHECK(element == place, "another element");
    unsigned allowed = inside ? answers_to_writing(from) : BIT(RC_RANGE);
    if (!inside && is_read_only(from)) allowed |= BIT(RC_READ_ONLY);
    rc_error_clear();
    void *writable = rc_view_edit_at(from->view, index);
    if (returns("rc_view_edit_at", writable, allowed))
        FUZZ_CHECK(writable == place, "another element to write");
}

static void do_edit(struct fuzz_input *input, const struct shown *from)
{
    (void)input;
    void *elements = rc_view_edit(from->view);
    if (returns("rc_view_edit", elements, answers_to_writing(from)))
        FUZZ_CHECK(elements == from->view->data, "other elements");
}

/* A view is an export: the buffer keeps its size, and can be frozen. */
static void do_buffer(struct fuzz_input *input, const struct shown *from)
{
    struct store *store = from->store;
    size_t size = fuzz_byte(input);
    unsigned allowed = size == store->size ? BIT(RC_OK) : BIT(RC_BUSY);
    if (store->size == 0) return; /* whether nothing is exported is not promised */
    if (store->frozen && size != store->size) allowed |= BIT(RC_READ_ONLY);
    (void)answers("rc_buffer_resize", rc_buffer_resize(store->buffer, size), allowed);
    if (size != 77) return;
    (void)answers("rc_buffer_freeze", rc_buffer_freeze(store->buffer), BIT(RC_OK));
    store->frozen = true;
}

/* ---- the program ----------------------------------------------------------------------------- */

typedef void call_on_view(struct fuzz_input *input, const struct shown *shown);

static void step(struct fuzz_input *input)
{
    static call_on_view *const derive[] = {
        do_index, do_slice, do_slice,        do_permute, do_transpose, do_broadcast, do_reshape,
        do_cast,  do_field, do_to_read_only, do_slice,   do_reshape,   do_copy_new,
    };
    static call_on_view *const use[] = {
        do_copy,         do_copy_shifted, do_fill, do_from_bytes, do_to_bytes, do_equal, do_sum,
        do_copy_shifted, do_at,           do_edit, do_buffer,     do_copy,     do_lens,
    };
    unsigned code = fuzz_byte(input), call = code / 4;
    rc_error_clear();
    if (fuzz_below(input, 16) == 15) fuzz_fail_memory(fuzz_below(input, 4));
    const struct shown *shown = pick(input);
    if (!shown || (code % 4 == 0 && call < 32))
        (call % 2 ? do_new_with : do_new)(input);
    else if (code % 4 == 0)
        do_release(input);
    else if (code % 4 == 1)
        use[call % (sizeof use / sizeof *use)](input, shown);
    else if (free_slot())
        derive[call % (sizeof derive / sizeof *derive)](input, shown);
    (void)fuzz_memory_has_failed();
}

static void run(struct fuzz_input *input)
{
    while (input->left > 0) {
        step(input);
        compare_stores();
    }
    while (pick(input)) do_release(input);
}

FUZZ_TARGET(run)
