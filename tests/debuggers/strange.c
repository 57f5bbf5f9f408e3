/* SPDX-License-Identifier: MIT */
/* Objects that are rare, for a debugger to look at in stop_here(): the largest numbers, names of
 * blanks, members that lead back. With an argument there are that many objects more. */
#include <float.h>
#include <stdint.h>
#include <stdlib.h>

#include <buffer/array.h>
#include <buffer/chain.h>
#include <buffer/view.h>
#include <rc/slot.h>
#include <rc/weak.h>

struct looped {
    rc_weak *self;
    rc_slot next;
    rc_buffer *text;
};

static void looped_traverse(void *self, rc_visit *visit, void *argument)
{
    visit(((struct looped *)self)->text, argument);
}

static const rc_type looped_type = {
    .name = "looped", .size = sizeof(struct looped), .traverse = looped_traverse};
static const rc_type blank_type = {.name = "  ", .size = 8};
static const rc_type int_type = {.name = "int", .size = sizeof(int)};

/* What the scripts of the gate look at. */
struct strange {
    rc_view *largest, *halves, *record, *grid;
    rc_array *floats;
    rc_chain *chain;
    struct looped *looped, *other;
    void *blank, *number;
    const rc_format *format;
    void **many;
    size_t many_count;
};
struct strange all;

__attribute__((noinline)) void stop_here(struct strange *seen)
{
    __asm__ volatile("" : : "r"(seen) : "memory");
}

static rc_view *of_bytes(const void *bytes, size_t size, const char *format)
{
    rc_buffer *buffer = rc_buffer_copy(bytes, size);
    rc_view *view = rc_view_new(buffer, format);
    rc_release(buffer);
    return view;
}

static void make_numbers(void)
{
    static const float floats[] = {FLT_MAX, -FLT_MAX, FLT_MIN};
    static const uint16_t halves[] = {0x7bff, 0xfbff, 0x0001};
    static const unsigned char record[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    all.largest = of_bytes(floats, sizeof floats, "f");
    all.halves = of_bytes(halves, sizeof halves, "e");
    all.record = of_bytes(record, sizeof record, "<T{i:id:T{(2,2)b:grid:}:in:i:last:}");
    all.grid = rc_view_new_zeroed("d", 2, (size_t[]){2, 3});
    all.floats = rc_array_copy('f', floats, 3);
    all.format = all.record->format;
}

static void make_others(void)
{
    all.chain = rc_chain_new();
    (void)!rc_chain_append_bytes(all.chain, "12345", 5);
    all.looped = rc_new(struct looped, &looped_type);
    all.other = rc_new(struct looped, &looped_type);
    all.looped->self = rc_weak_new(all.looped);
    all.looped->text = rc_buffer_copy("text", 4);
    rc_slot_store(&all.looped->next, all.other);
    rc_slot_store(&all.other->next, all.looped);
    all.blank = rc_object_new(&blank_type, 0);
    all.number = rc_object_new(&int_type, 0);
}

static void make_many(size_t count)
{
    all.many = calloc(count, sizeof *all.many);
    if (!all.many) return;
    for (; all.many_count < count; all.many_count++)
        all.many[all.many_count] = rc_object_new(&int_type, 0);
}

int main(int argc, char **argv)
{
    make_numbers();
    make_others();
    if (argc > 1) make_many((size_t)strtoul(argv[1], NULL, 10));
    stop_here(&all);
    rc_release(rc_buffer_new(10000));
    return 0;
}
