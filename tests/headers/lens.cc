/* SPDX-License-Identifier: MIT */
/* Lenses in C++: const ones, those of templates, in members and in lambdas. Compiled, not run. */
#include <buffer/lens.h>

typedef RC_LENS(double, 2) grid;
typedef RC_LENS_CONTIGUOUS(const float, 1) row;

template <class T> struct column {
    typedef RC_LENS(T, 1) lens;

    static double sum(const rc_view *view)
    {
        const lens l = RC_LENS_OF(lens, view);
        double sum = 0;
        for (size_t i = 0; l.data && i < l.shape[0]; i++) sum += static_cast<double>(RC_AT(l, i));
        return sum;
    }
};

class reader {
    row elements;

public:
    explicit reader(const rc_view *view) : elements(RC_LENS_OF(row, view)) {}
    float at(size_t i) const { return RC_AT(elements, i); }
};

double use(const rc_view *view)
{
    auto g = RC_LENS_OF(grid, view);
    auto add = [&](double number) { return RC_AT(g, 0, 0) += number; };
    RC_AT(g, 1, 1) = 1;
    return add(2) + column<double>::sum(view) + column<const long>::sum(view) +
           static_cast<double>(reader(view).at(0));
}
