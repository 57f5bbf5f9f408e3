/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_memory.h
 * Private (not installed): memory that the ledger (rc/ledger.h) takes, and reads of memory that is
 * not its own and may not be there.
 */
#ifndef RC_LEDGER_MEMORY_H
#define RC_LEDGER_MEMORY_H

#include "config.h"

/* Bytes of the system's, uncounted, zeroed; NULL: no memory. */
RC_HIDDEN void *rc__ledger_pages(size_t size);
RC_HIDDEN void rc__ledger_pages_free(void *pages, size_t size);

/* Copies what can be read there, and never faults. Returns: bytes, from the start on. */
RC_HIDDEN size_t rc__ledger_read(const void *from, void *to, size_t size);

/* Bytes from @p from on, at most @p size, that nobody has written to since they were mapped: they
 * hold no address of a block. 0: the first may have been, or nobody can tell. */
RC_HIDDEN size_t rc__ledger_untouched(const void *from, size_t size);

/* Threads of this process, without those of sanitizers; SIZE_MAX: not known, but more than one. */
RC_HIDDEN size_t rc__ledger_threads(void);

#endif
