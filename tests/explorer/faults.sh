# SPDX-License-Identifier: MIT
#
# Faults for gate.sh: fault NAME SCENARIO FILES SED-SCRIPT. Each is one weakened memory order or one
# broken step, and the scenario that has to find it.
# shellcheck shell=sh

# ---- counting ------------------------------------------------------------------------------------

fault release_relaxed release_by_two rc/count.h \
    '/rc__count_down(/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
fault last_release_relaxed release_by_two 'rc/object*.c' \
    '/^void rc_object_release_slow/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault retain_in_two_steps retain_beside_release rc/count.h \
    '/rc__count_up(/,/^}/ s/return .*/int32_t more = __atomic_load_n(word, 0) + RC__COUNT_ONE; __atomic_store_n(word, more, 0); return more >= 0;/'
fault release_in_two_steps release_by_two rc/count.h \
    '/rc__count_down(/,/^}/ s/return .*/int32_t left = __atomic_load_n(word, 0) - RC__COUNT_ONE; __atomic_store_n(word, left, 3); return left >= 0;/'
fault unique_relaxed write_if_unique rc/count.h \
    '/rc__count_is_one(/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault unique_of_two write_if_unique rc/count.h \
    '/rc__count_is_one(/,/^}/ s/< RC__COUNT_ONE/<= RC__COUNT_ONE/'
fault immortal_counted immortal_unwritten rc/object_inline.h \
    '/rc__is_immortal(const/,/^}/ s/RC__FLAG_IMMORTAL/0/'
fault saturation_forgotten saturated_by_two 'rc/object*.c' \
    '/^static void saturate/,/^}/ s/__atomic_store_n/(void)header; if (0) &/'

# ---- the end of an object ------------------------------------------------------------------------

fault finalizer_runs_again resurrected_once 'rc/object*.c' \
    '/^static void let_live/,/^}/ s/__atomic_fetch_or.*;//'
fault resurrected_end_relaxed resurrected_and_dropped 'rc/object*.c' \
    '/^static bool stayed_dead/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault resurrected_freed resurrected_once 'rc/object*.c' \
    '/^static bool stayed_dead/,/^}/ s/word == one_reference(header)/word | 1/'

# ---- weak references -----------------------------------------------------------------------------

fault weak_lock_of_the_gone weak_lock_against_last_release rc/count.h \
    '/rc__count_up_unless_gone(/,/^}/ s/!rc__count_is_dead(seen, biased)/true/'
fault weak_flag_forgotten weak_made_beside_release 'rc/weak*.c' \
    '/^rc_weak \*rc_weak_new/,/^}/ s/__atomic_fetch_or.*;//'
fault weak_cleared_after_finalizer weak_lock_against_last_release 'rc/object*.c' \
    '/^static bool finalize/,/^}/ { /clear_weak_references/d; }'
fault weak_target_not_asked weak_lock_by_two 'rc/weak*.c' \
    '/^static bool lock_target/,/^}/ s/if (!weak->alive) return false;//'
fault weak_unlinked_unlocked weak_released_beside_death 'rc/weak*.c' \
    '/^static void weak_finalize/,/^}/ { /unlock_stripe/d; s/= lock_stripe(/= stripe_of(/; }'
fault weak_death_read_relaxed weak_death_shows_what_was_before rc/weak.c \
    '/^bool rc_weak_is_dead/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault weak_death_without_lock weak_lock_against_last_release 'rc/weak*.c' \
    '/^static void kill_some/,/^}/ { /unlock_stripe/d; s/= lock_stripe(/= stripe_of(/; }'
fault weak_locked_unlocked weak_lock_against_last_release 'rc/weak*.c' \
    '/^static .*lock_in_stripe(/,/^}/ { /unlock_stripe/d; s/= lock_stripe(/= stripe_of(/; }'
fault weak_lock_while_finalizing weak_shown_by_finalizer 'rc/weak*.c' \
    '/^static bool lock_target/,/^}/ s/!(flags & RC__FLAG_FINALIZING) &&/(void)flags,/'
fault weak_alive_while_deferred weak_lock_deep_in_a_chain 'rc/object*.c' \
    '/^static void defer/,/^}/ s/if (flags & RC__FLAG_WEAK) rc__weak_hooks.*//'
fault weak_revived_while_released weak_called_or_released 'rc/weak*.c' \
    '/^static void weak_end_plain/,/^}/ s/weak_finalize(.*;/__atomic_store_n(\&rc__header_of(self)->shared, 0, __ATOMIC_RELAXED); &/'

# ---- pins ----------------------------------------------------------------------------------------

fault pin_not_set pin_lock_against_last_release 'rc/weak*.c' \
    '/^static bool lock_pinned/,/^}/ { /rc__pin_set/d; }'
fault pin_death_not_asked pin_lock_against_last_release 'rc/weak*.c' \
    '/^bool rc__pin_count_up_rarely/,/^}/ s/if (!__atomic_load_n(alive.*;/(void)alive;/'
fault pins_not_looked_at pin_lock_against_last_release 'rc/weak*.c' \
    '/^void rc__pin_bury/,/^}/ s/!leave_to_any(.*payload_of(header))/true/'
fault pin_read_relaxed pin_lock_against_last_release 'rc/weak*.c' \
    '/^static bool leave_to(/,/^}/ s/__ATOMIC_SEQ_CST/__ATOMIC_RELAXED/'
fault pin_left_relaxed pin_lock_against_last_release 'rc/weak*.c' \
    '/^static bool leave_to(/,/^}/ s/__ATOMIC_ACQ_REL/__ATOMIC_RELAXED/'
fault pin_changed_relaxed pin_lock_against_last_release 'rc/weak*.c' \
    '/^static void change/,/^}/ s/__ATOMIC_SEQ_CST/__ATOMIC_RELAXED/'
fault pin_left_to_one_of_two pin_by_two 'rc/weak*.c' \
    '/^static void change/,/^}/ s/rc__pin_bury(/rc__object_free_block(/'
fault pin_of_another_life pin_lock_against_last_release 'rc/object*.c' \
    '/^static int32_t one_reference/,/^}/ s/RC__COUNT_MERGED/0/'
fault pin_forgotten_in_a_chain pin_deep_in_a_chain 'rc/object*.c' \
    '/^static void defer/,/^}/ { /LINK_PINNED/d; }'

# ---- biased counts -------------------------------------------------------------------------------

fault bias_last_local_relaxed bias_last_local_beside_release rc/bias.c \
    '/^static void release_last_local/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
fault bias_release_relaxed bias_last_local_beside_release rc/bias.c \
    '/^static bool release_of_others/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
fault bias_word_read_relaxed bias_last_local_beside_release rc/bias.c \
    '/^static int32_t word_of/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault bias_put_relaxed bias_two_in_the_queue rc/owner.c \
    '/^static bool put/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
fault bias_taken_relaxed bias_two_in_the_queue rc/owner.c \
    '/^void rc__owner_drain/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault bias_not_queued bias_released_by_both rc/bias.c \
    '/^static int32_t released/,/^}/ s/word < RC__COUNT_ONE && .*;/word < -RC__COUNT_MERGED;/'
fault bias_queued_twice bias_released_by_others rc/bias.c \
    '/^static int32_t released/,/^}/ s/ && !(word & RC__COUNT_QUEUED)//'
fault bias_given_unmarked bias_owner_returns rc/bias.c \
    '/^static void release_last_local/,/^}/ { /header->owner, giving/d; s/uint16_t giving.*/(void)0;/; }'
fault bias_given_up_and_touched bias_last_local_beside_release rc/bias.c \
    '/^static void release_last_local/,/^}/ s/^    end_if_last(header, \(.*\));/    change = \1; become_ordinary(header); end_if_last(header, change);/'
fault bias_merge_in_two_steps bias_shared_by_both rc/bias.c \
    '/^void rc__bias_merge/,/^}/ s/__atomic_add_fetch(&header->shared, change, __ATOMIC_RELEASE)/change + word_of(header), __atomic_store_n(\&header->shared, word, __ATOMIC_RELEASE)/'
fault bias_marked_before_merged bias_shared_by_owner rc/bias.c \
    '/^void rc__bias_merge/,/^}/ { /^    become_ordinary/d; s/^    int32_t change/    become_ordinary(header);\n&/; }'
fault bias_queued_flag_left bias_shared_by_owner rc/bias.c \
    '/^void rc__bias_release_queued/,/^}/ s/RC__COUNT_ONE + RC__COUNT_QUEUED/RC__COUNT_ONE/'
fault bias_closed_over_the_queue bias_owner_ends rc/owner.c \
    '/^static void give_index_back/,/^}/ s/struct rc__header \*empty = NULL/struct rc__header *empty = __atomic_load_n(\&my_slot()->queue, 0)/'
fault bias_closed_not_asked_again bias_heir_counts rc/owner.c \
    '/^bool rc__owner_merge_left/,/^}/ s/bool left = .*/bool left = true;/'
fault bias_merged_unlocked bias_heir_counts rc/owner.c \
    '/^bool rc__owner_merge_left/,/^}/ { /pthread_mutex/d; }'
fault bias_closed_unlocked bias_owner_ends rc/owner.c \
    '/^void rc__owner_leave/,/^}/ { /pthread_mutex/d; }; /^static void give_index_back/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
fault bias_weak_not_disowned bias_weak_lock_beside_merge rc/bias.c \
    '/^static void release_last_local/,/^}/ { /disown_weak/d; }'
fault bias_weak_of_others_owned bias_weak_made_beside_merge rc/weak.c \
    's/weak->owner = biased && rc__owns(header) ? rc_bias_self : 0;/weak->owner = header->owner;/'
fault bias_weak_lock_of_the_merged bias_weak_lock_beside_last_local rc/count.h \
    '/rc__count_is_dead(/,/^}/ s/(!biased || word & RC__COUNT_MERGED)/!biased/'
fault bias_gone_reads_unmerged bias_weak_lock_beside_last_local rc/count.h \
    '/define RC__COUNT_GONE /s/ + RC__COUNT_MERGED//'
fault bias_short_cut_past_weak bias_weak_lock_beside_last_local rc/bias.c \
    '/^static bool is_known_elsewhere/,/^}/ s/return .*/return (void)header, false;/'

# ---- buffers -------------------------------------------------------------------------------------

fault exports_read_relaxed resize_after_slice buffer/exports.h \
    '/rc__exports_read(/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault exports_drop_relaxed resize_after_slice buffer/exports.h \
    '/rc__exports_drop(/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
fault exports_drop_unread root_gone_before_slices buffer/exports.h \
    '/rc__exports_drop(/,/^}/ s/(void)rc__exports_read(root);//'
fault exports_hold_nothing root_gone_before_slice buffer/exports.h \
    '/rc__exports_add(/,/^}/ s/if (before == 0) (void)rc_retain(root);//; /rc__exports_drop(/,/^}/ s/^    rc_release(root);//'
fault exports_asked_before slice_while_the_last_goes buffer/exports.h \
    '/rc__exports_add(/,/^}/ s/uint32_t before = __atomic_fetch_add/bool none = rc__exports_read(root) == 0; uint32_t before = __atomic_fetch_add/; /rc__exports_add(/,/^}/ s/^    if (before == 0)/    if (rc__exports_read(root) == 1)/'
fault unique_not_asked unique_against_release 'buffer/buffer*.c' \
    '/^static bool is_alone/,/^}/ s/is_unique(buffer)/true/'
fault unique_released_first unique_by_both 'buffer/buffer*.c' \
    '/^enum rc_status rc_buffer_make_unique/,/^}/ { s/rc_release(old);//; s/rc_buffer \*copy = duplicate/rc_release(*buffer); &/; }'
fault unique_read_relaxed unique_against_release rc/count.h \
    '/rc__count_is_one(/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault thaw_shared thaw_when_alone 'buffer/buffer*.c' \
    '/^enum rc_status rc_buffer_thaw/,/^}/ s/!is_unique(buffer)/false/'
fault busy_not_asked resize_after_slice 'buffer/buffer*.c' \
    '/check_growing(const/,/^}/ s/ && rc__exports_read(buffer) == 0//'

# ---- views ---------------------------------------------------------------------------------------

fault view_drop_relaxed resize_after_view buffer/view.c \
    '/^static inline size_t view_end/,/^}/ s/rc__exports_drop_of(base, view);/if (__atomic_sub_fetch(\&base->rc__exports, 1, __ATOMIC_RELAXED) == 0) { (void)rc__exports_read(base); rc_release(base); }/'
fault view_drop_unread root_gone_before_views buffer/view.c \
    '/^static inline size_t view_end/,/^}/ s/rc__exports_drop_of(base, view);/if (__atomic_sub_fetch(\&base->rc__exports, 1, __ATOMIC_RELEASE) == 0) rc_release(base);/'
fault view_drop_in_two_steps derived_by_two buffer/view.c \
    '/^static inline size_t view_end/,/^}/ s/rc__exports_drop_of(base, view);/{ uint32_t left = rc__exports_read(base) - 1; __atomic_store_n(\&base->rc__exports, left, __ATOMIC_RELEASE); if (left == 0) rc_release(base); }/'
fault view_held_in_two_steps derived_by_three buffer/view_layout.h \
    '/rc__view_hold_base(/,/^}/ s/return rc__exports_add_for(base, view);/uint32_t held = rc__exports_read(base); if (held == 0) return rc__exports_add_for(base, view); __atomic_store_n(\&base->rc__exports, held + 1, __ATOMIC_RELAXED); return true;/'
fault view_of_slice_held_plain views_of_a_slice buffer/view_layout.h \
    '/rc__view_hold_base(/,/^}/ s/(void)rc_retain(base);/(void)rc__count_up_plain(\&rc__header_of(base)->shared);/'
fault view_of_slice_dropped_plain views_of_a_slice buffer/view.c \
    '/^static inline size_t view_end/,/^}/ s/rc_release(base);/{ if (!rc__count_down_plain(\&rc__header_of(base)->shared)) rc_object_release_slow(base, false); }/'
fault view_plan_static views_by_two buffer/view_new.c \
    '/^static rc_view \*make_with/,/^}/ s/^    struct plan plan = {\(.*\)};/    static struct plan plan; plan = (struct plan){\1};/'
fault view_axes_static transposed_by_two 'buffer/view*.c' \
    '/^rc_view \*rc_view_transpose/,/^}/ s/^    size_t axes/    static size_t axes/'
fault view_shape_static transposed_by_two 'buffer/view*.c' \
    '/^rc_view \*rc_view_reshape/,/^}/ s/^    ptrdiff_t strides/    static ptrdiff_t strides/'

# ---- formats and lenses --------------------------------------------------------------------------

fault format_builtin_counted builtin_format_unwritten buffer/format_code.h \
    '/rc__format_release(/,/^}/ s/if (!rc__format_is_builtin(format)) //'
fault format_builtin_of_views_counted builtin_format_unwritten 'buffer/view*.[ch]' \
    's/if (!builtin) (void)rc_retain(/(void)rc_retain(/; s/if (!(view->rc__state & RC__VIEW_BUILTIN)) rc_release(/rc_release(/'
fault format_builtin_of_lenses_counted builtin_format_of_lenses buffer/lens.c \
    '/^static enum rc_status check_format/,/^}/ s/rc__format_release(/rc_release(/'
fault format_retained_plain format_ends_with_views buffer/view_layout.h \
    's/if (!builtin) (void)rc_retain(parts->format);/if (!builtin) (void)rc__count_up_plain(\&rc__header_of(parts->format)->shared);/'
fault format_released_plain format_ends_with_views buffer/view.c \
    '/^static inline size_t view_end/,/^}/ s/rc_release(view->format);/if (!rc__count_down_plain(\&rc__header_of(view->format)->shared)) rc_object_release_slow((void *)(uintptr_t)view->format, false);/'
fault format_needs_static fields_by_two 'buffer/format*.c' \
    '/^static rc_format \*make(/,/^}/ s/^    struct rc__format_needs needs/    static struct rc__format_needs needs/'
fault format_code_static views_by_two buffer/view_new.c \
    '/^static const rc_format \*format_of/,/^}/ s/^    size_t taken;/    static size_t taken;/'

# ---- pools ---------------------------------------------------------------------------------------

fault pool_taken_unlocked pool_depot_by_two buffer/pool.c \
    '/^static struct rc__pooled \*take_from_depot/,/^}/ { /rc__pool_unlock/d; /rc__pool_lock/d; }'
fault pool_spare_unlocked pool_magazines_by_two buffer/pool_magazine.c \
    '/^static struct rc__pool_magazine \*take_spare/,/^}/ { /rc__pool_unlock/d; /rc__pool_lock/d; }'
fault pool_made_uncounted pool_depot_by_two buffer/pool_buffer.c \
    '/^struct rc__pooled \*rc__pooled_new/,/^}/ { /rc__pool_unlock/d; /rc__pool_lock/d; }'
fault pool_over_with_magazines pool_gone_before_empty_magazine buffer/pool_depot.c \
    '/^void rc__surplus_end/,/^}/ s/ && !core->magazines//'
fault pool_key_plain pool_trimmed_beside_use buffer/pool_depot.c \
    '/^static void set_key/,/^}/ s/rc__pool_put(&core->key, key)/core->key = key/'
fault pool_count_plain pool_read_beside_use buffer/pool_layout.h \
    '/rc__pool_magazine_push(/,/^}/ s/__atomic_store_n(&magazine->count, count + 1, __ATOMIC_RELEASE)/magazine->count = count + 1/'
fault pool_gathered_plain pool_gathered_between_releases buffer/pool_layout.h \
    '/rc__pool_is_gathered(/,/^}/ s/return .*/return core->gathered;/'
fault pool_gathered_with_places pool_gathered_beside_release buffer/pool_magazine.c \
    '/^static void reserve/,/^}/ s/ || core->gathered//'
fault lone_reference_seen_relaxed pool_last_release_by_two rc/count.h \
    '/^static inline bool rc__count_is_one/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault lone_reference_with_weak_ones weak_lock_against_last_release rc/object_release.c \
    '/^static.* release_alone_marked(/,/^}/ s/!rc__count_down(.*->shared)/true/; /^static.* release_alone_marked(/,/^}/ s/(object, true)/(object, false)/'

# ---- chains --------------------------------------------------------------------------------------

fault chain_drop_relaxed resize_after_piece buffer/chain_ring.c \
    '/^void rc__chain_let_go/,/^}/ s/rc__exports_drop(piece.root);/if (__atomic_sub_fetch(\&piece.root->rc__exports, 1, __ATOMIC_RELAXED) == 0) { (void)rc__exports_read(piece.root); rc_release(piece.root); }/'
fault chain_drop_in_two_steps pieces_gone_by_two buffer/chain_ring.c \
    '/^void rc__chain_let_go/,/^}/ s/rc__exports_drop(piece.root);/{ uint32_t left = rc__exports_read(piece.root) - 1; __atomic_store_n(\&piece.root->rc__exports, left, __ATOMIC_RELEASE); if (left == 0) rc_release(piece.root); }/'
fault chain_piece_cut_unexported piece_cut_beside_slice buffer/chain_cut.c \
    '/^static rc_buffer \*cut_part/,/^}/ s/!rc__exports_add(first->root)/false/'
fault chain_room_written_again room_filled_beside_reader buffer/chain_room.c \
    's/end == RC__CHAIN_FRONT ? place : place + piece->size/place/'

# ---- magazines and cells -------------------------------------------------------------------------

fault depot_put_unlocked magazine_spilled_by_two rc/magazine.c \
    '/^static size_t depot_put/,/^}/ { /pthread_mutex_unlock/d; s/pthread_mutex_t \*lock = lock_class(class_);/;/; }'
fault depot_take_unlocked magazine_refilled_by_two rc/magazine.c \
    '/^static size_t depot_take/,/^}/ { /pthread_mutex_unlock/d; s/pthread_mutex_t \*lock = lock_class(class_);/;/; }'
fault depot_gives_twice magazine_refilled_by_two rc/magazine.c \
    '/^static size_t depot_take/,/^}/ s/__atomic_store_n(&shelf->count, .*//'
fault magazine_keeps_what_it_unloads magazine_spilled_by_two rc/magazine.c \
    '/^static void unload/,/^}/ { /memmove/d; /magazine->count \* sizeof/d; }'
fault cell_changed_unlocked cell_changed_beside_reader rc/cell.c \
    '/^void rc__cell_set/,/^}/ { /rc__tally_lock/d; /rc__tally_unlock/d; }'
fault cell_filled_behind_plainly cell_of_two_changed_beside_reader rc/plain.h \
    '/rc__cell_keep_behind(/,/^}/ s/__atomic_store_n(&cell->behind, behind + 1, __ATOMIC_RELEASE)/cell->behind = behind + 1/'
fault cell_forgets_what_lies_behind cell_of_two_changed_beside_reader rc/tally.h \
    '/^static inline size_t rc__cell_content/,/^}/ s/return first + .*/return first;/'
fault cell_filled_plainly cell_changed_beside_reader rc/plain.h \
    '/rc__cell_keep(/,/^}/ s/__atomic_store_n(&cell->object, object, __ATOMIC_RELAXED)/cell->object = object/'

# ---- slots ---------------------------------------------------------------------------------------

fault slot_debts_not_paid slot_load_against_clear rc/slot.c \
    '/^static void \*exchange/,/^}/ s/settle(old);//'
fault slot_released_before_paying slot_load_against_clear rc/slot.c \
    '/^void rc_slot_clear/,/^}/ s/if (slot) .*/void *old = __atomic_exchange_n(\&slot->rc__object, NULL, 5); rc_release(old); settle(old);/'
fault slot_debt_paid_with_nothing slot_load_against_clear 'rc/slot*.c' \
    '/^static .*pay_from(/,/^}/ s/if (!spare) .*//'
fault slot_spare_reference_kept slot_load_against_clear 'rc/slot*.c' \
    '/^static .*pay_from(/,/^}/ s/if (spare) rc_release(object);//'
fault slot_not_looked_at_again slot_load_against_clear rc/slot.c \
    's/(seen = look(slot)) != object/(seen = object) != object/'
fault slot_payment_not_noticed slot_load_against_clear rc/slot.c \
    '/^static .*count(const rc_slot/,/^}/ s/if (!rc__debt_take_back(debt, object)) rc_release(object);/(void)rc__debt_take_back(debt, object);/'
fault slot_paid_debt_forgotten slot_load_against_store rc/slot.c \
    '/^static .*owe_instead/,/^}/ s/rc_release(object);//'
fault slot_payment_returned slot_address_used_again rc/slot.c \
    '/^static .*count(const rc_slot/,/^}/ s/if (!rc__debt_take_back(debt, object)) /&if (!seen) return object; else /'
fault slot_debt_overwritten slot_load_by_two 'rc/slot*.h' \
    '/rc__debt_claim(/,/^}/ s/return __atomic_compare_exchange_n(&debt->object,/__atomic_store_n(\&debt->object, object, 5); return __atomic_compare_exchange_n(\&none,/'
fault slot_cell_lost slot_cells_appended_by_two 'rc/slot*.c' \
    '/^static .*append(/,/^}/ s/(!__atomic_compare_exchange_n(.*/((next = __atomic_load_n(\&last->next, 5)) || (__atomic_store_n(\&last->next, fresh, 5), 0 */'
fault slot_compare_pays_nothing slot_counted_on rc/slot.c \
    '/^bool rc_slot_compare_exchange/,/^}/ s/if (swapped && .*//'
fault slot_desired_kept slot_compare_by_two rc/slot.c \
    '/^bool rc_slot_compare_exchange/,/^}/ s/swapped ? expected : desired/swapped ? expected : NULL/'
fault slot_changed_in_two_steps slot_compare_by_two rc/slot.c \
    '/^static bool swap/,/^}/ s/if (!RC_SINGLE_THREADED)/if (look(slot) != expected) return false; if (0)/'
fault slot_looked_at_relaxed slot_load_against_store rc/slot.c \
    '/^static inline void \*look/,/^}/ s/__ATOMIC_SEQ_CST/__ATOMIC_RELAXED/'
fault slot_exchanged_relaxed slot_load_against_store rc/slot.c \
    '/^static void \*exchange/,/^}/ s/__ATOMIC_SEQ_CST/__ATOMIC_RELAXED/'
fault slot_locked_by_store slot_store_stops rc/slot.c \
    's/^#include "slot_debt.h"/&\n#include <pthread.h>\nstatic pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;/; s/void \*old = __atomic_exchange_n/pthread_mutex_lock(\&lock); &/; s/settle(old);/& pthread_mutex_unlock(\&lock);/; /^void \*rc_slot_load(/,/^}/ s/void \*object = look(slot);/pthread_mutex_lock(\&lock); & pthread_mutex_unlock(\&lock);/'
fault slot_load_waits_for_store slot_store_stops rc/slot.c \
    's/^#include "slot_debt.h"/&\nstatic int stores;/; s/void \*old = __atomic_exchange_n/__atomic_fetch_add(\&stores, 1, 5); &/; s/settle(old);/& __atomic_fetch_sub(\&stores, 1, 5);/; /^void \*rc_slot_load(/,/^}/ s/void \*object = look(slot);/while (__atomic_load_n(\&stores, 5)) continue; &/'

# ---- homes ---------------------------------------------------------------------------------------

fault home_put_relaxed home_release_against_run 'rc/home*.c' \
    '/^static bool put/,/^}/ s/__ATOMIC_SEQ_CST/__ATOMIC_RELAXED/'
fault home_taken_relaxed home_release_against_run 'rc/home*.c' \
    '/^static bool grab/,/^}/ s/__ATOMIC_ACQUIRE/__ATOMIC_RELAXED/'
fault home_taken_in_two_steps home_woken_by_two 'rc/home*.c' \
    '/^static bool grab/,/^}/ { s/while (!__atomic_compare_exchange_n(.*/while (__atomic_store_n(\&home->first, NULL, 5), 0/; s/^ *__ATOMIC_RELAXED));/);/; }'
fault home_put_in_two_steps home_released_by_two 'rc/home*.c' \
    '/^static bool put/,/^}/ s/(!__atomic_compare_exchange_n(.*/((seen = __atomic_load_n(\&home->first, 5)) != rc__homed_of(header)->next || (__atomic_store_n(\&home->first, header, 5), 0 \&\&/; /^static bool put/,/^}/ s/^ *__ATOMIC_RELAXED));/ 0));/'
fault home_looked_at_once home_release_against_close 'rc/home*.c' \
    '/^static bool put_unless_closed/,/^}/ s/is_closed(state)/false/'
fault home_visitors_uncounted home_release_against_close 'rc/home*.c' \
    '/^static void come(/,/^}/ { /->visitors/d; }; /^static void go(/,/^}/ { /->visitors/d; }'
fault home_visitor_without_reference home_gone_with_its_object 'rc/home*.c' \
    '/^static void come(/,/^}/ s/rc_retain(home)/home/; /^static void go(/,/^}/ { /rc_release(/d; }'
fault home_closed_without_waiting home_release_against_close 'rc/home*.c' \
    '/^static void close_as/,/^}/ { /await_none/d; }'
fault home_closed_without_another_look home_release_against_close 'rc/home*.c' \
    '/^static void close_as/,/^}/ { /(void)rc__home_end_waiting/d; }'
fault home_hook_changed_without_waiting home_hook_changed 'rc/home*.c' \
    '/^enum rc_status rc_home_set_wake/,/^}/ { /await_none/d; }'
fault home_hook_set_without_a_look home_hook_changed 'rc/home*.c' \
    '/^enum rc_status rc_home_set_wake/,/^}/ { /rc__home_wake_now/d; }'
fault home_hook_called_uncounted home_hook_changed 'rc/home*.c' \
    '/^static void wake_up/,/^}/ { /home->callers/d; }'
fault home_hook_not_called home_woken_by_two 'rc/home*.c' \
    '/^static bool put/,/^}/ s/return !seen;.*/return !seen \&\& !home->waiting;/'
fault home_made_before_it_is_counted home_made_beside_close 'rc/home*.c' \
    '/^void \*rc_home_object_new(/,/^}/ { /if (home) __atomic_fetch_add/d; s/^        rc_retain(home);/        rc_retain(home), __atomic_fetch_add(\&home->alive, 1, 5);/; s/^    else if (home)/    else if (0)/; }'
fault home_left_relaxed home_close_beside_two 'rc/home*.c' \
    '/^static void count_out/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
fault home_finalizer_not_given_up home_close_for_nowhere 'rc/home*.c' \
    '/^static void give_up_finalizer/,/^}/ s/if (state == RC__HOME_NOWHERE)/if (0)/'
fault home_closed_before_the_last_are_ended home_close_with_a_pair 'rc/home*.c' \
    '/^static bool send_home(/,/^}/ s/ || home->closing)/)/'
fault home_run_waits_for_visitors home_release_stops 'rc/home*.c' \
    '/^size_t rc_home_run/,/^}/ s/^    rc_retain(home);.*/&\n    rc__await_none(\&home->visitors);/'
fault home_put_waits_while_taken home_run_stops 'rc/home_queue.c' \
    '/^static bool put(/,/^}/ s/^    do {/    while (__atomic_load_n(\&home->grabbed, 5)) continue;\n&/'
fault home_put_under_a_lock home_release_stops 'rc/home_queue.c' \
    's/^#include "callback.h"/&\n#include <pthread.h>\nstatic pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;/; /^static bool put_unless_closed/,/^}/ s/^    if (put(home, header)) wake_up(home);/    pthread_mutex_lock(\&lock);\n&\n    pthread_mutex_unlock(\&lock);/; /^size_t rc__home_end_waiting/,/^}/ s/came = take_all(home);/came = (pthread_mutex_lock(\&lock), take_all(home)); pthread_mutex_unlock(\&lock);/'

# ---- cycles --------------------------------------------------------------------------------------

fault cycle_scan_unlocked cycle_list_ends_beside_collection rc/cycle_scan.c \
    '/^bool rc__cycle_condemn/,/^}/ s/rc__cycle_lock(domain)/false/'
fault cycle_end_not_marked cycle_list_ends_beside_collection rc/cycle_domain.c \
    '/^static void begin/,/^}/ s/call_for(header, mark_dead);/(void)header;/'
fault cycle_lock_not_looked_at cycle_locked_beside_collection rc/cycle_collect.c \
    '/^static void let_save/,/^}/ s/rc__cycle_save(domain);/(void)domain;/'
fault cycle_lock_seen_too_early cycle_locked_beside_finalizers rc/cycle_collect.c \
    '/^static void let_save/,/^}/ s/if (\(.*end_weak(domain, hooks->kill)\)) rc__cycle_save(domain);/(void)(\1);/'
fault cycle_domain_ends_without_waiting cycle_domain_ends_beside_object rc/cycle_domain.c \
    '/^static void domain_finalize/,/^}/ { /await_calls/d; }'
fault cycle_entered_in_two_steps cycle_collected_by_two rc/cycle_domain.c \
    '/^static bool try_to_enter/,/^}/ { s/return __atomic_compare_exchange_n(.*/if (__atomic_load_n(\&domain->user, 2) != nobody) return false; __atomic_store_n(\&domain->user, rc__cycle_self(), 5); return true;/; /__ATOMIC_ACQUIRE, __ATOMIC_RELAXED/d; }'
fault cycle_left_relaxed cycle_collected_by_two rc/cycle_domain.c \
    '/^void rc__cycle_leave/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
