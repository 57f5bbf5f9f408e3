# SPDX-License-Identifier: MIT
#
# Faults for gate.sh: fault NAME TARGET FILE SED-SCRIPT. Each is one broken check or step of the
# library, which the target has to find.
# shellcheck shell=sh

fault append_own_from_the_old_place buffer buffer/buffer_grow.c \
    's/own ? buffer->data + offset : bytes, size/bytes, size/'
fault grows_under_slices buffer buffer/buffer_grow.c \
    's/ && rc__exports_read(buffer) == 0//'
fault slice_past_the_end buffer buffer/buffer_slice.c \
    '/^static enum rc_status check_range/,/^}/ s/size <= buffer->size - offset/size <= buffer->size/'
fault frozen_slices_thaw buffer buffer/buffer_slice.c \
    's/if (parent != root) state |= .*//'
fault frozen_counts_as_unique buffer buffer/buffer_write.c \
    's/rc_is_unique(\*buffer) && is_writable(\*buffer)/rc_is_unique(*buffer)/'

fault record_not_padded format buffer/format.c \
    's/if (parser->order == .@.) extent.offset += padding_at/if (false) extent.offset += padding_at/'
fault element_not_aligned format buffer/format.c \
    's/size_t padding = padding_at(extent->offset, element->alignment);/size_t padding = 0;/'
fault number_in_the_other_order format buffer/format_item.c \
    '/^static uint64_t load_unsigned/,/^}/ s/leaf->field->swapped/false/'
fault pad_bytes_left format buffer/format_item.c \
    's/^    memset(item, 0, format->itemsize);//'
fault product_not_checked format buffer/format.c \
    '/^static bool multiply/,/^}/ s/return .*/return *product = a * b, true;/'
