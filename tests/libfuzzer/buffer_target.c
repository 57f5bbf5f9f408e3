/* SPDX-License-Identifier: MIT */
/* The input is a program of calls on buffers. Beside each buffer stands what it has to be: its kind,
 * its bytes, who holds it, and whether it can be written; from that follows what each call may
 * answer. After each call all buffers are compared. */
#include "tests/libfuzzer/buffer_model.h"

/* ---- calls that make a buffer ---------------------------------------------------------------- */

static size_t pick_size(struct fuzz_input *input)
{
    static const size_t below[] = {8, 100, 5000, BYTES_MAX};
    size_t limit = below[fuzz_below(input, 4)];
    return fuzz_wide_below(input, limit + 1);
}

static void fill(struct object *object, size_t from, unsigned seed)
{
    unsigned char *bytes = rc_buffer_edit(object->buffer);
    FUZZ_CHECK(bytes == object->buffer->data, "a new buffer is not writable");
    for (size_t i = from; i < object->size; i++)
        bytes[i] = object->bytes[i] = (unsigned char)((seed + i * 7 + (i >> 8)) & 255);
}

static void make_new(struct fuzz_input *input, size_t slot)
{
    unsigned how = fuzz_byte(input);
    size_t size = pick_size(input), alignment = (size_t)1 << (how >> 4) % 9;
    rc_buffer *buffer;
    if (how & 1)
        buffer = rc_buffer_new_with(NULL, size, alignment, how & 2 ? RC_BUFFER_WIPE : 0);
    else
        buffer = how & 2 ? rc_buffer_new(size) : rc_buffer_new_zeroed(size);
    if (!returns("rc_buffer_new", buffer, BIT(RC_OK))) return;
    struct object *object = enter(slot, buffer, OWNER, size);
    if (how & 1 && alignment > object->alignment) object->alignment = alignment;
    memset(object->room, 0, size);
    if ((how & 3) == 0) compare(object);
    fill(object, 0, how);
}

static void make_copy(struct fuzz_input *input, size_t slot)
{
    size_t size = input->left < 300 ? input->left : 300;
    size = fuzz_wide_below(input, size + 1) % (input->left + 1);
    rc_buffer *buffer = rc_buffer_copy(input->next, size);
    if (!returns("rc_buffer_copy", buffer, BIT(RC_OK))) return;
    memcpy(enter(slot, buffer, OWNER, size)->room, input->next, size);
}

static void give_back(void *bytes, size_t size, void *context)
{
    struct object *object = context;
    FUZZ_CHECK(size == object->size, "%zu bytes come back, not %zu", size, object->size);
    object->given_back++;
    free(bytes);
}

static void make_adopted(struct fuzz_input *input, size_t slot)
{
    size_t size = fuzz_below(input, 200);
    struct object *object = free_object();
    unsigned char *bytes = malloc(size + 1);
    if (!bytes) return;
    memset(bytes, 'a', size);
    rc_buffer *buffer = rc_buffer_adopt(bytes, size, give_back, object);
    if (!returns("rc_buffer_adopt", buffer, BIT(RC_OK))) {
        free(bytes);
        return;
    }
    FUZZ_CHECK(enter(slot, buffer, ADOPTED, size) == object, "the model is wrong");
    memset(object->room, 'a', size);
}

static void make_borrowed(struct fuzz_input *input, size_t slot)
{
    static const unsigned char constant[64] = "bytes that outlive every buffer over them";
    size_t size = fuzz_below(input, sizeof constant + 1);
    rc_buffer *buffer = rc_buffer_borrow(constant, size);
    if (!returns("rc_buffer_borrow", buffer, BIT(RC_OK))) return;
    struct object *object = enter(slot, buffer, BORROWED, size);
    memcpy(object->room, constant, size);
    object->read_only = true;
}

/* What this slot or the next one that is taken holds; NULL: none is. */
static struct object *pick_held(struct fuzz_input *input)
{
    size_t first = fuzz_below(input, SLOTS);
    for (size_t i = 0; i < SLOTS; i++)
        if (slots[(first + i) % SLOTS]) return slots[(first + i) % SLOTS];
    return NULL;
}

/* A slice of what another slot holds; also one that passes the end. */
static void make_slice(struct fuzz_input *input, size_t slot)
{
    struct object *parent = pick_held(input);
    if (!parent) return;
    size_t offset = fuzz_wide_below(input, parent->size + 2);
    size_t size = fuzz_wide_below(input, parent->size + 2), how = fuzz_below(input, 32);
    if (how % 2 == 0 && offset <= parent->size)
        size = parent->size - offset - size % (parent->size - offset + 1);
    if (how == 1) size = SIZE_MAX - (offset ? offset - 1 : 0);
    bool fits = offset <= parent->size && size <= parent->size - offset;
    rc_buffer *buffer = rc_buffer_slice(parent->buffer, offset, size);
    if (!returns("rc_buffer_slice", buffer, fits ? BIT(RC_OK) : BIT(RC_RANGE))) return;

    struct object *slice = enter(slot, buffer, SLICE, size);
    slice->alignment = parent->alignment;
    slice->frozen = parent->kind == SLICE && parent->frozen;
    slice->read_only =
        size == 0 ? !is_writable(parent) : parent->kind == SLICE && parent->read_only;
    if (size == 0) return;
    slice->root = parent->root ? parent->root : parent;
    slice->offset = parent->offset + offset;
    slice->bytes = slice->root->bytes + slice->offset;
    if (slice->root->slices++ == 0) slice->root->place = slice->root->buffer->data;
}

static void make_any(struct fuzz_input *input, size_t slot)
{
    static void (*const makers[])(struct fuzz_input *, size_t) = {
        make_new, make_copy, make_adopted, make_borrowed, make_slice, make_slice,
    };
    makers[fuzz_below(input, sizeof makers / sizeof *makers)](input, slot);
}

/* ---- calls on one ---------------------------------------------------------------------------- */

static void do_release(struct fuzz_input *input, size_t slot)
{
    (void)input;
    struct object *object = slots[slot];
    rc_buffer *buffer = object->buffer;
    slots[slot] = NULL;
    object->held--;
    rc_release(buffer);
    drop(object);
}

static void do_retain(struct fuzz_input *input, size_t slot)
{
    size_t other = fuzz_below(input, SLOTS);
    if (slots[other]) return;
    slots[other] = slots[slot];
    slots[other]->held++;
    FUZZ_CHECK(rc_retain(slots[slot]->buffer) == slots[slot]->buffer, "retain returns another");
}

static void do_resize(struct fuzz_input *input, size_t slot)
{
    struct object *object = slots[slot];
    size_t old_size = object->size, size = pick_size(input);
    bool huge = fuzz_below(input, 32) == 1;
    if (huge) size = SIZE_MAX - size;
    unsigned allowed = size == old_size ? BIT(RC_OK) : answers_to_growing(object);
    if (huge && allowed == BIT(RC_OK)) allowed = BIT(RC_NO_MEMORY);
    if (!answers("rc_buffer_resize", rc_buffer_resize(object->buffer, size), allowed)) return;
    object->size = size;
    if (size > old_size) fill(object, old_size, fuzz_byte(input));
}

static void do_append(struct fuzz_input *input, size_t slot)
{
    struct object *object = slots[slot];
    size_t size = fuzz_below(input, 256) % (input->left + 1);
    if (size > BYTES_MAX - object->size) return;
    unsigned allowed = size ? answers_to_growing(object) : BIT(RC_OK);
    enum rc_status status = rc_buffer_append(object->buffer, input->next, size);
    if (!answers("rc_buffer_append", status, allowed)) return;
    memcpy(object->bytes + object->size, input->next, size);
    object->size += size;
}

/* Its own bytes, also more than there are. */
static void do_append_own(struct fuzz_input *input, size_t slot)
{
    struct object *object = slots[slot];
    if (object->size == 0) return;
    size_t from = fuzz_wide_below(input, object->size);
    size_t size = 1 + fuzz_wide_below(input, object->size - from + 1);
    if (size > BYTES_MAX - object->size) return;
    unsigned allowed = answers_to_growing(object);
    if (size > object->size - from) allowed = (allowed & ~BIT(RC_OK)) | BIT(RC_RANGE);
    enum rc_status status = rc_buffer_append(object->buffer, object->buffer->data + from, size);
    if (!answers("rc_buffer_append", status, allowed)) return;
    memmove(object->bytes + object->size, object->bytes + from, size);
    object->size += size;
}

static void do_reserve(struct fuzz_input *input, size_t slot)
{
    struct object *object = slots[slot];
    size_t capacity = pick_size(input);
    const unsigned char *before = NULL;
    enum rc_status status = rc_buffer_reserve(object->buffer, capacity);
    if (!answers("rc_buffer_reserve", status, answers_to_growing(object))) return;
    before = object->buffer->data;
    if (capacity <= object->size) return;
    fuzz_fail_memory(0); /* the room is there: growing into it asks for nothing */
    status = rc_buffer_resize(object->buffer, capacity);
    FUZZ_CHECK(status == RC_OK && object->buffer->data == before, "%zu bytes were reserved",
               capacity);
    FUZZ_CHECK(!fuzz_memory_has_failed(), "reserved bytes were asked for again");
    size_t old_size = object->size;
    object->size = capacity;
    fill(object, old_size, 1);
}

static void do_shrink(struct fuzz_input *input, size_t slot)
{
    (void)input;
    struct object *object = slots[slot];
    answers("rc_buffer_shrink", rc_buffer_shrink(object->buffer), answers_to_growing(object));
}

static void do_edit(struct fuzz_input *input, size_t slot)
{
    struct object *object = slots[slot];
    unsigned char *bytes = rc_buffer_edit(object->buffer);
    unsigned allowed = is_writable(object) ? BIT(RC_OK) : BIT(RC_READ_ONLY);
    if (!returns("rc_buffer_edit", bytes, allowed)) return;
    FUZZ_CHECK(bytes == object->buffer->data, "other bytes are edited");
    if (object->size == 0) return;
    size_t at = fuzz_wide_below(input, object->size);
    bytes[at] = object->bytes[at] = (unsigned char)fuzz_byte(input);
}

static void do_freeze(struct fuzz_input *input, size_t slot)
{
    (void)input;
    answers("rc_buffer_freeze", rc_buffer_freeze(slots[slot]->buffer), BIT(RC_OK));
    slots[slot]->frozen = true;
}

static void do_thaw(struct fuzz_input *input, size_t slot)
{
    (void)input;
    struct object *object = slots[slot];
    unsigned reasons = 0;
    if (object->kind == SLICE) reasons |= BIT(RC_UNSUPPORTED);
    if (object->read_only) reasons |= BIT(RC_READ_ONLY);
    if (object->held > 1 || object->slices) reasons |= BIT(RC_BUSY);
    if (!object->frozen) reasons = (reasons & ~BIT(RC_BUSY)) | BIT(RC_OK);
    unsigned allowed = reasons ? reasons : BIT(RC_OK);
    if (answers("rc_buffer_thaw", rc_buffer_thaw(object->buffer), allowed)) object->frozen = false;
}

static void do_make_unique(struct fuzz_input *input, size_t slot)
{
    (void)input;
    struct object *old = slots[slot];
    bool owns = old->kind == OWNER || old->kind == ADOPTED;
    bool alone = old->held == 1 && old->slices == 0 && !old->had_weak;
    bool stays = owns && alone && is_writable(old);
    if (!stays && !free_object()) return;
    rc_buffer *buffer = old->buffer;
    bool done = answers("rc_buffer_make_unique", rc_buffer_make_unique(&buffer), BIT(RC_OK));
    FUZZ_CHECK((buffer == old->buffer) == (stays || !done), "it should %s",
               stays ? "stay" : "be new");
    if (stays || !done) return;
    struct object *copy = enter(slot, buffer, OWNER, old->size);
    copy->alignment = old->alignment;
    memcpy(copy->room, old->bytes, old->size);
    compare(copy);
    old->held--;
    drop(old);
}

static void do_weak(struct fuzz_input *input, size_t slot)
{
    (void)input;
    struct object *object = slots[slot];
    if (object->weak) {
        rc_clear(&object->weak);
        return;
    }
    object->weak = rc_weak_new(object->buffer);
    if (returns("rc_weak_new", object->weak, BIT(RC_OK))) object->had_weak = true;
}

/* Of any that is alive, also of one that only its slices hold. */
static void do_lock(struct fuzz_input *input, size_t slot)
{
    struct object *object = &objects[fuzz_below(input, OBJECTS)];
    if (slots[slot] || object->kind == NONE || !object->weak) return;
    FUZZ_CHECK(rc_weak_lock(object->weak) == object->buffer, "a living buffer is not locked");
    slots[slot] = object;
    object->held++;
}

/* ---- the program ----------------------------------------------------------------------------- */

static void step(struct fuzz_input *input)
{
    static void (*const calls[])(struct fuzz_input *, size_t) = {
        do_release, do_retain, do_resize, do_append, do_append_own,  do_reserve, do_shrink,
        do_edit,    do_freeze, do_thaw,   do_weak,   do_make_unique, do_resize,  do_append,
    };
    rc_error_clear();
    unsigned code = fuzz_byte(input);
    size_t slot = code % SLOTS;
    unsigned call = code / SLOTS;
    if (call >= 30) fuzz_fail_memory(call - 30);
    if (!slots[slot])
        (call == 7 ? do_lock : free_object() ? make_any : do_lock)(input, slot);
    else
        calls[call % (sizeof calls / sizeof *calls)](input, slot);
    (void)fuzz_memory_has_failed();
}

static void run(struct fuzz_input *input)
{
    while (input->left > 0) {
        step(input);
        compare_all();
    }
    for (size_t slot = 0; slot < SLOTS; slot++)
        if (slots[slot]) do_release(input, slot);
    for (size_t i = 0; i < OBJECTS; i++)
        FUZZ_CHECK(objects[i].kind == NONE, "place %zu is alive when nothing holds it", i);
}

FUZZ_TARGET(run)
