# SPDX-License-Identifier: MIT
#
# Faults for gate.sh: fault NAME FILES SED-SCRIPT. Each is one broken check or step of the library,
# which a run has to find. FILES may be a pattern: a function may move to another room.
# shellcheck shell=sh

fault caret_is_aligned 'buffer/format*.c' \
    "/^static bool place/,/^}/ s/order == '@' ? element/order == '@' || parser->scanner.order == '^' ? element/"
fault element_not_aligned 'buffer/format*.c' \
    '/^static bool place/,/^}/ s/if (!round_up(level->offset, alignment,/if (!round_up(level->offset, 1,/'
fault record_not_padded 'buffer/format*.c' \
    "s/if (parser->scanner.order == '@' && !round_up/if (false \&\& !round_up/"
fault order_forgotten_behind_a_record 'buffer/format*.c' \
    '/^static bool close_record/,/^}/ s/^    parser->depth--;/    parser->scanner.order = level->source_order;\n&/'
fault complex_parts_exchanged 'buffer/format*.c' \
    's/load_real(leaf, 0, half)/load_real(leaf, leaf->field->swapped, half)/;
     s/load_real(leaf, 1, half)/load_real(leaf, !leaf->field->swapped, half)/'
fault half_tie_away_from_even 'buffer/format*.c' \
    's/if (rest > tie || (rest == tie && kept & 1)) kept++;/if (rest >= tie) kept++;/'
fault smallest_integer_refused 'buffer/format*.c' \
    '/^static bool fits_signed/,/^}/ s/>= -(int64_t)most - 1/>= -(int64_t)most/'
fault sign_not_extended 'buffer/format*.c' \
    '/^static int64_t load_signed/,/^}/ s/if (number & sign)/if (false)/'
fault pad_bytes_left 'buffer/format*.c' \
    '/^enum rc_status rc_format_pack/,/^}/ s/^    memset(item, 0, format->itemsize);//'
fault order_not_compared 'buffer/format*.c' \
    's/a->size == b->size && a->swapped == b->swapped && meaning/a->size == b->size \&\& meaning/'

fault one_byte_outside 'buffer/view*.c' \
    's/\(rc__geometry_is_inside(.*\), bytes, &reach/\1, bytes - 1, \&reach/'
fault backward_slice_stops_early 'buffer/view*.c' \
    '/^struct rc__geometry_range rc__geometry_slice/,/^}/ s/ptrdiff_t low = step < 0 ? -1 : 0;/ptrdiff_t low = 0;/'
fault first_index_from_the_end_refused 'buffer/view*.c' \
    '/^bool rc__geometry_index/,/^}/ s/if (from_end > length)/if (from_end >= length)/'
fault axes_the_other_way_round 'buffer/view*.c' \
    's/take_dimension(result, i, view, axes\[i\])/take_dimension(result, axes[i], view, i)/'
fault length_1_not_repeated 'buffer/view*.c' \
    's/bool repeats = i < missing || view->shape\[i - missing\] == 1;/bool repeats = i < missing;/'
fault reshape_across_gaps 'buffer/view*.c' \
    '/^static size_t find_chunks/,/^}/ s/^            next == stride)/            (next == stride || next))/'
fault length_1_breaks_contiguity 'buffer/view*.c' \
    '/^bool rc__geometry_is_contiguous/,/^}/ s/if (shape\[place\] == 1) continue;//'
fault cast_of_any_length 'buffer/view*.c' \
    '/^static enum rc_status check_formats/,/^}/ s/if (bytes % format->itemsize == 0) return RC_OK;/return RC_OK;/'
fault field_at_the_start 'buffer/view*.c' \
    's/if (view->size) view->data += offset;/(void)offset;/'
fault bytes_in_f_order_are_in_c 'buffer/view*.c' \
    '/^static void pack/,/^}/ s/view->itemsize, order, strides);/view->itemsize, 67, strides);/'
fault order_a_is_always_c 'buffer/view*.c' \
    '/^static char order_for/,/^}/ s/^    return .*/    return 67;/'
fault overlap_not_seen 'buffer/view*.c' \
    '/^bool rc__sides_may_share/,/^}/ s/^    if (!meet(.*/    return false;/'
fault read_only_is_written 'buffer/view*.c' \
    '/^static enum rc_status check_copy/,/^}/ s/return rc__view_check_writable(destination, call);/return RC_OK;/'
fault reals_equal_by_their_bytes 'buffer/view*.c' \
    '/^static bool has_one_spelling/,/^}/ s/case RC__CLASS_WIDE:/case RC__CLASS_WIDE:\n    case RC__CLASS_REAL:/'
fault integers_equal_what_they_round_to 'buffer/view*.c' \
    '/^static bool integer_equals_real/,/^}/ s/(uint64_t)real == integer->as.unsigned_integer/(double)real == (double)integer->as.unsigned_integer/'
fault wide_moves_skip 'buffer/view*.c' \
    's/memcpy(&d, from + 3 \* from_stride, sizeof d);/memcpy(\&d, from + 2 * from_stride, sizeof d);/'
