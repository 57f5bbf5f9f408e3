/* SPDX-License-Identifier: MIT */
/*
 * Buffers sliced, sliced again, copied on write and released by eight threads, while whoever made
 * them gives them up; then, once a root is free of slices, its owner resizes and writes.
 */
#include "storm.h"

#include <string.h>

#include "buffer/buffer.h"

enum { SIZE = 4096, SLICES = 40 };

static rc_buffer *shared, *adopted, *frozen;
static rc_buffer *roots[STORM_THREADS], *given[STORM_THREADS];
static unsigned char foreign[SIZE];
static unsigned taken_back;

static unsigned char byte_at(size_t offset)
{
    return (unsigned char)(offset * 7 + 1);
}

static void fill(unsigned char *bytes)
{
    for (size_t i = 0; i < SIZE; i++) bytes[i] = byte_at(i);
}

static void check_bytes(const rc_buffer *buffer, size_t offset)
{
    for (size_t i = 0; i < buffer->size; i += 17) CHECK(buffer->data[i] == byte_at(offset + i));
}

static void take_back(void *bytes, size_t size, void *context)
{
    CHECK(bytes == foreign && context == &taken_back);
    taken_back++;
    memset(bytes, 0, size); /* nobody reads any more */
}

static rc_buffer *new_filled(void)
{
    rc_buffer *buffer = rc_buffer_new(SIZE);
    CHECK(buffer);
    fill(rc_buffer_edit(buffer));
    return buffer;
}

/* A slice of a slice outlives the slice; a private copy of it can be written. */
static void slice_and_copy(rc_buffer *root)
{
    size_t offset = storm_random() % (SIZE / 2);
    rc_buffer *outer = rc_buffer_slice(root, offset, SIZE / 2);
    rc_buffer *inner = rc_buffer_slice(outer, 64, storm_random() % 1024 + 1);
    CHECK(outer && inner);
    rc_release(outer);
    check_bytes(inner, offset + 64);
    if (storm_random() % 4 == 0) {
        CHECK(rc_buffer_make_unique(&inner) == RC_OK);
        check_bytes(inner, offset + 64);
        unsigned char *bytes = rc_buffer_edit(inner);
        CHECK(bytes);
        memset(bytes, 0, inner->size);
    }
    rc_release(inner);
}

/* Waits for nobody: a root that is still exported is refused, and stays as it is. */
static void change_own(rc_buffer *root)
{
    enum rc_status status = rc_buffer_resize(root, SIZE / 2);
    CHECK(status == RC_OK || status == RC_BUSY);
    CHECK(root->size == (status == RC_OK ? SIZE / 2 : SIZE));
    if (status != RC_OK) return;
    unsigned char *bytes = rc_buffer_edit(root);
    CHECK(bytes);
    memset(bytes, 0, root->size);
}

static void storm_buffers(unsigned thread)
{
    unsigned other = (thread + 1) % STORM_THREADS;
    for (unsigned i = 0; i < SLICES; i++) {
        slice_and_copy(shared);
        slice_and_copy(adopted);
        slice_and_copy(frozen);
        if (i == SLICES / 2) {
            check_bytes(given[other], 128);
            rc_release(given[other]);
        }
    }
    CHECK(rc_buffer_edit(frozen) == NULL);
    change_own(roots[thread]);
    rc_release(roots[thread]);
    rc_release(shared);
    rc_release(adopted);
    rc_release(frozen);
}

static void one_round(void)
{
    taken_back = 0;
    fill(foreign);
    shared = new_filled();
    frozen = new_filled();
    CHECK(rc_buffer_freeze(frozen) == RC_OK);
    adopted = rc_buffer_adopt(foreign, SIZE, take_back, &taken_back);
    CHECK(adopted);
    for (unsigned i = 0; i < STORM_THREADS; i++) {
        roots[i] = new_filled();
        given[i] = rc_buffer_slice(roots[i], 128, 1000);
        CHECK(given[i]);
        if (i == 0) continue;
        (void)rc_retain(shared);
        (void)rc_retain(adopted);
        (void)rc_retain(frozen);
    }
    storm(storm_buffers);
    CHECK(taken_back == 1);
}

int main(int count, char **arguments)
{
    return storm_rounds(count, arguments, one_round);
}
