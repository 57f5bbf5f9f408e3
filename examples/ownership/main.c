/* SPDX-License-Identifier: MIT */
/*
 * Who holds whom in a small program, as a picture.
 *
 *     ownership              the graph as DOT, to standard output
 *     ownership FILE.svg     the picture, drawn by Graphviz' dot
 *     ownership --collected  the graph as DOT after the unreachable cycle was collected
 *
 * A player has tracks, and each track knows its player: a cycle, as long as somebody holds the
 * player. The tracks' samples are views of slices of one recording, and a block of samples is on its
 * way from a pool. Two undo steps hold each other and nobody holds them: that is a leak, until a
 * collection finds it.
 */
#include <buffer/pool.h>
#include <buffer/view.h>
#include <rc/graph.h>
#include <rc/scope.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define EXIT_USAGE 2

/* ---- what the program is made of -------------------------------------------------------------- */

struct track {
    const char *title;
    rc_view *samples;
    struct player *player;
    struct track *next;
};

struct player {
    struct track *first;
    rc_pool *blocks;
    rc_buffer *playing; /* the block that is heard now */
};

struct step {
    const char *what;
    struct step *other; /* an undo knows its redo, and the reverse */
    rc_buffer *before;  /* the bytes that it brings back */
};

static void track_traverse(void *self, rc_visit *visit, void *argument)
{
    struct track *it = self;
    visit(it->samples, argument);
    visit(it->player, argument);
    visit(it->next, argument);
}

static void track_clear(void *self)
{
    struct track *it = self;
    rc_clear(&it->samples);
    rc_clear(&it->player);
    rc_clear(&it->next);
}

static void player_traverse(void *self, rc_visit *visit, void *argument)
{
    struct player *it = self;
    visit(it->first, argument);
    visit(it->blocks, argument);
    visit(it->playing, argument);
}

static void player_clear(void *self)
{
    struct player *it = self;
    rc_clear(&it->first);
    rc_clear(&it->blocks);
    rc_clear(&it->playing);
}

static void step_traverse(void *self, rc_visit *visit, void *argument)
{
    struct step *it = self;
    visit(it->other, argument);
    visit(it->before, argument);
}

static void step_clear(void *self)
{
    struct step *it = self;
    rc_clear(&it->other);
    rc_clear(&it->before);
}

#define TYPE(name_)                                                                                \
    static const rc_type name_##_type = {.name = #name_,                                           \
                                         .size = sizeof(struct name_),                             \
                                         .finalize = name_##_clear,                                \
                                         .traverse = name_##_traverse,                             \
                                         .clear = name_##_clear}
TYPE(track);
TYPE(player);
TYPE(step);

/* ---- made ------------------------------------------------------------------------------------- */

/* The player's first track from now on: so many samples of the recording, from the first one on. */
static bool add_track(rc_cycle_domain *domain, struct player *player, const char *title,
                      rc_buffer *recording, size_t first, size_t count)
{
    RC_AUTO(struct track, made) = RC_CYCLE_NEW(domain, struct track, &track_type);
    RC_AUTO(rc_buffer, part) =
        rc_buffer_slice(recording, first * sizeof(double), count * sizeof(double));
    if (!made || !part) return false;
    made->title = title;
    made->samples = rc_view_new(part, "d");
    made->player = rc_retain(player);
    made->next = rc_steal(&player->first);
    player->first = rc_steal(&made);
    return player->first->samples != NULL;
}

static struct player *make_player(rc_cycle_domain *domain)
{
    RC_AUTO(struct player, made) = RC_CYCLE_NEW(domain, struct player, &player_type);
    RC_AUTO(rc_buffer, recording) = rc_buffer_new_zeroed(48000 * sizeof(double));
    if (!made || !recording) return NULL;
    made->blocks = rc_pool_new(4096, 0, 4);
    if (!made->blocks) return NULL;
    made->playing = rc_pool_take(made->blocks);
    bool full = made->playing && add_track(domain, made, "chorus", recording, 32000, 16000) &&
                add_track(domain, made, "verse", recording, 0, 32000);
    return full ? rc_steal(&made) : NULL;
}

/* The mistake: nobody holds the two, and neither ends. */
static bool forget_steps(rc_cycle_domain *domain)
{
    RC_AUTO(struct step, undo) = RC_CYCLE_NEW(domain, struct step, &step_type);
    RC_AUTO(struct step, redo) = RC_CYCLE_NEW(domain, struct step, &step_type);
    if (!undo || !redo) return false;
    undo->what = "undo";
    undo->before = rc_buffer_new(1000);
    redo->what = "redo";
    undo->other = rc_retain(redo);
    redo->other = rc_retain(undo);
    return undo->before != NULL;
}

/* ---- drawn ------------------------------------------------------------------------------------ */

static void name(const void *object, char *text, size_t size, void *context)
{
    (void)context;
    if (rc_type_of(object) == &track_type)
        snprintf(text, size, "\"%s\"", ((const struct track *)object)->title);
    if (rc_type_of(object) == &step_type)
        snprintf(text, size, "\"%s\"", ((const struct step *)object)->what);
}

static bool draw(FILE *stream, rc_cycle_domain *domain)
{
    struct rc_graph_options options = {.struct_size = sizeof options, .name = name};
    return rc_graph_write_domain(stream, domain, &options) == RC_OK;
}

static bool draw_svg(const char *path, rc_cycle_domain *domain)
{
    char command[4096];
    int length = snprintf(command, sizeof command, "dot -Tsvg -o '%s'", path);
    if (length >= (int)sizeof command || strchr(path, '\'')) {
        rc_error_set(RC_INVALID, "%s is too long, or has a quote in it", path);
        return false;
    }
    FILE *dot = popen(command, "w");
    bool drawn = dot && draw(dot, domain);
    if (dot && pclose(dot) == 0) return drawn;
    rc_error_set(RC_SYSTEM, "Graphviz' dot did not draw %s", path);
    return false;
}

static bool run(const char *argument)
{
    RC_AUTO(rc_cycle_domain, domain) = rc_cycle_domain_new();
    RC_AUTO(struct player, player) = domain ? make_player(domain) : NULL;
    if (!player || !forget_steps(domain)) return false;
    bool collects = argument && strcmp(argument, "--collected") == 0;
    if (collects) fprintf(stderr, "collected: %zu objects\n", rc_cycle_collect(domain));
    return argument && !collects ? draw_svg(argument, domain) : draw(stdout, domain);
} /* the player is released, then the domain, whose end collects what holds itself */

int main(int count, char **arguments)
{
    bool is_option = count == 2 && arguments[1][0] == '-' && strcmp(arguments[1], "--collected");
    if (count > 2 || is_option) {
        fprintf(stderr, "usage: ownership [FILE.svg | --collected]\n");
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN); /* without a dot there is nobody to read */
    if (run(count == 2 ? arguments[1] : NULL)) return 0;
    fprintf(stderr, "ownership: %s\n", rc_error_message());
    return 1;
}
