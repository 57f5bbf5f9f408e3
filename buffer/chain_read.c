/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* A chain's bytes: where they lie, what they are, and copies of them. */
#include "chain_layout.h"

/* ---- places ---------------------------------------------------------------------------------- */

static struct rc__chain_place locate_from_front(const struct rc__chain *chain, size_t offset)
{
    size_t i = 0;
    for (; i < chain->head.count; i++) {
        size_t size = rc__chain_piece(chain, i)->size;
        if (offset < size) break;
        offset -= size;
    }
    return (struct rc__chain_place){i, offset};
}

/* before: bytes from there to the end, one at least. */
static struct rc__chain_place locate_from_back(const struct rc__chain *chain, size_t before)
{
    size_t i = chain->head.count - 1;
    for (; before > rc__chain_piece(chain, i)->size; i--) before -= rc__chain_piece(chain, i)->size;
    return (struct rc__chain_place){i, rc__chain_piece(chain, i)->size - before};
}

struct rc__chain_place rc__chain_locate(const struct rc__chain *chain, size_t offset)
{
    size_t size = chain->head.size;
    if (offset == size) return (struct rc__chain_place){chain->head.count, 0};
    return offset <= size / 2 ? locate_from_front(chain, offset)
                              : locate_from_back(chain, size - offset);
}

const unsigned char *rc_chain_peek(const rc_chain *chain, size_t offset, size_t *run)
{
    static const char call[] = "rc_chain_peek";
    if (rc__chain_check_range(chain, offset, 0, call) != RC_OK) return NULL;
    if (!run) {
        rc_error_set(RC_INVALID, "%s: there is no place for how many bytes lie at %zu", call,
                     offset);
        return NULL;
    }
    *run = 0;
    if (offset == chain->size) return rc__buffer_nothing;
    const struct rc__chain *it = rc__chain_of(chain);
    return rc__chain_run(it, rc__chain_locate(it, offset), run);
}

size_t rc_chain_vectors(const rc_chain *head, size_t offset, struct iovec *vectors, size_t most,
                        size_t *bytes)
{
    static const char call[] = "rc_chain_vectors";
    if (rc__chain_check_range(head, offset, 0, call) != RC_OK) return 0;
    if (!vectors && most) {
        rc_error_set(RC_INVALID, "%s: the %zu vector%s NULL", call, most,
                     most == 1 ? " is" : "s are");
        return 0;
    }
    const struct rc__chain *chain = rc__chain_of(head);
    struct rc__chain_place place = rc__chain_locate(chain, offset);
    size_t filled = 0, covered = 0;
    if (most > RC_CHAIN_VECTORS_MAX) most = RC_CHAIN_VECTORS_MAX;
    for (; filled < most && place.index < head->count; place.index++, place.within = 0) {
        size_t run;
        const unsigned char *data = rc__chain_run(chain, place, &run);
        vectors[filled++] = (struct iovec){.iov_base = (void *)(uintptr_t)data, .iov_len = run};
        covered += run;
    }
    if (bytes) *bytes = covered;
    return filled;
}

/* ---- copies ---------------------------------------------------------------------------------- */

void rc__chain_gather(const struct rc__chain *chain, struct rc__chain_place place,
                      unsigned char *bytes, size_t size)
{
    while (size > 0) {
        size_t run;
        const unsigned char *data = rc__chain_run(chain, place, &run);
        if (run > size) run = size;
        memcpy(bytes, data, run);
        bytes += run;
        size -= run;
        place = rc__chain_next(chain, place, run);
    }
}

enum rc_status rc_chain_copy_out(const rc_chain *chain, size_t offset, void *bytes, size_t size)
{
    static const char call[] = "rc_chain_copy_out";
    enum rc_status status = rc__chain_check_bytes(chain, bytes, size, call);
    if (status == RC_OK) status = rc__chain_check_range(chain, offset, size, call);
    if (status != RC_OK) return status;
    const struct rc__chain *it = rc__chain_of(chain);
    rc__chain_gather(it, rc__chain_locate(it, offset), bytes, size);
    return RC_OK;
}

/* ---- comparisons ----------------------------------------------------------------------------- */

/* As memcmp(), of @p size bytes that the chain has there. */
static int compare_at(const struct rc__chain *chain, struct rc__chain_place place,
                      const unsigned char *bytes, size_t size)
{
    int order = 0;
    while (size > 0 && order == 0) {
        size_t run;
        const unsigned char *data = rc__chain_run(chain, place, &run);
        if (run > size) run = size;
        order = memcmp(data, bytes, run);
        bytes += run;
        size -= run;
        place = rc__chain_next(chain, place, run);
    }
    return order;
}

bool rc_chain_equal(const rc_chain *chain, size_t offset, const void *bytes, size_t size)
{
    if (rc__chain_check_bytes(chain, bytes, size, "rc_chain_equal") != RC_OK) return false;
    if (!rc__chain_has(chain, offset, size)) return false;
    const struct rc__chain *it = rc__chain_of(chain);
    return compare_at(it, rc__chain_locate(it, offset), bytes, size) == 0;
}

int rc_chain_compare(const rc_chain *chain, const void *bytes, size_t size)
{
    if (rc__chain_check_bytes(chain, bytes, size, "rc_chain_compare") != RC_OK) return -1;
    size_t common = size < chain->size ? size : chain->size;
    int order = compare_at(rc__chain_of(chain), (struct rc__chain_place){0, 0}, bytes, common);
    return order ? order : (chain->size > size) - (chain->size < size);
}

/* ---- search ---------------------------------------------------------------------------------- */

/* starts: how many places from there on a match can begin at, one at least. */
static size_t find_from(const struct rc__chain *chain, struct rc__chain_place place, size_t at,
                        size_t starts, const unsigned char *bytes, size_t size)
{
    while (starts > 0) {
        size_t run;
        const unsigned char *data = rc__chain_run(chain, place, &run);
        if (run > starts) run = starts;
        const unsigned char *hit = memchr(data, bytes[0], run);
        size_t passed = hit ? (size_t)(hit - data) : run;
        at += passed;
        starts -= passed;
        place = rc__chain_next(chain, place, passed);
        if (!hit) continue;
        if (compare_at(chain, place, bytes, size) == 0) return at;
        at++;
        starts--;
        place = rc__chain_next(chain, place, 1);
    }
    return RC_CHAIN_NOT_FOUND;
}

size_t rc_chain_find(const rc_chain *chain, const void *bytes, size_t size, size_t from)
{
    if (rc__chain_check_bytes(chain, bytes, size, "rc_chain_find") != RC_OK)
        return RC_CHAIN_NOT_FOUND;
    if (!rc__chain_has(chain, from, size)) return RC_CHAIN_NOT_FOUND;
    if (size == 0) return from;
    const struct rc__chain *it = rc__chain_of(chain);
    size_t starts = chain->size - from - size + 1;
    return find_from(it, rc__chain_locate(it, from), from, starts, bytes, size);
}
