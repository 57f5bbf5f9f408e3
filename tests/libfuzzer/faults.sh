# SPDX-License-Identifier: MIT
#
# Faults for gate.sh: fault NAME TARGET FILES SED-SCRIPT. Each is one broken check or step of the
# library, which the target has to find. FILES may be a pattern: a function may move to another room.
# shellcheck shell=sh

fault append_own_from_the_old_place buffer 'buffer/buffer*.c' \
    's/own ? buffer->data + offset : bytes, size/bytes, size/'
fault grows_under_slices buffer 'buffer/buffer*.c' \
    's/ && rc__exports_read(buffer) == 0//'
fault slice_past_the_end buffer 'buffer/buffer*.c' \
    '/^static enum rc_status check_range/,/^}/ s/size <= buffer->size - offset/size <= buffer->size/'
fault frozen_slices_thaw buffer 'buffer/buffer*.c' \
    's/if (parent != root) state |= .*//'
fault frozen_counts_as_unique buffer 'buffer/buffer*.c' \
    's/is_alone(\*buffer) && is_writable(\*buffer)/is_alone(*buffer)/'

fault record_not_padded format 'buffer/format*.c' \
    's/if (parser->scanner.order == .@. \&\& !round_up(level->offset/if (false \&\& !round_up(level->offset/'
fault element_not_aligned format 'buffer/format*.c' \
    's/parser->scanner.order == .@. ? element->alignment : 1, bytes/1, bytes/'
fault number_in_the_other_order format 'buffer/format*.c' \
    '/^static uint64_t load_unsigned/,/^}/ s/leaf->field->swapped/false/'
fault pad_bytes_left format 'buffer/format*.c' \
    's/^    memset(item, 0, format->itemsize);//'
fault product_not_checked format 'buffer/format*.c' \
    '/^static bool multiply/,/^}/ s/return .*/return *product = a * b, true;/'

fault negative_strides_not_bounded view 'buffer/view*.c' \
    's/if (RC_LIKELY(rc__geometry_is_inside(/reach.before = 0; &/'
fault slice_of_one_too_many view 'buffer/view*.c' \
    's|(distance - 1) / stride + 1;|distance / stride + 1;|'
fault tile_past_the_last_column view 'buffer/view*.c' \
    's/tile.columns = least(width - j, \(.*\));/tile.columns = \1;/'
fault joined_for_one_side view 'buffer/view*.c' \
    's/if (continues(outer.first, inner.first, inner.length) &&/if (continues(outer.first, inner.first, inner.length) ||/'
fault reshape_across_gaps view 'buffer/view*.c' \
    's/^            next == stride)$/            next != 0)/'
fault overlap_not_seen view 'buffer/view*.c' \
    's/^    return apart < itemsize || step - apart < itemsize;/    return false;/'
fault lens_of_the_other_order view buffer/lens.c \
    's/bool equal = rc_format_equal(view->format, format);/bool equal = view->itemsize == itemsize;/'
fault lens_not_aligned view buffer/lens.c \
    's/if (view->shape\[i\] > 1) bits |= .*/;/'

fault file_may_be_too_short npy 'buffer/npy*.c' \
    's/if (\*size <= file_size - cursor->end) return true;/return true;/'
fault size_of_the_header_believed npy 'buffer/npy*.c' \
    's/if (there - digits < size)/if (false)/'
fault digits_not_bounded npy 'buffer/npy*.c' \
    '/^bool rc__npy_count/,/^}/ s/if (number > ((size_t)PTRDIFF_MAX - digit) \/ 10)/if (false)/'
fault padding_is_nothing npy 'buffer/npy*.c' \
    '/^static bool read_padding/,/^}/ s/return rc__npy_print(.*/return true;/'
fault always_in_c_order npy 'buffer/npy*.c' \
    "s/array->is_fortran ? 'F' : 'C'/'C'/"
fault two_of_a_name npy 'buffer/npy*.c' \
    '/^static bool check_names/,/^}/ s/if (!twice) return true;/return true;/'
fault letters_read_beyond_the_header npy 'buffer/npy*.c' \
    '/^static bool take_utf8/,/^}/ s/ && cursor->at + i < cursor->end//'
fault quotes_written_as_they_are npy 'buffer/npy*.c' \
    '/^static bool put_byte/,/^}/ s/byte == (unsigned char)quote || //'
fault end_of_a_record_not_written npy 'buffer/npy*.c' \
    '/^static bool put_fields/,/^}/ s/return put_gap(record, end, format->itemsize);/return true;/'

fault insert_from_the_old_place array buffer/array.c \
    '/^enum rc_status rc_array_insert/,/^}/ s/(unsigned char \*)rc_buffer_edit(array->buffer) + /bytes + /; /^enum rc_status rc_array_insert/,/^}/ s/    memcpy(kept, item, array->itemsize);/&\n    unsigned char *bytes = (unsigned char *)(uintptr_t)array->data;/'
fault item_of_its_own_is_moved array buffer/array.c \
    '/^enum rc_status rc_array_insert/,/^}/ s/memcpy(at, kept, /memcpy(at, item, /'
fault numbers_compared_by_their_bytes array 'buffer/array*.c' \
    "s/if (array->typecode == 'd')/if (false)/"
fault half_an_item_read array 'buffer/array*.c' \
    's/ + read - read % array->itemsize/ + read/'
fault remove_takes_the_next array 'buffer/array*.c' \
    's/status == RC_OK ? take_out(array, place, NULL)/status == RC_OK ? take_out(array, place + 1 < array->length ? place + 1 : place, NULL)/'

fault frozen_bytes_are_written chain buffer/chain.c \
    's/is_slice ? buffer->rc__state & RC__STATE_UNWRITABLE : 0/0/'
fault last_piece_read_when_it_has_grown chain buffer/chain.c \
    's/i + 1 < count ? \*rc__chain_piece(from, i) : last/*rc__chain_piece(from, i)/'
fault found_but_at_the_end chain buffer/chain_read.c \
    's/size_t starts = chain->size - from - size + 1;/size_t starts = chain->size - from - size;/'
fault room_filled_from_its_start chain buffer/chain_room.c \
    's/end == RC__CHAIN_FRONT ? place : place + piece->size/place/'
fault room_committed_from_its_start chain buffer/chain_fill.c \
    's/piece.root, piece.data + size);/piece.root, piece.data);/'
fault text_written_once chain buffer/chain_fill.c \
    's/if ((size_t)size < left) return/if (left > 0) return/'
fault bound_passed_by_a_vector chain buffer/chain_io.c \
    's/^    vectors\[count - 1\].iov_len -= bytes - most;//'
fault vectors_from_within_each_piece chain buffer/chain_read.c \
    's/; place.index++, place.within = 0)/; place.index++)/'
fault rest_of_a_piece_dropped chain buffer/chain_cut.c \
    '/^static rc_buffer \*cut_part/,/^}/ s/rc__chain_trim_front(chain, size);/(void)rc__chain_take(chain, RC__CHAIN_FRONT);/'
fault pinned_by_one_piece_of_many chain buffer/chain_compact.c \
    's/^    use->bytes += bytes;/    use->bytes = SIZE_MAX;/'

fault finalizers_run_a_home_inside_each_other home 'rc/home*.c' \
    's/bool inside = home->running++ && !all;/bool inside = (home->running++, all) \&\& false;/'
fault finalizers_of_a_closed_home_go_on home 'rc/home*.c' \
    '/^static void give_up_finalizer/,/^}/ s/state == RC__HOME_NOWHERE/state == RC__HOME_OPEN/'
fault hook_for_each_that_waits home 'rc/home*.c' \
    's/if (put(home, header)) wake_up(home);/(void)put(home, header); wake_up(home);/'
fault newest_ended_first home 'rc/home*.c' \
    '/^static size_t take_all/,/^}/ { s/^    struct rc__header \*\*end = .*/    struct rc__header **end = \&home->grabbed;\n    while (*end) end = \&rc__homed_of(*end)->next;/; s/count = reverse(home);/count = 0;\n    for (struct rc__header *it = home->grabbed; it; it = rc__homed_of(it)->next) count++;\n    home->reversed = home->grabbed;\n    home->grabbed = NULL;/; }'
fault what_was_taken_waits_for_the_outer_call home 'rc/home*.c' \
    '/^static void close_as/,/^}/ s/rc__home_end_waiting(home, true)/rc__home_end_waiting(home, false)/'
fault given_up_by_unbinding_but_here home rc/home.c \
    '/^enum rc_status rc_home_unbind/,/^}/ s/__atomic_store_n(&home->thread, 0, __ATOMIC_RELAXED);//'
