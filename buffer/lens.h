/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/lens.h
 * Typed access to the elements of a view in hot loops: what `double[:, ::1]` is in Cython.
 *
 * A lens is a small struct by value: an address, a shape and strides. It is checked once, when it
 * is made from a view; from then on RC_AT is arithmetic on a pointer.
 *
 *     typedef RC_LENS(const double, 2) grid;     // const: read-only views will do
 *
 *     double sum_of(const rc_view *view)
 *     {
 *         grid g = RC_LENS_OF(grid, view);
 *         if (!g.data) return NAN;               // rc_error_message() says why
 *         double sum = 0;
 *         for (size_t i = 0; i < g.shape[0]; i++)
 *             for (size_t j = 0; j < g.shape[1]; j++) sum += RC_AT(g, i, j);
 *         return sum;
 *     }
 *
 * A lens owns nothing: it is good as long as the view lives, and writing through it is refused when
 * it is made, not later. RC_LENS_CONTIGUOUS is a lens whose last dimension has no gaps: its loops
 * are those over a plain array, which compilers vectorise.
 *
 * RC_AT checks each index, and stops the program with file, line and figures, where
 * RC_BOUNDS_CHECK is 1: in builds without NDEBUG, unless the program defines it otherwise.
 *
 * Threads: elements that another thread writes are the caller's race.
 */
#ifndef BUFFER_LENS_H
#define BUFFER_LENS_H

#include "view.h"

#ifndef RC_BOUNDS_CHECK
#define RC_BOUNDS_CHECK RC_DEBUG
#endif

/** So many dimensions a lens can have. */
#define RC_LENS_DIMENSIONS_MAX 8

/* ---- the two kinds --------------------------------------------------------------------------- */

/**
 * A lens over elements of @p type in @p n dimensions, any strides. Name it by a typedef.
 *
 *     type *data             the first element; NULL: there is no lens
 *     size_t shape[n]        in elements
 *     ptrdiff_t strides[n]   in bytes
 */
#define RC_LENS(type, n) RC__LENS(type, n, 2)

/** The same, the last dimension without gaps. */
#define RC_LENS_CONTIGUOUS(type, n) RC__LENS(type, n, 1)

/**
 * `lens RC_LENS_OF(lens, const rc_view *view)`: a lens of that name over all of @p view.
 *
 * The element type is an arithmetic type of C; it accepts a view whose format is its own (double:
 * "d", and whatever is equal), char types also "c", and unsigned char "?" too. A lens over a type
 * that is not const needs a view that can be written.
 *
 * Borrows:  view, not NULL, as long as the lens is used.
 * Returns:  the lens; its data is NULL where it was refused.
 * Errors:   RC_FORMAT for another format or byte order; RC_INVALID for another number of
 *           dimensions, elements that are not aligned, and gaps where the lens has none;
 *           RC_READ_ONLY; RC_UNSUPPORTED for a view with suboffsets.
 * Source:   typed memoryviews; Cython's __Pyx_ValidateAndInit_memviewslice.
 */
#define RC_LENS_OF(lens, view) RC__LENS_OF(lens, view, NULL)

/**
 * The same over a struct of the program's: @p format is the text that describes it, as in
 * "T{i:id:d:value:}". The view's must be equal, and the struct as large as its items.
 *
 * Errors:   RC_INVALID if the struct has another size than the format; as RC_LENS_OF and
 *           rc_format_new.
 */
#define RC_LENS_OF_FORMAT(lens, view, format) RC__LENS_OF(lens, view, format)

/**
 * `T RC_AT(lens, i, j, ...)`: the element there, to be read or assigned; as many indices as there
 * are dimensions, or it does not compile. Indices count from 0. Each index is evaluated once, the
 * lens more than once: it should be a variable or a member of one.
 */
#define RC_AT(lens, ...)                                                                           \
    (*RC__LENS_PLACE(lens, RC__LENS_COUNT(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0), __VA_ARGS__))

/* ---- how it works ---------------------------------------------------------------------------- */

RC_BEGIN_DECLS

/* What RC_LENS_OF asks for. */
struct rc_lens_request {
    const char *format; /* of an element of C; or as the program says */
    size_t itemsize, alignment, ndim;
    bool is_const, is_contiguous, is_own; /* own: a format of the program's */
};

/* Fills shape and strides, and returns the first element; NULL: refused, and nothing was written. */
RC_API void *rc_lens_open(const rc_view *view, const struct rc_lens_request *request, size_t *shape,
                          ptrdiff_t *strides);

RC_API RC_NORETURN RC_COLD void rc_lens_out_of_bounds(const char *file, int line, size_t dimension,
                                                      ptrdiff_t index, size_t shape);

RC_END_DECLS

/* rc__gap tells the kinds apart at compile time: [1] without gaps, [2] with. */
#define RC__LENS(type, n, gap)                                                                     \
    struct {                                                                                       \
        type *data;                                                                                \
        size_t shape[RC__LENS_CHECKED(n)];                                                         \
        ptrdiff_t strides[n];                                                                      \
        char rc__gap[gap];                                                                         \
    }

/* An array of -1 here: a lens has 1 to RC_LENS_DIMENSIONS_MAX dimensions. */
#define RC__LENS_CHECKED(n) ((n) >= 1 && (n) <= RC_LENS_DIMENSIONS_MAX ? (n) : -1)

#define RC__LENS_NDIM(lens) (sizeof((lens).shape) / sizeof((lens).shape[0]))

#ifdef __cplusplus
#include <type_traits>
template <class T> constexpr bool rc__lens_is_const(T *)
{
    return std::is_const<T>::value;
}
#define RC__LENS_IS_CONST(lens) rc__lens_is_const((lens).data)
template <class T> constexpr const char *rc__lens_format(const T *)
{
    typedef typename std::remove_cv<T>::type U;
    return std::is_same<U, bool>::value                 ? "?"
           : std::is_same<U, char>::value               ? "c"
           : std::is_same<U, signed char>::value        ? "b"
           : std::is_same<U, unsigned char>::value      ? "B"
           : std::is_same<U, short>::value              ? "h"
           : std::is_same<U, unsigned short>::value     ? "H"
           : std::is_same<U, int>::value                ? "i"
           : std::is_same<U, unsigned>::value           ? "I"
           : std::is_same<U, long>::value               ? "l"
           : std::is_same<U, unsigned long>::value      ? "L"
           : std::is_same<U, long long>::value          ? "q"
           : std::is_same<U, unsigned long long>::value ? "Q"
           : std::is_same<U, float>::value              ? "f"
           : std::is_same<U, double>::value             ? "d"
           : std::is_same<U, long double>::value        ? "g"
                                                        : NULL;
}
#define RC__LENS_FORMAT(lens) rc__lens_format((lens).data)
template <class T> constexpr size_t rc__lens_alignment(const T *)
{
    return alignof(T);
}
#define RC__LENS_ALIGNMENT(lens) rc__lens_alignment((lens).data)
#else
#define RC__LENS_IS_CONST(lens)                                                                    \
    __builtin_types_compatible_p(__typeof__((lens).data), const __typeof__(*(lens).data) *)
/* Not what __alignof__ prefers: a double in a struct may have less than that. */
#define RC__LENS_ALIGNMENT(lens) _Alignof(__typeof__(*(lens).data))
#define RC__LENS_FORMAT(lens)                                                                      \
    _Generic(*(lens).data, _Bool                                                                   \
             : "?", char                                                                           \
             : "c", signed char                                                                    \
             : "b", unsigned char                                                                  \
             : "B", short                                                                          \
             : "h", unsigned short                                                                 \
             : "H", int                                                                            \
             : "i", unsigned                                                                       \
             : "I", long                                                                           \
             : "l", unsigned long                                                                  \
             : "L", long long                                                                      \
             : "q", unsigned long long                                                             \
             : "Q", float                                                                          \
             : "f", double                                                                         \
             : "d", long double                                                                    \
             : "g", float _Complex                                                                 \
             : "Zf", double _Complex                                                               \
             : "Zd", long double _Complex                                                          \
             : "Zg", default                                                                       \
             : (const char *)0)
#endif

/* The lens that is returned is a copy: its address goes nowhere, so it may live in registers. */
#define RC__LENS_OF(lens, view, own_format)                                                        \
    RC__LENS_OF_AS(lens, view, own_format, RC__UNIQUE(lens), RC__UNIQUE(own), RC__UNIQUE(request))
#define RC__LENS_OF_AS(lens, view, own_format, made, own, request)                                 \
    __extension__({                                                                                \
        lens made;                                                                                 \
        const char *own = (own_format);                                                            \
        memset(&made, 0, sizeof made);                                                             \
        struct rc_lens_request request = {own ? own : RC__LENS_FORMAT(made),                       \
                                          sizeof(*made.data),                                      \
                                          RC__LENS_ALIGNMENT(made),                                \
                                          RC__LENS_NDIM(made),                                     \
                                          RC__LENS_IS_CONST(made),                                 \
                                          sizeof(made.rc__gap) == 1,                               \
                                          own != NULL};                                            \
        made.data =                                                                                \
            (__typeof__(made.data))rc_lens_open((view), &request, made.shape, made.strides);       \
        made;                                                                                      \
    })

#include "lens_place.h"

#endif
