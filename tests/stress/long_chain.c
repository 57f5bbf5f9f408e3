/* SPDX-License-Identifier: MIT */
/*
 * A list of ten million objects, released by its head under a small stack: the finalizer of each
 * releases the next. Then shorter ones: each link with a weak reference of its own, and slices of
 * buffers that adopted the buffer before.
 */
#include <stdio.h>
#include <stdlib.h>

#include "buffer/buffer.h"
#include "rc/account.h"
#include "rc/weak.h"

enum { LINKS = 10000000, WEAK_LINKS = 200000, BUFFERS = 200000 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            return EXIT_FAILURE;                                                                   \
        }                                                                                          \
    } while (0)

struct link {
    struct link *next;
};

static size_t finalized;

static void link_finalize(void *self)
{
    struct link *it = self;
    finalized++;
    rc_release(it->next);
}

static const rc_type link_type = {
    .name = "link", .size = sizeof(struct link), .finalize = link_finalize};

static struct link *new_chain(size_t length)
{
    struct link *head = NULL;
    finalized = 0;
    for (size_t i = 0; i < length; i++) {
        struct link *link = rc_new(struct link, &link_type);
        if (!link) return NULL;
        link->next = head;
        head = link;
    }
    return head;
}

static int release_links(void)
{
    struct link *head = new_chain(LINKS);
    CHECK(head);
    rc_release(head);
    CHECK(finalized == LINKS);
    return EXIT_SUCCESS;
}

static size_t died;

static void on_death(rc_weak *weak, void *context)
{
    (void)weak, (void)context;
    died++;
}

static int release_links_with_weak_references(void)
{
    static rc_weak *weaks[WEAK_LINKS];
    struct link *head = new_chain(WEAK_LINKS);
    CHECK(head);
    struct link *link = head;
    for (int i = 0; i < WEAK_LINKS; i++, link = link->next) {
        weaks[i] = rc_weak_new(link);
        CHECK(weaks[i] && rc_weak_on_death(weaks[i], on_death, NULL) == RC_OK);
    }
    rc_release(head);
    CHECK(finalized == WEAK_LINKS && died == WEAK_LINKS);
    for (int i = 0; i < WEAK_LINKS; i++) {
        CHECK(rc_weak_is_dead(weaks[i]));
        rc_release(weaks[i]);
    }
    return EXIT_SUCCESS;
}

static void release_buffer(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size;
    finalized++;
    rc_release((rc_buffer *)context);
}

static int release_buffers(void)
{
    rc_buffer *last = rc_buffer_new(16);
    CHECK(last);
    finalized = 0;
    for (int i = 0; i < BUFFERS; i++) {
        rc_buffer *outer =
            rc_buffer_adopt((void *)(uintptr_t)last->data, last->size, release_buffer, last);
        CHECK(outer);
        last = rc_buffer_slice(outer, 0, 16);
        CHECK(last);
        rc_release(outer);
    }
    rc_release(last);
    CHECK(finalized == BUFFERS);
    return EXIT_SUCCESS;
}

int main(void)
{
    struct rc_account before;
    rc_account_read(&before);
    if (release_links() || release_links_with_weak_references() || release_buffers())
        return EXIT_FAILURE;
    RC_ASSERT_NOTHING_NEW(&before);
    return EXIT_SUCCESS;
}
