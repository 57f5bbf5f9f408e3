/* SPDX-License-Identifier: MIT */
#include "cutter.h"

#include "word.h"

size_t cutter_end(const unsigned char *bytes, size_t size, size_t start)
{
    size_t step = CUTTER_STEP - start % CUTTER_STEP;
    if (step >= size - start) return size;
    size_t end = start + step;
    while (end < size && word_fold[bytes[end]]) end++;
    return end;
}
