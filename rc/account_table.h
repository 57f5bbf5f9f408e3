/* SPDX-License-Identifier: MIT */
/**
 * @file rc/account_table.h
 * Private (not installed): the one table of an account's members, from which the difference of two
 * accounts and every way to write one are made.
 *
 * X(member, Prometheus name, Prometheus kind, words for people)
 */
#ifndef RC_ACCOUNT_TABLE_H
#define RC_ACCOUNT_TABLE_H

#define RC__ACCOUNT_TABLE(X)                                                                       \
    X(live_objects, "live_objects", "gauge", "objects alive")                                      \
    X(live_blocks, "live_blocks", "gauge", "blocks alive")                                         \
    X(live_bytes, "live_bytes", "gauge", "bytes alive")                                            \
    X(peak_bytes, "peak_bytes", "gauge", "bytes alive at the peak")                                \
    X(total_objects, "objects_total", "counter", "objects ever made")                              \
    X(total_blocks, "blocks_total", "counter", "blocks ever made")                                 \
    X(failures, "failures_total", "counter", "requests refused")                                   \
    X(immortal_objects, "immortal_objects", "gauge", "objects made immortal")                      \
    X(immortal_bytes, "immortal_bytes", "gauge", "bytes of immortal objects")

#endif
