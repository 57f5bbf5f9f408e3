/* SPDX-License-Identifier: MIT */
/**
 * @file rc/tally.h
 * Private (not installed): one thread's record of what it made and freed; rc/account.c sums them.
 *
 * Invariants. A record is written by its thread alone, with relaxed stores, and read by anybody
 * with relaxed loads. Records are never freed: when a thread ends, its record, counts and all,
 * passes to the next thread that starts counting, so sums stay right. What one thread made another
 * may free, so a single record's numbers may be below zero; unsigned arithmetic wraps and the sum
 * is right.
 */
#ifndef RC_TALLY_H
#define RC_TALLY_H

#include "account.h"

/* Each of these is a handful of plain instructions. They never fail: a thread whose record cannot
 * be allocated counts in a static one, with atomic additions. bytes are payload bytes. */
RC_HIDDEN void rc__tally_object_made(const struct rc_type *type, size_t bytes);
RC_HIDDEN void rc__tally_object_freed(const struct rc_type *type, size_t bytes);
RC_HIDDEN void rc__tally_object_immortal(const struct rc_type *type, size_t bytes);
RC_HIDDEN void rc__tally_block_made(size_t bytes);
RC_HIDDEN void rc__tally_block_freed(size_t bytes);
/* Bytes that came or went without an object or block: a buffer that grew. */
RC_HIDDEN void rc__tally_bytes_more(size_t bytes);
RC_HIDDEN void rc__tally_bytes_less(size_t bytes);
RC_HIDDEN void rc__tally_failure(void);

#endif
