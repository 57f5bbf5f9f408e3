/* SPDX-License-Identifier: MIT */
/* Scenarios of rc/pages_idle.c: a page idles in one range, or is one thread's. Nothing is mapped here,
 * and none of the pages is touched. */
#include "explorer.h"

#include "rc/pages_idle.h"

#define PAGE ((size_t)4096)

enum { PAGES = 4 };

static unsigned char pages[(PAGES + 1) * 4096];
static unsigned char *taken[2];
static bool found;

static void let_idle(void)
{
    taken[0] = taken[1] = NULL;
    found = false;
    rc__idle_put(pages, PAGES * PAGE);
}

/* What idles is one range, and is taken out again. */
static void check_idle(size_t count)
{
    CHECK(rc__pages_idle().ranges == 1 && rc__pages_idle().bytes == count * PAGE);
    CHECK(rc__idle_take(count * PAGE) == pages);
    CHECK(rc__pages_idle().ranges == 0 && rc__pages_idle().bytes == 0);
}

static void take_one(size_t thread)
{
    taken[thread] = rc__idle_take(PAGE);
    CHECK(taken[thread]);
}

static void take_first(void)
{
    take_one(0);
}

static void take_second(void)
{
    take_one(1);
}

static void put_both(void)
{
    CHECK(taken[0] != taken[1]);
    for (size_t i = 0; i < 2; i++) rc__idle_put(taken[i], PAGE);
    check_idle(PAGES);
}

static void take_and_put(void)
{
    unsigned char *page = rc__idle_take(PAGE);
    CHECK(page);
    rc__idle_put(page, PAGE);
}

static void check_all(void)
{
    check_idle(PAGES);
}

static void take_at_start(void)
{
    found = rc__idle_take_at(pages, PAGE);
}

static void put_behind(void)
{
    rc__idle_put(pages + PAGES * PAGE, PAGE);
}

static void check_put_behind(void)
{
    CHECK(found);
    rc__idle_put(pages, PAGE);
    check_idle(PAGES + 1);
}

/* The first page may be another's at that moment. */
static void check_took_at_start(void)
{
    if (found) rc__idle_put(pages, PAGE);
    check_idle(PAGES);
}

static void read_idle(void)
{
    struct rc__pages_idle now = rc__pages_idle();
    CHECK(now.ranges == 1 && (now.bytes == PAGES * PAGE || now.bytes == (PAGES - 1) * PAGE));
}

const struct scenario pages_scenarios[] = {
    {"idle_pages_taken_by_two", let_idle, {take_first, take_second}, put_both},
    {"idle_pages_taken_and_put_by_two", let_idle, {take_and_put, take_and_put}, check_all},
    {"idle_pages_taken_at_beside_put", let_idle, {take_at_start, put_behind}, check_put_behind},
    {"idle_pages_taken_at_beside_take",
     let_idle,
     {take_at_start, take_and_put},
     check_took_at_start},
    {"idle_pages_read_beside_take", let_idle, {take_and_put, read_idle}, check_all},
    {0},
};
