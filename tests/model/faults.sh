# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# fault NAME CONFIGURATION FILE SED-SCRIPT: what the configuration must find once the file of the
# model is changed so.

# ---- merging -------------------------------------------------------------------------------------

# Gives its reference away, and writes the object afterwards (cpython#119999).
fault last_merge_writes_late three_small bias.pml '/^inline release_last_local/,/^}/ {
    /local_ = 0 }$/d
    s/^    word = 0;$/    d_step { TOUCH_LOCAL(o); object[o].local_ = 0 }\n    word = 0;/
}'
fault merge_loses_counts three_small bias.pml '/^inline rc__bias_merge/,/^}/ {
    s/TOUCH_LOCAL(o); count = object\[o\].local_/&; word = object[o].shared/
    s/object\[o\].shared = object\[o\].shared + /object[o].shared = word + /
}'
fault ordinary_before_merged three_small bias.pml '/^inline rc__bias_merge/,/^}/ {
    /^    become_ordinary/d
    s/^    d_step { TOUCH_LOCAL(o); count = .*/    become_ordinary(o);\n&/
    s/local_ = 0 }$/local_ = 0; count = 0 }/
}'
fault local_wraps three_small count.pml 's/count > 0 && count < LOCAL_MAX ->/count > 0 ->/
    s/local_ = count + 1;/local_ = (count + 1) % (LOCAL_MAX + 1);/'
fault merged_counts_plainly three_small count.pml '/^inline rc_retain/,/^}/ {
    s/:: count > 0 && count < LOCAL_MAX/:: index == INDEX \&\& count < LOCAL_MAX/
}'

# ---- the last release ----------------------------------------------------------------------------

fault alone_despite_others three_small bias.pml '/^inline release_last_local/,/^}/ {
    s/word == 0 && !(flags & WEAK)/!(flags \& WEAK)/
}'
fault alone_despite_weak two_small bias.pml '/^inline release_last_local/,/^}/ {
    s/word == 0 && !(flags & WEAK)/word == 0/
}'
fault alone_asks_for_weak_first two_small bias.pml '/^inline release_last_local/,/^}/ {
    /word = object\[o\].shared }$/d
    s/^    d_step { TOUCH(o); flags = .*/&\n    d_step { TOUCH(o); word = object[o].shared }/
}'
fault ends_while_biased three_small end.pml 's/(flags | FINALIZING) & ~BIASED/flags | FINALIZING/'

# ---- the queue -----------------------------------------------------------------------------------

fault queued_twice three_small bias.pml 's/word < ONE && !(word & QUEUED) ->/word < ONE ->/
    s/(word >= ONE || (word & QUEUED)) ->/word >= ONE ->/'
fault queued_and_subtracted three_small bias.pml 's/shared = word | QUEUED;/shared = (word - ONE) | QUEUED;/'
fault queued_never queue bias.pml 's/shared = word | QUEUED; HOLD(me, o)--;/shared = word - ONE; LOSE(o);/
    s/swapped -> swapped = false; rc__owner_enqueue(o); break/swapped -> swapped = false; break/'
fault drained_unmerged three_small bias.pml '/^inline rc__bias_release_queued/,/^}/ {
    s/:: else -> word = 0; rc__bias_merge(o, 0)/:: else -> word = 0/
}'
fault drained_alone_despite_others three_small bias.pml 's/^    :: word == QUEUED -> d_step/    :: word \& QUEUED -> d_step/'
fault link_read_after_release queue owner.pml '/^inline rc__owner_drain/,/^}/ {
    s/ taken = object\[x\].link; object\[x\].link = 0 }/ }/
    s/^        x = 0/        d_step { TOUCH(x); taken = object[x].link; object[x].link = 0; x = 0 }/
}'
fault link_written_after_push queue owner.pml '/^inline rc__owner_enqueue/,/^}/ {
    /object\[o\].link = next }$/d
    s/:: swapped -> swapped = false; break/:: swapped -> swapped = false; d_step { TOUCH(o); object[o].link = next }; break/
}'
fault pushed_without_looking queue owner.pml '/^inline rc__owner_enqueue/,/^}/ {
    s/swapped = head == next;/swapped = head != CLOSED;/
}'

# ---- hand-over, and the thread's end -------------------------------------------------------------

fault closed_with_a_queue three_small owner.pml '/^inline give_index_back/,/^}/ s/:: head == 0 -> head/:: head != CLOSED -> head/'
fault index_kept three_small model.pml 's/:: index == 0 -> leaving = false/:: head == CLOSED -> index = INDEX; leaving = false/'
fault left_merged_without_second_look three_small owner.pml 's/left = head == CLOSED;/left = true;/'
fault left_merged_twice three_small owner.pml '/^inline rc__owner_merge_left/,/^}/ s/:: word & MERGED -> .*/:: false/'
fault left_stays_queued three_small owner.pml 's/rc__bias_merge(o, without)/rc__bias_merge(o, 0)/'
fault index_taken_without_lock three_small owner.pml '/^inline take_index/,/^}/ { /lock(bias_lock)/d
}'

# ---- weak references -----------------------------------------------------------------------------

fault weak_lock_adds two_small weak.pml '/^inline lock_target/,/^}/ {
    s/swapped = object\[o\].shared == word;/swapped = true;/
    s/object\[o\].shared = word + ONE;/object[o].shared = object[o].shared + ONE;/
}'
fault weak_lock_revives two_small weak.pml 's/:: word < 0 && (!(flags & BIASED) || (word & MERGED)) -> break/:: false/'
fault weak_lock_misses_the_queued two_small weak.pml 's/:: word < 0 && (.*) -> break/:: word < 0 -> assert(object[o].references == 0); break/'
fault gone_looks_unmerged two_small state.pml 's/^#define GONE .*/#define GONE (-64)/'
fault owner_remembered_after_merge two_small bias.pml '/^inline rc__bias_merge/,/^}/ s/:: flags & WEAK -> .*/:: false/'
fault owner_remembered_after_last two_small bias.pml '/^inline release_last_local/,/^}/ s/:: flags & WEAK -> disown_all()/:: false/'
fault owner_remembered_by_others two_small weak.pml 's/:: (flags & BIASED) && index == INDEX -> d_step { .*/:: (flags \& BIASED) -> count = 1/'
fault killed_too_late two_small end.pml '/^inline finalize/,/^}/ {
    /clear_weak_references/d
    s/^    d_step { TOUCH(o); word = .*/    clear_weak_references(o);\n&/
}'
