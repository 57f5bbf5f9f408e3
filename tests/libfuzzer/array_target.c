/* SPDX-License-Identifier: MIT */
/* The input is a program of calls on arrays. Beside each array stands a list of its items; after each
 * call all are compared. */
#include "tests/libfuzzer/array_model.h"

enum { MANY = 64 }; /* items that one call adds, at most */

/* ---- what calls are given -------------------------------------------------------------------- */

static struct list *pick(struct fuzz_input *input)
{
    size_t first = fuzz_below(input, SLOTS);
    for (size_t i = 0; i < SLOTS; i++)
        if (lists[(first + i) % SLOTS].array) return &lists[(first + i) % SLOTS];
    return NULL;
}

static struct list *free_list(void)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (!lists[i].array) return &lists[i];
    return NULL;
}

static void read_bytes(struct fuzz_input *input, unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)fuzz_byte(input);
}

/* One item: any bytes, or like one that is there, which may be the array's own. */
static const void *pick_item(struct fuzz_input *input, const struct list *list, unsigned char *room)
{
    unsigned how = fuzz_byte(input);
    if (how < 32 || !list->length) {
        read_bytes(input, room, list->itemsize);
        return room;
    }
    const unsigned char *own = list->array->data + how % list->length * list->itemsize;
    memcpy(room, own, list->itemsize);
    return how < 128 ? own : room;
}

static ptrdiff_t pick_index(struct fuzz_input *input, const struct list *list)
{
    unsigned byte = fuzz_byte(input);
    if (byte == 255) return PTRDIFF_MAX;
    if (byte == 254) return PTRDIFF_MIN;
    return (ptrdiff_t)(byte % (2 * list->length + 3)) - (ptrdiff_t)list->length - 1;
}

static bool has_room(const struct list *list, size_t count)
{
    return (list->length + count) * list->itemsize <= BYTES_MAX;
}

/* ---- made and given back --------------------------------------------------------------------- */

static void enter(struct list *list, rc_array *array, char typecode)
{
    *list = (struct list){.array = array, .typecode = typecode, .itemsize = itemsize_of(typecode)};
}

static void do_new(struct fuzz_input *input)
{
    struct list *list = free_list();
    unsigned how = fuzz_byte(input);
    char typecode = how < 250 ? typecodes[how % (sizeof typecodes - 1)] : (char)(how - 225);
    if (!list) return;
    rc_array *array = rc_array_new(typecode);
    if (returns("rc_array_new", array, how < 250 ? BIT(RC_OK) : BIT(RC_FORMAT)))
        enter(list, array, typecode);
}

static void do_copy(struct fuzz_input *input)
{
    unsigned char items[MANY * ITEM_MAX];
    struct list *list = free_list();
    char typecode = typecodes[fuzz_below(input, sizeof typecodes - 1)];
    size_t count = fuzz_below(input, MANY);
    if (!list) return;
    read_bytes(input, items, count * itemsize_of(typecode));
    rc_array *array = rc_array_copy(typecode, items, count);
    if (!returns("rc_array_copy", array, BIT(RC_OK))) return;
    enter(list, array, typecode);
    put_in(list, 0, items, count);
}

static void do_release(struct list *list)
{
    rc_clear(&list->array);
    for (size_t i = 0; i < VIEWS; i++) {
        FUZZ_CHECK(!list->views[i] || !size_of(list) ||
                       !memcmp(list->views[i]->data, list->bytes, size_of(list)),
                   "a view lost its items with its array");
        rc_clear(&list->views[i]);
    }
}

/* Made, or given back if it is there. */
static void do_view(struct fuzz_input *input, struct list *list)
{
    rc_view **view = &list->views[fuzz_below(input, VIEWS)];
    if (*view) {
        rc_clear(view);
        return;
    }
    *view = rc_array_view(list->array);
    (void)returns("rc_array_view", *view, BIT(RC_OK));
}

static void do_freeze(struct fuzz_input *input, struct list *list)
{
    if (fuzz_byte(input) != 77) return;
    (void)answers("rc_buffer_freeze", rc_buffer_freeze(list->array->buffer), BIT(RC_OK));
    list->frozen = true;
}

/* ---- grow ------------------------------------------------------------------------------------ */

static void do_append(struct fuzz_input *input, struct list *list)
{
    unsigned char room[ITEM_MAX];
    if (!has_room(list, 1)) return;
    const void *item = pick_item(input, list, room);
    enum rc_status status = rc_array_append(list->array, item);
    if (answers("rc_array_append", status, answers_to_resizing(list, 0)))
        put_in(list, list->length, room, 1);
}

static void do_insert(struct fuzz_input *input, struct list *list)
{
    unsigned char room[ITEM_MAX];
    if (!has_room(list, 1)) return;
    ptrdiff_t index = pick_index(input, list), length = (ptrdiff_t)list->length;
    const void *item = pick_item(input, list, room);
    enum rc_status status = rc_array_insert(list->array, index, item);
    if (!answers("rc_array_insert", status, answers_to_resizing(list, 0))) return;
    if (index < -length) index = -length;
    if (index < 0) index += length;
    put_in(list, (size_t)(index > length ? length : index), room, 1);
}

/* What is added is a part of the array itself, or any bytes. */
static const unsigned char *pick_items(struct fuzz_input *input, const struct list *list,
                                       unsigned char *room, size_t size)
{
    unsigned how = fuzz_byte(input);
    if (how % 2 && size <= size_of(list)) {
        const unsigned char *own = list->array->data + how % (size_of(list) - size + 1);
        if (size) memcpy(room, own, size);
        return own;
    }
    read_bytes(input, room, size);
    return room;
}

static void do_extend(struct fuzz_input *input, struct list *list)
{
    unsigned char room[MANY * ITEM_MAX];
    size_t count = fuzz_below(input, MANY);
    if (!has_room(list, count)) return;
    const unsigned char *items = pick_items(input, list, room, count * list->itemsize);
    unsigned allowed = answers_to_resizing(list, 0) | (count ? 0 : BIT(RC_OK));
    enum rc_status status = rc_array_extend(list->array, items, count);
    if (answers("rc_array_extend", status, allowed)) put_in(list, list->length, room, count);
}

static void do_extend_far(struct fuzz_input *input, struct list *list)
{
    unsigned refusals = BIT(RC_OVERFLOW) | BIT(RC_NO_MEMORY);
    size_t count = SIZE_MAX - fuzz_byte(input);
    if (fuzz_below(input, 2)) count = SIZE_MAX / list->itemsize - fuzz_byte(input) % 4;
    enum rc_status status = rc_array_extend(list->array, list->bytes, count);
    (void)answers("rc_array_extend", status, answers_to_resizing(list, refusals));
    status = rc_array_from_file(list->array, stdin, count);
    (void)answers("rc_array_from_file", status, answers_to_resizing(list, refusals));
}

static void do_from_bytes(struct fuzz_input *input, struct list *list)
{
    unsigned char room[256];
    size_t size = fuzz_below(input, 256), count = size / list->itemsize;
    if (!has_room(list, count)) return;
    const unsigned char *bytes = pick_items(input, list, room, size);
    unsigned refusals = size % list->itemsize ? BIT(RC_INVALID) : 0;
    unsigned allowed = answers_to_resizing(list, refusals) | (size ? 0 : BIT(RC_OK));
    enum rc_status status = rc_array_from_bytes(list->array, bytes, size);
    if (answers("rc_array_from_bytes", status, allowed)) put_in(list, list->length, room, count);
}

/* A file that may have fewer items than are asked for, and a part of one. */
static void do_from_file(struct fuzz_input *input, struct list *list)
{
    unsigned char room[256];
    size_t size = 1 + fuzz_below(input, 255), count = fuzz_below(input, MANY);
    size_t there = size / list->itemsize < count ? size / list->itemsize : count;
    if (!has_room(list, count)) return;
    read_bytes(input, room, size);
    FILE *file = fmemopen(room, size, "rb");
    if (!file) return;
    unsigned allowed = answers_to_resizing(list, 0), end = count > there ? BIT(RC_RANGE) : 0;
    if (allowed == BIT(RC_OK) && end) allowed = end;
    enum rc_status status = rc_array_from_file(list->array, file, count);
    bool done = answers("rc_array_from_file", status, allowed | (count ? 0 : BIT(RC_OK)));
    if (done || status == RC_RANGE) put_in(list, list->length, room, there);
    fclose(file);
}

/* ---- shrink ---------------------------------------------------------------------------------- */

static void do_pop(struct fuzz_input *input, struct list *list)
{
    unsigned char item[ITEM_MAX] = {0};
    ptrdiff_t index = pick_index(input, list);
    size_t place = 0;
    unsigned refusals = locate(list, index, &place) ? 0 : BIT(RC_RANGE);
    bool wanted = fuzz_below(input, 2);
    enum rc_status status = rc_array_pop(list->array, index, wanted ? item : NULL);
    if (!answers("rc_array_pop", status, answers_to_resizing(list, refusals))) return;
    FUZZ_CHECK(!wanted || !memcmp(item, item_at(list, place), list->itemsize), "another item");
    take_out(list, place);
}

static void do_remove(struct fuzz_input *input, struct list *list)
{
    unsigned char room[ITEM_MAX];
    const void *item = pick_item(input, list, room);
    size_t place = find(list, 0, room);
    unsigned refusals = place < list->length ? 0 : BIT(RC_RANGE);
    enum rc_status status = rc_array_remove(list->array, item);
    if (answers("rc_array_remove", status, answers_to_resizing(list, refusals)))
        take_out(list, place);
}

/* ---- content --------------------------------------------------------------------------------- */

static void do_search(struct fuzz_input *input, struct list *list)
{
    unsigned char room[ITEM_MAX];
    const void *item = pick_item(input, list, room);
    size_t place = find(list, 0, room), found = 4321, count = 0;
    bool there = place < list->length;
    enum rc_status status = rc_array_index(list->array, item, &found);
    (void)answers("rc_array_index", status, there ? BIT(RC_OK) : BIT(RC_RANGE));
    FUZZ_CHECK(found == (there ? place : 4321), "found at %zu, not at %zu", found, place);
    for (size_t i = place; i < list->length; i = find(list, i + 1, room)) count++;
    FUZZ_CHECK(rc_array_count(list->array, item) == count, "not %zu of them", count);
}

static void do_set(struct fuzz_input *input, struct list *list)
{
    unsigned char room[ITEM_MAX];
    ptrdiff_t index = pick_index(input, list);
    size_t place = 0;
    bool there = locate(list, index, &place);
    const void *item = pick_item(input, list, room), *old = rc_array_get(list->array, index);
    FUZZ_CHECK(old == (there ? list->array->data + place * list->itemsize : NULL), "another item");
    unsigned refusals = (there ? 0 : BIT(RC_RANGE)) | (list->frozen ? BIT(RC_READ_ONLY) : 0);
    enum rc_status status = rc_array_set(list->array, index, item);
    if (answers("rc_array_set", status, refusals ? refusals : BIT(RC_OK)))
        memcpy(item_at(list, place), room, list->itemsize);
}

static void do_reverse(struct fuzz_input *input, struct list *list)
{
    static unsigned char turned[BYTES_MAX];
    (void)input;
    enum rc_status status = rc_array_reverse(list->array);
    if (!answers("rc_array_reverse", status, answers_to_writing(list))) return;
    for (size_t i = 0; i < list->length; i++)
        memcpy(turned + i * list->itemsize, item_at(list, list->length - 1 - i), list->itemsize);
    memcpy(list->bytes, turned, size_of(list));
}

static void do_byteswap(struct fuzz_input *input, struct list *list)
{
    (void)input;
    enum rc_status status = rc_array_byteswap(list->array);
    if (!answers("rc_array_byteswap", status, answers_to_writing(list))) return;
    for (size_t i = 0; i < list->length; i++) {
        unsigned char item[ITEM_MAX], *bytes = item_at(list, i);
        for (size_t k = 0; k < list->itemsize; k++) item[k] = bytes[list->itemsize - 1 - k];
        memcpy(bytes, item, list->itemsize);
    }
}

static void do_to_bytes(struct fuzz_input *input, struct list *list)
{
    (void)input;
    rc_buffer *bytes = rc_array_to_bytes(list->array);
    if (!returns("rc_array_to_bytes", bytes, BIT(RC_OK))) return;
    FUZZ_CHECK(bytes->size == size_of(list), "%zu bytes", bytes->size);
    FUZZ_CHECK(!bytes->size || !memcmp(bytes->data, list->bytes, bytes->size), "other bytes");
    rc_release(bytes);
}

/* To memory, or to a disk that is full. */
static void do_to_file(struct fuzz_input *input, struct list *list)
{
    static unsigned char room[BYTES_MAX + 1];
    bool is_full = fuzz_below(input, 4) == 1;
    FILE *file = is_full ? fopen("/dev/full", "wb") : fmemopen(room, sizeof room, "wb");
    if (!file) return;
    setvbuf(file, NULL, _IONBF, 0);
    unsigned allowed = is_full && list->length ? BIT(RC_SYSTEM) : BIT(RC_OK);
    if (answers("rc_array_to_file", rc_array_to_file(list->array, file), allowed))
        FUZZ_CHECK(!memcmp(room, list->bytes, size_of(list)), "other bytes in the file");
    fclose(file);
}

static void do_edit(struct fuzz_input *input, struct list *list)
{
    (void)input;
    void *items = rc_array_edit(list->array);
    if (returns("rc_array_edit", items, answers_to_writing(list)))
        FUZZ_CHECK(items == list->array->data, "other items");
}

/* ---- the program ----------------------------------------------------------------------------- */

static void step(struct fuzz_input *input)
{
    static void (*const calls[])(struct fuzz_input *, struct list *) = {
        do_append,   do_insert,  do_extend, do_extend_far, do_from_bytes, do_from_file,
        do_pop,      do_remove,  do_search, do_set,        do_reverse,    do_byteswap,
        do_to_bytes, do_to_file, do_edit,   do_view,       do_freeze,     do_insert,
        do_pop,      do_extend,  do_search, do_from_file,
    };
    unsigned code = fuzz_byte(input);
    rc_error_clear();
    if (fuzz_below(input, 16) == 15) fuzz_fail_memory(fuzz_below(input, 4));
    struct list *list = pick(input);
    if (!list || code >= 250)
        (code % 2 ? do_copy : do_new)(input);
    else if (code >= 247)
        do_release(list);
    else
        calls[code % (sizeof calls / sizeof *calls)](input, list);
    (void)fuzz_memory_has_failed();
}

static void run(struct fuzz_input *input)
{
    while (input->left > 0) {
        step(input);
        for (size_t i = 0; i < SLOTS; i++)
            if (lists[i].array) compare(&lists[i]);
    }
    for (size_t i = 0; i < SLOTS; i++) do_release(&lists[i]);
}

FUZZ_TARGET(run)
