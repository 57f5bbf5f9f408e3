/* SPDX-License-Identifier: MIT */
/*
 * try_generate gcc|clang SEED COUNT FILES PREFIX: COUNT random functions in FILES files, PREFIX_0.c
 * and so on, and PREFIX_table.c with what the simulator expects of each.
 */
#include "tests/fuzz/try_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned function_count;
struct function *functions;
bool for_clang;

static uint64_t random_state;

/* What may stand at a place of a function. */
struct place {
    unsigned depth;
    bool can_break, can_leave, can_return, can_raise;
    int handler;      /* name of the innermost exception, or -1 */
    unsigned visible; /* how many of the names below can be used */
    unsigned names[NAMES_MAX];
};

static struct function *now;
static unsigned now_index, budget;

/* splitmix64 */
static unsigned pick(unsigned of)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (unsigned)((z ^ (z >> 31)) >> 16) % of;
}

static struct node *new_node(enum kind kind)
{
    struct node *node = calloc(1, sizeof *node);
    if (!node) exit(2);
    node->kind = kind;
    node->number = 1 + pick(900);
    node->variable = pick(VARIABLES);
    if (budget > 0) budget--;
    return node;
}

static bool can_name(void)
{
    return now->names < NAMES_MAX;
}

static void give_name(struct node *node)
{
    node->name = now->names++;
    now->kinds[node->name] = node->kind;
}

static struct node *block_in(struct place place, unsigned at_most);

/* A block whose exits are all inside itself: a finally, a deferred block. */
static struct place closed(struct place place)
{
    place.can_break = place.can_leave = place.can_return = place.can_raise = false;
    place.handler = -1;
    place.visible = 0;
    return place;
}

static struct node *make_loop(struct place place)
{
    struct node *node = new_node(LOOP);
    node->number = 1 + pick(3);
    place.can_break = true;
    node->first = block_in(place, 4);
    return node;
}

static struct node *make_with(struct place place)
{
    struct node *node = new_node(WITH);
    give_name(node);
    place.can_break = true;
    place.names[place.visible++] = node->name;
    node->first = block_in(place, 4);
    return node;
}

static struct node *make_try(struct place place)
{
    struct node *node = new_node(TRY);
    struct place body = place;
    give_name(node);
    body.can_raise = true;
    node->first = block_in(body, 5);
    if (place.can_raise) place.handler = (int)node->name;
    node->second = block_in(place, 3);
    return node;
}

static struct node *make_protect(struct place place)
{
    struct node *node = new_node(PROTECT);
    struct place body = place;
    body.can_leave = true;
    if (for_clang) body.can_break = body.can_return = false;
    node->first = block_in(body, 4);
    node->second = block_in(closed(place), 3);
    return node;
}

static struct node *make_if(const struct place *place)
{
    struct node *node = new_node(IF);
    node->number = 2 + pick(2);
    node->first = block_in(*place, 3);
    node->second = pick(2) ? block_in(*place, 2) : NULL;
    return node;
}

static struct node *make_compound(const struct place *place)
{
    switch (pick(can_name() ? 6 : 3)) {
    case 0:
        return make_if(place);
    case 1:
        return make_loop(*place);
    case 2:
        return make_protect(*place);
    case 3:
        return make_with(*place);
    default:
        return make_try(*place);
    }
}

/* A way out, at the end of a block; NULL where the one picked is not allowed. */
static struct node *make_way_out(const struct place *place)
{
    switch (pick(9)) {
    case 0:
        return place->can_return ? new_node(RETURN) : NULL;
    case 1:
        return place->can_return ? new_node(GOTO) : NULL;
    case 2:
        return place->can_break ? new_node(BREAK) : NULL;
    case 3:
        return place->can_break ? new_node(CONTINUE) : NULL;
    case 4:
        return place->can_leave ? new_node(LEAVE) : NULL;
    case 5:
        if (place->handler < 0) return NULL;
        struct node *node = new_node(RERAISE);
        node->name = (unsigned)place->handler;
        return node;
    default:
        return place->can_raise ? new_node(RAISE) : NULL;
    }
}

static struct node *make_declaration(struct place *place)
{
    static const enum kind kinds[] = {SCOPED, SCOPED, OBJECT, DEFER, DEFER, LAST_BLOCK};
    enum kind kind = kinds[pick(for_clang ? 5 : 6)];
    struct node *node = new_node(kind);
    give_name(node);
    if (kind == SCOPED || kind == DEFER) place->names[place->visible++] = node->name;
    return node;
}

/* Take out of a named variable, or dismiss a named call. */
static struct node *make_change(const struct place *place)
{
    unsigned name = place->names[pick(place->visible)];
    struct node *node = new_node(now->kinds[name] == DEFER ? DISMISS : pick(2) ? STEAL : RESET);
    node->name = name;
    return node;
}

static struct node *make_call(void)
{
    struct node *node = new_node(CALL);
    node->callee = now_index - 1 - pick(now_index % GROUP_SIZE);
    return node;
}

static struct node *make_simple(struct place *place)
{
    switch (pick(9)) {
    case 0:
    case 1:
        return new_node(SET);
    case 2:
        return new_node(TRACE_V);
    case 3:
    case 4:
        if (can_name()) return make_declaration(place);
        break;
    case 5:
        if (place->visible > 0) return make_change(place);
        break;
    case 6:
        if (place->can_raise && now_index % GROUP_SIZE > 0) return make_call();
        break;
    case 7:
        if (place->can_raise) {
            struct node *node = new_node(CHECK);
            node->number = 2 + pick(4);
            return node;
        }
        break;
    }
    return new_node(TRACE);
}

static struct node *block_in(struct place place, unsigned at_most)
{
    struct node *first = NULL, **last = &first;
    place.depth++;
    for (unsigned i = 1 + pick(at_most); i > 0; i--) {
        bool nests = budget > 4 && place.depth < 7 && pick(5) < 3;
        *last = nests ? make_compound(&place) : make_simple(&place);
        last = &(*last)->next;
    }
    if (pick(3) == 0) *last = make_way_out(&place);
    return first;
}

void generate(uint64_t seed, unsigned count)
{
    random_state = seed;
    function_count = count;
    functions = calloc(count, sizeof *functions);
    if (!functions) exit(2);
    for (now_index = 0; now_index < count; now_index++) {
        struct place place = {.can_return = true, .can_raise = true, .handler = -1};
        now = &functions[now_index];
        budget = 4 + pick(9);
        now->body = block_in(place, 6);
    }
}

static bool open_file(const char *prefix, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s_%s.c", prefix, name);
    return freopen(path, "w", stdout) != NULL;
}

int main(int count, char **arguments)
{
    if (count != 6) {
        fprintf(stderr, "usage: try_generate gcc|clang SEED COUNT FILES PREFIX\n");
        return 2;
    }
    for_clang = strcmp(arguments[1], "clang") == 0;
    generate(strtoull(arguments[2], NULL, 10), (unsigned)atoi(arguments[3]));
    unsigned files = (unsigned)atoi(arguments[4]);
    for (unsigned i = 0; i < files; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u", i);
        if (!open_file(arguments[5], name)) return 2;
        emit_functions(function_count / files * i,
                       i + 1 == files ? function_count : function_count / files * (i + 1));
    }
    if (!open_file(arguments[5], "table")) return 2;
    emit_table();
    return fflush(stdout) != 0;
}
