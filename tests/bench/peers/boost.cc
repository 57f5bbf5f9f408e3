/* SPDX-License-Identifier: MIT */
/* boost::intrusive_ptr, with the atomic counter that comes with it. */
#include "peer.h"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

namespace
{

struct object : boost::intrusive_ref_counter<object, boost::thread_safe_counter> {
    unsigned char bytes[PEER_SMALL] = {};
};

struct page : boost::intrusive_ref_counter<page, boost::thread_safe_counter> {
    unsigned char bytes[PEER_PAGE];
    page()
    {
    } /* not initialised */
};

boost::intrusive_ptr<object> strong;

} // namespace

PEER_EXPORT const char *peer_start(void)
{
    strong = new object;
    return nullptr;
}

BENCH_BODY copies(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        boost::intrusive_ptr<object> copy(*opaque(&strong));
        opaque(&copy);
    }
}

BENCH_BODY copies_among(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        {
            boost::intrusive_ptr<object> copy(*opaque(&strong));
            opaque(&copy);
            BENCH_OTHERS;
        }
        BENCH_OTHERS;
    }
}

BENCH_PLACES_OF(PEER_EXPORT, peer_retain, copies(operations))
BENCH_PLACES_OF(PEER_EXPORT, peer_retain_among, copies_among(operations))

template <class T> static inline void make_and_drop()
{
    boost::intrusive_ptr<T> it(new T);
    touch(it->bytes, sizeof it->bytes);
    opaque(&it);
}

PEER_LOOP(object_64, make_and_drop<object>())
PEER_LOOP(page_4k, make_and_drop<page>())

PEER_EXPORT void *peer_object_make(size_t payload)
{
    if (payload != PEER_SMALL) give_up("the object has another size");
    object *it = new object;
    intrusive_ptr_add_ref(it);
    memset(it->bytes, 1, PEER_SMALL);
    return it;
}

PEER_EXPORT void peer_object_unmake(void *thing)
{
    intrusive_ptr_release(static_cast<object *>(thing));
}

PEER_EXPORT void *peer_page_hand_make(size_t payload)
{
    page *it = new page;
    if (payload != sizeof it->bytes) give_up("the page has another size");
    intrusive_ptr_add_ref(it);
    touch_first(it->bytes);
    return it;
}

PEER_EXPORT void peer_page_hand_unmake(void *thing)
{
    page *it = static_cast<page *>(thing);
    read_first(it->bytes);
    intrusive_ptr_release(it);
}
