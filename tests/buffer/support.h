/* SPDX-License-Identifier: MIT */
/**
 * @file tests/buffer/support.h
 * What the suites of buffer/ share: asserting on a refusal and its sentence, bytes that are told
 * apart, allocators that fail on demand or look at what they get back, files for a test.
 */
#ifndef TESTS_BUFFER_SUPPORT_H
#define TESTS_BUFFER_SUPPORT_H

#include <unistd.h>

#include "buffer/buffer.h"
#include "tests/harness.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SUPPORT_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SUPPORT_ASAN 1
#elif !defined(SUPPORT_ASAN)
#define SUPPORT_ASAN 0
#endif

/* ---- refusals -------------------------------------------------------------------------------- */

/** The last error is @p status, and its sentence contains @p text. Clears it. */
#define ASSERT_LAST_ERROR(status, text)                                                            \
    do {                                                                                           \
        ck_assert_str_eq(rc_status_name(rc_error_status()), rc_status_name(status));               \
        ck_assert_msg(strstr(rc_error_message(), (text)) != NULL, "expected \"%s\" in \"%s\"",     \
                      (text), rc_error_message());                                                 \
        rc_error_clear();                                                                          \
    } while (0)

/** The call answers @p status, and says so with a sentence that contains @p text. */
#define ASSERT_REFUSED(call, status, text)                                                         \
    do {                                                                                           \
        rc_error_clear();                                                                          \
        ck_assert_str_eq(rc_status_name(call), rc_status_name(status));                            \
        ASSERT_LAST_ERROR(status, text);                                                           \
    } while (0)

/** The call answers NULL, and says why. */
#define ASSERT_NULL(call, status, text)                                                            \
    do {                                                                                           \
        rc_error_clear();                                                                          \
        ck_assert_ptr_null(call);                                                                  \
        ASSERT_LAST_ERROR(status, text);                                                           \
    } while (0)

/** The call answers RC_OK, and has left the last error alone. */
#define ASSERT_OK(call)                                                                            \
    do {                                                                                           \
        enum rc_status support__status = (call);                                                   \
        ck_assert_msg(support__status == RC_OK, "%s: %s", rc_status_name(support__status),         \
                      rc_error_message());                                                         \
    } while (0)

/* ---- bytes ----------------------------------------------------------------------------------- */

static inline unsigned char support_byte(unsigned seed, size_t i)
{
    return (unsigned char)(seed * 31u + i * 7u + (i >> 8) * 3u + 1u);
}

enum { SUPPORT_PERIOD = 1 << 16 }; /* after so many indices the bytes begin again */

/** Write what @p seed makes of index @p from and on. */
static inline void support_write(unsigned char *bytes, size_t size, unsigned seed, size_t from)
{
    size_t done = size < SUPPORT_PERIOD ? size : SUPPORT_PERIOD;
    for (size_t i = 0; i < done; i++) bytes[i] = support_byte(seed, from + i);
    for (size_t part; done < size; done += part) {
        part = size - done < done ? size - done : done;
        memcpy(bytes + done, bytes, part);
    }
}

/** How many of the bytes are what @p seed makes of index @p from and on; one assertion for many
 * bytes, since Check reports each to its parent. */
static inline size_t support_count_same(const unsigned char *bytes, size_t size, unsigned seed,
                                        size_t from)
{
    size_t same = 0, all = size < SUPPORT_PERIOD ? size : SUPPORT_PERIOD;
    while (same < all && bytes[same] == support_byte(seed, from + same)) same++;
    if (same < all || same == size) return same;
    if (memcmp(bytes, bytes + same, size - same) == 0) return size;
    while (bytes[same] == bytes[same - SUPPORT_PERIOD]) same++;
    return same;
}

/** Fill bytes [from, size) with what @p seed makes of their index. */
static inline void support_fill(rc_buffer *buffer, unsigned seed, size_t from)
{
    unsigned char *bytes = rc_buffer_edit(buffer);
    ck_assert_ptr_nonnull(bytes);
    if (from < buffer->size) support_write(bytes + from, buffer->size - from, seed, from);
}

/** The first @p size bytes are what support_fill() wrote. */
static inline void support_assert_filled(const rc_buffer *buffer, unsigned seed, size_t size)
{
    ck_assert_uint_ge(buffer->size, size);
    size_t same = support_count_same(buffer->data, size, seed, 0);
    ck_assert_msg(same == size, "byte %zu of %zu differs", same, size);
}

/** All @p size bytes have this value. */
static inline bool support_is_all(const unsigned char *bytes, size_t size, unsigned char value)
{
    return size == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static inline rc_buffer *support_buffer(size_t size, unsigned seed)
{
    rc_buffer *buffer = rc_buffer_new(size);
    ck_assert_ptr_nonnull(buffer);
    support_fill(buffer, seed, 0);
    return buffer;
}

/* ---- an allocator that looks at what comes back ---------------------------------------------- */

enum { SUPPORT_SECRET = 0xA5 };

struct support_inspector {
    struct rc_allocator allocator;
    size_t secrets; /* places with four such bytes in a row, in blocks that came back */
    size_t blocks;  /* that are out */
    size_t resized;
    size_t empty; /* requests for no bytes */
};

static inline void *support__allocate(void *context, size_t size, size_t alignment)
{
    struct support_inspector *inspector = context;
    const struct rc_allocator *inner = rc_allocator_system();
    inspector->empty += size == 0;
    void *block = inner->allocate(inner->context, size, alignment);
    if (block) {
        inspector->blocks++;
        memset(block, 0, size);
    }
    return block;
}

static inline void *support__reallocate(void *context, void *block, size_t old_size,
                                        size_t new_size, size_t alignment)
{
    struct support_inspector *inspector = context;
    const struct rc_allocator *inner = rc_allocator_system();
    inspector->resized++;
    return inner->reallocate(inner->context, block, old_size, new_size, alignment);
}

static inline void support__deallocate(void *context, void *block, size_t size, size_t alignment)
{
    struct support_inspector *inspector = context;
    const struct rc_allocator *inner = rc_allocator_system();
    const unsigned char *bytes = block;
    for (size_t i = 0, row = 0; i < size; i++) {
        row = bytes[i] == SUPPORT_SECRET ? row + 1 : 0;
        inspector->secrets += row >= 4;
    }
    inspector->blocks--;
    inner->deallocate(inner->context, block, size, alignment);
}

static inline void support_inspector_init(struct support_inspector *inspector)
{
    *inspector = (struct support_inspector){.allocator = {.name = "inspector",
                                                          .allocate = support__allocate,
                                                          .reallocate = support__reallocate,
                                                          .deallocate = support__deallocate,
                                                          .context = inspector}};
}

/* ---- files ----------------------------------------------------------------------------------- */

enum { SUPPORT_PATH = 512 };

/** A new file with @p size bytes of support_byte(seed); its path goes to @p path. */
static inline int support_file(char path[SUPPORT_PATH], size_t size, unsigned seed)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, SUPPORT_PATH, "%s/rcbuf-test-XXXXXX", folder && *folder ? folder : P_tmpdir);
    int descriptor = mkstemp(path);
    ck_assert_msg(descriptor >= 0, "cannot make %s", path);
    unsigned char block[4096];
    for (size_t done = 0; done < size;) {
        size_t part = size - done < sizeof block ? size - done : sizeof block;
        support_write(block, part, seed, done);
        ck_assert_int_eq(write(descriptor, block, part), (ssize_t)part);
        done += part;
    }
    return descriptor;
}

#endif
