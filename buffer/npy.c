/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Reading .npy files: what stands before the elements, and the view of them. */
#include "npy.h"

#include "../rc/memory.h"
#include "npy_layout.h"

/* ---- the prefix ------------------------------------------------------------------------------ */

static bool read_magic(struct rc__npy_cursor *cursor, unsigned *version)
{
    size_t size = cursor->end - cursor->at;
    const unsigned char *bytes = cursor->bytes + cursor->at;
    if (size < RC__NPY_PREFIX)
        return rc__npy_fault(cursor, cursor->at, RC_FORMAT,
                             "%zu bytes are too few for a .npy file, which begins with %zu", size,
                             RC__NPY_PREFIX);
    size_t same = 0;
    while (same < RC__NPY_MAGIC_SIZE && bytes[same] == (unsigned char)RC__NPY_MAGIC[same]) same++;
    if (same < RC__NPY_MAGIC_SIZE)
        return rc__npy_fault(cursor, cursor->at + same, RC_FORMAT,
                             "0x%02x is not of the magic of a .npy file", bytes[same]);
    *version = bytes[6];
    if (*version < 1 || *version > 3 || bytes[7] != 0)
        return rc__npy_fault(cursor, cursor->at + RC__NPY_MAGIC_SIZE, RC_UNSUPPORTED,
                             "version %u.%u is none of 1.0, 2.0 and 3.0", bytes[6], bytes[7]);
    cursor->at += RC__NPY_PREFIX;
    return true;
}

/* Its size in little endian, then the header: the cursor gets to be all of it. */
static bool enter_header(struct rc__npy_cursor *cursor, unsigned version)
{
    size_t digits = version == 1 ? 2 : 4, there = cursor->end - cursor->at;
    if (there < digits)
        return rc__npy_fault(cursor, cursor->at, RC_FORMAT,
                             "the file ends %zu bytes into the size of its header", there);
    uint32_t size = 0;
    for (size_t i = 0; i < digits; i++) size |= (uint32_t)cursor->bytes[cursor->at + i] << 8 * i;
    if (there - digits < size)
        return rc__npy_fault(cursor, cursor->at, RC_RANGE,
                             "a header of %lu bytes in a file that has %zu more",
                             (unsigned long)size, there - digits);
    cursor->at += digits;
    cursor->end = cursor->at + size;
    cursor->is_utf8 = version == 3;
    return true;
}

/* ---- the dict -------------------------------------------------------------------------------- */

enum key { KEY_DESCR, KEY_ORDER, KEY_SHAPE, KEY_COUNT };

static const char *const keys[KEY_COUNT] = {"descr", "fortran_order", "shape"};

/* A header while it is read. */
struct header {
    struct rc__npy_array array;
    rc_buffer *format;         /* its text */
    size_t descr_at, shape_at; /* for sentences */
    bool is_there[KEY_COUNT];
};

static bool read_key(struct rc__npy_cursor *cursor, struct header *header, enum key *key)
{
    size_t start, size;
    if (!rc__npy_plain(cursor, &start, &size)) return false;
    const char *text = (const char *)cursor->bytes + start;
    for (*key = KEY_DESCR; *key < KEY_COUNT; (*key)++)
        if (strlen(keys[*key]) == size && memcmp(keys[*key], text, size) == 0) break;
    if (*key == KEY_COUNT)
        return rc__npy_fault(cursor, start, RC_FORMAT, "a key of %zu bytes that no header has",
                             size);
    if (header->is_there[*key])
        return rc__npy_fault(cursor, start, RC_FORMAT, "'%s' for the second time", keys[*key]);
    header->is_there[*key] = true;
    return rc__npy_expect(cursor, ':', "behind a key");
}

static bool read_value(struct rc__npy_cursor *cursor, struct header *header, enum key key)
{
    (void)rc__npy_peek(cursor);
    if (key == KEY_ORDER) return rc__npy_boolean(cursor, &header->array.is_fortran);
    *(key == KEY_DESCR ? &header->descr_at : &header->shape_at) = cursor->at;
    if (key == KEY_DESCR) return rc__npy_read_descr(cursor, header->format);
    return rc__npy_tuple(cursor, RC_VIEW_DIMENSIONS_MAX, header->array.shape, &header->array.ndim);
}

/* Around the dict Python takes fewer blanks than inside: a line that is indented is an error. */
static void skip_on_line(struct rc__npy_cursor *cursor)
{
    while (cursor->at < cursor->end && memchr(" \t", cursor->bytes[cursor->at], 2)) cursor->at++;
}

static bool check_complete(struct rc__npy_cursor *cursor, const struct header *header)
{
    char room[RC__NPY_SHOWN];
    for (enum key key = KEY_DESCR; key < KEY_COUNT; key++)
        if (!header->is_there[key])
            return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "the header has no '%s'",
                                 keys[key]);
    skip_on_line(cursor);
    while (cursor->at < cursor->end && cursor->bytes[cursor->at] == '\n') cursor->at++;
    if (cursor->at == cursor->end) return true;
    return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "%s behind the header's '}'",
                         rc__npy_show(cursor, cursor->at, room));
}

static bool read_dict(struct rc__npy_cursor *cursor, struct header *header)
{
    char room[RC__NPY_SHOWN];
    enum key key;
    skip_on_line(cursor);
    if (cursor->at == cursor->end || cursor->bytes[cursor->at] != '{')
        return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "%s where the header's '{' is wanted",
                             rc__npy_show(cursor, cursor->at, room));
    cursor->at++;
    while (!rc__npy_take(cursor, '}')) {
        if (!read_key(cursor, header, &key) || !read_value(cursor, header, key)) return false;
        if (rc__npy_take(cursor, ',')) continue;
        if (!rc__npy_expect(cursor, '}', "behind a value of the header")) return false;
        break;
    }
    return check_complete(cursor, header) && rc_buffer_append(header->format, "", 1) == RC_OK;
}

/* ---- the elements ---------------------------------------------------------------------------- */

/* Formats have limits of their own: bytes of an item, dimensions of a leaf. */
static rc_format *make_format(const struct rc__npy_cursor *cursor, const struct header *header)
{
    char why[RC_ERROR_MESSAGE_SIZE];
    rc_format *format = rc_format_new((const char *)header->format->data);
    enum rc_status status = format ? RC_OK : rc_error_status();
    if (status == RC_OK || status == RC_NO_MEMORY) return format;
    if (status == RC_FORMAT) status = RC_UNSUPPORTED;
    snprintf(why, sizeof why, "%s", rc_error_message());
    rc__npy_fault(cursor, header->descr_at, status, "a dtype that no format can say: %s", why);
    return NULL;
}

/* Records nest as deep as formats do. */
static bool check_names(const struct rc__npy_cursor *cursor, size_t at, const rc_format *format)
{
    size_t count = format->field_count;
    for (size_t i = 0; i < count; i++)
        if (format->fields[i].record && !check_names(cursor, at, format->fields[i].record))
            return false;
    const char *twice;
    const char **names = rc__npy_sort_names(format, &twice);
    if (!names) return false;
    rc_memory_free(names);
    if (!twice) return true;
    return rc__npy_fault(cursor, at, RC_FORMAT, "two of %zu fields are named '%.40s'", count,
                         twice);
}

/* Whether the file is as long as the header says. Elements of an empty shape have no bytes. */
static bool check_size(const struct rc__npy_cursor *cursor, const struct header *header,
                       size_t itemsize, size_t file_size, size_t *size)
{
    size_t count;
    const struct rc__npy_array *array = &header->array;
    enum rc_status status =
        rc__view_count(cursor->call, array->ndim, array->shape, itemsize, &count);
    if (status != RC_OK)
        return rc__npy_fault(cursor, header->shape_at, status,
                             "a shape whose elements of %zu bytes no memory holds", itemsize);
    *size = count * itemsize;
    if (*size <= file_size - cursor->end) return true;
    return rc__npy_fault(cursor, cursor->end, RC_RANGE,
                         "the file has %zu bytes for %zu elements of %zu bytes",
                         file_size - cursor->end, count, itemsize);
}

static rc_view *make_view(rc_buffer *bytes, const struct header *header, size_t offset,
                          size_t itemsize)
{
    ptrdiff_t strides[RC_VIEW_DIMENSIONS_MAX];
    const struct rc__npy_array *array = &header->array;
    rc__geometry_fill_strides(array->ndim, array->shape, itemsize, array->is_fortran ? 'F' : 'C',
                              strides);
    struct rc_view_layout layout = {.struct_size = sizeof layout,
                                    .format = (const char *)header->format->data,
                                    .offset = offset,
                                    .ndim = array->ndim,
                                    .shape = array->shape,
                                    .strides = strides};
    return rc_view_new_with(bytes, &layout);
}

static rc_view *view_elements(struct rc__npy_cursor *cursor, const struct header *header,
                              rc_buffer *bytes, size_t *offset)
{
    rc_format *format = make_format(cursor, header);
    rc_view *view = NULL;
    size_t size = 0;
    if (format && check_names(cursor, header->descr_at, format) &&
        check_size(cursor, header, format->itemsize, bytes->size, &size)) {
        view = make_view(bytes, header, cursor->end, format->itemsize);
        if (view && offset) *offset = cursor->end + size;
    }
    rc__format_release(format);
    return view;
}

static rc_view *read_array(rc_buffer *bytes, size_t *offset, const char *call, const char *path)
{
    struct rc__npy_cursor cursor = {.bytes = bytes->data,
                                    .at = offset ? *offset : 0,
                                    .end = bytes->size,
                                    .call = call,
                                    .path = path};
    struct header header = {.format = NULL};
    unsigned version = 0;
    if (cursor.at > cursor.end) {
        rc_error_set(RC_RANGE, "%s: offset %zu passes the end of a buffer of %zu bytes", call,
                     cursor.at, cursor.end);
        return NULL;
    }
    if (!read_magic(&cursor, &version) || !enter_header(&cursor, version)) return NULL;
    header.format = rc_buffer_new(0);
    rc_view *view = NULL;
    if (header.format && read_dict(&cursor, &header))
        view = view_elements(&cursor, &header, bytes, offset);
    rc_release(header.format);
    return view;
}

rc_view *rc_npy_read(rc_buffer *bytes, size_t *offset)
{
    static const char call[] = "rc_npy_read";
    return rc__buffer_check(bytes, call) == RC_OK ? read_array(bytes, offset, call, NULL) : NULL;
}

rc_view *rc_npy_map(const char *path, enum rc_map_mode mode)
{
    rc_buffer *map = rc_map_file(path, mode);
    if (!map) return NULL;
    rc_view *view = read_array(map, NULL, "rc_npy_map", path);
    rc_release(map);
    return view;
}
