/* SPDX-License-Identifier: MIT */
/*
 * The library's side of compare.py: commands on standard input, each a line, answered one by one.
 *
 *     map PATH SAVED WRITTEN VERSION   map a file; save it once more, and write it in that version
 *     create PATH FORMAT ORDER N...    a new file of that shape, its bytes 1, 2, 3, ...
 *     read SIZE                        that many bytes follow, a file; the same, written again
 *
 * An answer is a line "ok", "ok SIZE" with so many bytes behind it, or "STATUS sentence";
 * "read and not written: STATUS sentence" for an array that cannot be written again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer/npy.h"
#include "rc/account.h"

enum { LINE_MAX_ = 4096, SIZE_MAX_ = 1 << 24 };

static void stop(const char *what)
{
    fprintf(stderr, "exchange: %s\n", what);
    exit(EXIT_FAILURE);
}

static void answer_status(enum rc_status status)
{
    if (status == RC_OK)
        printf("ok\n");
    else
        printf("%s %s\n", rc_status_name(status), rc_error_message());
}

/* ---- files ----------------------------------------------------------------------------------- */

static enum rc_status write_to(const rc_view *view, const char *path, enum rc_npy_version version)
{
    FILE *file = fopen(path, "wb");
    if (!file) stop("a file cannot be written");
    enum rc_status status = rc_npy_write(view, file, version);
    if (fclose(file) != 0) stop("a file cannot be closed");
    return status;
}

static void map(char **words, size_t count)
{
    if (count != 5) stop("map PATH SAVED WRITTEN VERSION");
    rc_view *view = rc_npy_map(words[1], RC_MAP_READ);
    enum rc_status status = view ? rc_npy_save(view, words[2]) : rc_error_status();
    if (status == RC_OK)
        status = write_to(view, words[3], (enum rc_npy_version)strtol(words[4], NULL, 10));
    answer_status(status);
    rc_release(view);
}

static void create(char **words, size_t count)
{
    size_t shape[RC_VIEW_DIMENSIONS_MAX];
    if (count < 4 || count - 4 > RC_VIEW_DIMENSIONS_MAX) stop("create PATH FORMAT ORDER N...");
    for (size_t i = 4; i < count; i++) shape[i - 4] = strtoul(words[i], NULL, 10);
    rc_view *view = rc_npy_create(words[1], words[2], count - 4, shape, words[3][0]);
    unsigned char *bytes = view ? rc_view_edit(view) : NULL;
    if (bytes)
        for (size_t i = 0; i < rc_view_byte_count(view); i++) bytes[i] = (unsigned char)(i + 1);
    answer_status(bytes ? RC_OK : rc_error_status());
    rc_release(view);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* A block of exactly that size, so that AddressSanitizer sees a step behind it. */
static unsigned char *take(size_t size)
{
    unsigned char *bytes = malloc(size ? size : 1);
    if (!bytes || fread(bytes, 1, size, stdin) != size) stop("bytes are missing");
    return bytes;
}

static void write_again(const rc_view *view)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&bytes, &size);
    if (!memory) stop("no memory");
    enum rc_status status = rc_npy_write(view, memory, RC_NPY_LEAST);
    if (fclose(memory) != 0) stop("no memory");
    if (status == RC_OK) {
        printf("ok %zu\n", size);
        fwrite(bytes, 1, size, stdout);
    } else {
        printf("read and not written: ");
        answer_status(status);
    }
    free(bytes);
}

static void read_bytes(char **words, size_t count)
{
    size_t size = count == 2 ? strtoul(words[1], NULL, 10) : SIZE_MAX, offset = 0;
    if (size > SIZE_MAX_) stop("read SIZE");
    unsigned char *bytes = take(size);
    rc_buffer *buffer = rc_buffer_borrow(bytes, size);
    rc_view *view = buffer ? rc_npy_read(buffer, &offset) : NULL;
    if (view && offset > size) stop("an array ends behind its file");
    if (view)
        write_again(view);
    else
        answer_status(rc_error_status());
    rc_release(view);
    rc_release(buffer);
    free(bytes);
}

/* ---- commands -------------------------------------------------------------------------------- */

static void run(char *line)
{
    char *words[RC_VIEW_DIMENSIONS_MAX + 5];
    size_t count = 0;
    for (char *word = strtok(line, " \n"); word && count < RC_VIEW_DIMENSIONS_MAX + 5;
         word = strtok(NULL, " \n"))
        words[count++] = word;
    rc_error_clear();
    if (count && strcmp(words[0], "map") == 0)
        map(words, count);
    else if (count && strcmp(words[0], "create") == 0)
        create(words, count);
    else if (count && strcmp(words[0], "read") == 0)
        read_bytes(words, count);
    else
        stop("an unknown command");
    fflush(stdout);
}

int main(void)
{
    char line[LINE_MAX_];
    while (fgets(line, sizeof line, stdin)) run(line);
    struct rc_account now;
    rc_account_read(&now);
    if (now.live_objects || now.live_bytes) stop("something is left alive");
    return EXIT_SUCCESS;
}
