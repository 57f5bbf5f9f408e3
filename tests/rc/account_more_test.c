/* SPDX-License-Identifier: MIT */
/* What an account that is written tells beside the snapshot: what idles, all homes, all domains. */
#include "rc/account_more.h"

#include <pthread.h>

#include "rc/cycle.h"
#include "rc/home.h"
#include "rc/memory.h"
#include "tests/harness.h"

/* What write() writes, the caller's to free. */
static char *written(enum rc_status (*write)(FILE *stream))
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(write(stream), RC_OK);
    fclose(stream);
    return text;
}

#define ASSERT_HAS(text, part)                                                                     \
    ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" is not in:\n%s", (part), (text))

static const rc_type handle_type = {.name = "handle", .size = 8};

static void *release_elsewhere(void *object)
{
    rc_release(object);
    return NULL;
}

struct link {
    struct link *other;
};

static void link_traverse(void *self, rc_visit *visit, void *argument)
{
    visit(((struct link *)self)->other, argument);
}

static void link_clear(void *self)
{
    rc_clear(&((struct link *)self)->other);
}

static const rc_type link_type = {
    .name = "link", .size = sizeof(struct link), .traverse = link_traverse, .clear = link_clear};

static rc_cycle_domain *domain_with_itself(void)
{
    rc_cycle_domain *domain = rc_cycle_domain_new();
    struct link *link = RC_CYCLE_NEW(domain, struct link, &link_type);
    ck_assert_ptr_nonnull(link);
    link->other = link;
    return domain;
}

START_TEST(homes_are_told_with_what_waits)
{
    rc_home *homes[] = {rc_home_new(), rc_home_new()};
    void *handles[3];
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        handles[i] = rc_home_object_new(homes[i % 2], &handle_type, 0);
        if (i == 0) continue;
        ck_assert_int_eq(pthread_create(&thread, NULL, release_elsewhere, handles[i]), 0);
        pthread_join(thread, NULL);
    }
    char *json = written(rc_account_write_json), *text = written(rc_account_write_text);
    ASSERT_HAS(json, "\"homes\": 2,\n  \"home_objects\": 3,\n  \"home_waiting_objects\": 2,");
    ASSERT_HAS(text, "                   2  objects that wait to end at home\n");
    free(json);
    free(text);
    rc_home_run(homes[0]);
    rc_home_run(homes[1]);
    rc_release(handles[0]);
    for (int i = 0; i < 2; i++) rc_release(homes[i]);
    json = written(rc_account_write_json), text = written(rc_account_write_text);
    ASSERT_HAS(json, "\"homes\": 0,\n  \"home_objects\": 0,\n  \"home_waiting_objects\": 0,");
    ck_assert_ptr_null(strstr(text, "home"));
    free(json);
    free(text);
}
END_TEST

/* What a counter says does not become less when a domain ends. */
START_TEST(collections_are_told_also_of_domains_that_have_ended)
{
    rc_cycle_domain *domains[] = {domain_with_itself(), domain_with_itself()};
    ck_assert_uint_eq(rc_cycle_collect(domains[0]), 1);
    char *text = written(rc_account_write_prometheus);
    ASSERT_HAS(text, "\nrcbuf_cycle_domains 2\n");
    ASSERT_HAS(text, "\nrcbuf_cycle_tracked_objects 1\n");
    ASSERT_HAS(text, "\nrcbuf_cycle_collections_total 1\n");
    ASSERT_HAS(text, "\nrcbuf_cycle_freed_objects_total 1\n");
    free(text);
    for (int i = 0; i < 2; i++) rc_release(domains[i]); /* which collects */
    text = written(rc_account_write_prometheus);
    ASSERT_HAS(text, "\nrcbuf_cycle_domains 0\n");
    ASSERT_HAS(text, "\nrcbuf_cycle_tracked_objects 0\n");
    ASSERT_HAS(text, "\nrcbuf_cycle_freed_objects_total 2\n");
    free(text);
}
END_TEST

/* As rc_memory_statistics_read() says, also where nothing is kept. */
START_TEST(what_idles_is_told)
{
    char expected[200];
    for (int i = 0; i < 20; i++) rc_release(rc_object_new(&handle_type, 0));
    struct rc_memory_statistics idle;
    rc_memory_statistics_read(&idle);
    char *json = written(rc_account_write_json);
    snprintf(expected, sizeof expected,
             "\"idle_bytes\": %zu,\n  \"depot_bytes\": %zu,\n  \"recycled_objects\": %zu,\n"
             "  \"magazine_hits\": %zu,",
             idle.idle_bytes, idle.depot_bytes, idle.recycled, idle.magazine_hits);
    ASSERT_HAS(json, expected);
    free(json);
}
END_TEST

HARNESS_MAIN("rc/account_more", homes_are_told_with_what_waits,
             collections_are_told_also_of_domains_that_have_ended, what_idles_is_told)
