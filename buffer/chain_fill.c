/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Bytes that are written where they are to lie: in a chain's room at the back. */
#include "chain_fill.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "chain_layout.h"
#include "map_layout.h"

/* ---- reserve --------------------------------------------------------------------------------- */

/* What can fail comes first. What the old room held may end, and run the program's code, which may
 * use the chain. */
static bool replace_room(struct rc__chain *chain, size_t size)
{
    rc_buffer *fresh = rc__chain_new_room(chain, size);
    if (!fresh) return false;
    bool is_prepared = rc__chain_prepare(chain, size, 1) == RC_OK;
    if (is_prepared) rc__chain_set_room(chain, RC__CHAIN_BACK, fresh, fresh->data);
    rc_release(fresh);
    return is_prepared;
}

/* The room at the back, with so many bytes free, and a place for the piece that they are to be;
 * NULL: an error. */
static const struct rc__room *find_room(struct rc__chain *chain, size_t size)
{
    const struct rc__room *room = &chain->rooms[RC__CHAIN_BACK];
    if (rc__chain_prepare(chain, size, 0) != RC_OK) return NULL;
    while (rc__room_left(room, RC__CHAIN_BACK) < size)
        if (!replace_room(chain, size)) return NULL;
    return rc__chain_prepare(chain, size, 1) == RC_OK ? room : NULL;
}

unsigned char *rc_chain_reserve(rc_chain *chain, size_t size, size_t *room)
{
    if (rc__chain_check(chain, "rc_chain_reserve") != RC_OK) return NULL;
    const struct rc__room *found = find_room(rc__chain_of(chain), size ? size : 1);
    if (!found) return NULL;
    if (room) *room = rc__room_left(found, RC__CHAIN_BACK);
    return (unsigned char *)(uintptr_t)found->edge;
}

/* ---- commit ---------------------------------------------------------------------------------- */

static enum rc_status check_commit(const rc_chain *chain, const void *place, size_t size)
{
    static const char call[] = "rc_chain_commit";
    enum rc_status status = rc__chain_check_bytes(chain, place, size, call);
    if (status != RC_OK || size == 0) return status;
    const struct rc__room *room = &rc__chain_of(chain)->rooms[RC__CHAIN_BACK];
    if (!room->root || place != room->edge)
        return rc_error_set(RC_INVALID,
                            "%s: the room for %zu byte%s is not there: it was not reserved, or the "
                            "chain was added to since",
                            call, size, rc__plural(size));
    size_t left = rc__room_left(room, RC__CHAIN_BACK);
    if (size <= left) return RC_OK;
    return rc_error_set(RC_RANGE, "%s: %zu bytes pass the end of a room of %zu byte%s", call, size,
                        left, rc__plural(left));
}

/* So many bytes at the room's edge, which are written, become part of the chain. */
static enum rc_status take_in(struct rc__chain *chain, size_t size, const char *call)
{
    const struct rc__room *room = &chain->rooms[RC__CHAIN_BACK];
    const struct rc__piece piece = {.root = room->root, .data = room->edge, .size = size};
    enum rc_status status = rc__chain_prepare(chain, size, 0);
    if (status != RC_OK) return status;
    if (!rc__chain_join(chain, RC__CHAIN_BACK, &piece)) {
        status = rc__chain_reserve(chain, 1);
        if (status != RC_OK) return status;
        if (RC_UNLIKELY(!rc__exports_add(piece.root)))
            return rc__chain_refuse_export(piece.root, call);
        rc__chain_store(chain, RC__CHAIN_BACK, &piece);
    }
    rc__chain_set_room(chain, RC__CHAIN_BACK, piece.root, piece.data + size);
    return RC_OK;
}

enum rc_status rc_chain_commit(rc_chain *chain, const void *place, size_t size)
{
    enum rc_status status = check_commit(chain, place, size);
    return status == RC_OK && size > 0 ? take_in(rc__chain_of(chain), size, "rc_chain_commit")
                                       : status;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* As vsnprintf() into what is free of the room, with the arguments left for another time. Less than
 * INT_MAX, or -1: with its NUL the text has a place in an int, as far as vsnprintf() goes. */
static RC_PRINTF(3, 0) int print(const struct rc__room *room, size_t left, const char *format,
                                 va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    char *place = left ? (char *)(uintptr_t)room->edge : NULL;
    int size = vsnprintf(place, left < INT_MAX ? left : INT_MAX, format, copy);
    va_end(copy);
    if (size < INT_MAX) return size;
    errno = EOVERFLOW;
    return -1;
}

/* With the NUL, which has a place too and is overwritten by what comes next. What does not fit is
 * written once more, to a room where it does. */
static RC_PRINTF(3, 0) enum rc_status
    add_text(struct rc__chain *chain, const char *call, const char *format, va_list arguments)
{
    const struct rc__room *room = &chain->rooms[RC__CHAIN_BACK];
    for (;;) {
        size_t left = rc__room_left(room, RC__CHAIN_BACK);
        int size = print(room, left, format, arguments);
        if (size < 0) return rc__map_error("%s: cannot write by \"%.40s\"", call, format);
        if (size == 0) return RC_OK;
        if ((size_t)size < left) return take_in(chain, (size_t)size, call);
        if (!find_room(chain, (size_t)size + 1)) return rc_error_status();
    }
}

static RC_PRINTF(3, 0) enum rc_status
    add(rc_chain *chain, const char *call, const char *format, va_list arguments)
{
    if (rc__chain_check(chain, call) != RC_OK) return RC_INVALID;
    if (!format) return rc_error_set(RC_INVALID, "%s: the format is NULL", call);
    return add_text(rc__chain_of(chain), call, format, arguments);
}

enum rc_status rc_chain_vprintf(rc_chain *chain, const char *format, va_list arguments)
{
    return add(chain, "rc_chain_vprintf", format, arguments);
}

enum rc_status rc_chain_printf(rc_chain *chain, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum rc_status status = add(chain, "rc_chain_printf", format, arguments);
    va_end(arguments);
    return status;
}
