/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/map_layout.h
 * Private (not installed): what a mapped buffer adds to struct rc_buffer, and how one is made.
 */
#ifndef BUFFER_MAP_LAYOUT_H
#define BUFFER_MAP_LAYOUT_H

#include "layout.h"
#include "map.h"

struct rc__map {
    rc_buffer head;
    void *pages;    /* where the mapping begins; NULL: nothing is mapped */
    size_t length;  /* of the mapping, >= head.size */
    int descriptor; /* owned; -1: none, as for files */
    enum rc_map_mode mode;
};

/* Map [offset, offset + size) of a descriptor, which the caller has found to be that long. @p call
 * and @p name are for the sentence: "rc_map_file: cannot map 12 bytes of a.txt: ...". The map does
 * not own the descriptor until the caller stores it. NULL: the error is set. */
RC_HIDDEN struct rc__map *rc__map_new(const char *call, const char *name, int descriptor,
                                      uint64_t offset, size_t size, enum rc_map_mode mode);

/* RC_SYSTEM with the sentence, a colon, and errno's text. Keeps errno. */
RC_HIDDEN RC_COLD enum rc_status rc__map_error(const char *format, ...) RC_PRINTF(1, 2);

/* RC_INVALID for a mode that there is not. */
RC_HIDDEN enum rc_status rc__map_check_mode(const char *call, enum rc_map_mode mode);

/* close() that keeps errno. */
RC_HIDDEN void rc__map_close(int descriptor);

/* The shared memory that @p buffer is; NULL with the error set if it is none. */
RC_HIDDEN struct rc__map *rc__map_of_memory(const rc_buffer *buffer, const char *call);

#endif
