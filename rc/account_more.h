/* SPDX-License-Identifier: MIT */
/**
 * @file rc/account_more.h
 * Private (not installed): what an account that is written tells beside the snapshot: what idles,
 * and what the floors above know of all their homes and domains.
 *
 * Nothing of it is counted for this: whoever writes an account asks each of those that there are. A
 * program that links no homes has no source of theirs, and reads 0.
 */
#ifndef RC_ACCOUNT_MORE_H
#define RC_ACCOUNT_MORE_H

#include "config.h"

/* X(member, Prometheus name, Prometheus kind, words for people), as in rc/account_table.h. */
#define RC__ACCOUNT_MORE_TABLE(X)                                                                  \
    X(idle_bytes, "idle_bytes", "gauge", "bytes kept for the next request, but in pools")          \
    X(depot_bytes, "depot_bytes", "gauge", "bytes that wait where all threads share them")         \
    X(recycled_objects, "recycled_objects_total", "counter",                                       \
      "objects made of a dead one of their kind")                                                  \
    X(magazine_hits, "magazine_hits_total", "counter", "requests served without malloc")           \
    X(homes, "homes", "gauge", "homes that there are")                                             \
    X(home_objects, "home_objects", "gauge", "objects with a home")                                \
    X(home_waiting_objects, "home_waiting_objects", "gauge", "objects that wait to end at home")   \
    X(cycle_domains, "cycle_domains", "gauge", "cycle domains that there are")                     \
    X(cycle_tracked_objects, "cycle_tracked_objects", "gauge", "objects tracked by domains")       \
    X(cycle_collections, "cycle_collections_total", "counter", "collections that have ended")      \
    X(cycle_freed_objects, "cycle_freed_objects_total", "counter", "objects freed by collections") \
    X(cycle_resurrected_objects, "cycle_resurrected_objects_total", "counter",                     \
      "objects saved from collections by finalizers")

struct rc__account_more {
#define RC__ACCOUNT_MEMBER(member, series, kind, words) size_t member;
    RC__ACCOUNT_MORE_TABLE(RC__ACCOUNT_MEMBER)
#undef RC__ACCOUNT_MEMBER
};

/* Adds what it knows to the members. Takes no lock that may be held while an account is written. */
struct rc__account_source {
    void (*tell)(struct rc__account_more *more);
    const struct rc__account_source *next;
};

/* Once each, for ever. */
RC_HIDDEN void rc__account_add_source(struct rc__account_source *source);

/* The first four members: linear in the number of threads. */
RC_HIDDEN void rc__account_tell_idle(struct rc__account_more *more);

RC_HIDDEN struct rc__account_more rc__account_read_more(void);

#endif
