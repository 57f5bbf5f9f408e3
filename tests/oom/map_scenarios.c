/* SPDX-License-Identifier: MIT */
/* Maps: the object, and the system's refusal to map. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oom.h"

static const char text[] = "sixteen bytes...";
static char path[64];
static int file = -1;

static void prepare_file(struct stage *stage)
{
    (void)stage;
    snprintf(path, sizeof path, "/tmp/rcbuf-oom-XXXXXX");
    file = mkstemp(path);
    expect(file >= 0 && write(file, text, 16) == 16, "a file to map cannot be written");
}

static void end_file(struct stage *stage)
{
    rc_clear(&stage->result);
    close(file);
    unlink(path);
}

/* As many descriptors are open as before: what fails has closed what it opened. */
static int free_descriptor(void)
{
    int lowest = dup(0);
    close(lowest);
    return lowest;
}

static bool without_open_descriptor(int before, bool done)
{
    if (!done) expect(free_descriptor() == before, "a descriptor stayed open");
    return done;
}

static bool map_file(struct stage *stage)
{
    int before = free_descriptor();
    stage->result = rc_map_file(path, RC_MAP_PRIVATE);
    return without_open_descriptor(before, stage->result != NULL);
}

static bool map_descriptor(struct stage *stage)
{
    int before = free_descriptor();
    stage->result = rc_map_descriptor(file, 3, 10, RC_MAP_SHARED);
    return without_open_descriptor(before, stage->result != NULL);
}

static bool is_file(struct stage *stage)
{
    return stage->result->size == 16 && memcmp(stage->result->data, text, 16) == 0;
}

static bool is_part(struct stage *stage)
{
    return stage->result->size == 10 && memcmp(stage->result->data, text + 3, 10) == 0;
}

static bool map_memory(struct stage *stage)
{
    int before = free_descriptor();
    stage->result = rc_map_memory("sweep", 5000);
    return without_open_descriptor(before, stage->result != NULL);
}

static bool is_memory(struct stage *stage)
{
    return stage->result->size == 5000 && stage->result->data[4999] == 0 &&
           rc_map_memory_descriptor(stage->result) >= 0;
}

static void end_memory(struct stage *stage)
{
    rc_clear(&stage->result);
    rc_clear(&stage->buffer);
    for (int i = 0; i < 2; i++)
        if (stage->sockets[i] >= 0) close(stage->sockets[i]);
}

static void prepare_memory(struct stage *stage)
{
    stage->buffer = rc_map_memory(NULL, 5000);
    expect(stage->buffer && socketpair(AF_UNIX, SOCK_STREAM, 0, stage->sockets) == 0,
           "there is no memory or no socket to pass it through");
    watch(stage, stage->buffer);
}

/* A message that was refused is gone, so each try sends its own. */
static bool receive(struct stage *stage)
{
    int before = free_descriptor();
    expect(rc_map_send(stage->sockets[0], stage->buffer) == RC_OK, "the message cannot be sent");
    stage->result = rc_map_receive(stage->sockets[1], RC_MAP_SHARED);
    return without_open_descriptor(before, stage->result != NULL);
}

static bool is_received(struct stage *stage)
{
    unsigned char *bytes = rc_buffer_edit(stage->buffer);
    bytes[4000] = 77;
    return stage->result->size == 5000 && stage->result->data[4000] == 77;
}

static bool ask_memory(struct stage *stage)
{
    unsigned seals = 0;
    bool sealed = rc_map_seal(stage->buffer, RC_MAP_SEAL_SHRINK) == RC_OK &&
                  rc_map_seals(stage->buffer, &seals) == RC_OK && seals == RC_MAP_SEAL_SHRINK;
    return sealed && rc_map_memory_descriptor(stage->buffer) >= 0 &&
           rc_map_flush(stage->buffer) == RC_OK &&
           rc_map_advise(stage->buffer, RC_MAP_SEQUENTIAL) == RC_OK &&
           rc_map_send(stage->sockets[0], stage->buffer) == RC_OK;
}

static const struct scenario list[] = {
    {.name = "map a file",
     .prepare = prepare_file,
     .act = map_file,
     .holds = is_file,
     .end = end_file},
    {.name = "map a descriptor",
     .prepare = prepare_file,
     .act = map_descriptor,
     .holds = is_part,
     .end = end_file},
    {.name = "shared memory", .act = map_memory, .holds = is_memory, .end = end_memory},
    {.name = "receive shared memory",
     .prepare = prepare_memory,
     .act = receive,
     .holds = is_received,
     .end = end_memory},
    {.name = "ask and seal shared memory",
     .prepare = prepare_memory,
     .act = ask_memory,
     .end = end_memory,
     .quiet = true},
};

const struct scenarios map_scenarios = {list, sizeof list / sizeof list[0]};
