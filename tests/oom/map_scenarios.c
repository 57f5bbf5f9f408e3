/* SPDX-License-Identifier: MIT */
/* Maps: the object, and the system's refusal to map. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oom.h"

static unsigned char text[100000];
static char path[512];
static int file = -1;

/* A file of the shape's size. */
static void prepare_file(struct stage *stage)
{
    const char *folder = getenv("TMPDIR");
    for (size_t i = 0; i < sizeof text; i++) text[i] = (unsigned char)(i * 11 + i / 256);
    snprintf(path, sizeof path, "%s/rcbuf-oom-XXXXXX", folder && *folder ? folder : P_tmpdir);
    file = mkstemp(path);
    ssize_t size = (ssize_t)stage->shape->size;
    expect(file >= 0 && write(file, text, (size_t)size) == size, "a file cannot be written");
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

static bool map_file(struct stage *stage, enum rc_map_mode mode)
{
    int before = free_descriptor();
    stage->result = rc_map_file(path, mode);
    return without_open_descriptor(before, stage->result != NULL);
}

static bool map_file_to_read(struct stage *stage)
{
    return map_file(stage, RC_MAP_READ);
}

static bool map_file_private(struct stage *stage)
{
    return map_file(stage, RC_MAP_PRIVATE);
}

static bool map_file_shared(struct stage *stage)
{
    return map_file(stage, RC_MAP_SHARED);
}

static bool is_file(struct stage *stage)
{
    size_t size = stage->shape->size;
    return stage->result->size == size && (!size || memcmp(stage->result->data, text, size) == 0);
}

/* The last third: the offset is no multiple of a page. */
static bool map_descriptor(struct stage *stage)
{
    size_t third = stage->shape->size / 3;
    int before = free_descriptor();
    stage->result = rc_map_descriptor(file, 2 * third, third, RC_MAP_SHARED);
    return without_open_descriptor(before, stage->result != NULL);
}

static bool is_third(struct stage *stage)
{
    size_t third = stage->shape->size / 3;
    return stage->result->size == third &&
           (!third || memcmp(stage->result->data, text + 2 * third, third) == 0);
}

static bool map_memory(struct stage *stage)
{
    int before = free_descriptor();
    stage->result = rc_map_memory("sweep", stage->shape->size);
    return without_open_descriptor(before, stage->result != NULL);
}

static bool is_memory(struct stage *stage)
{
    size_t size = stage->shape->size;
    return stage->result->size == size && (!size || stage->result->data[size - 1] == 0) &&
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
    stage->buffer = rc_map_memory(NULL, stage->shape->size);
    expect(stage->buffer && socketpair(AF_UNIX, SOCK_STREAM, 0, stage->sockets) == 0,
           "there is no memory or no socket to pass it through");
    watch(stage, stage->buffer);
}

/* The message has been read when memory turns out to lack, so each try sends one of its own. */
static bool receive(struct stage *stage, enum rc_map_mode mode)
{
    int before = free_descriptor();
    expect(rc_map_send(stage->sockets[0], stage->buffer) == RC_OK, "the message cannot be sent");
    stage->result = rc_map_receive(stage->sockets[1], mode);
    char byte;
    expect(recv(stage->sockets[1], &byte, 1, MSG_DONTWAIT) < 0, "half a message was left behind");
    return without_open_descriptor(before, stage->result != NULL);
}

static bool receive_to_read(struct stage *stage)
{
    return receive(stage, RC_MAP_READ);
}

static bool receive_shared(struct stage *stage)
{
    return receive(stage, RC_MAP_SHARED);
}

static bool is_received(struct stage *stage)
{
    size_t size = stage->shape->size;
    if (size) ((unsigned char *)rc_buffer_edit(stage->buffer))[size / 2] = 77;
    return stage->result->size == size && (!size || stage->result->data[size / 2] == 77);
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

#define MAP(title, before, call, result, after)                                                    \
    {                                                                                              \
        .name = (title), .prepare = (before), .act = (call), .holds = (result), .end = (after),    \
        .every_size = true                                                                         \
    }

static const struct scenario list[] = {
    MAP("map a file to read", prepare_file, map_file_to_read, is_file, end_file),
    MAP("map a file for itself", prepare_file, map_file_private, is_file, end_file),
    MAP("map a file and share it", prepare_file, map_file_shared, is_file, end_file),
    MAP("map a descriptor", prepare_file, map_descriptor, is_third, end_file),
    MAP("shared memory", NULL, map_memory, is_memory, end_memory),
    MAP("receive memory to read", prepare_memory, receive_to_read, is_received, end_memory),
    MAP("receive memory and share it", prepare_memory, receive_shared, is_received, end_memory),
    {.name = "ask and seal shared memory",
     .prepare = prepare_memory,
     .act = ask_memory,
     .end = end_memory,
     .quiet = true},
};

const struct scenarios map_scenarios = {list, sizeof list / sizeof list[0]};
