/* SPDX-License-Identifier: MIT */
/* A try lists 16 locals at the most.
 * gcc: RC__KEEP_q
 * clang: RC__KEEP_q
 */
#include "rc/try.h"

int try_something(int (*work)(void))
{
    int a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0;
    int j = 0, k = 0, l = 0, m = 0, n = 0, o = 0, p = 0, q = 0;
#ifdef WRONG
    RC_TRY (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q) {
#else
    RC_TRY (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) {
#endif
        a = work();
    } RC_EXCEPT (x) {
        a = x->status;
    } RC_END
    return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q;
}
