/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Blocks without an owner.
 *
 *     [ size | allocator | an end | block ]      32 bytes before the block
 *
 * The end, 16 bytes, says that this is such a block, whether it is live, and that nothing wrote
 * over the head: the address of one of two marks, and a seal mixed from all the rest. It stands
 * last because C libraries thread free lists through the first bytes of what was freed, so a second
 * free still finds it. It reads like the header of an object that is gone, whose type is the mark
 * (rc/count.h, rc/object.h): rc_release() by mistake stops the program with a line that names the
 * mark. And a mark's address is no size that glibc gives to a block, so that free() by mistake
 * stops the program too.
 */
#include "memory.h"

#include <string.h>

#include "block.h"
#include "callback.h"
#include "count.h"
#include "guarded.h"
#include "small.h"

/* Laid out as an rc_type: the name leads. */
struct mark {
    _Alignas(16) size_t odd_place; /* so that the rest is aligned to 8 and not to 16 */
    struct {
        const char *name;
        size_t nothing[11];
    } type;
};

static const struct mark live_mark = {.type.name = RC__BLOCK_LIVE};
static const struct mark freed_mark = {.type.name = RC__BLOCK_FREED};

struct head {
    _Alignas(16) size_t size;
    const struct rc_allocator *allocator;
    _Alignas(16) int32_t seal; /* where an object has its count */
    uint32_t flags;            /* where it has its flags: 0 */
    const void *mark;
};

_Static_assert(sizeof(struct head) == 32, "the head keeps the block aligned");

static struct head *head_of(const void *block)
{
    return (struct head *)((uintptr_t)block - sizeof(struct head));
}

static void *block_of(struct head *head)
{
    return head + 1;
}

/* ---- the end of the head --------------------------------------------------------------------- */

/* A count that is gone, and stays gone when somebody retains or releases it a few times; between,
 * 18 bits mixed from the head's place and content. The lowest byte, where AddressSanitizer looks
 * for the state of a chunk that free() gets, is 0: no chunk. */
static int32_t seal_for(const struct head *head)
{
    uint64_t size = head->size;
    uint64_t mixed = size << 16 ^ size >> 48; /* sizes and addresses are alike below */
    mixed ^= (uintptr_t)head ^ (uintptr_t)head->allocator;
    mixed *= UINT64_C(0x9e3779b97f4a7c15);
    return rc__count_plus(RC__COUNT_GONE, (int32_t)(mixed >> 46 << 8));
}

static void mark_live(struct head *head)
{
    head->seal = seal_for(head);
    head->flags = 0;
    head->mark = &live_mark.type;
}

/* By a volatile store, since nothing that the compiler knows of reads it. */
static void mark_freed(struct head *head)
{
    *(const void *volatile *)&head->mark = &freed_mark.type;
}

static RC_NORETURN RC_COLD void stop_for(const void *block, const char *call)
{
    const struct head *head = head_of(block);
    bool is_aligned = (uintptr_t)block % RC_ALIGNMENT_DEFAULT == 0;
    if (is_aligned &&
        (head->mark == &freed_mark.type || (uintptr_t)head->mark == RC__GUARD_FREED_WORD))
        rc__stop("%s: the block at %p was freed already", call, block);
    if (is_aligned && head->mark == &live_mark.type)
        rc__stop("%s: the head of the block at %p is damaged: something wrote before its start",
                 call, block);
    rc__stop("%s: what is at %p is not a block of rc_memory_allocate(); give it back with the "
             "function that belongs to the one that made it",
             call, block);
}

/* The mark is looked at first: it is what AddressSanitizer knows best to be out of bounds. */
static struct head *check(const void *block, const char *call)
{
    struct head *head = head_of(block);
    bool is_good = (uintptr_t)block % RC_ALIGNMENT_DEFAULT == 0 && head->mark == &live_mark.type &&
                   head->flags == 0 && head->seal == seal_for(head);
    if (RC_UNLIKELY(!is_good)) stop_for(block, call);
    return head;
}

bool rc__memory_is_in(const void *block, size_t size, struct rc__guarded_use *use)
{
    struct head head;
    if (size < sizeof head) return false;
    memcpy(&head, block, sizeof head);
    *use = (struct rc__guarded_use){.offset = sizeof head};
    return (head.mark == &live_mark.type || head.mark == &freed_mark.type) &&
           head.size == size - sizeof head;
}

/* ---- allocate -------------------------------------------------------------------------------- */

static const struct rc_allocator *default_now(void)
{
    return __atomic_load_n(&rc__allocator_default, __ATOMIC_ACQUIRE);
}

/* NULL stays NULL. */
static void *made(struct head *head, const struct rc_allocator *allocator, size_t size)
{
    if (RC_UNLIKELY(!head)) return NULL;
    head->size = size;
    head->allocator = allocator;
    mark_live(head);
    rc__tally_block_made(size);
    return block_of(head);
}

void *rc_memory_allocate(size_t size)
{
    size_t total;
    if (!rc__size_add(size, sizeof(struct head), &total)) return NULL;
    const struct rc_allocator *allocator = default_now();
    return made(rc__block_allocate(allocator, total, RC_ALIGNMENT_DEFAULT), allocator, size);
}

void *rc_memory_allocate_zeroed(size_t count, size_t size)
{
    size_t bytes, total;
    if (!rc__size_multiply(count, size, &bytes)) return NULL;
    if (!rc__size_add(bytes, sizeof(struct head), &total)) return NULL;
    const struct rc_allocator *allocator = default_now();
    return made(rc__block_allocate_zeroed(allocator, total, RC_ALIGNMENT_DEFAULT), allocator,
                bytes);
}

/* ---- resize ---------------------------------------------------------------------------------- */

static void tally_resize(size_t old_size, size_t new_size)
{
    if (new_size > old_size)
        rc__tally_bytes_more(new_size - old_size);
    else
        rc__tally_bytes_less(old_size - new_size);
}

void *rc_memory_reallocate(void *block, size_t size)
{
    if (!block) return rc_memory_allocate(size);
    struct head *head = check(block, "rc_memory_reallocate");
    size_t total, old_size = head->size;
    if (!rc__size_add(size, sizeof *head, &total)) return NULL;
    mark_freed(head); /* what stays behind of a block that moves was freed */
    struct head *moved = rc__block_reallocate(head->allocator, head, old_size + sizeof *head, total,
                                              RC_ALIGNMENT_DEFAULT);
    if (!moved) {
        mark_live(head);
        return NULL;
    }
    moved->size = size;
    mark_live(moved);
    tally_resize(old_size, size);
    return block_of(moved);
}

void *rc_memory_reallocate_array(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!rc__size_multiply(count, size, &bytes)) return NULL;
    return rc_memory_reallocate(block, bytes);
}

/* ---- free ------------------------------------------------------------------------------------ */

void rc_memory_free(void *block)
{
    if (!block) return;
    struct head *head = check(block, "rc_memory_free");
    size_t size = head->size;
    mark_freed(head);
    rc__tally_block_freed(size);
    if (RC_LIKELY(head->allocator == &rc__allocator_system))
        rc__small_free(rc__tally_mine, head, size + sizeof *head);
    else
        rc__block_free(head->allocator, head, size + sizeof *head, RC_ALIGNMENT_DEFAULT);
}

size_t rc_memory_size(const void *block)
{
    return check(block, "rc_memory_size")->size;
}
