/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/buffer_model.h
 * What buffers have to be, in plain arrays, and what calls on them may answer. For buffer_target.c.
 */
#ifndef TESTS_LIBFUZZER_BUFFER_MODEL_H
#define TESTS_LIBFUZZER_BUFFER_MODEL_H

#include "tests/libfuzzer/fuzz.h"

#include "buffer/buffer.h"
#include "rc/weak.h"

enum { OBJECTS = 14, SLOTS = 8, BYTES_MAX = 12000 };

enum kind { NONE, OWNER, SLICE, ADOPTED, BORROWED };

/* What one rc_buffer has to be. It is alive while a slot or a slice holds it. */
struct object {
    enum kind kind; /* NONE: this place is free */
    rc_buffer *buffer;
    rc_weak *weak;       /* to it, or NULL */
    unsigned held;       /* by how many slots */
    unsigned slices;     /* that hang on it */
    struct object *root; /* of a slice that is not empty, else NULL */
    size_t offset;       /* in the root's bytes */
    size_t size;
    size_t alignment; /* that its bytes have, and a copy of them */
    bool frozen, read_only;
    bool had_weak;              /* at any time */
    const unsigned char *place; /* of the bytes, while slices hang on it */
    unsigned char *bytes;       /* what they are; a slice's are its root's */
    unsigned given_back;        /* calls of an adopted buffer's release function */
    unsigned char room[BYTES_MAX];
};

static struct object objects[OBJECTS];
static struct object *slots[SLOTS];

/* ---- who holds what --------------------------------------------------------------------------- */

static bool is_alive(const struct object *object)
{
    return object->held > 0 || object->slices > 0;
}

static bool is_writable(const struct object *object)
{
    return !object->frozen && !object->read_only && (!object->root || is_writable(object->root));
}

static struct object *free_object(void)
{
    for (size_t i = 0; i < OBJECTS; i++)
        if (objects[i].kind == NONE) return &objects[i];
    return NULL;
}

static void drop(struct object *object);

/* Its last holder is gone: so is the real one. */
static void end(struct object *object)
{
    if (object->weak) {
        FUZZ_CHECK(rc_weak_is_dead(object->weak), "the buffer should be gone");
        FUZZ_CHECK(!rc_weak_lock(object->weak), "a buffer that is gone was locked");
        rc_clear(&object->weak);
    }
    if (object->kind == ADOPTED)
        FUZZ_CHECK(object->given_back == 1, "released %u times", object->given_back);
    object->kind = NONE;
    if (!object->root) return;
    object->root->slices--;
    drop(object->root);
}

static void drop(struct object *object)
{
    if (!is_alive(object)) end(object);
}

/* A new one in this slot, which is empty; without bytes of its own if it is a slice. */
static struct object *enter(size_t slot, rc_buffer *buffer, enum kind kind, size_t size)
{
    struct object *object = free_object();
    object->kind = kind;
    object->buffer = buffer;
    object->weak = NULL;
    object->held = 1;
    object->slices = object->given_back = 0;
    object->root = NULL;
    object->offset = 0;
    object->size = size;
    object->alignment = RC_ALIGNMENT_DEFAULT;
    object->frozen = object->read_only = object->had_weak = false;
    object->bytes = object->room;
    slots[slot] = object;
    return object;
}

static void compare(const struct object *object)
{
    const rc_buffer *buffer = object->buffer;
    FUZZ_CHECK(buffer->size == object->size, "%zu, not %zu bytes", buffer->size, object->size);
    FUZZ_CHECK(object->size == 0 || !memcmp(buffer->data, object->bytes, object->size),
               "%zu bytes differ", object->size);
    FUZZ_CHECK(rc_buffer_edit(object->buffer) == (is_writable(object) ? buffer->data : NULL),
               "it is %swritable", is_writable(object) ? "" : "not ");
    FUZZ_CHECK(rc_buffer_exports(buffer) == object->slices, "%zu slices, not %u",
               rc_buffer_exports(buffer), object->slices);
    if (object->root)
        FUZZ_CHECK(buffer->data == object->root->buffer->data + object->offset, "it lies apart");
    if (object->slices)
        FUZZ_CHECK(buffer->data == object->place, "the bytes moved under their slices");
    if (object->kind == OWNER && object->size)
        FUZZ_CHECK((uintptr_t)buffer->data % object->alignment == 0, "not at a multiple of %zu",
                   object->alignment);
    FUZZ_CHECK(rc_count(buffer) == object->held + (object->slices > 0), "%zu references, not %u",
               rc_count(buffer), object->held);
}

static void compare_all(void)
{
    for (size_t i = 0; i < OBJECTS; i++)
        if (objects[i].kind != NONE) compare(&objects[i]);
}

/* ---- what a call may answer ------------------------------------------------------------------ */

/* What may be said to a call that would change the size or the place of the bytes. */
static unsigned answers_to_growing(const struct object *object)
{
    unsigned reasons = 0;
    if (object->kind != OWNER) reasons |= BIT(RC_UNSUPPORTED);
    if (object->kind != OWNER && object->read_only) reasons |= BIT(RC_READ_ONLY);
    if (object->frozen) reasons |= BIT(RC_READ_ONLY);
    if (object->slices) reasons |= BIT(RC_BUSY);
    return reasons ? reasons : BIT(RC_OK);
}

#endif
