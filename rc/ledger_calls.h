/* SPDX-License-Identifier: MIT */
/*
 * In units compiled with RCBUF_LEDGER the calls that make or take references say where they stand.
 * Each header of rc/ that declares some includes this at its end, once for itself: there is no
 * guard. C only: in C++ a macro would break what stands before the name, `::rc_weak_new(p)`.
 *
 * In C the same goes for members of these names that are called, `table->rc_buffer_new(3)`: write
 * `(table->rc_buffer_new)(3)`, or define RC_LEDGER_VERBS_ONLY for the unit, whose calls then tell
 * no lines, as in C++; the verbs do.
 */
#include "config.h"

#if defined(RCBUF_LEDGER) && !defined(RC_LEDGER_VERBS_ONLY) && !defined(RC__LIBRARY) &&            \
    !defined(__cplusplus)

#if defined(RC__CALLS_OF_OBJECT) && !defined(rc_object_new)
#define rc_object_new(...)         RC__AT((rc_object_new)(__VA_ARGS__))
#define rc_object_new_with(...)    RC__AT((rc_object_new_with)(__VA_ARGS__))
#define rc_object_new_checked(...) RC__AT((rc_object_new_checked)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_WEAK) && !defined(rc_weak_new)
#define rc_weak_new(...)          RC__AT((rc_weak_new)(__VA_ARGS__))
#define rc_weak_lock(...)         RC__AT((rc_weak_lock)(__VA_ARGS__))
#define rc_weak_lock_checked(...) RC__AT((rc_weak_lock_checked)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_SLOT) && !defined(rc_slot_load)
#define rc_slot_load(...)             RC__AT((rc_slot_load)(__VA_ARGS__))
#define rc_slot_load_checked(...)     RC__AT((rc_slot_load_checked)(__VA_ARGS__))
#define rc_slot_store(...)            RC__AT((rc_slot_store)(__VA_ARGS__))
#define rc_slot_exchange(...)         RC__AT((rc_slot_exchange)(__VA_ARGS__))
#define rc_slot_compare_exchange(...) RC__AT((rc_slot_compare_exchange)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_HOME) && !defined(rc_home_new)
#define rc_home_new(...)                RC__AT((rc_home_new)(__VA_ARGS__))
#define rc_home_object_new(...)         RC__AT((rc_home_object_new)(__VA_ARGS__))
#define rc_home_object_new_checked(...) RC__AT((rc_home_object_new_checked)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_CYCLE) && !defined(rc_cycle_domain_new)
#define rc_cycle_domain_new(...)  RC__AT((rc_cycle_domain_new)(__VA_ARGS__))
#define rc_cycle_new_checked(...) RC__AT((rc_cycle_new_checked)(__VA_ARGS__))
#endif

#endif
