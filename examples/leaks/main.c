/* SPDX-License-Identifier: MIT */
/*
 * Four ways to forget an object, for the ledger (rc/ledger.h) to name:
 *
 *     RCBUF_TRACE=leaks leaks
 *
 *     leaks release     a session whose second reference nobody releases
 *     leaks view        a view that is forgotten, and keeps its buffer
 *     leaks cycle       a parent and a child that hold each other
 *     leaks static      a table that a static variable holds to the end: no error
 *     leaks none        nothing
 *
 * Without a word it does all four.
 */
#include <stdio.h>
#include <string.h>

#include "buffer/view.h"
#include "rc/ledger.h"
#include "rc/scope.h"

/* ---- a release ------------------------------------------------------------------------------- */

struct session {
    int connection;
};

static const rc_type session_type = {.name = "session", .size = sizeof(struct session)};

/* The caller takes the reference that comes back. */
static struct session *accept_one(struct session *session)
{
    return rc_retain_tagged(session, "session");
}

static void forget_release(void)
{
    RC_AUTO(struct session, session) = rc_new(struct session, &session_type);
    if (!session) return;
    struct session *accepted = accept_one(session);
    accepted->connection = 4; /* and no rc_release_tagged(accepted, "session") */
}

/* ---- a view ---------------------------------------------------------------------------------- */

static void forget_view(void)
{
    RC_AUTO(rc_buffer, samples) = rc_buffer_new_zeroed(512);
    if (!samples) return;
    rc_view *view = rc_view_new(samples, "d");
    if (view) printf("a view of %zu doubles\n", view->shape[0]);
    if (rc_buffer_append(samples, "more", 4) != RC_OK) printf("%s\n", rc_error_message());
}

/* ---- a circle -------------------------------------------------------------------------------- */

struct node {
    struct node *parent;
    struct node *child;
};

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    struct node *node = self;
    visit(node->parent, argument);
    visit(node->child, argument);
}

static void node_finalize(void *self)
{
    struct node *node = self;
    rc_clear(&node->parent);
    rc_clear(&node->child);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_finalize,
                                  .traverse = node_traverse};

static void adopt(struct node *parent, struct node *child)
{
    rc_assign(&parent->child, child);
    rc_assign(&child->parent, parent); /* a weak reference would do, and close no circle */
}

static void make_cycle(void)
{
    RC_AUTO(struct node, parent) = rc_new(struct node, &node_type);
    RC_AUTO(struct node, child) = rc_new(struct node, &node_type);
    if (parent && child) adopt(parent, child);
}

/* ---- a variable that lives as long as the program -------------------------------------------- */

static rc_buffer *table;

static void make_table(void)
{
    if (!table) table = rc_buffer_new_zeroed(1024);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*function)(void);
} ways[] = {{"release", forget_release},
            {"view", forget_view},
            {"cycle", make_cycle},
            {"static", make_table}};

int main(int count, char **arguments)
{
    const char *chosen = count > 1 ? arguments[1] : "";
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (!*chosen || strcmp(chosen, ways[i].name) == 0) ways[i].function();
    printf("%s\n", table ? "there is a table" : "there is no table");
    return 0;
}
