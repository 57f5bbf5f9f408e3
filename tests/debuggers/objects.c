/* SPDX-License-Identifier: MIT */
/* One object of each kind, and what is none, for a debugger to look at in stop_here(). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <buffer/array.h>
#include <buffer/chain.h>
#include <buffer/map.h>
#include <buffer/pool.h>
#include <buffer/view.h>
#include <rc/bias.h>
#include <rc/cycle.h>
#include <rc/home.h>
#include <rc/slot.h>
#include <rc/weak.h>

struct config {
    int version, limit;
    rc_buffer *text;
    struct config *next;
};

struct session {
    struct config *config;
};

static void session_finalize(void *self);

static void config_traverse(void *self, rc_visit *visit, void *argument)
{
    visit(((struct config *)self)->text, argument);
    visit(((struct config *)self)->next, argument);
}

static const rc_type config_type = {
    .name = "config", .size = sizeof(struct config), .traverse = config_traverse};
static const rc_type session_type = {
    .name = "session", .size = sizeof(struct session), .finalize = session_finalize};
static const rc_type counter_type = {.name = "counter", .size = 8, .flags = RC_TYPE_BIASED};

static const rc_type handle_type = {.name = "handle", .size = 8};

struct pair {
    struct pair *other;
};

static void pair_traverse(void *self, rc_visit *visit, void *argument)
{
    visit(((struct pair *)self)->other, argument);
}

static void pair_clear(void *self)
{
    rc_clear(&((struct pair *)self)->other);
}

static const rc_type pair_type = {
    .name = "pair", .size = sizeof(struct pair), .traverse = pair_traverse, .clear = pair_clear};

/* What the scripts of the gate look at. */
struct all {
    struct {
        rc_buffer *text, *apart, *empty, *bytes, *frozen, *wiped, *slice, *part, *frozen_slice,
            *nothing;
        rc_buffer *adopted, *borrowed, *mapped, *pooled, *immortal, *dead, *null, *garbage, *wild,
            *wrong;
    } b;
    struct {
        rc_view *matrix, *transposed, *reversed, *scalar, *none, *many, *record, *swapped, *mixed;
        rc_view *rows, *read_only, *words, *dead, *wrong;
    } v;
    rc_array *integers, *doubles, *letters;
    rc_chain *chain, *no_chain;
    rc_weak *weak, *weak_to_dead;
    rc_pool *pool;
    rc_home *home, *closed_home;
    rc_cycle_domain *domain;
    rc_slot slot, empty_slot;
    const rc_format *format;
    struct config *config;
    struct session *session, *finalized;
    void *extra, *counter, *homed, *not_aligned;
    rc_buffer copy;
};
struct all all;

__attribute__((noinline)) void stop_here(struct all *seen)
{
    __asm__ volatile("" : : "r"(seen) : "memory");
}

static void session_finalize(void *self)
{
    all.finalized = self;
    stop_here(&all);
}

static void give_back(void *bytes, size_t size, void *context)
{
    (void)size, (void)context;
    free(bytes);
}

static void told(rc_weak *weak, void *context)
{
    (void)weak, (void)context;
}

static rc_buffer *filled(const char *text)
{
    return rc_buffer_copy(text, strlen(text));
}

static void make_buffers(void)
{
    static unsigned char no_object[64] __attribute__((aligned(16)));
    all.b.text = filled("hello, \"world\"\n");
    (void)rc_retain(all.b.text);
    all.b.apart = rc_buffer_new_zeroed(5000);
    (void)!rc_buffer_reserve(all.b.apart, 6000);
    all.b.empty = rc_buffer_new(0);
    all.b.bytes = rc_buffer_copy("\x01\x02\xff\0", 4);
    all.b.frozen = filled("cold");
    rc_buffer_freeze(all.b.frozen);
    all.b.wiped = rc_buffer_new_with(NULL, 3, 64, RC_BUFFER_WIPE);
    memcpy(rc_buffer_edit(all.b.wiped), "key", 3);
    all.b.slice = rc_buffer_slice(all.b.text, 8, 5);
    all.b.part = rc_buffer_slice(all.b.slice, 1, 2);
    all.b.frozen_slice = rc_buffer_slice(all.b.text, 0, 5);
    rc_buffer_freeze(all.b.frozen_slice);
    all.b.nothing = rc_buffer_slice(all.b.text, 3, 0);
    all.b.adopted = rc_buffer_adopt(strdup("from afar"), 9, give_back, &all);
    all.b.borrowed = rc_buffer_borrow("literal", 7);
    all.b.mapped = rc_map_memory("shared", 10000);
    all.pool = rc_pool_new(32, 0, 4);
    all.b.pooled = rc_pool_take(all.pool);
    memset(rc_buffer_edit(all.b.pooled), 'p', 32);
    all.b.immortal = filled("for ever");
    rc_make_immortal(all.b.immortal);
    all.b.garbage = (rc_buffer *)(void *)(no_object + 32);
    all.b.wild = (rc_buffer *)(uintptr_t)16;
    all.copy = *all.b.text;
}

static rc_view *counted(const char *format, size_t ndim, const size_t *shape)
{
    rc_view *view = rc_view_new_zeroed(format, ndim, shape);
    double *items = rc_view_edit(view);
    for (size_t i = 0; i < view->size; i++) items[i] = (double)i + 0.5;
    return view;
}

static rc_view *of_bytes(const void *bytes, size_t size, const char *format)
{
    rc_buffer *buffer = rc_buffer_copy(bytes, size);
    rc_view *view = rc_view_new(buffer, format);
    rc_release(buffer);
    return view;
}

/* Two rows that lie anywhere, as PEP 3118's suboffsets have it. */
static rc_view *make_rows(void)
{
    static const int rows[2][3] = {{1, 2, 3}, {4, 5, 6}};
    const void *places[] = {rows[1], rows[0]};
    rc_buffer *buffer = rc_buffer_copy(places, sizeof places);
    struct rc_view_layout layout = {.struct_size = sizeof layout,
                                    .format = "i",
                                    .ndim = 2,
                                    .shape = (size_t[]){2, 3},
                                    .strides = (ptrdiff_t[]){sizeof(void *), sizeof(int)},
                                    .suboffsets = (ptrdiff_t[]){0, -1}};
    rc_view *view = rc_view_new_with(buffer, &layout);
    rc_release(buffer);
    return view;
}

static void make_views(void)
{
    static const unsigned char swapped[] = {0, 1, 0xff, 0xfe};
    static const unsigned char record[] = {7,   0,   0, 0, 0, 0, 0xc0, 0x3f,
                                           'a', 'b', 0, 1, 2, 3, 4,    1};
    static const unsigned char mixed[] = {0, 0x3c, 1,    'x',  2, 'h', 'i', '!',
                                          0, 0,    0x80, 0x3f, 0, 0,   0,   0xc0};
    static const unsigned char words[] = {'h', 0, 0, 0, 0xe9, 0, 0, 0};
    all.v.matrix = counted("d", 2, (size_t[]){2, 3});
    all.v.transposed = rc_view_transpose(all.v.matrix);
    all.v.reversed = rc_view_slice(all.v.matrix, 1, RC_VIEW_OPEN, RC_VIEW_OPEN, -2);
    all.v.scalar = counted("d", 0, NULL);
    all.v.none = counted("d", 2, (size_t[]){0, 3});
    all.v.many = counted("d", 2, (size_t[]){10, 10});
    all.v.record = of_bytes(record, sizeof record, "<T{i:id:f:weight:3s:name:(2,2)b:grid:?:on:}");
    all.v.swapped = of_bytes(swapped, sizeof swapped, ">h");
    all.v.mixed = of_bytes(mixed, sizeof mixed, "<e?c4pZf");
    all.v.words = of_bytes(words, sizeof words, "<2w");
    all.v.rows = make_rows();
    all.v.read_only = rc_view_to_read_only(all.v.matrix);
    all.v.wrong = (rc_view *)(void *)all.b.text;
    all.b.wrong = (rc_buffer *)(void *)all.v.matrix;
    all.format = all.v.record->format;
}

static void make_others(void)
{
    all.integers = rc_array_copy('i', (int[]){1, -2, 3}, 3);
    all.doubles = rc_array_copy('f', (float[]){0.1f, 1e10f}, 2);
    all.letters = rc_array_copy('w', (uint32_t[]){'a', 0x20ac}, 2);
    all.chain = rc_chain_new();
    (void)!rc_chain_append(all.chain, all.b.slice);
    (void)!rc_chain_append_bytes(all.chain, "12345", 5);
    all.no_chain = rc_chain_new();
    all.session = rc_new(struct session, &session_type);
    all.config = rc_new(struct config, &config_type);
    *all.config = (struct config){.version = 3, .limit = 30, .text = rc_retain(all.b.text)};
    all.config->next = rc_new(struct config, &config_type);
    all.session->config = rc_retain(all.config);
    all.weak = rc_weak_new(all.config);
    (void)!rc_weak_on_death(all.weak, told, &all);
    void *doomed = rc_object_new(&counter_type, 0);
    all.weak_to_dead = rc_weak_new(doomed);
    rc_release(doomed);
    all.extra = rc_object_new(&config_type, 100);
    all.counter = rc_object_new(&counter_type, 0);
    (void)rc_retain(all.counter);
    all.home = rc_home_new();
    all.homed = RC_HOME_NEW(all.home, struct session, &session_type);
    rc_slot_store(&all.slot, all.config);
    all.not_aligned = (char *)all.config + 4;
}

static void wake(void *context)
{
    (void)context;
}

/* A home in which two objects wait, while it is no thread's, and one that is closed. */
static void make_homes(void)
{
    void *waiting[2];
    for (int i = 0; i < 2; i++) waiting[i] = rc_home_object_new(all.home, &handle_type, 0);
    rc_home_set_wake(all.home, wake, &all);
    rc_home_unbind(all.home);
    for (int i = 0; i < 2; i++) rc_release(waiting[i]);
    all.closed_home = rc_home_new();
    rc_home_close(all.closed_home, RC_HOME_NOWHERE);
}

/* Of two that hold each other, after another one that held itself was collected. */
static void make_domain(void)
{
    all.domain = rc_cycle_domain_new();
    struct pair *alone = RC_CYCLE_NEW(all.domain, struct pair, &pair_type);
    alone->other = alone;
    rc_cycle_collect(all.domain);
    struct pair *a = RC_CYCLE_NEW(all.domain, struct pair, &pair_type);
    struct pair *b = RC_CYCLE_NEW(all.domain, struct pair, &pair_type);
    a->other = b;
    b->other = a;
    rc_cycle_domain_set_threshold(all.domain, 1000);
}

/* Last, since what is made next takes their memory. */
static void make_dead(void)
{
    all.b.dead = filled("gone");
    all.v.dead = rc_view_transpose(all.v.matrix);
    rc_buffer *buffer = all.b.dead;
    rc_view *view = all.v.dead;
    rc_release(view);
    rc_release(buffer);
}

int main(void)
{
    make_buffers();
    make_views();
    make_others();
    make_homes();
    make_domain();
    make_dead();
    stop_here(&all);
    rc_release(all.session);
    return 0;
}
