/* SPDX-License-Identifier: MIT */
/* libstdc++ as C++20 has it: std::atomic of a shared_ptr. A compiler or library without it builds no
 * peer. */
#include "peer.h"

#include <atomic>
#include <memory>

#ifndef __cpp_lib_atomic_shared_ptr
#error "no std::atomic of std::shared_ptr here"
#endif

namespace
{

struct object {
    unsigned char bytes[112];
};

struct alignas(128) place {
    std::atomic<std::shared_ptr<object>> current;
};

place lone;

} // namespace

PEER_EXPORT const char *peer_start(void)
{
    lone.current.store(std::make_shared<object>());
    return nullptr;
}

BENCH_BODY loads(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        {
            std::shared_ptr<object> copy(opaque(&lone)->current.load());
            need(copy.get());
            BENCH_OTHERS;
        }
        BENCH_OTHERS;
    }
}

BENCH_PLACES_OF(PEER_EXPORT, peer_slot_load, loads(operations))

/* A new one each time. */
PEER_LOOP(slot_store, opaque(&lone)->current.store(std::make_shared<object>()))
