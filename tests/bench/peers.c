/* SPDX-License-Identifier: MIT */
/* Peers as shared libraries: opened for the rows in which they play. */
#define _GNU_SOURCE /* dladdr */
#include "peers.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "peers_table.h"
#include "python.h"

struct peer {
    const char *name;
    const char *(*ready)(void); /* NULL, or asked first: why it cannot be measured */
    bool is_open;
    void *library;     /* NULL: it cannot be measured */
    char missing[128]; /* why not */
};

static struct peer peers[] = {
    {.name = "glib"},      {.name = "talloc"},
    {.name = "apr"},       {.name = "avutil"},
    {.name = "libstdcxx"}, {.name = "libstdcxx20"},
    {.name = "boost"},     {.name = "rust"},
    {.name = "rcbuf"},     {.name = "python", .ready = python_absent},
};

bool peer_find(void *library, const char *name, void *place)
{
    void *symbol = dlsym(library, name);
    memcpy(place, &symbol, sizeof symbol);
    return symbol != NULL;
}

/* ---- the library ----------------------------------------------------------------------------- */

/* run.sh leaves a line there where it did not build the peer. */
static void say_why_not_built(struct peer *peer, const char *path)
{
    char line[sizeof peer->missing] = "";
    FILE *why = fopen(path, "r");
    if (why && fgets(line, sizeof line, why)) line[strcspn(line, "\n")] = '\0';
    if (why) fclose(why);
    snprintf(peer->missing, sizeof peer->missing, "%s", line[0] ? line : "it was not built");
}

/* The peer is there: true. */
static bool load(struct peer *peer)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.so", BENCH_PEERS, peer->name);
    if (access(path, F_OK) != 0) {
        snprintf(path, sizeof path, "%s/%s.why", BENCH_PEERS, peer->name);
        say_why_not_built(peer, path);
        return false;
    }
    peer->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!peer->library) snprintf(peer->missing, sizeof peer->missing, "%s", dlerror());
    return peer->library != NULL;
}

static void open_peer(struct peer *peer)
{
    const char *why = peer->ready ? peer->ready() : NULL;
    peer->is_open = true;
    if (!why && load(peer)) {
        const char *(*start)(void);
        if (peer_find(peer->library, "peer_start", &start)) why = start();
    }
    if (!why) return;
    peer->library = NULL;
    snprintf(peer->missing, sizeof peer->missing, "%s", why);
}

static struct peer *peer_named(const char *name)
{
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++) {
        if (strcmp(peers[i].name, name) != 0) continue;
        if (!peers[i].is_open) open_peer(&peers[i]);
        return &peers[i];
    }
    give_up("a contestant names a peer that is not in the list");
}

/* ---- its loops ------------------------------------------------------------------------------- */

static bool find_loop(void *library, const char *loop, const char *suffix, void *place)
{
    char name[96];
    snprintf(name, sizeof name, "peer_%s%s", loop, suffix);
    return peer_find(library, name, place);
}

static const char *fill_in(const struct contestant *contestant)
{
    const struct peer *peer = peer_named(contestant->peer);
    if (!peer->library) return peer->missing;
    struct contestant *it = &peers_table[contestant - peers_table];
    if (it->loop_beside && !find_loop(peer->library, it->loop_beside, "", &it->beside))
        give_up("a peer lacks a loop that the table names");
    if (find_loop(peer->library, it->loop, "", &it->run)) return NULL;
    if (!find_loop(peer->library, it->loop, "_make", &it->make) ||
        !find_loop(peer->library, it->loop, "_unmake", &it->unmake))
        give_up("a peer lacks a loop that the table names");
    return NULL;
}

const char *contestant_absent(const struct contestant *contestant)
{
    if (contestant->peer) return fill_in(contestant);
    return contestant->absent ? contestant->absent() : NULL;
}

/* ---- whose malloc it is ---------------------------------------------------------------------- */

/* Where the library starts that a function of this name comes from. */
static const void *home_of(const char *name)
{
    Dl_info found;
    void *symbol = dlsym(RTLD_DEFAULT, name);
    if (!symbol || !dladdr(symbol, &found)) give_up("the C library is not to be found");
    return found.dli_fbase;
}

void check_malloc(void)
{
    const void *the_c_library = home_of("puts");
    if (home_of("malloc") != the_c_library || home_of("free") != the_c_library)
        give_up("malloc is not the C library's");
}
