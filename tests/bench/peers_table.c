/* SPDX-License-Identifier: MIT */
#include "peers_table.h"

#define PEER(in, named, of, its)                                                                   \
    {                                                                                              \
        (in), (named), KIND_PEER, .peer = (of), .loop = (its)                                      \
    }

/* What the second thread does meanwhile. */
#define BESIDE(in, named, of, its, other)                                                          \
    {                                                                                              \
        (in), (named), KIND_PEER, .peer = (of), .loop = (its), .loop_beside = (other)              \
    }

/* Not to be used by two threads at once. */
#define ONE_THREAD(in, named, of, its)                                                             \
    {                                                                                              \
        (in), (named), KIND_PEER, .one_thread = true, .peer = (of), .loop = (its)                  \
    }
#define OURS(in, its)                                                                              \
    {                                                                                              \
        (in), "rcbuf, shared library", KIND_OURS, .peer = "rcbuf", .loop = (its)                   \
    }

struct contestant peers_table[] = {
    OURS("object", "object_64"),
    OURS("buffer-64", "buffer_64"),

    PEER("retain", "Py_INCREF, under the lock", "python", "retain"),
    PEER("retain", "Rust Rc", "rust", "rc_retain"),
    PEER("retain", "Rust Arc", "rust", "arc_retain"),
    PEER("retain", "std::shared_ptr", "libstdcxx", "retain"),
    PEER("retain", "boost::intrusive_ptr", "boost", "retain"),
    PEER("retain", "g_atomic_rc_box", "glib", "box_retain"),
    PEER("retain", "GBytes", "glib", "bytes_retain"),
    PEER("retain", "GObject", "glib", "object_retain"),
    PEER("retain", "talloc", "talloc", "retain"),
    PEER("retain", "AVBufferRef", "avutil", "retain"),

    PEER("retain-started", "Rust Arc", "rust", "arc_retain_among"),
    PEER("retain-started", "std::shared_ptr", "libstdcxx", "retain_among"),
    PEER("retain-started", "boost::intrusive_ptr", "boost", "retain_among"),
    PEER("retain-started", "g_atomic_rc_box", "glib", "box_retain_among"),
    PEER("retain-started", "GBytes", "glib", "bytes_retain_among"),
    PEER("retain-started", "GObject", "glib", "object_retain_among"),
    PEER("retain-started", "AVBufferRef", "avutil", "retain_among"),

    PEER("retain-bare", "Py_INCREF, under the lock", "python", "retain"),
    PEER("retain-bare", "Rust Rc", "rust", "rc_retain"),
    PEER("retain-bare", "Rust Arc", "rust", "arc_retain"),
    PEER("retain-bare", "std::shared_ptr", "libstdcxx", "retain"),
    PEER("retain-bare", "boost::intrusive_ptr", "boost", "retain"),

    PEER("retain-two", "Rust Arc", "rust", "arc_retain_among"),
    PEER("retain-two", "std::shared_ptr", "libstdcxx", "retain_among"),
    PEER("retain-two", "boost::intrusive_ptr", "boost", "retain_among"),
    PEER("retain-two", "GBytes", "glib", "bytes_retain_among"),
    PEER("retain-two", "GObject", "glib", "object_retain_among"),
    PEER("retain-two", "AVBufferRef", "avutil", "retain_among"),

    PEER("object", "std::make_shared", "libstdcxx", "object_64"),
    PEER("object", "boost::intrusive_ptr", "boost", "object_64"),
    PEER("object", "Rust Arc", "rust", "arc_64"),
    PEER("object", "g_atomic_rc_box", "glib", "box_64"),
    PEER("object", "GObject", "glib", "object_64"),
    PEER("object", "talloc", "talloc", "block_64"),

    PEER("object-started", "std::make_shared", "libstdcxx", "object_64"),
    PEER("object-started", "boost::intrusive_ptr", "boost", "object_64"),
    PEER("object-started", "Rust Arc", "rust", "arc_64"),
    PEER("object-started", "g_atomic_rc_box", "glib", "box_64"),
    PEER("object-started", "GObject", "glib", "object_64"),
    PEER("object-started", "talloc", "talloc", "block_64"),

    PEER("buffer-64", "PyBytes", "python", "bytes_64"),
    PEER("buffer-64", "Rust Vec, not counted", "rust", "vec_64"),
    PEER("buffer-64", "Rust Arc of Vec", "rust", "arc_vec_64"),
    PEER("buffer-64", "GBytes", "glib", "bytes_64"),
    PEER("buffer-64", "APR pool", "apr", "pool_64"),
    PEER("buffer-64", "AVBufferRef", "avutil", "buffer_64"),

    PEER("buffer-64-started", "PyBytes", "python", "bytes_64"),
    PEER("buffer-64-started", "Rust Vec, not counted", "rust", "vec_64"),
    PEER("buffer-64-started", "Rust Arc of Vec", "rust", "arc_vec_64"),
    PEER("buffer-64-started", "GBytes", "glib", "bytes_64"),
    PEER("buffer-64-started", "APR pool", "apr", "pool_64"),
    PEER("buffer-64-started", "AVBufferRef", "avutil", "buffer_64"),

    PEER("buffer-4k", "PyBytes", "python", "bytes_4k"),
    PEER("buffer-4k", "Rust Vec, not counted", "rust", "vec_4k"),
    PEER("buffer-4k", "Rust Arc of Vec", "rust", "arc_vec_4k"),
    PEER("buffer-4k", "boost::intrusive_ptr", "boost", "page_4k"),
    PEER("buffer-4k", "g_atomic_rc_box", "glib", "box_4k"),
    PEER("buffer-4k", "GBytes", "glib", "bytes_4k"),
    PEER("buffer-4k", "talloc", "talloc", "block_4k"),
    PEER("buffer-4k", "APR pool", "apr", "pool_4k"),
    PEER("buffer-4k", "AVBufferRef", "avutil", "buffer_4k"),

    PEER("buffer-1m", "PyBytes", "python", "bytes_1m"),
    PEER("buffer-1m", "Rust Vec, not counted", "rust", "vec_1m"),
    PEER("buffer-1m", "Rust Arc of Vec", "rust", "arc_vec_1m"),
    PEER("buffer-1m", "g_atomic_rc_box", "glib", "box_1m"),
    PEER("buffer-1m", "GBytes", "glib", "bytes_1m"),
    PEER("buffer-1m", "talloc", "talloc", "block_1m"),
    PEER("buffer-1m", "APR pool", "apr", "pool_1m"),
    PEER("buffer-1m", "AVBufferRef", "avutil", "buffer_1m"),

    PEER("slice", "std::shared_ptr, aliasing", "libstdcxx", "slice"),
    PEER("slice", "Rust Arc and a range", "rust", "slice"),
    PEER("slice", "GBytes", "glib", "slice"),
    PEER("slice", "memoryview slice", "python", "slice"),
    PEER("slice", "AVBufferRef", "avutil", "slice"),

    PEER("slice-started", "std::shared_ptr, aliasing", "libstdcxx", "slice"),
    PEER("slice-started", "Rust Arc and a range", "rust", "slice"),
    PEER("slice-started", "GBytes", "glib", "slice"),
    PEER("slice-started", "memoryview slice", "python", "slice"),
    PEER("slice-started", "AVBufferRef", "avutil", "slice"),

    PEER("adopt", "PyCapsule", "python", "adopt"),
    PEER("adopt", "std::shared_ptr", "libstdcxx", "adopt"),
    PEER("adopt", "Rust Arc", "rust", "adopt"),
    PEER("adopt", "GBytes", "glib", "adopt"),
    PEER("adopt", "AVBufferRef", "avutil", "adopt"),

    PEER("append", "bytearray", "python", "append"),
    PEER("append", "Rust Vec", "rust", "append"),
    PEER("append", "GByteArray", "glib", "append"),
    PEER("append", "std::vector", "libstdcxx", "append"),

    PEER("resize", "bytearray", "python", "resize"),
    PEER("resize", "Rust Vec", "rust", "resize"),
    PEER("resize", "GByteArray", "glib", "resize"),
    PEER("resize", "std::vector", "libstdcxx", "resize"),

    PEER("pool", "AVBufferPool", "avutil", "pool_4k"),
    PEER("pool", "APR pool, cleared", "apr", "clear_4k"),

    PEER("pool-started", "AVBufferPool", "avutil", "pool_4k"),
    PEER("pool-started", "APR pool, cleared", "apr", "clear_4k"),

    PEER("chain", "std::deque of shared_ptr", "libstdcxx", "chain"),
    PEER("chain", "Rust VecDeque of Arc", "rust", "chain"),
    PEER("chain", "GQueue of GBytes", "glib", "chain"),

    PEER("chain-started", "std::deque of shared_ptr", "libstdcxx", "chain"),
    PEER("chain-started", "Rust VecDeque of Arc", "rust", "chain"),
    PEER("chain-started", "GQueue of GBytes", "glib", "chain"),

    PEER("weak", "std::weak_ptr", "libstdcxx", "weak_lock"),
    PEER("weak", "PyWeakref, under the lock", "python", "weak_lock"),
    PEER("weak", "Rust Weak", "rust", "weak_lock"),
    PEER("weak", "GWeakRef", "glib", "weak_lock"),

    PEER("weak-started", "std::weak_ptr", "libstdcxx", "weak_lock"),
    PEER("weak-started", "PyWeakref, under the lock", "python", "weak_lock"),
    PEER("weak-started", "Rust Weak", "rust", "weak_lock"),
    PEER("weak-started", "GWeakRef", "glib", "weak_lock"),

    PEER("weak-new", "std::weak_ptr", "libstdcxx", "weak_new"),
    PEER("weak-new", "PyWeakref, under the lock", "python", "weak_new"),
    PEER("weak-new", "Rust Weak", "rust", "weak_new"),
    PEER("weak-new", "GWeakRef", "glib", "weak_new"),

    PEER("weak-new-started", "std::weak_ptr", "libstdcxx", "weak_new"),
    PEER("weak-new-started", "PyWeakref, under the lock", "python", "weak_new"),
    PEER("weak-new-started", "Rust Weak", "rust", "weak_new"),
    PEER("weak-new-started", "GWeakRef", "glib", "weak_new"),

    PEER("slot", "std::atomic of shared_ptr", "libstdcxx20", "slot_load"),
    PEER("slot-store", "std::atomic of shared_ptr", "libstdcxx20", "slot_store"),
    BESIDE("slot-two", "std::atomic of shared_ptr", "libstdcxx20", "slot_load", "slot_store"),
    BESIDE("slot-three", "std::atomic of shared_ptr", "libstdcxx20", "slot_load", "slot_store"),

    PEER("hand-over", "Rust Arc of Vec", "rust", "arc_page_hand"),
    PEER("hand-over", "boost::intrusive_ptr", "boost", "page_hand"),
    PEER("hand-over", "g_atomic_rc_box", "glib", "box_hand"),
    PEER("hand-over", "GBytes", "glib", "bytes_hand"),
    PEER("hand-over", "AVBufferPool", "avutil", "pool_hand"),

    PEER("weight-object", "std::make_shared", "libstdcxx", "object"),
    PEER("weight-object", "boost::intrusive_ptr", "boost", "object"),
    PEER("weight-object", "Rust Arc", "rust", "arc"),
    PEER("weight-object", "g_atomic_rc_box", "glib", "box"),
    PEER("weight-object", "GObject", "glib", "object"),
    ONE_THREAD("weight-object", "talloc", "talloc", "block"),

    ONE_THREAD("weight-buffer", "PyBytes", "python", "bytes"),
    PEER("weight-buffer", "Rust Arc of Vec", "rust", "arc_vec"),
    PEER("weight-buffer", "GBytes", "glib", "bytes"),
    PEER("weight-buffer", "AVBufferRef", "avutil", "buffer"),
};
const size_t peers_table_count = sizeof peers_table / sizeof peers_table[0];

CONTESTANTS(contestants_peers, peers_table);
