# SPDX-License-Identifier: MIT
"""A round of views: one memory, some views of it, and operations on any of them."""

import view_deriving
import view_making
import view_reading
import view_writing

# How often each is chosen.
DERIVE = [
    (view_deriving.index, 6),
    (view_deriving.slice_, 14),
    (view_deriving.transpose, 4),
    (view_deriving.permute, 5),
    (view_deriving.broadcast, 5),
    (view_deriving.reshape, 8),
    (view_deriving.read_only, 1),
    (view_deriving.field, 4),
    (view_deriving.cast, 8),
    (view_deriving.copy_new, 4),
]
CONTENT = [
    (view_reading.to_bytes, 8),
    (view_reading.hash_, 1),
    (view_reading.at, 4),
    (view_reading.list_, 3),
    (view_reading.equal, 8),
    (view_reading.sum_, 2),
    (view_writing.copy, 8),
    (view_writing.fill, 3),
    (view_writing.from_bytes, 3),
]
MAKE = [(view_making.another, 5), (view_making.whole, 3), (view_making.as_many, 2)]
WEIGHTS = [weight for _, weight in DERIVE + CONTENT + MAKE] + [1]
POOL = 8
LARGEST = 4096  # elements; strides of 0 make many of few bytes


def operate(judge, random, pool, memory):
    """One operation; a Pair, if one comes of it."""
    pair = random.choice(pool)
    if pair.element.names() and random.random() < 0.3:
        return view_deriving.field(judge, random, pair)
    (chosen,) = random.choices(range(len(WEIGHTS)), WEIGHTS)
    if chosen < len(DERIVE):
        return DERIVE[chosen][0](judge, random, pair)
    chosen -= len(DERIVE)
    if chosen < len(CONTENT):
        return CONTENT[chosen][0](judge, random, pair, pool)
    chosen -= len(CONTENT)
    if chosen < len(MAKE):
        return MAKE[chosen][0](judge, random, memory)
    return view_making.zeroed(judge, random)


def play(judge, random):
    memory, pair = view_making.first(judge, random)
    if pair is None or pair.raw.size > LARGEST:
        pair = view_making.nothing(judge, random, memory)
    pool = [pair]
    for _ in range(random.randrange(4, 24)):
        pair = operate(judge, random, pool, memory)
        if pair is None or pair.raw.size > LARGEST:
            continue
        if len(pool) >= POOL:
            del pool[random.randrange(len(pool))]
        pool.append(pair)
    del pool, pair
    judge.same("view: exports at the end", memory.mine.exports(), 0)
