/* SPDX-License-Identifier: MIT */
/*
 * Sums a file frame by frame, on several threads, through buffers of one pool.
 *
 *     file --read--> buffer of the pool --slice--> frame --crew--> sum
 *                          ^                                    |
 *                          +-------- last release --------------+
 *
 * The main thread takes a buffer for each frame and never gives one back: a thread of the crew lets
 * go of the frame's bytes when it has summed them, and with the last reference the buffer is in the
 * pool again. So a file of any length needs as many buffers as frames are under way. A frame is a
 * slice, since the last one may be shorter than a buffer; the slice keeps its buffer out.
 */
#include <buffer/pool.h>
#include <errno.h>
#include <rc/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"

#define EXIT_USAGE  2
#define KEEP_BYTES  ((size_t)64 << 20) /* of buffers that idle, at most */
#define MOST_FRAME  ((size_t)1 << 30)
#define MOST_THREAD 64

struct options {
    size_t frame, threads;
    const char *path;
};

RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v));

/* The next frame's bytes, as a slice of a buffer from the pool. NULL at the end, and, with an
 * error set, where reading failed. */
static rc_buffer *read_frame(FILE *source, rc_pool *pool)
{
    RC_AUTO(rc_buffer, buffer) = rc_pool_take(pool);
    if (!buffer) return NULL;
    size_t size = fread(rc_buffer_edit(buffer), 1, buffer->size, source);
    if (ferror(source)) {
        rc_error_set(RC_SYSTEM, "the file cannot be read: %s", strerror(errno));
        return NULL;
    }
    return size ? rc_buffer_slice(buffer, 0, size) : NULL;
}

/* All frames of the file, in its order. Returns: one new reference to the first; NULL: there is
 * none, or the error is set. */
static struct frame *sum_frames(FILE *source, rc_pool *pool, size_t threads)
{
    RC_AUTO(struct crew, crew) = crew_new(threads);
    RC_AUTO(struct frame, first) = NULL;
    struct frame **end = &first;
    if (!crew) return NULL;
    for (;;) {
        RC_AUTO(rc_buffer, bytes) = read_frame(source, pool);
        if (!bytes) break;
        *end = frame_new(bytes);
        if (!*end) return NULL;
        crew_hand(crew, *end);
        end = &(*end)->next;
    }
    crew_finish(crew);
    return rc_error_status() == RC_OK ? rc_steal(&first) : NULL;
}

static void print_frames(const struct frame *frame)
{
    for (; frame; frame = frame->next) printf("%lu %zu\n", (unsigned long)frame->sum, frame->size);
}

static void tell_statistics(const rc_pool *pool)
{
    struct rc_pool_statistics now;
    if (rc_pool_read(pool, &now) != RC_OK) return;
    fprintf(stderr, "buffers: %zu made, %zu taken again, %zu out, %zu idle with %zu bytes\n",
            now.misses, now.hits, now.out, now.idle, now.bytes_idle);
}

static enum rc_status run(const struct options *options)
{
    RC_SCOPED(file, source) = fopen(options->path, "rb");
    if (!source)
        return rc_error_set(RC_SYSTEM, "%s cannot be opened: %s", options->path, strerror(errno));
    RC_AUTO(rc_pool, pool) =
        rc_pool_new_with(&(struct rc_pool_options){.struct_size = sizeof(struct rc_pool_options),
                                                   .size = options->frame,
                                                   .keep_at_most = SIZE_MAX,
                                                   .keep_bytes = KEEP_BYTES});
    if (!pool) return rc_error_status();
    RC_AUTO(struct frame, first) = sum_frames(source, pool, options->threads);
    if (rc_error_status() != RC_OK) return rc_error_status();
    print_frames(first);
    tell_statistics(pool);
    return rc_pool_trim(pool, 0); /* a longer program would go on; what idles is given back */
}

/* ---- the command line ------------------------------------------------------------------------ */

static bool read_number(const char *text, size_t most, size_t *number)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    bool good = *text >= '0' && *text <= '9' && !*end && !errno && value >= 1 && value <= most;
    if (good) *number = value;
    return good;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    *options = (struct options){.frame = 65536, .threads = 2};
    if (argc < 2 || argc > 4) return false;
    options->path = argv[1];
    return (argc < 3 || read_number(argv[2], MOST_FRAME, &options->frame)) &&
           (argc < 4 || read_number(argv[3], MOST_THREAD, &options->threads));
}

int main(int argc, char **argv)
{
    struct options options;
    if (!read_options(argc, argv, &options)) {
        fputs("usage: pool FILE [FRAME [THREADS]]\n"
              "Prints sum and size of each frame of FILE, as `split -b FRAME` and cksum would.\n"
              "FRAME is its size in bytes, from 1 to 1 GiB, without it 65536; THREADS 1 to 64,\n"
              "without it 2.\n",
              stderr);
        return EXIT_USAGE;
    }
    if (run(&options) == RC_OK) return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
    fprintf(stderr, "pool: %s\n", rc_error_message());
    return EXIT_FAILURE;
}
