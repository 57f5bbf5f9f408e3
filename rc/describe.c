/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Texts about objects. */
#include "describe.h"

#include <stdio.h>

void rc__describe(struct rc__description *description, const char *format, ...)
{
    if (!description->text) return;
    size_t length = strlen(description->text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(description->text + length, RC__DESCRIPTION_TEXT - length, format, arguments);
    va_end(arguments);
}

void rc__describe_bytes(struct rc__description *description, size_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
    size_t unit = 0;
    while (bytes && bytes % 1024 == 0 && unit < 3) {
        bytes /= 1024;
        unit++;
    }
    rc__describe(description, "%zu %s", bytes, units[unit]);
}
