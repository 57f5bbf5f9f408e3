/* SPDX-License-Identifier: MIT */
/*
 * program FOLDER: makes objects of types with names that need escapes, and writes the account in all its
 * forms, with what they have to say beside them, for parsers that are not ours.
 *
 *     account.json, account.prom    what the library writes
 *     expected.txt                  NAME VALUE for each member, and for what is told beside them;
 *                                   "type HEX LIVE TOTAL" for each type
 *     timeline.csv, expected.csv    a timeline with marks that need quotes; the marks in HEX, the peak
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rc/account.h"
#include "rc/cycle.h"
#include "rc/home.h"
#include "rc/memory.h"
#include "rc/object.h"
#include "rc/timeline.h"

static const char *const names[] = {
    "plain",
    "a quote \" and two \"\"",
    "a backslash \\ and \\n which is none",
    "lines\nand\r\ntabs\t, bells \a and \x01\x1f\x7f",
    "UTF-8: \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xe2\x80\xa8",
    "no UTF-8: \xc3( \x80 \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xff",
    "no UTF-8: \xff( \xff \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xfe", /* written as the one above */
    "{label=\"x\",y=\"z\"} 7 # HELP",
    "plain", /* another type of that name */
    " ends with a backslash \\",
    "</script> & <b>",
    "",
};
enum { NAMES = sizeof names / sizeof names[0] };

static rc_type types[NAMES];

static FILE *open_in(const char *name)
{
    FILE *file = fopen(name, "w");
    if (file) return file;
    perror(name);
    exit(EXIT_FAILURE);
}

static void need(enum rc_status status)
{
    if (status == RC_OK) return;
    fprintf(stderr, "%s\n", rc_error_message());
    exit(EXIT_FAILURE);
}

static void write_hex(FILE *file, const char *text)
{
    for (; *text; text++) fprintf(file, "%02x", (unsigned)(unsigned char)*text);
}

/* Type i has i + 1 objects, one of which is dead again. */
static void make_objects(void)
{
    for (size_t i = 0; i < NAMES; i++) {
        types[i] = (rc_type){.name = names[i], .size = 8 * (i + 1)};
        for (size_t k = 0; k <= i + 1; k++) {
            void *object = rc_object_new(&types[i], 0);
            if (!object) exit(EXIT_FAILURE);
            if (k == 0) rc_release(object);
        }
    }
    static void *immortal;
    immortal = rc_object_new(&types[0], 100);
    rc_make_immortal(immortal);
    (void)!rc_memory_allocate((size_t)-1 / 2 + 1); /* refused */
    (void)!rc_memory_allocate(12345);
}

/* ---- homes and domains ----------------------------------------------------------------------- */

static rc_home *homes[2];
static rc_cycle_domain *domains[2];

static const rc_type handle_type = {.name = "handle", .size = 8};

static void *release(void *object)
{
    rc_release(object);
    return NULL;
}

/* The first home has an object, and one that waits; the second has none. */
static void make_homes(void)
{
    pthread_t thread;
    for (int i = 0; i < 2; i++) homes[i] = rc_home_new();
    void *waits = rc_home_object_new(homes[0], &handle_type, 0);
    if (!rc_home_object_new(homes[0], &handle_type, 0) || !waits || !homes[1] ||
        pthread_create(&thread, NULL, release, waits) != 0)
        exit(EXIT_FAILURE);
    pthread_join(thread, NULL);
}

struct node {
    struct node *other;
};

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    visit(((struct node *)self)->other, argument);
}

static void node_clear(void *self)
{
    rc_clear(&((struct node *)self)->other);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_clear,
                                  .traverse = node_traverse,
                                  .clear = node_clear};

/* So many pairs, whose references to each other are the last. */
static void make_pairs(rc_cycle_domain *domain, int count)
{
    for (; count > 0; count--) {
        struct node *a = RC_CYCLE_NEW(domain, struct node, &node_type);
        struct node *b = RC_CYCLE_NEW(domain, struct node, &node_type);
        if (!a || !b) exit(EXIT_FAILURE);
        a->other = b;
        b->other = a;
    }
}

/* Three domains, one of which ends, and what they have freed: 6 of its own, 4 of the first. What is
 * left: a pair of the second. */
static void make_domains(void)
{
    rc_cycle_domain *ending = rc_cycle_domain_new();
    for (int i = 0; i < 2; i++) domains[i] = rc_cycle_domain_new();
    if (!ending || !domains[1]) exit(EXIT_FAILURE);
    make_pairs(ending, 3);
    rc_release(ending); /* which collects */
    make_pairs(domains[0], 2);
    if (rc_cycle_collect(domains[0]) != 4) exit(EXIT_FAILURE);
    make_pairs(domains[1], 1);
}

static void write_more(FILE *file)
{
    struct rc_memory_statistics idle;
    rc_memory_statistics_read(&idle);
    fprintf(file, "idle_bytes %zu\ndepot_bytes %zu\nrecycled_objects %zu\nmagazine_hits %zu\n",
            idle.idle_bytes, idle.depot_bytes, idle.recycled, idle.magazine_hits);
    fprintf(file, "homes 2\nhome_objects %zu\nhome_waiting_objects %zu\n", rc_home_alive(homes[0]),
            rc_home_waiting(homes[0]));
    fprintf(file, "cycle_domains 2\ncycle_tracked_objects 2\ncycle_collections 2\n");
    fprintf(file, "cycle_freed_objects 10\ncycle_resurrected_objects 0\n");
}

/* ---- the account ----------------------------------------------------------------------------- */

static void write_type(const struct rc_account_type *entry, void *file)
{
    fprintf(file, "type x");
    write_hex(file, *(const char *const *)entry->type);
    fprintf(file, " %zu %zu\n", entry->live_objects, entry->total_objects);
}

static void write_account(void)
{
    FILE *json = open_in("account.json"), *prometheus = open_in("account.prom");
    need(rc_account_write_json(json));
    need(rc_account_write_prometheus(prometheus));
    fclose(json);
    fclose(prometheus);

    struct rc_account now;
    rc_account_read(&now);
    FILE *file = open_in("expected.txt");
    fprintf(file, "version %u\nlive_objects %zu\nlive_blocks %zu\nlive_bytes %zu\npeak_bytes %zu\n",
            now.version, now.live_objects, now.live_blocks, now.live_bytes, now.peak_bytes);
    fprintf(file, "total_objects %zu\ntotal_blocks %zu\nfailures %zu\n", now.total_objects,
            now.total_blocks, now.failures);
    fprintf(file, "immortal_objects %zu\nimmortal_bytes %zu\n", now.immortal_objects,
            now.immortal_bytes);
    write_more(file);
    rc_account_each_type(write_type, file);
    fclose(file);
}

/* Higher than all else, and the last step too small for a sample. */
static void climb(void)
{
    void *block = rc_memory_allocate(3000000), *little = rc_memory_allocate(100);
    rc_memory_free(little);
    rc_memory_free(block);
}

static void write_timeline(void)
{
    static const char *const marks[] = {"plain", "a \"quote\", a comma", "\xe2\x82\xac",
                                        "two\nlines"};
    FILE *expected = open_in("expected.csv"), *file = open_in("timeline.csv");
    need(rc_timeline_start());
    rc_account_reset_peak();
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        for (size_t k = 1; k < 3000; k++)
            rc_memory_free(rc_memory_allocate(k % 500 * 100 * (i + 1)));
        if (i == 1) climb();
        need(rc_timeline_mark(marks[i]));
        fprintf(expected, "mark x");
        write_hex(expected, marks[i]);
        fprintf(expected, "\n");
    }
    rc_timeline_stop();
    need(rc_timeline_write_csv(file));
    struct rc_account now;
    rc_account_read(&now);
    fprintf(expected, "peak_bytes %zu\nlive_bytes %zu\n", now.peak_bytes, now.live_bytes);
    fclose(file);
    fclose(expected);
}

int main(int count, char **arguments)
{
    if (count != 2 || chdir(arguments[1]) != 0) return EXIT_FAILURE;
    make_objects();
    make_homes();
    make_domains();
    write_account();
    write_timeline();
    return EXIT_SUCCESS;
}
