/* SPDX-License-Identifier: MIT */
/* The report as a whole: what is alike in one line, and the sums. */
#define RC__LIBRARY 1
#include "ledger_report.h"

#ifdef RCBUF_LEDGER

#include <stdlib.h>
#include <string.h>

#include "ledger.h"

/* Members of a circle that are named. */
#define MEMBERS_MAX 8

/* ---- what is alike --------------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash ^= word;
    (void)__builtin_mul_overflow(hash, UINT64_C(0x9e3779b97f4a7c15), &hash);
    return hash ^ hash >> 29;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; text && *text; text++) hash = mix(hash, (unsigned char)*text);
    return mix(hash, 0);
}

static uint64_t mix_site(uint64_t hash, const struct rc_site *site)
{
    return site ? mix(mix_text(mix_text(hash, site->file), site->function), site->line) : hash;
}

static uint64_t mix_reference(uint64_t hash, const struct rc__ledger_reference *held)
{
    return mix_site(mix_text(mix(hash, held->kind), held->tag), held->site);
}

/* NULL: nothing that is known lives there. */
static const char *type_at(const struct rc__ledger_picture *picture, const void *holder)
{
    const struct rc__ledger_node *node = holder ? rc__ledger_node_at(picture, holder) : NULL;
    return node ? node->type->name : NULL;
}

/* By what a line says of it, but for addresses; what holds it counts by its type. */
static uint64_t group_of(const struct rc__ledger_picture *picture,
                         const struct rc__ledger_node *node)
{
    uint64_t hash = mix_text(mix(node->state, (uintptr_t)node->root), node->type->name);
    hash = mix(mix(hash, node->entry->retains), node->entry->releases);
    for (const struct rc__ledger_reference *held = node->entry->held; held; held = held->next)
        hash = mix_text(mix_reference(hash, held), type_at(picture, held->holder));
    const struct rc__ledger_node *home = rc__ledger_node_at(picture, node->home);
    if (node->waits && home) hash = mix_site(hash, home->entry->made);
    if (node->holder == RC__LEDGER_NOBODY) return hash;
    return mix_text(mix(hash, node->owners), picture->nodes[node->holder].type->name);
}

/* A circle's is the sum of its members', so that equal circles stand side by side. */
static void find_groups(struct rc__ledger_picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) picture->work[i] = 0;
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i];
        node->group = group_of(picture, node);
        if (!node->cycle) continue;
        size_t *sum = &picture->work[node->cycle - 1];
        (void)__builtin_add_overflow(*sum, (size_t)mix(1, node->group), sum);
    }
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i];
        if (node->cycle) node->group = picture->work[node->cycle - 1];
    }
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_group(const void *a, const void *b)
{
    const struct rc__ledger_node *left = *(struct rc__ledger_node *const *)a;
    const struct rc__ledger_node *right = *(struct rc__ledger_node *const *)b;
    int order = compare(left->state, right->state);
    if (!order) order = compare(left->first, right->first);
    if (!order) order = compare(left->group, right->group);
    if (!order) order = compare(left->cycle, right->cycle);
    return order ? order : compare(left->entry->order, right->entry->order);
}

static size_t length_of_group(struct rc__ledger_node *const *group, size_t left)
{
    size_t count = 1;
    while (count < left && group[count]->state == group[0]->state &&
           group[count]->group == group[0]->group)
        count++;
    return count;
}

/* By when the first of them was made. */
static void sort(struct rc__ledger_node **order, size_t count)
{
    qsort(order, count, sizeof *order, by_group);
    for (size_t i = 0, length; i < count; i += length) {
        uint64_t first = UINT64_MAX;
        length = length_of_group(order + i, count - i);
        for (size_t j = i; j < i + length; j++)
            if (order[j]->entry->order < first) first = order[j]->entry->order;
        for (size_t j = i; j < i + length; j++) order[j]->first = first;
    }
    qsort(order, count, sizeof *order, by_group);
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void write_group(const struct rc__ledger_picture *picture,
                        struct rc__ledger_node *const *group, size_t count, FILE *file)
{
    static const char *const titles[] = {
        [RC__LEDGER_LEAKED] = "Direct leak of", [RC__LEDGER_INDIRECT] = "Indirect leak of",
        [RC__LEDGER_WAITING] = "Waiting:",      [RC__LEDGER_REACHABLE] = "Still reachable:",
        [RC__LEDGER_EXEMPT] = "No leak:",
    };
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += group[i]->bytes;
    fprintf(file, "\n%s %zu byte%s in %zu object%s of type %s: ", titles[group[0]->state], bytes,
            rc__ledger_plural(bytes), count, rc__ledger_plural(count), group[0]->type->name);
    rc__ledger_write_node(picture, group[0], file);
}

static void write_cycles(const struct rc__ledger_picture *picture,
                         struct rc__ledger_node *const *group, size_t count, FILE *file)
{
    size_t members = 0, bytes = 0, guessed = 0;
    for (; members < count && group[members]->cycle == group[0]->cycle; members++)
        guessed += !group[members]->is_asked;
    for (size_t i = 0; i < count; i++) bytes += group[i]->bytes;
    size_t cycles = count / members;
    if (cycles == 1)
        fputs("\nCycle of", file);
    else
        fprintf(file, "\n%zu cycles of", cycles);
    fprintf(file, " %zu object%s, %zu byte%s in all, held by nothing but %s%s%s:\n", members,
            rc__ledger_plural(members), bytes, rc__ledger_plural(bytes),
            members == 1 ? "itself" : "each other", guessed ? ", by their words" : "",
            cycles == 1 ? "" : ", such as");
    for (size_t i = 0; i < members && i < MEMBERS_MAX; i++) {
        fprintf(file, "  %s at %p: ", group[i]->type->name, group[i]->object);
        rc__ledger_write_node(picture, group[i], file);
    }
    if (members > MEMBERS_MAX) fprintf(file, "  and %zu more\n", members - MEMBERS_MAX);
}

void rc__ledger_add(struct rc__ledger_totals *totals, const struct rc__ledger_node *node)
{
    if (node->state == RC__LEDGER_EXEMPT) return;
    struct rc__ledger_sum *sum = node->state == RC__LEDGER_REACHABLE    ? &totals->reachable
                                 : node->state == RC__LEDGER_WAITING    ? &totals->waiting
                                 : node->state == RC__LEDGER_SUPPRESSED ? &totals->suppressed
                                                                        : &totals->leaked;
    sum->objects++;
    sum->bytes += node->bytes;
    totals->unseen += rc__ledger_unseen(node);
}

void rc__ledger_write(struct rc__ledger_picture *picture, bool all, FILE *file)
{
    size_t room = (picture->count + 1) * sizeof(struct rc__ledger_node *);
    struct rc__ledger_node **order = rc__ledger_picture_part(picture, room);
    if (!order) return;
    find_groups(picture);
    for (size_t i = 0; i < picture->count; i++) order[i] = &picture->nodes[i];
    sort(order, picture->count);
    for (size_t i = 0, count; i < picture->count; i += count) {
        count = length_of_group(order + i, picture->count - i);
        if (order[i]->state == RC__LEDGER_CYCLE)
            write_cycles(picture, order + i, count, file);
        else if (order[i]->state != RC__LEDGER_SUPPRESSED &&
                 (all || order[i]->state != RC__LEDGER_EXEMPT))
            write_group(picture, order + i, count, file);
    }
}

#endif
