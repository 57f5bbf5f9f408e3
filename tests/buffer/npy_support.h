/* SPDX-License-Identifier: MIT */
/** @file tests/buffer/npy_support.h
 * For tests of .npy files: files put together from a header's text, and what is read of them. */
#ifndef TESTS_BUFFER_NPY_SUPPORT_H
#define TESTS_BUFFER_NPY_SUPPORT_H

#include "buffer/npy.h"
#include "support.h"

#define IS_LITTLE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
/* The orders of this machine and of the other, as dtypes and formats say them. */
#define OWN     (IS_LITTLE ? "<" : ">")
#define FOREIGN (IS_LITTLE ? ">" : "<")

enum { NPY_TEXT_MAX = 1 << 17 };

/** A file in memory, put together part by part. */
struct npy_file {
    unsigned char *bytes;
    size_t size;
};

static inline void npy_put(struct npy_file *file, const void *bytes, size_t size)
{
    file->bytes = realloc(file->bytes, file->size + size + 1);
    ck_assert_ptr_nonnull(file->bytes);
    if (size) memcpy(file->bytes + file->size, bytes, size);
    file->size += size;
}

/** Magic, version and a header of @p size bytes, just as they are. */
static inline void npy_put_header(struct npy_file *file, unsigned version, const char *header,
                                  size_t size)
{
    unsigned char prefix[12] = "\x93NUMPY";
    prefix[6] = (unsigned char)version;
    for (size_t i = 0; i < 4; i++) prefix[8 + i] = (unsigned char)(size >> 8 * i & 0xFF);
    npy_put(file, prefix, version == 1 ? 10 : 12);
    npy_put(file, header, size);
}

/** Elements: bytes that support_byte() makes of their places. */
static inline void npy_put_elements(struct npy_file *file, unsigned seed, size_t size)
{
    unsigned char *elements = malloc(size + 1);
    ck_assert_ptr_nonnull(elements);
    support_write(elements, size, seed, 0);
    npy_put(file, elements, size);
    free(elements);
}

/** A buffer with the file's bytes, in a block that ends where the file does, so that
 * AddressSanitizer sees a step beyond. */
static inline void npy__free(void *bytes, size_t size, void *context)
{
    (void)size, (void)context;
    free(bytes);
}

static inline rc_buffer *npy_close(struct npy_file *file)
{
    unsigned char *exact = malloc(file->size ? file->size : 1);
    ck_assert_ptr_nonnull(exact);
    if (file->size) memcpy(exact, file->bytes, file->size);
    rc_buffer *buffer = rc_buffer_adopt(exact, file->size, npy__free, NULL);
    ck_assert_ptr_nonnull(buffer);
    free(file->bytes);
    *file = (struct npy_file){NULL, 0};
    return buffer;
}

/** The file of that header, with so many bytes of elements. */
static inline rc_buffer *npy_bytes(unsigned version, const char *header, size_t elements)
{
    struct npy_file file = {NULL, 0};
    npy_put_header(&file, version, header, strlen(header));
    npy_put_elements(&file, 9, elements);
    return npy_close(&file);
}

/** The header of one dtype and shape, as NumPy orders it. */
static inline const char *npy_text(const char *descr, bool fortran, const char *shape)
{
    static char text[NPY_TEXT_MAX];
    int size = snprintf(text, sizeof text, "{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n",
                        descr, fortran ? "True" : "False", shape);
    ck_assert_int_lt(size, NPY_TEXT_MAX);
    return text;
}

/** Read the array of a file that has nothing else; the buffer's reference is taken. */
static inline rc_view *npy_read(rc_buffer *buffer)
{
    size_t offset = 0, size = buffer->size;
    rc_error_clear();
    rc_view *view = rc_npy_read(buffer, &offset);
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(offset, size);
    ck_assert_ptr_eq(view->base, buffer);
    rc_release(buffer);
    return view;
}

/** A view of elements of that dtype and shape, in C order. */
static inline rc_view *npy_view(const char *descr, const char *shape, size_t elements)
{
    return npy_read(npy_bytes(1, npy_text(descr, false, shape), elements));
}

/** Elements of the view are what npy_put_elements() wrote. */
static inline void npy_assert_elements(const rc_view *view, unsigned seed)
{
    size_t size = rc_view_byte_count(view);
    size_t same = support_count_same(view->data, size, seed, 0);
    ck_assert_msg(same == size, "byte %zu of %zu differs", same, size);
}

/** A path in the folder for temporary files, where nothing is yet. */
static inline void npy_new_path(char path[SUPPORT_PATH])
{
    int descriptor = support_file(path, 0, 0);
    close(descriptor);
    unlink(path);
}

#endif
