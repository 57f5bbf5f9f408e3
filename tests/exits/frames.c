/* SPDX-License-Identifier: MIT */
#include "tests/exits/exits.h"

#include "rc/scope.h"

RC_DEFINE_DEFER(note, char);

void through_frames(int depth, void (*end)(void))
{
    RC_DEFER(note, (char)('0' + depth));
    if (depth == 0)
        end();
    else
        through_frames(depth - 1, end);
}
