/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/format.h
 * Element formats: what the bytes of one item mean, in the syntax of PEP 3118.
 *
 * A format is an object, and never changes once it is made. Its text is that of Python's struct
 * module with PEP 3118's additions, as NumPy and ctypes write them:
 *
 *     @ = < > !              order and sizes: this machine's, aligned (at the start); this machine's
 *                            order and standard sizes; little, big, big. One holds up to the next
 *                            one, wherever that stands, also behind a }
 *     ^                      as @, not aligned: NumPy's
 *     x c b B ? h H i I l L q Q n N e f d g s p w P Zf Zd Zg        n N P g Zg: in @ and ^ only
 *     4x 3i 10s              a count; of s, p and w a length
 *     (2,3)d                 a sub-array in C order; an order may stand behind the shape, or another
 *                            shape: (2)(3)d is (2,3)d, and so is (2)3d
 *     T{i:id: d:value:}:row: a record, and names; nests up to 64 deep
 *
 * Two rules for the size. Outside of T{...} it is struct's: in the order @ each element is aligned,
 * and nothing is added after the last. Inside it is C's and NumPy's: where the order at the } is @,
 * the record is padded to its alignment, and aligned itself. Spaces between elements are skipped. A
 * leaf has at most 64 dimensions, those of its records included.
 *
 * A value is one leaf: "3i" has three, "10s" one, "(2,3)d" six, "x" none.
 *
 * Threads: formats are constant; all of it is safe from any thread.
 * Errors: a malformed text is RC_FORMAT, and the message has the position of the fault, from 0.
 */
#ifndef BUFFER_FORMAT_H
#define BUFFER_FORMAT_H

#include "../rc/object.h"

RC_BEGIN_DECLS

/** What lies at one place of an item. */
struct rc_format_field {
    const char *name;               /**< "" where it has none */
    size_t offset;                  /**< in bytes, from the start of what the field is in */
    size_t size;                    /**< of one element, in bytes; of s p w the whole length */
    size_t ndim;                    /**< 0: one element */
    const size_t *shape;            /**< ndim entries: elements; "3i" has ndim 1, shape 3 */
    const struct rc_format *record; /**< what T{...} says, else NULL. A part of this format, and no
                                          object: not to be retained */
    char code;    /**< 'd', 'w', ...; 'T' for a record; 'F' 'D' 'G' for Zf Zd Zg */
    bool swapped; /**< its bytes are in the other order than this machine's */
};

/** Only the library makes formats. */
typedef struct rc_format {
    const char *text;   /**< as it was given; "" for a record, a part of another format */
    size_t itemsize;    /**< bytes of one item, at most PTRDIFF_MAX */
    size_t alignment;   /**< of one item, in bytes; 1 unless a part is in order @ */
    size_t field_count; /**< pad bytes are none */
    const struct rc_format_field *fields; /**< field_count entries, in the order of their offsets */
    size_t value_count;                   /**< leaves of one item */
} rc_format;

/** A leaf, taken out of an item or to be put in. */
enum rc_value_kind {
    RC_VALUE_NONE,     /**< not a value yet */
    RC_VALUE_BOOL,     /**< ?: unsigned_integer is 0 or 1 */
    RC_VALUE_SIGNED,   /**< b h i l q n */
    RC_VALUE_UNSIGNED, /**< B H I L Q N P */
    RC_VALUE_REAL,     /**< e f d g */
    RC_VALUE_COMPLEX,  /**< Zf Zd Zg */
    RC_VALUE_BYTES     /**< c s p: bytes; w: UCS-4 characters, 4 bytes each */
};

struct rc_value {
    enum rc_value_kind kind;
    union {
        int64_t signed_integer;
        uint64_t unsigned_integer;
        long double real;
        struct {
            long double real, imaginary;
        } complex_number;
        struct {
            const unsigned char *data; /**< borrowed from the item; may be unaligned */
            size_t size;               /**< in bytes */
            bool swapped;              /**< of w: its characters are in the other order */
        } bytes;
    } as;
};

/* ---- create ---------------------------------------------------------------------------------- */

/**
 * Parse @p text, in a time that grows with its length alone.
 *
 * Borrows:  text, not NULL, for the call.
 * Returns:  one new reference, or NULL. A text of one code costs no memory: these are immortal.
 * Errors:   RC_FORMAT; RC_UNSUPPORTED for O (a pointer to a Python object) and other codes of
 *           Python alone (&, X{}, t, u); RC_OVERFLOW for an item of more than PTRDIFF_MAX bytes or
 *           values, taking a 0 in a shape for a 1; RC_INVALID for NULL; RC_NO_MEMORY.
 * Source:   PEP 3118; Modules/_struct.c in CPython; numpy/core/_internal.py.
 */
RC_API RC_MUST_USE rc_format *rc_format_new(const char *text);

/* ---- ask ------------------------------------------------------------------------------------- */

/**
 * Whether items of both have the same bytes with the same meaning, however the texts spell it: "i",
 * "=i", "<i" on a little-endian machine, "l" and "q" where both have 8 bytes, "c" and "1s", "ii" and
 * "T{i:a:i:b:}". Offsets, shapes, order, kind and size of each leaf and itemsize count; names,
 * records and the spelling do not. "3i" is not "iii": it has a shape.
 *
 * Borrows:  both, not NULL.
 */
RC_API bool rc_format_equal(const rc_format *a, const rc_format *b);

/**
 * The first field of that name: of the one record that the item is, or else of the item itself.
 *
 * Returns:  borrowed, as long as the format lives; NULL: there is none, which is no error.
 */
RC_API const struct rc_format_field *rc_format_find(const rc_format *format, const char *name);

/* ---- items ----------------------------------------------------------------------------------- */

/**
 * Take an item apart into its leaves, in the order of their offsets.
 *
 * Borrows:  item, format->itemsize bytes at any alignment. @p values, room for @p count of them,
 *           which must be format->value_count; the bytes of c s p w stay in the item.
 * Errors:   RC_RANGE for another count, RC_INVALID for NULL.
 */
RC_API enum rc_status rc_format_unpack(const rc_format *format, const void *item,
                                       struct rc_value *values, size_t count);

/**
 * Put an item together. Pad bytes become zero. Bytes for s, p and w are cut or filled up with zeros;
 * c takes one byte. Numbers go into ?, and into fields of a wider kind: integers into reals, reals
 * into complex ones. Reals are rounded to the nearest, a tie to even; infinities and NaN are kept,
 * where a signalling NaN may become a quiet one. P takes a negative address, as in struct.
 *
 * Borrows:  item, written on success only; values, whose bytes lie outside of the item.
 * Errors:   RC_RANGE for another count and for a number that the field cannot hold, RC_INVALID for
 *           a kind that the field does not take; the message names the value's place and code.
 */
RC_API enum rc_status rc_format_pack(const rc_format *format, void *item,
                                     const struct rc_value *values, size_t count);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_FORMAT
#include "ledger_calls.h"
#endif

#endif
