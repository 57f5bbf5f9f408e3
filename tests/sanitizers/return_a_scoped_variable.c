/* SPDX-License-Identifier: MIT */
/* Fault: a scoped variable's value is returned, which its scope has released.
 * asan: heap-use-after-free */
#include <buffer/buffer.h>
#include <rc/scope.h>

static rc_buffer *greeting(void)
{
    RC_AUTO(rc_buffer, text) = rc_buffer_copy("hello", 5);
#ifdef RIGHT
    return rc_steal(&text);
#else
    return text;
#endif
}

int main(void)
{
    rc_buffer *text = greeting();
    if (!text) return 1;
    int first = text->data[0]; /* HERE */
    rc_release(text);
    return first != 'h';
}
