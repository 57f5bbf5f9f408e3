# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# fault NAME CONFIGURATION FILE SED-SCRIPT: what the configuration must find once this file of the
# model is changed so.

# ---- merging -------------------------------------------------------------------------------------

# Gives its reference away, and writes the object afterwards (cpython#119999).
fault last_merge_writes_late three_small bias.pml '/^inline release_last_local/,/^}/ {
    /owner = INDEX | GIVES }$/d
    s/^    word = 0;$/    d_step { TOUCH(o); object[o].owner = INDEX | GIVES }\n&/
}'
fault last_merge_unmarked three_small bias.pml '/^inline release_last_local/,/^}/ {
    /owner = INDEX | GIVES }$/d
}'
fault merge_in_two_steps three_small bias.pml '/^inline rc__bias_merge/,/^}/ {
    s/local_ = object\[o\].plain;/& word = object[o].shared;/
    s/shared = object\[o\].shared + local_/shared = word + local_/
}'
fault ordinary_before_merged three_small bias.pml '/^inline rc__bias_merge/,/^}/ {
    /^    become_ordinary/d
    s/^    disown_weak_references.*/&\n    become_ordinary(o);/
    s/^        local_ = 0$/        local_ = 0; word = 0/
}'
fault merged_and_biased three_small bias.pml '/^inline rc__bias_merge/,/^}/ {
    s/^    become_ordinary(o)/    skip/
}'
fault merge_forgets_local three_small bias.pml \
    's/shared + local_ + MERGED - without/shared + MERGED - without/'

fault local_not_taken_back three_small bias.pml '/^inline rc_bias_release_slow/,/^}/ {
    s/take_back(o, -ONE)/skip/
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
fault finalized_while_biased two_small end.pml '/^inline finalize/,/^}/ { /owner = 0 }$/d
}'

# ---- the queue -----------------------------------------------------------------------------------

fault queued_twice three_small bias.pml 's/word < ONE && !(word & QUEUED) ->/word < ONE ->/
    s/(word >= ONE || (word & QUEUED)) ->/word >= ONE ->/'
fault queued_and_subtracted three_small bias.pml \
    's/shared = word | QUEUED;/shared = (word - ONE) | QUEUED;/'
fault subtracted_below_zero three_small bias.pml '
    s/shared = word | QUEUED; HOLD(me, o)--;/shared = word - ONE; LOSE(o);/
    s/swapped -> swapped = false; rc__owner_enqueue(o); break/swapped -> swapped = false; break/'
fault drained_unmerged three_small bias.pml '/^inline rc__bias_release_queued/,/^}/ {
    s/:: mine -> rc__bias_merge(o, 0)/:: mine -> skip/
}'
fault drained_alone_despite_others three_small bias.pml \
    's/:: mine && local_ == 0 && word == QUEUED ->/:: mine \&\& local_ == 0 ->/'
fault drained_alone_despite_owner three_small bias.pml \
    's/:: mine && local_ == 0 && word == QUEUED ->/:: mine \&\& word == QUEUED ->/'
fault link_read_after_release queue owner.pml '/^inline rc__owner_drain/,/^}/ {
    s/ taken = object\[x\].link; object\[x\].link = 0 }/ }/
    s/^        x = 0/        skip;\n        d_step { TOUCH(x); taken = object[x].link; x = 0 }/
}'
fault link_written_after_push queue owner.pml '/^inline rc__owner_enqueue/,/^}/ {
    /object\[o\].link = next }$/d
    s/:: swapped -> swapped = false;/& d_step { TOUCH(o); object[o].link = next };/
}'
fault pushed_without_comparing queue owner.pml '/^inline rc__owner_enqueue/,/^}/ {
    s/swapped = queue == next;/swapped = queue != CLOSED;/
}'

# ---- hand-over, and the thread's end -------------------------------------------------------------

fault closed_with_a_queue three_small owner.pml '/^inline give_index_back/,/^}/ {
    s/:: queue == 0 -> queue/:: queue != CLOSED -> queue/
}'
fault index_kept three_small owner.pml '/^inline give_index_back/,/^}/ {
    s/index = NOTHING/skip/
    s/^    unlock/    if\n    :: queue == CLOSED -> goto idle\n    :: else\n    fi;\n&/
}'
fault merged_without_second_look three_small owner.pml 's/left = queue == CLOSED;/left = true;/'
fault merged_twice three_small owner.pml '/^inline rc__owner_merge_left/,/^}/ {
    s/:: word & MERGED -> .*/:: false/
}'
fault merged_stays_queued three_small owner.pml 's/rc__bias_merge(o, without)/rc__bias_merge(o, 0)/'
fault index_taken_without_lock three_small owner.pml '/^inline take_index/,/^}/ { /lock(bias_lock)/d
}'

# ---- weak references, and being alone ------------------------------------------------------------

fault weak_lock_adds two_small weak.pml '/^inline lock_target/,/^}/ {
    s/swapped = object\[o\].shared == word;/swapped = true;/
    s/shared = word + ONE;/shared = object[o].shared + ONE;/
}'
fault weak_lock_revives two_small weak.pml 's/:: word < 0 && (owner == 0 .*) -> break/:: false/'
fault weak_lock_trusts_owner two_small weak.pml \
    's/:: word < 0 && (owner == 0 .*) -> break/:: word < 0 \&\& owner == 0 -> break/'
fault gone_looks_unmerged two_small state.pml 's/^#define GONE .*/#define GONE (-64)/'
fault disowned_never_by_merge two_small bias.pml '/^inline rc__bias_merge/,/^}/ {
    s/disown_weak_references(o)/skip/
}'
fault disowned_never_by_last two_small bias.pml '/^inline release_last_local/,/^}/ {
    s/:: flags & WEAK -> disown_all()/:: false/
}'
fault disowned_after_last two_small bias.pml '/^inline release_last_local/,/^}/ {
    s/:: flags & WEAK -> disown_all()/:: false/
    s/^    word = 0;$/    if\n    :: flags \& WEAK -> disown_all()\n    :: else\n    fi;\n&/
}'
fault owner_remembered_by_others two_small weak.pml '/^inline rc_weak_new/,/^}/ {
    s/:: owner != 0 -> owns(o)/:: owner != 0 -> mine = true/
}'
fault killed_after_finalizer two_small end.pml '/^inline finalize/,/^}/ {
    /clear_weak_references/d
    s/^    d_step { TOUCH(o); word = .*/    clear_weak_references(o);\n&/
}'
fault unique_by_an_old_word two count.pml '/^inline rc_is_unique/,/^}/ {
    s/^    d_step { TOUCH(o); owner = .*/    d_step { TOUCH(o); word = object[o].shared }\n&/
    s/object\[o\].shared >= 0 && object\[o\].shared < ONE/word >= 0 \&\& word < ONE/
    s/^    owner = 0/&; word = 0/
}'
