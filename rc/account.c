/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Reading the threads' records: snapshots, types, differences, assertions. */
#include "account.h"

#include <string.h>

#include "account_table.h"
#include "callback.h"
#include "tally.h"

const char *rc__type_name(const struct rc_type *type)
{
    const char *name;
    memcpy(&name, type, sizeof name);
    return name ? name : "?";
}

/* ---- snapshots ------------------------------------------------------------------------------- */

static void add_count(const struct rc__tally_count *count, struct rc_account *now)
{
    size_t made = rc__tally_get(&count->made);
    now->total_objects += made;
    now->live_objects += made - rc__tally_get(&count->freed);
}

/* Of places that are taken, and of the one that is left for all others. */
static void add_counts(const struct rc__tally_count *types, struct rc_account *now)
{
    for (size_t word = 0; word < RC__TALLY_TYPES / 32; word++) {
        uint32_t taken = __atomic_load_n(&rc__tally_taken[word], __ATOMIC_RELAXED);
        for (; taken; taken &= taken - 1)
            add_count(&types[32 * word + (size_t)__builtin_ctz(taken)], now);
    }
    add_count(&types[RC__TALLY_TYPES], now);
}

static void add_record(struct rc__tally *tally, void *context)
{
    struct rc_account *now = context;
    add_counts(tally->types, now);
    for (size_t i = 0; i < RC__CELLS; i++) {
        const struct rc__cell *cell = &tally->cells[i];
        now->total_objects += rc__tally_get(&cell->recycled);
        now->live_objects -= rc__cell_content(cell);
    }
    size_t blocks_made = rc__tally_get(&tally->blocks_made);
    now->total_blocks += blocks_made;
    now->live_blocks += blocks_made - rc__tally_get(&tally->blocks_freed);
    now->live_bytes += rc__tally_get(&tally->bytes) - rc__tally_idle_bytes(tally);
    now->failures += rc__tally_get(&tally->failures);
    now->immortal_objects += rc__tally_get(&tally->immortal_objects);
    now->immortal_bytes += rc__tally_get(&tally->immortal_bytes);
}

/* A sum of moments may come out below zero, which nothing real is. */
static size_t not_below_zero(size_t sum)
{
    return (ptrdiff_t)sum < 0 ? 0 : sum;
}

struct rc_account rc__account_sum_locked(void)
{
    struct rc_account sum = {.version = RC_ACCOUNT_VERSION};
    rc__tally_each_locked(add_record, &sum);
    sum.live_objects = not_below_zero(sum.live_objects);
    sum.live_blocks = not_below_zero(sum.live_blocks);
    sum.live_bytes = not_below_zero(sum.live_bytes);
    sum.immortal_bytes = not_below_zero(sum.immortal_bytes);
    return sum;
}

void rc_account_read_sized(struct rc_account *now, size_t struct_size)
{
    if (!now) return;
    size_t size = struct_size < sizeof *now ? struct_size : sizeof *now;
    rc__tally_lock();
    struct rc_account sum = rc__account_sum_locked();
    rc__tally_unlock();
    sum.struct_size = size;
    sum.peak_bytes = rc__tally_peak();
    if (sum.peak_bytes < sum.live_bytes) sum.peak_bytes = sum.live_bytes;
    memcpy(now, &sum, size);
}

void rc_account_reset_peak(void)
{
    rc__tally_reset_peak();
}

/* As much as there is of a snapshot, which may have been taken by another version; the rest zero.
 */
static struct rc_account widen(const struct rc_account *snapshot)
{
    struct rc_account whole = {0};
    size_t size = snapshot->struct_size < sizeof whole ? snapshot->struct_size : sizeof whole;
    memcpy(&whole, snapshot, size);
    return whole;
}

void rc_account_subtract_sized(struct rc_account_difference *difference, size_t struct_size,
                               const struct rc_account *after, const struct rc_account *before)
{
    if (!difference) return;
    struct rc_account a = widen(after), b = widen(before);
    const struct rc_account_difference whole = {
#define SUBTRACT(member, series, kind, words) .member = (ptrdiff_t)(a.member - b.member),
        RC__ACCOUNT_TABLE(SUBTRACT)
#undef SUBTRACT
    };
    memset(difference, 0, struct_size);
    memcpy(difference, &whole, struct_size < sizeof whole ? struct_size : sizeof whole);
}

/* ---- types ----------------------------------------------------------------------------------- */

struct one_type {
    size_t place;
    struct rc_account_type entry;
};

static void add_cell(const struct rc__cell *cell, struct rc_account_type *entry)
{
    entry->total_objects += rc__tally_get(&cell->recycled);
    entry->live_objects -= rc__cell_content(cell);
}

static void add_one_type(struct rc__tally *tally, void *context)
{
    struct one_type *one = context;
    const struct rc__tally_count *count = &tally->types[one->place];
    size_t made = rc__tally_get(&count->made);
    one->entry.total_objects += made;
    one->entry.live_objects += made - rc__tally_get(&count->freed);
    for (size_t i = 0; i < RC__CELLS; i++) {
        const struct rc__cell *cell = &tally->cells[i];
        if (cell->type && rc__tally_find_type(cell->type) == one->place)
            add_cell(cell, &one->entry);
    }
}

/* The place of a type; one more than all if it has none, because there was no object of it or no
 * place free. */
static size_t place_of(const struct rc_type *type)
{
    for (size_t i = 0; i < RC__TALLY_TYPES; i++)
        if (__atomic_load_n(&rc__tally_types[i], __ATOMIC_RELAXED) == type) return i;
    return RC__TALLY_TYPES;
}

struct rc_account_type rc_account_read_type(const struct rc_type *type)
{
    struct one_type one = {.place = type ? place_of(type) : RC__TALLY_TYPES, .entry.type = type};
    if (type && one.place == RC__TALLY_TYPES) return one.entry;
    rc__tally_each(add_one_type, &one);
    one.entry.live_objects = not_below_zero(one.entry.live_objects);
    return one.entry;
}

struct all_types {
    struct rc_account_type entries[RC__TALLY_TYPES + 1];
};

static void add_all_types(struct rc__tally *tally, void *context)
{
    struct all_types *all = context;
    for (size_t i = 0; i <= RC__TALLY_TYPES; i++) {
        size_t made = rc__tally_get(&tally->types[i].made);
        all->entries[i].total_objects += made;
        all->entries[i].live_objects += made - rc__tally_get(&tally->types[i].freed);
    }
    for (size_t i = 0; i < RC__CELLS; i++) {
        const struct rc__cell *cell = &tally->cells[i];
        if (cell->type) add_cell(cell, &all->entries[rc__tally_find_type(cell->type)]);
    }
}

size_t rc_account_each_type(void (*each)(const struct rc_account_type *entry, void *context),
                            void *context)
{
    struct all_types all = {0};
    rc__tally_each(add_all_types, &all);
    size_t count = 0;
    for (size_t i = 0; i <= RC__TALLY_TYPES; i++) {
        struct rc_account_type *entry = &all.entries[i];
        if (not_below_zero(entry->live_objects) == 0) continue;
        if (i < RC__TALLY_TYPES)
            entry->type = __atomic_load_n(&rc__tally_types[i], __ATOMIC_RELAXED);
        count++;
        if (each) each(entry, context);
    }
    return count;
}

/* ---- nothing new ----------------------------------------------------------------------------- */

struct sentence {
    size_t length;
    char text[RC_ERROR_MESSAGE_SIZE];
};

static RC_PRINTF(2, 3) void say(struct sentence *sentence, const char *format, ...)
{
    size_t room = sizeof sentence->text - sentence->length;
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(sentence->text + sentence->length, room, format, arguments);
    va_end(arguments);
    if (wanted < 0) return;
    sentence->length += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

static const char *plural(ptrdiff_t count)
{
    return count == 1 || count == -1 ? "" : "s";
}

static void say_type(const struct rc_account_type *entry, void *context)
{
    struct sentence *sentence = context;
    bool first = sentence->text[sentence->length - 1] == ':';
    say(sentence, "%s %s x%zu", first ? "" : ",",
        entry->type ? rc__type_name(entry->type) : "others", entry->live_objects);
}

static enum rc_status something_is_new(const struct rc_account_difference *more)
{
    struct sentence sentence = {0};
    say(&sentence, "%td object%s, %td block%s, %td byte%s more than at the snapshot; alive now:",
        more->live_objects, plural(more->live_objects), more->live_blocks,
        plural(more->live_blocks), more->live_bytes, plural(more->live_bytes));
    if (rc_account_each_type(say_type, &sentence) == 0) say(&sentence, " no objects");
    return rc_error_set(RC_INVALID, "%s", sentence.text);
}

enum rc_status rc_account_check_nothing_new(const struct rc_account *before)
{
    if (!before) return rc_error_set(RC_INVALID, "the snapshot to compare with is NULL");
    struct rc_account now;
    rc_account_read(&now);
    struct rc_account_difference more = rc_account_subtract(&now, before);
    if (more.live_objects <= 0 && more.live_blocks <= 0 && more.live_bytes <= 0) return RC_OK;
    return something_is_new(&more);
}

void rc_account_assert_nothing_new(const struct rc_account *before, const char *file, int line)
{
    if (rc_account_check_nothing_new(before) == RC_OK) return;
    rc__stop("%s:%d: %s", file, line, rc_error_message());
}
