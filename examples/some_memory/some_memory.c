/* SPDX-License-Identifier: MIT */
#include "some_memory.h"

#include <rc/memory.h>
#include <rc/scope.h>

/* Runs once, at the last release; also where some_memory_new() gave up: data is NULL then, which
 * rc_memory_free() takes. */
static void finalize(void *object)
{
    some_memory *self = object;
    rc_memory_free(self->data);
}

static const rc_type some_memory_type = {
    .name = "some_memory",
    .size = sizeof(some_memory),
    .finalize = finalize,
};

some_memory *some_memory_new(size_t number)
{
    RC_AUTO(some_memory, self) = rc_new(some_memory, &some_memory_type); /* data is NULL */
    if (!self || some_memory_resize(self, number)) return NULL;          /* releases self */
    return rc_steal(&self);
}

enum rc_status some_memory_resize(some_memory *self, size_t new_number)
{
    double *data = rc_memory_reallocate_array(self->data, new_number, sizeof(double));
    if (!data) return rc_error_status(); /* the old block was not freed */
    self->data = data;
    self->number = new_number;
    return RC_OK;
}
