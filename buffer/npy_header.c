/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * What stands before the elements, byte for byte as NumPy 1.24 writes it: blanks leave room for the
 * first number of the shape to grow (the last one in Fortran order), and the whole is a multiple of
 * 64 bytes.
 */
#include "npy_layout.h"

#define ALIGNMENT    ((size_t)64)
#define DIGITS_MAX   21 /* what a number of the shape may grow to */
#define LEAST_V1_MAX ((size_t)UINT16_MAX)

/* Appends the decimal digits of the shape, and the blanks that its number may grow into. */
static bool put_shape(const struct rc__npy_array *array, rc_buffer *text)
{
    for (size_t i = 0; i < array->ndim; i++)
        if (!rc__npy_print(text, i == 0 ? "%zu" : ", %zu", array->shape[i])) return false;
    if (!rc__npy_print(text, array->ndim == 1 ? ",), }" : "), }")) return false;
    if (array->ndim == 0) return true;
    size_t growing = array->shape[array->is_fortran ? array->ndim - 1 : 0];
    int digits = snprintf(NULL, 0, "%zu", growing);
    return rc__npy_print(text, "%*s", DIGITS_MAX - digits, "");
}

/* The outer dimensions are there; those of an element that is a sub-array come behind. */
static bool put_dict(const rc_format *format, struct rc__npy_array *array, const char *call,
                     rc_buffer *text)
{
    size_t inner[RC__FORMAT_DIMENSIONS_MAX], inner_count;
    if (!rc__npy_print(text, "{'descr': ") ||
        !rc__npy_write_descr(format, call, text, inner, &inner_count))
        return false;
    if (array->ndim + inner_count > RC_VIEW_DIMENSIONS_MAX || (inner_count && array->is_fortran)) {
        rc_error_set(RC_UNSUPPORTED, "%s: no header says %zu dimensions%s of elements with %zu",
                     call, array->ndim, array->is_fortran ? " in Fortran order" : "", inner_count);
        return false;
    }
    for (size_t i = 0; i < inner_count; i++) array->shape[array->ndim++] = inner[i];
    return rc__npy_print(text, ", 'fortran_order': %s, 'shape': (",
                         array->is_fortran ? "True" : "False") &&
           put_shape(array, text);
}

/* ---- versions -------------------------------------------------------------------------------- */

/* Characters above U+00FF, which Latin-1 has not. */
static bool is_latin1(const rc_buffer *text)
{
    for (size_t i = 0; i < text->size; i++)
        if (text->data[i] > 0xC3) return false;
    return true;
}

/* From UTF-8 with no character above U+00FF; in place. */
static bool make_latin1(rc_buffer *text)
{
    unsigned char *bytes = rc_buffer_edit(text);
    if (!bytes) return false;
    size_t size = 0;
    for (size_t i = 0; i < text->size; i++) {
        unsigned char byte = bytes[i];
        if (byte >= 0xC0 && i + 1 < text->size)
            byte = (unsigned char)((byte & 3) << 6 | (bytes[++i] & 0x3F));
        bytes[size++] = byte;
    }
    return rc_buffer_resize(text, size) == RC_OK;
}

/* Bytes before the dict, and those of the dict with its blanks and its newline. */
static size_t padded_size(size_t text_size, unsigned version, size_t *before)
{
    *before = RC__NPY_PREFIX + (version == 1 ? 2 : 4);
    size_t size = *before + text_size + 1;
    return size + (ALIGNMENT - size % ALIGNMENT) - *before;
}

/* 0: no version can say it, or not the one that is asked for. */
static unsigned choose_version(rc_buffer *text, enum rc_npy_version wanted, const char *call)
{
    unsigned version = (unsigned)wanted;
    bool fits_latin1 = is_latin1(text);
    if (version > RC_NPY_3_0) {
        rc_error_set(RC_INVALID, "%s: there is no version %u", call, version);
        return 0;
    }
    if (!fits_latin1 && (version == RC_NPY_1_0 || version == RC_NPY_2_0)) {
        rc_error_set(RC_UNSUPPORTED, "%s: names that are not Latin-1 need version 3.0, not %u.0",
                     call, version);
        return 0;
    }
    if (!fits_latin1) return RC_NPY_3_0;
    if (version != RC_NPY_3_0 && !make_latin1(text)) return 0;
    size_t before, size = padded_size(text->size, 1, &before);
    if (version == RC_NPY_LEAST) return size > LEAST_V1_MAX ? RC_NPY_2_0 : RC_NPY_1_0;
    if (version != RC_NPY_1_0 || size <= LEAST_V1_MAX) return version;
    rc_error_set(RC_UNSUPPORTED, "%s: a header of %zu bytes is above the %zu of version 1.0", call,
                 size, LEAST_V1_MAX);
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static rc_buffer *wrap(rc_buffer *text, enum rc_npy_version wanted, const char *call)
{
    unsigned version = choose_version(text, wanted, call);
    if (!version) return NULL;
    size_t before, size = padded_size(text->size, version, &before);
    if (size > UINT32_MAX) {
        rc_error_set(RC_UNSUPPORTED, "%s: a header of %zu bytes", call, size);
        return NULL;
    }
    rc_buffer *header = rc_buffer_new(before + size);
    unsigned char *bytes = header ? rc_buffer_edit(header) : NULL;
    if (!bytes) return NULL;
    memset(bytes, ' ', before + size);
    memcpy(bytes, RC__NPY_MAGIC, RC__NPY_MAGIC_SIZE);
    bytes[RC__NPY_MAGIC_SIZE] = (unsigned char)version;
    bytes[RC__NPY_MAGIC_SIZE + 1] = 0;
    for (size_t i = RC__NPY_PREFIX; i < before; i++)
        bytes[i] = (unsigned char)(size >> 8 * (i - RC__NPY_PREFIX) & 0xFF);
    memcpy(bytes + before, text->data, text->size);
    bytes[before + size - 1] = '\n';
    return header;
}

rc_buffer *rc__npy_header_of(const rc_format *format, size_t ndim, const size_t *shape,
                             bool is_fortran, enum rc_npy_version version, const char *call)
{
    struct rc__npy_array array = {.ndim = ndim, .is_fortran = is_fortran};
    if (ndim > RC_VIEW_DIMENSIONS_MAX) {
        rc_error_set(RC_INVALID, "%s: %zu dimensions are more than %d", call, ndim,
                     RC_VIEW_DIMENSIONS_MAX);
        return NULL;
    }
    if (ndim) memcpy(array.shape, shape, ndim * sizeof *shape);
    rc_buffer *text = rc_buffer_new(0), *header = NULL;
    if (text && put_dict(format, &array, call, text)) header = wrap(text, version, call);
    rc_release(text);
    return header;
}
