/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/npy.h
 * NumPy's .npy files: read where they are mapped, without a copy, and written, in the versions 1.0,
 * 2.0 and 3.0.
 *
 * Which dtypes: bool, integers, floats (float16 and long double too), complex numbers, S, U, V, and
 * records of them, with sub-arrays, titles (which are dropped) and padding; either order of bytes,
 * either order of elements. Objects (O), dates and time spans (M, m) have no PEP 3118 format and are
 * refused. A record's format is T{...} with the offsets that NumPy has; a field of V is "(n)B" in it,
 * n bytes, and written again it is that. Fields without a name are written as f0, f1, ...; an element
 * that is a sub-array, as "3i", becomes dimensions of the array.
 *
 * No file is trusted: the header is checked to its last character, and the file is long enough for
 * what it promises before an element is looked at.
 *
 * Threads: all of it is safe from any thread; files are the caller's race.
 * Errors: RC_FORMAT for what is no .npy file or a malformed header, with the position in the file;
 * RC_UNSUPPORTED for versions and dtypes that are not read; RC_OVERFLOW for a shape that no memory
 * holds; RC_RANGE for a file that is too short; RC_SYSTEM for files, as buffer/map.h says;
 * RC_INVALID for NULL, RC_NO_MEMORY. What fails has changed nothing, and left no file.
 * Source: NEP 1 and numpy/lib/format.py for the files.
 */
#ifndef BUFFER_NPY_H
#define BUFFER_NPY_H

#include <stdio.h>

#include "map.h"
#include "view.h"

RC_BEGIN_DECLS

/** Which form a header gets. */
enum rc_npy_version {
    RC_NPY_LEAST = 0, /**< the lowest that can say it, as NumPy chooses */
    RC_NPY_1_0 = 1,   /**< a header of less than 64 KiB, in Latin-1 */
    RC_NPY_2_0 = 2,   /**< a longer one */
    RC_NPY_3_0 = 3    /**< in UTF-8 */
};

/* ---- read: each returns one new reference, or NULL ------------------------------------------- */

/**
 * The array in the file at @p path, which is mapped and not read: numpy.load(mmap_mode=).
 *
 * Borrows:  path, not NULL.
 * Returns:  a view whose base is a map in that mode; read-only in RC_MAP_READ.
 */
RC_API RC_MUST_USE rc_view *rc_npy_map(const char *path, enum rc_map_mode mode);

/**
 * The array that begins at @p *offset of @p bytes; no bytes are copied. On success @p *offset is
 * behind its last element, where the next array of the same file may begin. NULL: at 0.
 */
RC_API RC_MUST_USE rc_view *rc_npy_read(rc_buffer *bytes, size_t *offset);

/* ---- write ----------------------------------------------------------------------------------- */

/**
 * What stands before the elements: magic, version and header, a multiple of 64 bytes, as NumPy
 * writes it. Elements follow in C order, or in Fortran order where the view is contiguous in that
 * one alone.
 *
 * Errors:   RC_UNSUPPORTED for formats that are no dtype (p, P), and for a version that cannot say it.
 */
RC_API RC_MUST_USE rc_buffer *rc_npy_header(const rc_view *view, enum rc_npy_version version);

/**
 * Header and elements to @p file, at its position: numpy.save() to an open file. Of a view that is
 * not contiguous at most a megabyte, or one row, is copied at a time.
 *
 * Borrows:  file, open for writing in binary mode. After RC_SYSTEM and RC_NO_MEMORY a part may have
 *           been written.
 */
RC_API enum rc_status rc_npy_write(const rc_view *view, FILE *file, enum rc_npy_version version);

/**
 * Write the file at @p path. It appears, or replaces the one that is there, when it is complete; a
 * link stays, and what it leads to is replaced. Devices and pipes are written to as they are.
 */
RC_API enum rc_status rc_npy_save(const rc_view *view, const char *path);

/**
 * A new file whose elements are zero, mapped RC_MAP_SHARED: what is written to the view is in the
 * file. numpy.lib.format.open_memmap(mode="w+"). A file that is there is replaced.
 *
 * Borrows:  path, format (a text, NULL for "B"), shape: ndim entries. @p order: 'C' or 'F'.
 * Errors:   as rc_npy_header; RC_INVALID, RC_OVERFLOW for the shape; as rc_format_new.
 */
RC_API RC_MUST_USE rc_view *rc_npy_create(const char *path, const char *format, size_t ndim,
                                          const size_t *shape, char order);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_NPY
#include "ledger_calls.h"
#endif

#endif
