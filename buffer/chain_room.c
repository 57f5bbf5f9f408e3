/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Rooms: where bytes lie that are copied into a chain. */
#include "chain_layout.h"

/* Bytes of a room that is made for fewer: as many as the chain has, within these bounds. A small
 * buffer has its bytes in the object's block. */
#define ROOM_LEAST ((size_t)256)
#define ROOM_MOST  ((size_t)RC__BUFFER_INLINE_MAX)

void rc__chain_set_room(struct rc__chain *chain, enum rc__chain_end end, rc_buffer *root,
                        const unsigned char *edge)
{
    struct rc__room *room = &chain->rooms[end], next = {root, edge};
    rc_buffer *old = room->root;
    bool is_free = rc__room_left(&next, end) > 0;
    *room = is_free ? next : (struct rc__room){NULL, NULL};
    if (is_free && old == root) return;
    if (is_free) (void)rc__exports_add(root);
    if (old) rc__exports_drop(old);
}

void rc__chain_drop_rooms(struct rc__chain *chain)
{
    for (size_t end = 0; end < 2; end++) {
        rc_buffer *root = chain->rooms[end].root;
        chain->rooms[end] = (struct rc__room){NULL, NULL};
        if (root) rc__exports_drop(root);
    }
}

rc_buffer *rc__chain_new_room(const struct rc__chain *chain, size_t needed)
{
    size_t size = chain->head.size;
    if (size < ROOM_LEAST) size = ROOM_LEAST;
    if (size > ROOM_MOST) size = ROOM_MOST;
    return rc_buffer_new(needed > size ? needed : size);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* The piece that so many bytes at the edge of a room are. */
static struct rc__piece piece_in(const struct rc__room *room, enum rc__chain_end end, size_t size)
{
    const unsigned char *data = end == RC__CHAIN_FRONT ? room->edge - size : room->edge;
    return (struct rc__piece){.root = room->root, .data = data, .size = size};
}

static void copy_in(struct rc__chain *chain, enum rc__chain_end end, const struct rc__piece *piece,
                    const unsigned char *bytes)
{
    unsigned char *place = (unsigned char *)(uintptr_t)piece->data;
    memcpy(place, bytes, piece->size);
    rc__chain_set_room(chain, end, piece->root,
                       end == RC__CHAIN_FRONT ? place : place + piece->size);
}

/* The commonest case: there is room, right behind or before the outermost piece. */
static inline bool add_easily(struct rc__chain *chain, enum rc__chain_end end,
                              const unsigned char *bytes, size_t size)
{
    const struct rc__room *room = &chain->rooms[end];
    if (size > rc__room_left(room, end) || size > SIZE_MAX - chain->head.size) return false;
    struct rc__piece piece = piece_in(room, end, size);
    if (!rc__chain_join(chain, end, &piece)) return false;
    copy_in(chain, end, &piece, bytes);
    return true;
}

/* A piece of that size in @p room, with an export that has been taken. */
static void add_piece(struct rc__chain *chain, enum rc__chain_end end, const struct rc__room *room,
                      const unsigned char *bytes, size_t size)
{
    struct rc__piece piece = piece_in(room, end, size);
    rc__chain_put(chain, end, &piece);
    copy_in(chain, end, &piece, bytes);
}

/* What can fail comes first. fresh: a new buffer for what the room has no place for, or NULL. */
static enum rc_status add_parts(struct rc__chain *chain, enum rc__chain_end end,
                                const unsigned char *bytes, size_t size, rc_buffer *fresh)
{
    bool in_front = end == RC__CHAIN_FRONT;
    struct rc__room room = chain->rooms[end];
    size_t inside = rc__room_left(&room, end);
    if (inside > size) inside = size;
    size_t rest = size - inside;
    enum rc_status status = rc__chain_prepare(chain, size, inside && rest ? 2 : 1);
    if (status != RC_OK) return status;
    if (inside && RC_UNLIKELY(!rc__exports_add(room.root)))
        return rc__chain_refuse_export(room.root, in_front ? "rc_chain_prepend_bytes"
                                                           : "rc_chain_append_bytes");
    if (inside) add_piece(chain, end, &room, in_front ? bytes + rest : bytes, inside);
    if (rest == 0) return RC_OK;
    room = (struct rc__room){fresh, in_front ? fresh->data + fresh->size : fresh->data};
    (void)rc__exports_add(fresh); /* the first of it */
    add_piece(chain, end, &room, in_front ? bytes : bytes + inside, rest);
    return RC_OK;
}

static enum rc_status add(rc_chain *head, enum rc__chain_end end, const void *bytes, size_t size,
                          const char *call)
{
    enum rc_status status = rc__chain_check_bytes(head, bytes, size, call);
    if (status != RC_OK || size == 0) return status;
    struct rc__chain *chain = rc__chain_of(head);
    if (RC_LIKELY(add_easily(chain, end, bytes, size))) return RC_OK;
    size_t left = rc__room_left(&chain->rooms[end], end);
    rc_buffer *fresh = size > left ? rc__chain_new_room(chain, size - left) : NULL;
    if (size > left && !fresh) return RC_NO_MEMORY;
    status = add_parts(chain, end, bytes, size, fresh);
    rc_release(fresh);
    return status;
}

enum rc_status rc_chain_append_bytes(rc_chain *chain, const void *bytes, size_t size)
{
    return add(chain, RC__CHAIN_BACK, bytes, size, "rc_chain_append_bytes");
}

enum rc_status rc_chain_prepend_bytes(rc_chain *chain, const void *bytes, size_t size)
{
    return add(chain, RC__CHAIN_FRONT, bytes, size, "rc_chain_prepend_bytes");
}
