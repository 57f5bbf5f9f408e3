/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The counts of biased objects: all but the owner's plain counting, which is inline. The words and
 * the memory order are told in count.h, the queues in owner.h. */
#include "bias.h"

#include "object_end.h"
#include "owner.h"

/* With any n, and four more, it makes a word that is saturated if it is not a count. */
#define LOCAL_MAX ((int32_t)0x5ffffff0)

RC_HOT_THREAD_LOCAL uint16_t rc_bias_self = RC__OWNS_NOTHING;
intptr_t rc_bias_any;

static unsigned flags_of(const struct rc__header *header)
{
    return __atomic_load_n(&header->flags, __ATOMIC_ACQUIRE);
}

static int32_t word_of(const struct rc__header *header)
{
    return __atomic_load_n(&header->shared, __ATOMIC_ACQUIRE);
}

/* Others may come to the object by other ways than a reference. */
static bool is_known_elsewhere(const struct rc__header *header)
{
    return flags_of(header) & (RC__FLAG_WEAK | RC__FLAG_TRACKED);
}

/* ---- merging --------------------------------------------------------------------------------- */

/* By a thread that has a reference, and after it saw MERGED with acquire or merged itself. */
static void become_ordinary(struct rc__header *header)
{
    __atomic_store_n(&header->owner, 0, __ATOMIC_RELEASE);
}

/* Before the merge: the owner locks the weak references as others do from here on. */
static void disown_weak_references(struct rc__header *header)
{
    if (!(flags_of(header) & RC__FLAG_WEAK)) return;
    const struct rc__weak_hooks *hooks = __atomic_load_n(&rc__weak_hooks, __ATOMIC_ACQUIRE);
    hooks->disown(rc__payload_of(header));
}

/* The owner's index, whether it is about to be taken out or not; 0: it was taken out. */
static unsigned index_of(const struct rc__header *header)
{
    return rc__owner_of(header) & (RC__OWNERS - 1);
}

/* The owner is in release_last_local(), or a fork caught it there: it counts nothing any more. */
static bool owner_gives(const struct rc__header *header)
{
    return rc__owner_of(header) >= RC__OWNERS;
}

/* The owner's references as the shared word counts them. */
static intptr_t local_change(const struct rc__header *header)
{
    return owner_gives(header) ? -RC__COUNT_ONE : *rc__local_of(header);
}

void rc__bias_merge(struct rc__header *header, int32_t flags)
{
    disown_weak_references(header);
    intptr_t local = local_change(header);
    int32_t word = RC__COUNT_SATURATED;
    if (RC_LIKELY(local <= LOCAL_MAX)) {
        int32_t change = (int32_t)local + RC__COUNT_MERGED - flags;
        word = __atomic_add_fetch(&header->shared, change, __ATOMIC_RELEASE);
    }
    if (rc__count_is_saturated(word)) rc__object_saturate(header);
    become_ordinary(header);
}

/* After a release that left @p word: the object may be touched only if that was the last. */
static void end_if_last(struct rc__header *header, int32_t word)
{
    if (RC_LIKELY(word >= 0)) return;
    if (rc__count_was_last(word)) {
        (void)word_of(header); /* the acquire load that the essay in count.h speaks of */
        RC__PROBE_FINALIZE(rc__payload_of(header));
        rc__object_end(header);
    } else {
        rc__object_release_rare(header, word);
    }
}

/* ---- the owner ------------------------------------------------------------------------------- */

/* Where nobody else can come to the object the last reference is released by a load alone. */
static void release_last_local(struct rc__header *header)
{
    int32_t word = word_of(header);
    bool known = is_known_elsewhere(header);
    if (known) disown_weak_references(header);
    if (word == 0 && !known) {
        RC__PROBE_FINALIZE(rc__payload_of(header));
        rc__object_end(header);
        return;
    }
    uint16_t giving = (uint16_t)(rc_bias_self | RC__OWNER_GIVES);
    __atomic_store_n(&header->owner, giving, __ATOMIC_RELAXED);
    int32_t change = RC__COUNT_MERGED - RC__COUNT_ONE;
    end_if_last(header, __atomic_add_fetch(&header->shared, change, __ATOMIC_RELEASE));
}

void rc__bias_release_queued(struct rc__header *header)
{
    int32_t word = word_of(header);
    if (rc__count_is_saturated(word)) return;
    unsigned owner = index_of(header);
    bool mine = rc__owns(header);
    if (mine && *rc__local_of(header) == 0 && word == RC__COUNT_QUEUED &&
        !is_known_elsewhere(header)) {
        RC__PROBE_FINALIZE(rc__payload_of(header));
        rc__object_end(header);
        return;
    }
    if (mine)
        rc__bias_merge(header, 0);
    else if (!(word & RC__COUNT_MERGED))
        rc__owner_merge_left(header, owner, 0);
    int32_t change = RC__COUNT_ONE + RC__COUNT_QUEUED;
    end_if_last(header, __atomic_sub_fetch(&header->shared, change, __ATOMIC_RELEASE));
}

/* ---- other threads --------------------------------------------------------------------------- */

/* What a release by another thread leaves of an unmerged word: where nothing may be subtracted, the
 * reference goes to the queue. */
static int32_t released(int32_t word)
{
    bool takes_from_owner = word < RC__COUNT_ONE && !(word & RC__COUNT_QUEUED);
    return takes_from_owner ? word | RC__COUNT_QUEUED : rc__count_plus(word, -RC__COUNT_ONE);
}

/* False: the object turned out to be merged, and nothing has changed. */
static bool release_of_others(struct rc__header *header, unsigned owner)
{
    int32_t word = word_of(header), next;
    do {
        if (rc__count_is_saturated(word)) return true;
        if (word & RC__COUNT_MERGED) return false;
        next = released(word);
    } while (!__atomic_compare_exchange_n(&header->shared, &word, next, true, __ATOMIC_RELEASE,
                                          __ATOMIC_ACQUIRE));
    return !((word ^ next) & RC__COUNT_QUEUED) || rc__owner_enqueue(header, owner);
}

/* False: the object is merged, and nothing has changed. */
static bool retain_of_others(struct rc__header *header)
{
    if (word_of(header) & RC__COUNT_MERGED) return false;
    int32_t word = __atomic_add_fetch(&header->shared, RC__COUNT_ONE, __ATOMIC_RELAXED);
    if (rc__count_is_saturated(word)) rc__object_saturate(header);
    return true;
}

/* ---- what inline code leaves to us ----------------------------------------------------------- */

/* Memory that is no object any more has anything for its owner. */
static inline void check_owner(const struct rc__header *header, const char *call)
{
    unsigned owner = rc__owner_of(header);
    bool is_one =
        owner < RC__OWNERS || (owner > RC__OWNER_GIVES && owner < RC__OWNER_GIVES + RC__OWNERS);
    if (RC_UNLIKELY(!is_one)) rc__object_stop_dead(rc__payload_of(header), call);
}

/* The object may have ceased to be biased since the caller looked. */
void rc_bias_retain_slow(const void *object, bool counted)
{
    struct rc__header *header = rc__header_of(object);
    check_owner(header, "rc_retain");
    if (counted) (void)rc__count_down_local(rc__local_of(header));
    if (rc__owns(header)) {
        if (rc__count_try_local(rc__local_of(header), RC__COUNT_ONE)) return;
        rc__bias_merge(header, 0);
    } else if (index_of(header)) {
        if (retain_of_others(header)) return;
        become_ordinary(header);
    }
    rc__retain_quietly(object);
}

void rc_bias_release_slow(void *object, bool counted)
{
    struct rc__header *header = rc__header_of(object);
    check_owner(header, "rc_release");
    if (counted) (void)rc__count_up_local(rc__local_of(header));
    unsigned owner = index_of(header);
    if (rc__owns(header)) {
        if (rc__count_try_local(rc__local_of(header), -RC__COUNT_ONE)) return;
        release_last_local(header);
        rc__owner_drain();
        return;
    }
    if (owner) {
        if (release_of_others(header, owner)) return;
        become_ordinary(header);
    }
    rc__release_quietly(object);
}

/* Its word says that there is one reference, or none but the owner's local ones. */
bool rc_bias_is_unique(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    if (rc__owns(header)) return *rc__local_of(header) == 0 && word_of(header) == 0;
    return word_of(header) == RC__COUNT_MERGED;
}

/* For people, from any thread: whatever the owner is about to write will do. */
static __attribute__((no_sanitize("thread"))) intptr_t
look_at_local(const struct rc__header *header)
{
    return *(volatile intptr_t *)rc__local_of(header);
}

size_t rc_bias_count(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    int32_t word = word_of(header);
    if (word & RC__COUNT_MERGED || rc__count_is_saturated(word))
        return rc__count_read(&header->shared);
    int64_t own = owner_gives(header) ? 0 : ((int64_t)look_at_local(header) >> 2) + 1;
    int64_t references = own + (word >> 2);
    return references < 0 ? 0 : (size_t)references;
}

void rc_bias_share(const void *object)
{
    struct rc__header *header = rc__header_of(object);
    unsigned owner = index_of(header);
    if (!owner || flags_of(header) & RC__FLAG_IMMORTAL) return;
    if (rc__owns(header))
        rc__bias_merge(header, 0);
    else if (word_of(header) & RC__COUNT_MERGED)
        become_ordinary(header);
    else
        rc__owner_merge_left(header, owner, 0);
}

void rc_bias_drain(void)
{
    rc__owner_drain();
}
