/* SPDX-License-Identifier: MIT */
/* A program built by one compiler command together with the library's sources: tests/plain/gate.sh.
 * It touches each floor, and raises where the compiler was told to make that possible. */
#include <stdio.h>
#include <string.h>

#include <buffer/buffer.h>
#include <rc/account.h>
#include <rc/memory.h>
#include <rc/object.h>
#include <rc/scope.h>
#include <rc/weak.h>
#ifdef __EXCEPTIONS
#include <rc/try.h>
#endif

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

struct note {
    rc_buffer *text;
};

static void note_finalize(void *self)
{
    rc_clear(&((struct note *)self)->text);
}

static const rc_type note_type = {
    .name = "note", .size = sizeof(struct note), .finalize = note_finalize};

static int objects_and_weak_references(void)
{
    RC_AUTO(struct note, note) = rc_new(struct note, &note_type);
    EXPECT(note);
    note->text = rc_buffer_copy("to be remembered", 16);
    EXPECT(note->text);
    RC_AUTO(rc_weak, weak) = rc_weak_new(note);
    EXPECT(weak && !rc_weak_is_dead(weak));
    rc_clear(&note);
    EXPECT(rc_weak_is_dead(weak));
    return 0;
}

static int slices_block_resizing(void)
{
    RC_AUTO(rc_buffer, buffer) = rc_buffer_new_zeroed(64);
    EXPECT(buffer);
    RC_AUTO(rc_buffer, slice) = rc_buffer_slice(buffer, 16, 32);
    EXPECT(slice && slice->data == buffer->data + 16);
    EXPECT(rc_buffer_resize(buffer, 128) == RC_BUSY);
    rc_clear(&slice);
    EXPECT(rc_buffer_resize(buffer, 128) == RC_OK);
    return 0;
}

#ifdef __EXCEPTIONS
static void raise_with_a_buffer_held(void)
{
    RC_AUTO(rc_buffer, held) = rc_buffer_new(1000);
    if (held) rc_raise(RC_RANGE, "%zu bytes are too many", held->size);
}

static int raises_are_caught(void)
{
    enum rc_status caught = RC_OK;
    RC_TRY(caught)
    {
        raise_with_a_buffer_held();
    }
    RC_EXCEPT(e)
    {
        caught = e->status;
    }
    RC_END
    EXPECT(caught == RC_RANGE);
    return 0;
}
#else
static int raises_are_caught(void)
{
    return 0;
}
#endif

int main(void)
{
    struct rc_account before;
    rc_account_read(&before);
    void *block = rc_memory_allocate_zeroed(10, 10);
    EXPECT(block);
    rc_memory_free(block);
    if (objects_and_weak_references() || slices_block_resizing() || raises_are_caught()) return 1;
    EXPECT(rc_account_check_nothing_new(&before) == RC_OK);
    return 0;
}
