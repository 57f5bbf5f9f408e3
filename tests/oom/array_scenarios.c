/* SPDX-License-Identifier: MIT */
/* Arrays: made, grown, read from files; lenses, which ask for memory for no format of one code. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buffer/array.h"
#include "buffer/lens.h"
#include "oom.h"

enum { COUNT = 100 };

/* ---- what scenarios share -------------------------------------------------------------------- */

static const rc_array *array_of(const struct stage *stage)
{
    return stage->object;
}

/* Without spare room, so that whatever grows asks for memory. */
static void prepare(struct stage *stage)
{
    int items[COUNT];
    for (int i = 0; i < COUNT; i++) items[i] = i;
    stage->object = rc_array_copy('i', items, COUNT);
    expect(rc_buffer_shrink(array_of(stage)->buffer) == RC_OK, "the array cannot be shrunk");
    watch(stage, stage->object);
    watch(stage, array_of(stage)->buffer);
}

static void end(struct stage *stage)
{
    rc_clear(&stage->made);
    rc_clear(&stage->result);
    rc_clear(&stage->object);
}

/* Its length, and the numbers from 0 on up to @p count. */
static bool counts_up(const rc_array *array, size_t length, int count)
{
    for (int i = 0; i < count; i++)
        if (memcmp(rc_array_get(array, i), &i, sizeof i) != 0) return false;
    return array->length == length && array->buffer->size == length * sizeof(int);
}

/* ---- create ---------------------------------------------------------------------------------- */

static bool make(struct stage *stage)
{
    stage->object = rc_array_new('d');
    return stage->object != NULL;
}

static bool is_empty(struct stage *stage)
{
    return array_of(stage)->length == 0 && array_of(stage)->itemsize == sizeof(double);
}

static bool copy(struct stage *stage)
{
    stage->made = rc_array_copy('i', array_of(stage)->data, COUNT);
    return stage->made != NULL;
}

static bool is_copied(struct stage *stage)
{
    return counts_up(stage->made, COUNT, COUNT) && counts_up(stage->object, COUNT, COUNT);
}

static bool view(struct stage *stage)
{
    stage->made = rc_array_view(stage->object);
    return stage->made != NULL;
}

static bool is_viewed(struct stage *stage)
{
    const rc_view *made = stage->made;
    return made->size == COUNT && made->data == array_of(stage)->data &&
           rc_buffer_exports(made->base) == 1;
}

static bool to_bytes(struct stage *stage)
{
    stage->result = rc_array_to_bytes(stage->object);
    return stage->result != NULL;
}

static bool is_all_bytes(struct stage *stage)
{
    return stage->result->size == COUNT * sizeof(int) &&
           memcmp(stage->result->data, array_of(stage)->data, stage->result->size) == 0;
}

/* ---- grow ------------------------------------------------------------------------------------ */

static bool append(struct stage *stage)
{
    return rc_array_append(stage->object, &(int){COUNT}) == RC_OK;
}

static bool is_appended(struct stage *stage)
{
    return counts_up(stage->object, COUNT + 1, COUNT + 1);
}

static bool extend_by_itself(struct stage *stage)
{
    return rc_array_extend(stage->object, array_of(stage)->data, COUNT) == RC_OK;
}

static bool from_bytes(struct stage *stage)
{
    return rc_array_from_bytes(stage->object, array_of(stage)->data, COUNT * sizeof(int)) == RC_OK;
}

static bool is_doubled(struct stage *stage)
{
    size_t half = COUNT * sizeof(int);
    const unsigned char *bytes = array_of(stage)->data;
    return counts_up(stage->object, COUNT + COUNT, COUNT) && !memcmp(bytes, bytes + half, half);
}

static bool insert(struct stage *stage)
{
    return rc_array_insert(stage->object, 1, &(int){77}) == RC_OK;
}

static bool is_inserted(struct stage *stage)
{
    int second, third;
    memcpy(&second, rc_array_get(stage->object, 1), sizeof second);
    memcpy(&third, rc_array_get(stage->object, 2), sizeof third);
    return counts_up(stage->object, COUNT + 1, 1) && second == 77 && third == 1;
}

/* Nothing has been read from the file when memory lacks. */
static FILE *file;

static void prepare_file(struct stage *stage)
{
    prepare(stage);
    file = tmpfile();
    expect(file && rc_array_to_file(stage->object, file) == RC_OK, "a file cannot be written");
    rewind(file);
}

static bool from_file(struct stage *stage)
{
    return rc_array_from_file(stage->object, file, COUNT) == RC_OK;
}

static void end_file(struct stage *stage)
{
    fclose(file);
    end(stage);
}

/* ---- quiet ----------------------------------------------------------------------------------- */

static bool take_out(rc_array *array)
{
    int last = 0;
    return rc_array_pop(array, -1, &last) == RC_OK && last == COUNT - 1 &&
           rc_array_remove(array, &(int){0}) == RC_OK;
}

static bool turn(rc_array *array)
{
    return rc_array_reverse(array) == RC_OK && rc_array_reverse(array) == RC_OK &&
           rc_array_byteswap(array) == RC_OK && rc_array_byteswap(array) == RC_OK;
}

static bool use(struct stage *stage)
{
    rc_array *array = stage->object;
    size_t index = 0, length = 0;
    const void *address = NULL;
    bool good = take_out(array) && turn(array) && rc_array_edit(array) == array->data;
    good = good && rc_array_set(array, 0, &(int){5}) == RC_OK && rc_array_get(array, 0);
    good = good && rc_array_index(array, &(int){9}, &index) == RC_OK && index == 8;
    good = good && rc_array_count(array, &(int){5}) == 2;
    good = good && rc_array_buffer_info(array, &address, &length) == RC_OK;
    return good && address == array->data && length == COUNT - 2 &&
           rc_array_append(array, &index) == RC_OK;
}

/* What the C library asks for is its own. */
static bool to_file(struct stage *stage)
{
    return rc_array_to_file(stage->object, file) == RC_OK;
}

/* ---- lenses ---------------------------------------------------------------------------------- */

typedef RC_LENS(int, 1) row;

struct record {
    int number;
    double value;
};

typedef RC_LENS(struct record, 1) records;

static const char record[] = "T{i:number:d:value:}";

static void prepare_view(struct stage *stage)
{
    prepare(stage);
    stage->made = rc_array_view(stage->object);
}

static bool look_through(struct stage *stage)
{
    row lens = RC_LENS_OF(row, stage->made);
    return lens.data == rc_array_edit(stage->object) && RC_AT(lens, 7) == 7;
}

static void prepare_records(struct stage *stage)
{
    stage->made = rc_view_new_zeroed(record, 1, (const size_t[]){3});
    watch(stage, stage->made);
}

/* The text is parsed to compare it with the view's. */
static bool look_at_records(struct stage *stage)
{
    records lens = RC_LENS_OF_FORMAT(records, stage->made, record);
    if (!lens.data) return false;
    RC_AT(lens, 2).value = 1.5;
    return true;
}

static bool is_looked_at(struct stage *stage)
{
    const rc_view *made = stage->made;
    double value;
    memcpy(&value, made->data + 2 * sizeof(struct record) + offsetof(struct record, value),
           sizeof value);
    return value == 1.5;
}

/* In a child, since it stops the program. */
static bool look_past_the_end(struct stage *stage)
{
    (void)stage;
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(1);
        rc_lens_out_of_bounds("here.c", 1, 0, 3, 3);
    }
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

#define GROW(title, before, call, result, after)                                                   \
    {                                                                                              \
        .name = (title), .prepare = (before), .act = (call), .holds = (result), .end = (after),    \
        .asks_for_less = true                                                                      \
    }

static const struct scenario list[] = {
    {.name = "array", .act = make, .holds = is_empty, .end = end},
    {.name = "array of items", .prepare = prepare, .act = copy, .holds = is_copied, .end = end},
    {.name = "view of an array", .prepare = prepare, .act = view, .holds = is_viewed, .end = end},
    {.name = "an array's bytes",
     .prepare = prepare,
     .act = to_bytes,
     .holds = is_all_bytes,
     .end = end},
    GROW("append an item", prepare, append, is_appended, end),
    GROW("extend an array by itself", prepare, extend_by_itself, is_doubled, end),
    GROW("extend an array by bytes", prepare, from_bytes, is_doubled, end),
    GROW("insert an item", prepare, insert, is_inserted, end),
    GROW("extend an array from a file", prepare_file, from_file, is_doubled, end_file),
    {.name = "use an array", .prepare = prepare, .act = use, .end = end, .quiet = true},
    {.name = "write an array",
     .prepare = prepare_file,
     .act = to_file,
     .end = end_file,
     .quiet = true},
    {.name = "lens", .prepare = prepare_view, .act = look_through, .end = end, .quiet = true},
    {.name = "lens of records",
     .prepare = prepare_records,
     .act = look_at_records,
     .holds = is_looked_at,
     .end = end},
    {.name = "lens out of bounds", .act = look_past_the_end, .quiet = true},
};

const struct scenarios array_scenarios = {list, sizeof list / sizeof list[0]};
