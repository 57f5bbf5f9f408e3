/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What looks at all elements of an array, and what goes to files and comes from them. */
#include <errno.h>

#include "../rc/block.h"
#include "array_layout.h"

/* ---- search ---------------------------------------------------------------------------------- */

static bool is_equal(const rc_array *array, const unsigned char *a, const void *b)
{
    if (array->typecode == 'd') {
        double left, right;
        memcpy(&left, a, sizeof left);
        memcpy(&right, b, sizeof right);
        return left == right;
    }
    if (array->typecode == 'f') {
        float left, right;
        memcpy(&left, a, sizeof left);
        memcpy(&right, b, sizeof right);
        return left == right;
    }
    return memcmp(a, b, array->itemsize) == 0;
}

/* The first equal one from @p place on; the length if there is none. */
static size_t find(const rc_array *array, size_t place, const void *item)
{
    while (place < array->length && !is_equal(array, array->data + place * array->itemsize, item))
        place++;
    return place;
}

enum rc_status rc_array_index(const rc_array *array, const void *item, size_t *index)
{
    static const char call[] = "rc_array_index";
    enum rc_status status = rc__array_check_items(array, item, call);
    if (status != RC_OK) return status;
    if (!index) return rc_error_set(RC_INVALID, "%s: no place for the index", call);
    size_t place = find(array, 0, item);
    if (place == array->length)
        return rc_error_set(RC_RANGE, "%s: none of %zu elements equals the item", call,
                            array->length);
    *index = place;
    return RC_OK;
}

size_t rc_array_count(const rc_array *array, const void *item)
{
    if (rc__array_check_items(array, item, "rc_array_count") != RC_OK) return 0;
    size_t count = 0;
    for (size_t i = find(array, 0, item); i < array->length; i = find(array, i + 1, item)) count++;
    return count;
}

/* ---- change ---------------------------------------------------------------------------------- */

static void swap_items(unsigned char *a, unsigned char *b, size_t itemsize)
{
    unsigned char kept[RC__ARRAY_ITEM_MAX];
    memcpy(kept, a, itemsize);
    memcpy(a, b, itemsize);
    memcpy(b, kept, itemsize);
}

enum rc_status rc_array_reverse(rc_array *array)
{
    unsigned char *bytes = rc_array_edit(array);
    if (!bytes) return rc_error_status();
    size_t itemsize = array->itemsize;
    for (size_t low = 0, high = array->length; low + 1 < high; low++)
        swap_items(bytes + low * itemsize, bytes + --high * itemsize, itemsize);
    return RC_OK;
}

static void swap_bytes(unsigned char *item, size_t itemsize)
{
    for (size_t low = 0, high = itemsize; low + 1 < high; low++) {
        unsigned char kept = item[low];
        item[low] = item[--high];
        item[high] = kept;
    }
}

enum rc_status rc_array_byteswap(rc_array *array)
{
    unsigned char *bytes = rc_array_edit(array);
    if (!bytes) return rc_error_status();
    for (size_t i = 0; i < array->length; i++)
        swap_bytes(bytes + i * array->itemsize, array->itemsize);
    return RC_OK;
}

/* ---- bytes and files ------------------------------------------------------------------------- */

rc_buffer *rc_array_to_bytes(const rc_array *array)
{
    if (rc__array_check(array, "rc_array_to_bytes") != RC_OK) return NULL;
    return rc_buffer_copy(array->data, array->buffer->size);
}

static enum rc_status check_file(const rc_array *array, const FILE *file, const char *call)
{
    if (rc__array_check(array, call) != RC_OK) return RC_INVALID;
    return file ? RC_OK : rc_error_set(RC_INVALID, "%s: the file is NULL", call);
}

static enum rc_status file_failed(const char *call, const char *done, size_t size, size_t wanted)
{
    int number = errno;
    rc_error_set(RC_SYSTEM, "%s: %s %zu of %zu bytes: error %d", call, done, size, wanted, number);
    errno = number;
    return RC_SYSTEM;
}

/* The room is there before the first byte is read, so that what comes is not lost. */
enum rc_status rc_array_from_file(rc_array *array, FILE *file, size_t count)
{
    static const char call[] = "rc_array_from_file";
    size_t wanted, before, grown;
    enum rc_status status = check_file(array, file, call);
    if (status != RC_OK) return status;
    before = array->buffer->size;
    if (!rc__size_multiply(count, array->itemsize, &wanted) ||
        !rc__size_add(before, wanted, &grown))
        return RC_OVERFLOW;
    status = rc_buffer_resize(array->buffer, grown);
    unsigned char *bytes = status == RC_OK ? rc_buffer_edit(array->buffer) : NULL;
    if (!bytes) return rc_error_status();
    errno = 0;
    size_t read = wanted ? fread(bytes + before, 1, wanted, file) : 0;
    int number = errno;
    (void)rc_buffer_resize(array->buffer, before + read - read % array->itemsize);
    if (read < wanted) (void)rc_buffer_shrink(array->buffer);
    rc__array_refresh(array);
    errno = number;
    if (read == wanted) return RC_OK;
    /* An error from before this call may still be marked. */
    if (!feof(file)) return file_failed(call, "read", read, wanted);
    return rc_error_set(RC_RANGE, "%s: the file ends after %zu bytes of %zu", call, read, wanted);
}

enum rc_status rc_array_to_file(const rc_array *array, FILE *file)
{
    static const char call[] = "rc_array_to_file";
    enum rc_status status = check_file(array, file, call);
    size_t size = status == RC_OK ? array->buffer->size : 0;
    if (size == 0) return status;
    errno = 0;
    size_t written = fwrite(array->data, 1, size, file);
    return written == size ? RC_OK : file_failed(call, "wrote", written, size);
}
