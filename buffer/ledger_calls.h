/* SPDX-License-Identifier: MIT */
/*
 * As rc/ledger_calls.h, for the headers of buffer/: there is no guard.
 */
#include "../rc/config.h"

#if defined(RCBUF_LEDGER) && !defined(RC_LEDGER_VERBS_ONLY) && !defined(RC__LIBRARY) &&            \
    !defined(__cplusplus)

#if defined(RC__CALLS_OF_BUFFER) && !defined(rc_buffer_new)
#define rc_buffer_new(...)         RC__AT((rc_buffer_new)(__VA_ARGS__))
#define rc_buffer_new_zeroed(...)  RC__AT((rc_buffer_new_zeroed)(__VA_ARGS__))
#define rc_buffer_new_aligned(...) RC__AT((rc_buffer_new_aligned)(__VA_ARGS__))
#define rc_buffer_new_with(...)    RC__AT((rc_buffer_new_with)(__VA_ARGS__))
#define rc_buffer_copy(...)        RC__AT((rc_buffer_copy)(__VA_ARGS__))
#define rc_buffer_adopt(...)       RC__AT((rc_buffer_adopt)(__VA_ARGS__))
#define rc_buffer_borrow(...)      RC__AT((rc_buffer_borrow)(__VA_ARGS__))
#define rc_buffer_slice(...)       RC__AT((rc_buffer_slice)(__VA_ARGS__))
#define rc_buffer_make_unique(...) RC__AT((rc_buffer_make_unique)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_ARRAY) && !defined(rc_array_new)
#define rc_array_new(...)      RC__AT((rc_array_new)(__VA_ARGS__))
#define rc_array_copy(...)     RC__AT((rc_array_copy)(__VA_ARGS__))
#define rc_array_view(...)     RC__AT((rc_array_view)(__VA_ARGS__))
#define rc_array_to_bytes(...) RC__AT((rc_array_to_bytes)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_CHAIN) && !defined(rc_chain_new)
#define rc_chain_new(...)             RC__AT((rc_chain_new)(__VA_ARGS__))
#define rc_chain_append(...)          RC__AT((rc_chain_append)(__VA_ARGS__))
#define rc_chain_prepend(...)         RC__AT((rc_chain_prepend)(__VA_ARGS__))
#define rc_chain_append_bytes(...)    RC__AT((rc_chain_append_bytes)(__VA_ARGS__))
#define rc_chain_prepend_bytes(...)   RC__AT((rc_chain_prepend_bytes)(__VA_ARGS__))
#define rc_chain_append_chain(...)    RC__AT((rc_chain_append_chain)(__VA_ARGS__))
#define rc_chain_move(...)            RC__AT((rc_chain_move)(__VA_ARGS__))
#define rc_chain_cut(...)             RC__AT((rc_chain_cut)(__VA_ARGS__))
#define rc_chain_cut_slice(...)       RC__AT((rc_chain_cut_slice)(__VA_ARGS__))
#define rc_chain_flatten(...)         RC__AT((rc_chain_flatten)(__VA_ARGS__))
#define rc_chain_make_contiguous(...) RC__AT((rc_chain_make_contiguous)(__VA_ARGS__))
#define rc_chain_receive(...)         RC__AT((rc_chain_receive)(__VA_ARGS__))
#define rc_chain_compact(...)         RC__AT((rc_chain_compact)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_CHAIN_FILL) && !defined(rc_chain_reserve)
#define rc_chain_reserve(...) RC__AT((rc_chain_reserve)(__VA_ARGS__))
#define rc_chain_commit(...)  RC__AT((rc_chain_commit)(__VA_ARGS__))
#define rc_chain_printf(...)  RC__AT((rc_chain_printf)(__VA_ARGS__))
#define rc_chain_vprintf(...) RC__AT((rc_chain_vprintf)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_CHAIN_IO) && !defined(rc_chain_receive_flags)
#define rc_chain_receive_flags(...) RC__AT((rc_chain_receive_flags)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_FORMAT) && !defined(rc_format_new)
#define rc_format_new(...) RC__AT((rc_format_new)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_MAP) && !defined(rc_map_file)
#define rc_map_file(...)       RC__AT((rc_map_file)(__VA_ARGS__))
#define rc_map_descriptor(...) RC__AT((rc_map_descriptor)(__VA_ARGS__))
#define rc_map_memory(...)     RC__AT((rc_map_memory)(__VA_ARGS__))
#define rc_map_receive(...)    RC__AT((rc_map_receive)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_NPY) && !defined(rc_npy_map)
#define rc_npy_map(...)    RC__AT((rc_npy_map)(__VA_ARGS__))
#define rc_npy_read(...)   RC__AT((rc_npy_read)(__VA_ARGS__))
#define rc_npy_header(...) RC__AT((rc_npy_header)(__VA_ARGS__))
#define rc_npy_create(...) RC__AT((rc_npy_create)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_POOL) && !defined(rc_pool_new)
#define rc_pool_new(...)      RC__AT((rc_pool_new)(__VA_ARGS__))
#define rc_pool_new_with(...) RC__AT((rc_pool_new_with)(__VA_ARGS__))
#define rc_pool_take(...)     RC__AT((rc_pool_take)(__VA_ARGS__))
#endif

#if defined(RC__CALLS_OF_VIEW) && !defined(rc_view_new)
#define rc_view_new(...)          RC__AT((rc_view_new)(__VA_ARGS__))
#define rc_view_new_with(...)     RC__AT((rc_view_new_with)(__VA_ARGS__))
#define rc_view_new_zeroed(...)   RC__AT((rc_view_new_zeroed)(__VA_ARGS__))
#define rc_view_index(...)        RC__AT((rc_view_index)(__VA_ARGS__))
#define rc_view_slice(...)        RC__AT((rc_view_slice)(__VA_ARGS__))
#define rc_view_transpose(...)    RC__AT((rc_view_transpose)(__VA_ARGS__))
#define rc_view_permute(...)      RC__AT((rc_view_permute)(__VA_ARGS__))
#define rc_view_broadcast(...)    RC__AT((rc_view_broadcast)(__VA_ARGS__))
#define rc_view_reshape(...)      RC__AT((rc_view_reshape)(__VA_ARGS__))
#define rc_view_cast(...)         RC__AT((rc_view_cast)(__VA_ARGS__))
#define rc_view_field(...)        RC__AT((rc_view_field)(__VA_ARGS__))
#define rc_view_to_read_only(...) RC__AT((rc_view_to_read_only)(__VA_ARGS__))
#define rc_view_copy_new(...)     RC__AT((rc_view_copy_new)(__VA_ARGS__))
#define rc_view_to_bytes(...)     RC__AT((rc_view_to_bytes)(__VA_ARGS__))
#endif

#endif
