/* SPDX-License-Identifier: MIT */
#include "prices.h"

#include <errno.h>
#include <rc/memory.h>
#include <rc/scope.h>
#include <stdio.h>
#include <string.h>

RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v));

static void finalize(void *object)
{
    struct prices *self = object;
    rc_memory_free(self->list);
}

static const rc_type prices_type = {
    .name = "reload.prices",
    .size = sizeof(struct prices),
    .finalize = finalize,
};

/* Makes room by the power of two. */
static enum rc_status append(struct prices *self, const struct price *price)
{
    if ((self->count & (self->count - 1)) == 0) {
        size_t room = self->count ? self->count * 2 : 1;
        struct price *list = rc_memory_reallocate_array(self->list, room, sizeof *list);
        if (!list) return rc_error_status();
        self->list = list;
    }
    self->list[self->count++] = *price;
    return RC_OK;
}

static bool is_left_out(const char *line)
{
    size_t blanks = strspn(line, " \t\r\n");
    return !line[blanks] || line[blanks] == '#';
}

static enum rc_status read_line(struct prices *self, const char *line, const char *path,
                                size_t number)
{
    struct price price = {.price = 0};
    char rest;
    if (is_left_out(line)) return RC_OK;
    if (sscanf(line, "%31s %ld %c", price.name, &price.price, &rest) != 2)
        return rc_error_set(RC_FORMAT, "%s:%zu: a line is a name and a price", path, number);
    if (prices_find(self, price.name))
        return rc_error_set(RC_FORMAT, "%s:%zu: %s has a price already", path, number, price.name);
    return append(self, &price);
}

struct prices *prices_read(const char *path, size_t version)
{
    char line[256];
    RC_AUTO(struct prices, self) = rc_new(struct prices, &prices_type);
    if (!self) return NULL;
    RC_SCOPED(file, source) = fopen(path, "r");
    if (!source) {
        rc_error_set(RC_SYSTEM, "%s cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    self->version = version;
    for (size_t number = 1; fgets(line, sizeof line, source); number++)
        if (read_line(self, line, path, number) != RC_OK) return NULL;
    return rc_steal(&self);
}

const struct price *prices_find(const struct prices *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->list[i].name, name) == 0) return &self->list[i];
    return NULL;
}
