/* SPDX-License-Identifier: MIT */
/* A kind that nobody has defined.
 * gcc: rc__scoped_pipe
 * clang: rc__scoped_pipe
 */
#include "rc/scope.h"

#include <stdio.h>

RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v));

int is_there(const char *path)
{
#ifdef WRONG
    RC_SCOPED(pipe, f) = fopen(path, "rb");
#else
    RC_SCOPED(file, f) = fopen(path, "rb");
#endif
    return f != NULL;
}
