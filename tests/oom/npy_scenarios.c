/* SPDX-License-Identifier: MIT */
/* .npy files: read, written, made. What fails leaves no file, and the one that was there. */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer/npy.h"
#include "oom.h"

enum { ROWS = 3, COLUMNS = 4, HEADER = 128, BYTES = ROWS * COLUMNS * 12 };

static const size_t shape[] = {ROWS, COLUMNS};
static const char record[] = "T{=i:a:(2)=f:b:}";
static const char said[] = "{'descr': [('a', '<i4'), ('b', '<f4', (2,))], 'fortran_order': False, "
                           "'shape': (3, 4), }";
static char folder[400], path[512];
static FILE *file;

/* ---- what scenarios share -------------------------------------------------------------------- */

/* Records, every second column of them: not contiguous, so that parts are copied. */
static void prepare_view(struct stage *stage)
{
    rc_view *all = rc_view_new_zeroed(record, 2, (const size_t[]){ROWS, 2 * COLUMNS});
    unsigned char *bytes = rc_view_edit(all);
    for (size_t i = 0; i < 2 * BYTES; i++) bytes[i] = (unsigned char)(i * 7 + 3);
    stage->object = rc_view_slice(all, 1, RC_VIEW_OPEN, RC_VIEW_OPEN, 2);
    rc_release(all);
    watch(stage, stage->object);
}

static void prepare_folder(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.300s/rcbuf-oom-XXXXXX",
             temporary && *temporary ? temporary : P_tmpdir);
    expect(mkdtemp(folder) != NULL, "a folder cannot be made");
    snprintf(path, sizeof path, "%s/a.npy", folder);
}

static void end(struct stage *stage)
{
    rc_clear(&stage->made);
    rc_clear(&stage->object);
    rc_clear(&stage->result);
    rc_clear(&stage->buffer);
    if (file) fclose(file);
    file = NULL;
    if (*folder) unlink(path), rmdir(folder);
    *folder = '\0';
}

/* Files in the folder. */
static size_t count_files(void)
{
    DIR *entries = opendir(folder);
    size_t count = 0;
    while (entries && readdir(entries)) count++;
    if (entries) closedir(entries);
    return count - 2; /* "." and ".." */
}

/* The elements are those that prepare_view() made. */
static bool is_view(const rc_view *view)
{
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        for (size_t j = 0; j < 12; j++)
            if (view->data[i * 12 + j] != (unsigned char)((i * 24 + j) * 7 + 3)) return false;
    return view->ndim == 2 && view->shape[1] == COLUMNS && view->itemsize == 12 &&
           rc_format_find(view->format, "b") != NULL;
}

/* ---- read ------------------------------------------------------------------------------------ */

static void prepare_bytes(struct stage *stage)
{
    stage->buffer = rc_buffer_new_with(stage->allocator, HEADER + BYTES, 0, 0);
    unsigned char *bytes = rc_buffer_edit(stage->buffer);
    memset(bytes, ' ', HEADER);
    memcpy(bytes, "\x93NUMPY\1\0\x76\0", 10);
    memcpy(bytes + 10, said, sizeof said - 1);
    bytes[HEADER - 1] = '\n';
    for (size_t i = 0; i < BYTES; i++)
        bytes[HEADER + i] = (unsigned char)((i / 12 * 24 + i % 12) * 7 + 3);
    watch(stage, stage->buffer);
}

static bool read_bytes(struct stage *stage)
{
    size_t offset = 0;
    stage->made = rc_npy_read(stage->buffer, &offset);
    expect(offset == (stage->made ? HEADER + BYTES : 0), "the offset is another");
    return stage->made != NULL;
}

static bool is_made(struct stage *stage)
{
    return is_view(stage->made);
}

static void prepare_file(struct stage *stage)
{
    prepare_bytes(stage);
    prepare_folder();
    FILE *new = fopen(path, "wb");
    expect(new &&fwrite(stage->buffer->data, 1, stage->buffer->size, new) ==
               HEADER + BYTES &&fclose(new) == 0,
           "a file cannot be written");
}

static bool map_file(struct stage *stage)
{
    stage->made = rc_npy_map(path, RC_MAP_PRIVATE);
    return stage->made != NULL;
}

/* ---- write ----------------------------------------------------------------------------------- */

static bool make_header(struct stage *stage)
{
    stage->result = rc_npy_header(stage->object, RC_NPY_LEAST);
    return stage->result != NULL;
}

static bool is_header(struct stage *stage)
{
    const unsigned char *bytes = stage->result->data;
    return stage->result->size == HEADER && memcmp(bytes + 10, said, sizeof said - 1) == 0 &&
           bytes[HEADER - 1] == '\n';
}

static void prepare_stream(struct stage *stage)
{
    prepare_view(stage);
    prepare_folder();
    file = fopen(path, "w+b");
    expect(file != NULL, "a file cannot be opened");
}

static bool write_stream(struct stage *stage)
{
    rewind(file);
    expect(ftruncate(fileno(file), 0) == 0, "a file cannot be emptied");
    return rc_npy_write(stage->object, file, RC_NPY_3_0) == RC_OK;
}

static bool is_in_file(struct stage *stage)
{
    fflush(file);
    stage->made = rc_npy_map(path, RC_MAP_READ);
    return stage->made && is_view(stage->made);
}

/* ---- a path ---------------------------------------------------------------------------------- */

static void prepare_old(struct stage *stage)
{
    prepare_view(stage);
    prepare_folder();
    FILE *old = fopen(path, "wb");
    expect(old && fputs("old", old) >= 0 && fclose(old) == 0, "a file cannot be written");
}

static void prepare_none(struct stage *stage)
{
    prepare_view(stage);
    prepare_folder();
}

static bool is_old(void)
{
    char text[4] = "";
    FILE *old = fopen(path, "rb");
    bool is_same = old && fread(text, 1, 4, old) == 3 && strcmp(text, "old") == 0;
    if (old) fclose(old);
    return is_same;
}

/* What failed has left what was there: the old file, or none. */
static bool left_alone(size_t files, bool done)
{
    expect(done || count_files() == files, "a file was left");
    expect(done || files == 0 || is_old(), "the old file is not what it was");
    return done;
}

static bool save_over_old(struct stage *stage)
{
    return left_alone(1, rc_npy_save(stage->object, path) == RC_OK);
}

static bool save_new(struct stage *stage)
{
    return left_alone(0, rc_npy_save(stage->object, path) == RC_OK);
}

static bool is_saved(struct stage *stage)
{
    stage->made = rc_npy_map(path, RC_MAP_READ);
    return stage->made && is_view(stage->made) && count_files() == 1;
}

static bool create_over_old(struct stage *stage)
{
    stage->made = rc_npy_create(path, record, 2, shape, 'F');
    return left_alone(1, stage->made != NULL);
}

static bool create_new(struct stage *stage)
{
    stage->made = rc_npy_create(path, "d", 2, shape, 'C');
    return left_alone(0, stage->made != NULL);
}

static bool is_created(struct stage *stage)
{
    const rc_view *view = stage->made;
    for (size_t i = 0; i < rc_view_byte_count(view); i++)
        if (view->data[i] != 0) return false;
    return view->size == ROWS * COLUMNS && !rc_view_is_read_only(view) && count_files() == 1;
}

/* A text that grows asks for less when it does not get room for more. */
#define NPY(title, before, call, result)                                                           \
    {                                                                                              \
        .name = (title), .prepare = (before), .act = (call), .holds = (result), .end = end,        \
        .asks_for_less = true                                                                      \
    }

static const struct scenario list[] = {
    NPY("read .npy bytes", prepare_bytes, read_bytes, is_made),
    NPY("map an .npy file", prepare_file, map_file, is_made),
    NPY("the header of a view", prepare_view, make_header, is_header),
    NPY("write to a stream", prepare_stream, write_stream, is_in_file),
    NPY("save over an old file", prepare_old, save_over_old, is_saved),
    NPY("save a new file", prepare_none, save_new, is_saved),
    NPY("create over an old file", prepare_old, create_over_old, is_created),
    NPY("create a new file", prepare_none, create_new, is_created),
};

const struct scenarios npy_scenarios = {list, sizeof list / sizeof list[0]};
