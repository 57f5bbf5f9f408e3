/* SPDX-License-Identifier: MIT */
/*
 * Counts the words of files, on several threads, without copying their bytes.
 *
 *     file --map--> buffer --cutter--> slices --queue--> counters, a table each --merge--> report
 *
 * Each file is mapped as one buffer and cut into slices. A slice keeps its buffer mapped, and a
 * table keeps the slices that its words point into; so a file stays mapped exactly as long as
 * somebody needs its bytes, and no line of this program says when it is unmapped. A file that
 * another program truncates meanwhile ends the program by SIGBUS, as it does for every mapping.
 */
#include <buffer/map.h>
#include <errno.h>
#include <rc/scope.h>
#include <rc/timeline.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit.h"
#include "crew.h"
#include "cutter.h"
#include "options.h"
#include "report.h"

struct totals {
    size_t files, bytes;
    size_t failed; /* files that could not be read */
};

RC_DEFINE_DEFER(progress_hide, struct progress *);
RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v));

/* Bytes of all regular files: what the progress bar is measured against. */
static size_t measure(const struct options *options)
{
    size_t bytes = 0;
    struct stat about;
    for (size_t i = 0; i < options->file_count; i++)
        if (stat(options->files[i], &about) == 0 && S_ISREG(about.st_mode))
            bytes += (size_t)about.st_size;
    return bytes;
}

/* What a file gives that has no size, as those of /proc. NULL: the error is set. */
static rc_buffer *read_file(const char *path)
{
    RC_AUTO(rc_buffer, bytes) = rc_buffer_new(0);
    RC_SCOPED(file, f) = fopen(path, "rb");
    char piece[4096];
    size_t size = sizeof piece;
    while (bytes && f && size == sizeof piece) {
        size = fread(piece, 1, sizeof piece, f);
        if (rc_buffer_append(bytes, piece, size) != RC_OK) return NULL;
    }
    if (bytes && (!f || ferror(f))) {
        rc_error_set(RC_SYSTEM, "%s cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    return rc_steal(&bytes);
}

static rc_buffer *map_or_read(const char *path)
{
    if (strcmp(path, "-") == 0) {
        rc_error_set(RC_UNSUPPORTED, "-: standard input cannot be mapped; give a file");
        return NULL;
    }
    RC_AUTO(rc_buffer, map) = rc_map_file(path, RC_MAP_READ);
    return map && map->size == 0 ? read_file(path) : rc_steal(&map);
}

/* The file as a buffer. NULL: a sentence was written. */
static rc_buffer *map_file(const char *path, struct progress *progress)
{
    rc_buffer *map = map_or_read(path);
    if (map) return map;
    progress_hide(progress);
    fprintf(stderr, "word_count: %s\n", rc_error_message());
    return NULL;
}

/* Cut the file's bytes and hand the slices out. Errors: those of the crew. */
static enum rc_status count_file(struct crew *crew, rc_buffer *map, struct progress *progress)
{
    for (size_t start = 0, end; start < map->size; start = end) {
        end = cutter_end(map->data, map->size, start);
        RC_AUTO(rc_buffer, slice) = rc_buffer_slice(map, start, end - start);
        if (!slice || crew_hand(crew, slice)) return rc_error_status();
        progress_show(progress);
    }
    return RC_OK;
}

/* Files that cannot be read are told and left out. Errors: those of the crew. */
static enum rc_status count_files(struct crew *crew, const struct options *options,
                                  struct progress *progress, struct totals *totals)
{
    for (size_t i = 0; i < options->file_count; i++) {
        RC_AUTO(rc_buffer, map) = map_file(options->files[i], progress);
        if (!map) {
            totals->failed++;
            continue;
        }
        if (count_file(crew, map, progress)) return rc_error_status();
        totals->files++;
        totals->bytes += map->size;
    }
    return RC_OK;
}

/* Returns: one new reference to the table of all words; NULL and why. */
static struct table *count_all(const struct options *options, struct totals *totals)
{
    struct progress progress;
    progress_start(&progress, measure(options), options->progress);
    RC_DEFER(progress_hide, &progress);
    RC_AUTO(struct crew, crew) = crew_new(options->threads, &progress);
    if (!crew) return NULL;
    if (crew_size(crew) < options->threads)
        fprintf(stderr, "word_count: goes on with %zu of %zu threads\n", crew_size(crew),
                options->threads);
    if (count_files(crew, options, &progress, totals)) return NULL;
    return crew_finish(crew);
}

static int run(const struct options *options)
{
    struct totals totals = {0};
    RC_AUTO(struct table, table) = count_all(options, &totals);
    if (table && options->account) audit_peak();
    if (!table || report_words(stdout, table, options->top)) {
        fprintf(stderr, "word_count: %s\n", rc_error_message());
        return EXIT_FAILURE;
    }
    rc_timeline_mark("reported");
    fprintf(stderr, "files %zu, bytes %zu, words %zu, distinct %zu\n", totals.files, totals.bytes,
            table->words, table->used);
    return totals.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct options options;
    int exit_code;
    if (!options_read(argc, argv, &options, &exit_code)) return exit_code;

    static struct rc_limiting_allocator quota;
    rc_limiting_allocator_init(&quota, NULL, options.limit);
    if (options.limit < SIZE_MAX) rc_allocator_set_default(&quota.allocator);

    struct rc_account before;
    rc_account_read(&before);
    exit_code = run(&options);
    if (options.account && !audit_end(&before)) exit_code = EXIT_FAILURE;
    return exit_code;
}
