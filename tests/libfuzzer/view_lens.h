/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/view_lens.h
 * Lenses over views, of any format, as RC_LENS_OF asks for them. For view_target.c.
 */
#ifndef TESTS_LIBFUZZER_VIEW_LENS_H
#define TESTS_LIBFUZZER_VIEW_LENS_H

#include "tests/libfuzzer/view_create.h"

#include "buffer/lens.h"

/* What a lens of another format answers. A lens of char may take every byte, which nobody promises. */
static unsigned answers_to_bytes(const struct shown *shown, const struct rc_lens_request *request)
{
    char wanted = request->format[0], code = shown->format.leaves[0].code;
    bool is_byte = shown->format.leaf_count == 1 && strchr("?bBc", code) && !request->format[1];
    if (request->is_own || !is_byte) return BIT(RC_FORMAT);
    if (code == 'c' && strchr("bB", wanted)) return BIT(RC_OK);
    if (code == '?' && wanted == 'B') return BIT(RC_OK);
    return BIT(RC_FORMAT) | (wanted == 'c' && code != '?' ? BIT(RC_OK) : 0);
}

static unsigned answers_about_format(const struct shown *shown,
                                     const struct rc_lens_request *request)
{
    static struct shown wanted;
    set_format(&wanted, request->format);
    if (wanted.format.itemsize != request->itemsize) return BIT(RC_INVALID) | BIT(RC_FORMAT);
    if (same_format(&wanted.format, &shown->format)) return BIT(RC_OK);
    return answers_to_bytes(shown, request);
}

static bool are_aligned(const struct shown *shown, size_t alignment)
{
    for (size_t at = 0; at < shown->count; at++)
        if (((uintptr_t)shown->store->buffer->data + shown->places[at]) % alignment) return false;
    return true;
}

/* Elements that follow each other in the last dimension lie side by side. */
static bool has_no_gaps(const struct shown *shown, size_t itemsize)
{
    size_t length = shown->ndim ? shown->shape[shown->ndim - 1] : 1;
    for (size_t at = 0; length > 1 && at + 1 < shown->count; at++)
        if ((at + 1) % length && shown->places[at + 1] != shown->places[at] + itemsize)
            return false;
    return true;
}

static unsigned answers_to_lens(const struct shown *shown, const struct rc_lens_request *request)
{
    unsigned answers = answers_about_format(shown, request), refusals = 0;
    bool fits = request->ndim == shown->ndim && are_aligned(shown, request->alignment) &&
                (!request->is_contiguous || has_no_gaps(shown, request->itemsize));
    if (!fits) refusals |= BIT(RC_INVALID);
    if (!request->is_const && is_read_only(shown)) refusals |= BIT(RC_READ_ONLY);
    return refusals ? refusals | (answers & ~BIT(RC_OK)) : answers;
}

static void do_lens(struct fuzz_input *input, const struct shown *shown)
{
    size_t shape[RC_LENS_DIMENSIONS_MAX] = {0};
    ptrdiff_t strides[RC_LENS_DIMENSIONS_MAX] = {0};
    unsigned kind = fuzz_byte(input), other = fuzz_byte(input);
    struct rc_lens_request request = {.format = shown->text,
                                      .itemsize = itemsize_of(shown),
                                      .alignment = (size_t)1 << kind % 4,
                                      .ndim = shown->ndim,
                                      .is_const = kind & 4,
                                      .is_contiguous = kind & 8,
                                      .is_own = kind & 16};
    if (other & 128) request.format = texts[other % TEXTS];
    if (other & 64) request.ndim = 1 + other % 4;
    if (other & 32 && other & 16) request.itemsize = other % 16;
    if (request.ndim == 0) return; /* no lens has so many */
    const void *data = rc_lens_open(shown->view, &request, shape, strides);
    if (!returns("rc_lens_open", data, answers_to_lens(shown, &request))) {
        FUZZ_CHECK(!shape[0] && !strides[0], "a lens that was refused has a shape");
        return;
    }
    FUZZ_CHECK(data == shown->view->data, "a lens of other elements");
    for (size_t i = 0; i < shown->ndim; i++)
        FUZZ_CHECK(shape[i] == shown->shape[i] && strides[i] == shown->view->strides[i],
                   "dimension %zu of a lens is another", i);
}

#endif
