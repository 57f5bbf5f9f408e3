/* SPDX-License-Identifier: MIT */
/*
 * A list of prices as a file had it: nobody changes it once it is read.
 *
 * The file has lines "name price"; empty ones and those that start with # are left out.
 *
 * Threads: any number may read one at once.
 */
#ifndef RELOAD_PRICES_H
#define RELOAD_PRICES_H

#include <rc/object.h>

#define PRICE_NAME 32 /* bytes of a name, with its end */

struct price {
    char name[PRICE_NAME];
    long price;
};

struct prices {
    size_t version; /* counted by whoever reads */
    size_t count;
    struct price *list;
};

/* Returns: one new reference; NULL: the error says which line of the file is wrong, or else why. */
struct prices *prices_read(const char *path, size_t version);

/* Borrowed from the list; NULL: it has none of that name. */
const struct price *prices_find(const struct prices *self, const char *name);

#endif
