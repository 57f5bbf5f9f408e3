/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Writing .npy files: to an open file, and to a path, where they appear when they are complete. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#define _FILE_OFFSET_BITS 64
#include "npy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../rc/block.h"
#include "../rc/cancel.h"
#include "map_layout.h"
#include "npy_layout.h"

/* How many bytes of a view that is not contiguous are copied at a time. */
#define PIECE ((size_t)1 << 20)

/* ---- an open file ---------------------------------------------------------------------------- */

static enum rc_status write_bytes(const void *bytes, size_t size, FILE *file, const char *call)
{
    if (size == 0) return RC_OK;
    errno = 0;
    size_t written = fwrite(bytes, 1, size, file);
    if (written == size) return RC_OK;
    return rc__map_error("%s: wrote %zu of %zu bytes", call, written, size);
}

/* NumPy's choice: Fortran order for what is contiguous in that one alone. Elements that are
 * sub-arrays become dimensions, and their order is C. */
static bool is_fortran(const rc_view *view)
{
    const rc_format *format = view->format;
    bool has_dimensions = format->field_count == 1 && format->fields[0].ndim > 0;
    return !has_dimensions && !rc_view_is_contiguous(view, 'C') && rc_view_is_contiguous(view, 'F');
}

static enum rc_status write_rows(const rc_view *view, size_t start, size_t stop, FILE *file,
                                 const char *call)
{
    rc_view *rows = rc_view_slice(view, 0, (ptrdiff_t)start, (ptrdiff_t)stop, 1);
    rc_buffer *bytes = rows ? rc_view_to_bytes(rows, 'C') : NULL;
    enum rc_status status =
        bytes ? write_bytes(bytes->data, bytes->size, file, call) : rc_error_status();
    rc_release(bytes);
    rc_release(rows);
    return status;
}

static enum rc_status write_elements(const rc_view *view, FILE *file, const char *call)
{
    size_t size = rc_view_byte_count(view);
    if (size == 0) return RC_OK;
    if (is_fortran(view) || rc_view_is_contiguous(view, 'C'))
        return write_bytes(view->data, size, file, call);
    size_t rows = view->shape[0], row = size / rows, step = row < PIECE ? PIECE / row : 1;
    enum rc_status status = RC_OK;
    for (size_t start = 0; start < rows && status == RC_OK; start += step)
        status = write_rows(view, start, rows - start > step ? start + step : rows, file, call);
    return status;
}

rc_buffer *rc_npy_header(const rc_view *view, enum rc_npy_version version)
{
    static const char call[] = "rc_npy_header";
    if (rc__view_check(view, call) != RC_OK) return NULL;
    return rc__npy_header_of(view->format, view->ndim, view->shape, is_fortran(view), version,
                             call);
}

static enum rc_status write_all(const rc_view *view, FILE *file, enum rc_npy_version version,
                                const char *call)
{
    rc_buffer *header =
        rc__npy_header_of(view->format, view->ndim, view->shape, is_fortran(view), version, call);
    if (!header) return rc_error_status();
    enum rc_status status = write_bytes(header->data, header->size, file, call);
    rc_release(header);
    return status == RC_OK ? write_elements(view, file, call) : status;
}

enum rc_status rc_npy_write(const rc_view *view, FILE *file, enum rc_npy_version version)
{
    static const char call[] = "rc_npy_write";
    enum rc_status status = rc__view_check(view, call);
    if (status != RC_OK) return status;
    if (!file) return rc_error_set(RC_INVALID, "%s: the file is NULL", call);
    return write_all(view, file, version, call);
}

/* ---- a path ---------------------------------------------------------------------------------- */

/* A file that is written beside the one that it is going to be. */
struct draft {
    const char *call;
    const char *path;         /* as the caller gave it */
    char target[PATH_MAX];    /* where links lead */
    char name[PATH_MAX + 64]; /* beside it */
    int descriptor;
    bool is_in_place; /* a device or a FIFO: nothing is replaced */
};

static enum rc_status draft_error(const struct draft *draft, const char *what)
{
    return rc__map_error("%s: cannot %s %.100s", draft->call, what, draft->path);
}

static enum rc_status open_in_place(struct draft *draft)
{
    draft->is_in_place = true;
    draft->descriptor = open(draft->path, O_WRONLY | O_CLOEXEC);
    return draft->descriptor >= 0 ? RC_OK : draft_error(draft, "open");
}

/* A name that is not there yet, in the same folder; however long the target's is, it is short. The
 * mode is that of the file that is there, so that nobody opens the draft who may not open that. */
static enum rc_status open_beside(struct draft *draft, const struct stat *old)
{
    static unsigned serial;
    const char *slash = strrchr(draft->target, '/');
    int folder = slash ? (int)(slash - draft->target) + 1 : 0;
    mode_t mode = old ? old->st_mode & 0777 : 0666;
    do {
        unsigned number = __atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED);
        snprintf(draft->name, sizeof draft->name, "%.*s.npy-%ld-%u", folder, draft->target,
                 (long)getpid(), number);
        draft->descriptor = open(draft->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    } while (draft->descriptor < 0 && errno == EEXIST);
    if (draft->descriptor < 0) return draft_error(draft, "make a file beside");
    if (old) (void)fchmod(draft->descriptor, mode);
    return RC_OK;
}

/* Where the new file goes, where there is none. A link that leads nowhere is left alone. */
static enum rc_status find_new_target(struct draft *draft)
{
    struct stat link;
    if (errno != ENOENT) return draft_error(draft, "write");
    bool is_link = lstat(draft->path, &link) == 0;
    if (!is_link && strlen(draft->path) < sizeof draft->target) {
        strcpy(draft->target, draft->path);
        return RC_OK;
    }
    errno = is_link ? ENOENT : ENAMETOOLONG;
    return draft_error(draft, is_link ? "follow the link" : "write");
}

/* @p in_place: whether a device, a pipe or a socket will do. */
static enum rc_status open_draft(struct draft *draft, const char *path, bool in_place,
                                 const char *call)
{
    struct stat old;
    *draft = (struct draft){.call = call, .path = path, .descriptor = -1};
    if (!path) return rc_error_set(RC_INVALID, "%s: the path is NULL", call);
    if (stat(path, &old) != 0)
        return find_new_target(draft) == RC_OK ? open_beside(draft, NULL) : RC_SYSTEM;
    if (S_ISDIR(old.st_mode)) {
        errno = EISDIR;
        return draft_error(draft, "write");
    }
    if (!S_ISREG(old.st_mode)) {
        if (in_place) return open_in_place(draft);
        return rc_error_set(RC_UNSUPPORTED, "%s: %.100s is no regular file", call, path);
    }
    if (!realpath(path, draft->target)) return draft_error(draft, "find the folder of");
    return open_beside(draft, &old);
}

/* The end of a draft that became a file, or did not. */
static enum rc_status close_draft(struct draft *draft, enum rc_status status)
{
    if (draft->descriptor < 0) return status;
    if (draft->is_in_place) return status;
    if (status == RC_OK && rename(draft->name, draft->target) != 0)
        status = draft_error(draft, "replace");
    if (status != RC_OK) {
        int number = errno;
        (void)unlink(draft->name);
        errno = number;
    }
    return status;
}

/* fclose() tells of what could not be written; the descriptor is closed with it. */
static enum rc_status write_stream(const rc_view *view, struct draft *draft)
{
    FILE *file = fdopen(draft->descriptor, "wb");
    if (!file) {
        enum rc_status status = draft_error(draft, "write");
        rc__map_close(draft->descriptor);
        return status;
    }
    enum rc_status status = write_all(view, file, RC_NPY_LEAST, draft->call);
    int number = errno;
    if (fclose(file) != 0 && status == RC_OK) return draft_error(draft, "write all of");
    errno = number;
    return status;
}

static enum rc_status save(const rc_view *view, const char *path)
{
    struct draft draft;
    enum rc_status status = rc__view_check(view, "rc_npy_save");
    if (status == RC_OK) status = open_draft(&draft, path, true, "rc_npy_save");
    if (status != RC_OK) return status;
    return close_draft(&draft, write_stream(view, &draft));
}

enum rc_status rc_npy_save(const rc_view *view, const char *path)
{
    int cancel = rc__cancel_hold();
    enum rc_status status = save(view, path);
    rc__cancel_allow(cancel);
    return status;
}

/* ---- a new file, mapped ---------------------------------------------------------------------- */

/* The header, and room for the elements that the disk really has where it can say so. */
static enum rc_status fill_draft(struct draft *draft, const rc_buffer *header, size_t size)
{
    size_t total;
    if (!rc__size_add(header->size, size, &total)) return RC_OVERFLOW;
    if (total > (size_t)PTRDIFF_MAX)
        return rc_error_set(RC_OVERFLOW, "%s: a file of %zu bytes", draft->call, total);
    for (size_t done = 0; done < header->size;) {
        ssize_t some = write(draft->descriptor, header->data + done, header->size - done);
        if (some < 0 && errno == EINTR) continue;
        if (some < 0) return draft_error(draft, "write the header of");
        done += (size_t)some;
    }
    int result;
    do result = fallocate(draft->descriptor, 0, 0, (off_t)total);
    while (result != 0 && errno == EINTR);
    if (result == 0) return RC_OK;
    if (errno != EOPNOTSUPP && errno != ENOSYS) return draft_error(draft, "find room for");
    return ftruncate(draft->descriptor, (off_t)total) == 0 ? RC_OK
                                                           : draft_error(draft, "make room for");
}

struct request {
    rc_format *format;
    const char *text;
    size_t ndim;
    const size_t *shape;
    char order;
};

static rc_view *view_draft(struct draft *draft, const struct request *request, size_t offset,
                           size_t size)
{
    ptrdiff_t strides[RC_VIEW_DIMENSIONS_MAX];
    rc_buffer *map = rc_map_descriptor(draft->descriptor, 0, offset + size, RC_MAP_SHARED);
    if (!map) return NULL;
    rc__geometry_fill_strides(request->ndim, request->shape, request->format->itemsize,
                              request->order, strides);
    struct rc_view_layout layout = {.struct_size = sizeof layout,
                                    .format = request->text,
                                    .offset = offset,
                                    .ndim = request->ndim,
                                    .shape = request->shape,
                                    .strides = strides};
    rc_view *view = rc_view_new_with(map, &layout);
    rc_release(map);
    return view;
}

static rc_view *create_file(const char *path, const struct request *request,
                            const rc_buffer *header, size_t size)
{
    struct draft draft;
    rc_view *view = NULL;
    if (open_draft(&draft, path, false, "rc_npy_create") != RC_OK) return NULL;
    enum rc_status status = fill_draft(&draft, header, size);
    if (status == RC_OK) view = view_draft(&draft, request, header->size, size);
    if (status == RC_OK && !view) status = rc_error_status();
    rc__map_close(draft.descriptor);
    if (close_draft(&draft, status) == RC_OK) return view;
    rc_release(view);
    return NULL;
}

static rc_view *create(const char *path, const struct request *request)
{
    static const char call[] = "rc_npy_create";
    size_t count;
    if (request->order != 'C' && request->order != 'F') {
        rc_error_set(RC_INVALID, "%s: order '%c' (%d) is neither 'C' nor 'F'", call,
                     request->order > ' ' && request->order < 127 ? request->order : '?',
                     request->order);
        return NULL;
    }
    if (rc__view_count(call, request->ndim, request->shape, request->format->itemsize, &count) !=
        RC_OK)
        return NULL;
    bool fortran = request->order == 'F' && request->ndim > 1;
    rc_buffer *header = rc__npy_header_of(request->format, request->ndim, request->shape, fortran,
                                          RC_NPY_LEAST, call);
    if (!header) return NULL;
    rc_view *view = create_file(path, request, header, count * request->format->itemsize);
    rc_release(header);
    return view;
}

rc_view *rc_npy_create(const char *path, const char *format, size_t ndim, const size_t *shape,
                       char order)
{
    struct request request = {
        .text = format ? format : "B", .ndim = ndim, .shape = shape, .order = order};
    request.format = rc_format_new(request.text);
    if (!request.format) return NULL;
    int cancel = rc__cancel_hold();
    rc_view *view = create(path, &request);
    rc__cancel_allow(cancel);
    rc_release(request.format);
    return view;
}
