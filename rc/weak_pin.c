/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "weak_pin.h"

#include "object_end.h"

bool rc__pins_stay;
RC_HOT_THREAD_LOCAL const void *rc__pin_latest;
RC_HOT_THREAD_LOCAL int32_t rc__pin_seen;

/* ---- the end of a block ---------------------------------------------------------------------- */

/* This thread's own name nothing that it is at work with: locks end no object. */
static bool leave_to(struct rc__tally *tally, uintptr_t object)
{
    struct rc__pin *pin = rc__pin_of(tally, (void *)object);
    uintptr_t seen = __atomic_load_n(&pin->object, __ATOMIC_SEQ_CST);
    if (RC_LIKELY(seen != object)) return false;
    if (tally != rc__tally_mine)
        return __atomic_compare_exchange_n(&pin->object, &seen, object | RC__PIN_LEFT, false,
                                           __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    __atomic_store_n(&pin->object, 0, __ATOMIC_RELEASE);
    rc__pin_latest = NULL;
    return false;
}

static bool leave_to_any(uintptr_t object)
{
    for (struct rc__tally *tally = rc__tally_first(); tally; tally = tally->next)
        if (leave_to(tally, object)) return true;
    return false;
}

/* The type may not outlive the object, so its place takes what the block's next owner has to know. */
void rc__pin_bury(struct rc__header *header, size_t size)
{
    header->type = (const rc_type *)size;
    if (!leave_to_any((uintptr_t)rc__payload_of(header))) rc__object_free_block(header, size);
}

/* ---- a thread's own -------------------------------------------------------------------------- */

static void change(struct rc__pin *pin, uintptr_t object)
{
    rc__pin_latest = NULL;
    uintptr_t before = __atomic_exchange_n(&pin->object, object, __ATOMIC_SEQ_CST);
    if (RC_LIKELY(!(before & RC__PIN_LEFT))) return;
    struct rc__header *header = rc__header_of((void *)(before - RC__PIN_LEFT));
    rc__pin_bury(header, (size_t)header->type);
}

void rc__pin_set(struct rc__pin *pin, const void *object)
{
    if (!rc__pin_names(pin, object)) change(pin, (uintptr_t)object);
}

void rc__pin_clear(struct rc__pin *pin)
{
    if (!rc__pin_names(pin, NULL)) change(pin, 0);
}

void rc__pins_clear(struct rc__tally *tally)
{
    for (size_t i = 0; i < RC__PINS; i++) rc__pin_clear(&tally->pins[i]);
}

static void forget(struct rc__tally *tally, void *context)
{
    (void)context;
    for (size_t i = 0; tally != rc__tally_mine && i < RC__PINS; i++)
        if (!(tally->pins[i].object & RC__PIN_LEFT)) tally->pins[i].object = 0;
}

void rc__pins_fork(void)
{
    rc__tally_each(forget, NULL);
}

/* ---- counting -------------------------------------------------------------------------------- */

bool rc__pin_suits(const struct rc__header *header)
{
    return !(rc__header_flags(header) & RC__FLAG_PREFIX) &&
           !(header->type->flags & RC__TYPE_SIZED) &&
           header->type->size <= RC__MAGAZINE_BLOCK_MAX - sizeof *header;
}

/* Neither at its end nor in a later life nor stuck. */
static bool can_count_up(int32_t word)
{
    bool is_first_life = !(word & (RC__COUNT_MERGED | RC__COUNT_QUEUED));
    return is_first_life && word >= 0 && rc__count_plus(word, RC__COUNT_ONE) >= 0;
}

bool rc__pin_count_up_rarely(struct rc__header *header, const bool *alive)
{
    if (!__atomic_load_n(alive, __ATOMIC_SEQ_CST)) return false;
    int32_t seen = __atomic_load_n(&header->shared, __ATOMIC_RELAXED);
    while (can_count_up(seen)) {
        if (__atomic_compare_exchange_n(&header->shared, &seen, seen + RC__COUNT_ONE, true,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            rc__pin_seen = seen;
            return true;
        }
    }
    return false;
}
