/* SPDX-License-Identifier: MIT */
/* Static variables of functions, two of them of one name, that hold an object each to the end. */
#include "buffer/buffer.h"

/* Is read, so that it is there. */
static __attribute__((noinline)) size_t fill(rc_buffer **variable)
{
    if (!*variable) *variable = rc_buffer_new(16);
    return *variable ? rc_count(*variable) : 0;
}

static __attribute__((noinline)) size_t look_up(int which)
{
    if (which) {
        static rc_buffer *cache;
        return fill(&cache);
    }
    static rc_buffer *cache;
    return fill(&cache);
}

int main(void)
{
    static rc_buffer *answers;
    return look_up(0) + look_up(1) + fill(&answers) == 3 ? 0 : 1;
}
