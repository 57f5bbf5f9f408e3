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
    's/if (parser->order == .@.) extent.offset += padding_at/if (false) extent.offset += padding_at/'
fault element_not_aligned format 'buffer/format*.c' \
    's/size_t padding = padding_at(extent->offset, element->alignment);/size_t padding = 0;/'
fault number_in_the_other_order format 'buffer/format*.c' \
    '/^static uint64_t load_unsigned/,/^}/ s/leaf->field->swapped/false/'
fault pad_bytes_left format 'buffer/format*.c' \
    's/^    memset(item, 0, format->itemsize);//'
fault product_not_checked format 'buffer/format*.c' \
    '/^static bool multiply/,/^}/ s/return .*/return *product = a * b, true;/'

fault negative_strides_not_bounded view 'buffer/view*.c' \
    '/^bool rc__geometry_is_inside/,/^}/ s/if (steps > \*room \/ stride) return false;/if (geometry->strides[i] > 0 \&\& steps > *room \/ stride) return false;/'
fault slice_of_one_too_many view 'buffer/view*.c' \
    's|return (distance - 1) / rc__magnitude(step) + 1;|return distance / rc__magnitude(step) + 1;|'
fault tile_of_exactly_a_block view 'buffer/view*.c' \
    's/part.rows = tile->rows - row < BLOCK ? tile->rows - row : BLOCK;/if (tile->rows - row > BLOCK) part.rows = BLOCK;/'
fault joined_for_one_side view 'buffer/view*.c' \
    's/outer->to == inner->to \* count && outer->from == inner->from \* count/outer->to == inner->to * count/'
fault overlap_not_seen view 'buffer/view*.c' \
    's/return low_a < high_b && low_b < high_a;/return false;/'
fault reshape_across_gaps view 'buffer/view*.c' \
    's/if (!is_one_run(old, strides, first, o)) return false;//'
