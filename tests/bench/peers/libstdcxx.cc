/* SPDX-License-Identifier: MIT */
/* libstdc++: shared_ptr and weak_ptr, which count without locked instructions while the process has
 * one thread, and vector<char>. */
#include "peer.h"

#include <deque>
#include <memory>
#include <vector>

namespace
{

struct object {
    unsigned char bytes[PEER_SMALL];
};

struct page {
    unsigned char bytes[PEER_PAGE];
};

struct part {
    std::shared_ptr<unsigned char> data;
    size_t size;
};

std::shared_ptr<object> strong;
std::shared_ptr<page> root;
std::weak_ptr<object> weak;
part whole_part;
std::deque<part> parts;
unsigned char piece[PEER_SMALL], foreign[PEER_PAGE];
size_t released;

} // namespace

PEER_EXPORT const char *peer_start(void)
{
    strong = std::make_shared<object>();
    root = std::make_shared<page>();
    weak = strong;
    whole_part = part{std::shared_ptr<unsigned char>(root, root->bytes + PEER_SMALL), PEER_SMALL};
    parts.assign(PEER_DEPTH, whole_part);
    return nullptr;
}

/* ---- retain and release ---------------------------------------------------------------------- */

BENCH_BODY copies(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        std::shared_ptr<object> copy(*opaque(&strong));
        opaque(&copy);
    }
}

BENCH_BODY copies_among(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        {
            std::shared_ptr<object> copy(*opaque(&strong));
            opaque(&copy);
            BENCH_OTHERS;
        }
        BENCH_OTHERS;
    }
}

BENCH_PLACES_OF(PEER_EXPORT, peer_retain, copies(operations))
BENCH_PLACES_OF(PEER_EXPORT, peer_retain_among, copies_among(operations))

/* ---- create and destroy ---------------------------------------------------------------------- */

/* Zeroed, as rcbuf's objects are. */
static inline void make_and_drop()
{
    std::shared_ptr<object> it = std::make_shared<object>();
    touch(it->bytes, PEER_SMALL);
    opaque(&it);
}

PEER_LOOP(object_64, make_and_drop())

/* ---- slice, adopt ---------------------------------------------------------------------------- */

/* By value: a pointer into the root's bytes and a share of the root; how many bytes it does not
 * know. */
static inline void slice()
{
    std::shared_ptr<page> *whole = opaque(&root);
    std::shared_ptr<unsigned char> it(*whole, (*whole)->bytes + PEER_SMALL);
    opaque(&it);
}

static inline void adopt()
{
    std::shared_ptr<unsigned char> it(foreign, [](unsigned char *) { ++*opaque(&released); });
    opaque(&it);
}

BENCH_BODY slices(size_t operations)
{
    for (size_t i = 0; i < operations; i++) slice();
}

BENCH_PLACES_OF(PEER_EXPORT, peer_slice, slices(operations))
PEER_LOOP(adopt, adopt())

/* ---- chain ----------------------------------------------------------------------------------- */

/* A slice that knows its size, moved out of the queue. */
static inline void append_and_cut()
{
    std::deque<part> *queue = opaque(&parts);
    queue->push_back(*opaque(&whole_part));
    part it = std::move(queue->front());
    queue->pop_front();
    opaque(&it);
}

PEER_LOOP(chain, append_and_cut())

/* ---- growth ---------------------------------------------------------------------------------- */

PEER_EXPORT BENCH_LOOP void peer_append(size_t operations)
{
    std::vector<unsigned char> it;
    for (size_t i = 0; i < operations; i++) {
        const unsigned char *from = opaque(piece);
        it.insert(it.end(), from, from + sizeof piece);
    }
    opaque(&it);
}

/* A vector writes zeroes to all that is new. */
static inline void resize()
{
    std::vector<unsigned char> it;
    for (size_t old = 0, size = PEER_RESIZE_FROM; size <= PEER_RESIZE_TO; old = size, size *= 2) {
        it.resize(size);
        peer_touch_pages(it.data(), old, size);
    }
}

PEER_LOOP(resize, resize())

/* ---- weak ------------------------------------------------------------------------------------ */

BENCH_BODY locks(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        std::shared_ptr<object> it = opaque(&weak)->lock();
        need(it.get());
    }
}

BENCH_BODY news_and_locks(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        std::weak_ptr<object> made(*opaque(&strong));
        std::shared_ptr<object> it = opaque(&made)->lock();
        need(it.get());
    }
}

BENCH_PLACES_OF(PEER_EXPORT, peer_weak_lock, locks(operations))
BENCH_PLACES_OF(PEER_EXPORT, peer_weak_new, news_and_locks(operations))

/* ---- weighed, handed over -------------------------------------------------------------------- */

/* A shared_ptr is two words, which stand with whoever holds it, as our one word does. Here an object
 * holds itself by the first bytes of its payload until its end. */
struct held {
    std::shared_ptr<held> self;
    unsigned char rest[PEER_SMALL - sizeof(std::shared_ptr<held>)];
};
static_assert(sizeof(held) == PEER_SMALL, "the payload is the whole object");

PEER_EXPORT void *peer_object_make(size_t payload)
{
    if (payload != sizeof(held)) give_up("the object has another size");
    std::shared_ptr<held> it = std::make_shared<held>();
    memset(it->rest, 1, sizeof it->rest);
    it->self = it;
    return it.get();
}

PEER_EXPORT void peer_object_unmake(void *thing)
{
    std::shared_ptr<held> last = std::move(static_cast<held *>(thing)->self);
    opaque(&last);
}
