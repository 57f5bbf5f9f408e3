# SPDX-License-Identifier: MIT
#
# Makes the graphs that `graphs --send` sends of Python objects, and compares what becomes of them with
# what became of rcbuf's. Where CPython 3.11 is known to differ, that difference is what is asserted:
#
#   In a collection, CPython clears weak references without a callback before finalizers run, so they are
#   dead afterwards even if the object was saved; rcbuf's live on (python/cpython#136189).
#   Where a count ends an object, CPython clears weak references after its finalizer, so they live on if it
#   was saved; rcbuf's are dead by then, as the order of death in its design says.
import gc
import struct
import sys
import weakref

BARE, LAZY, SAVING = range(3)
HELD, LONGER, WEAK, CALLED = 1, 2, 4, 8
EDGES, NOWHERE = 4, 0xFFFFFFFF

finalized, called, saved, probes = [], [], {}, []


class Object:
    __slots__ = ("to", "number", "probe", "__weakref__")

    def __init__(self, number):
        self.to = [None] * EDGES
        self.number = number
        # Not looked at by the collector: let go when the object's memory goes, and not before.
        self.probe = probes[number]


class Lazy(Object):
    __slots__ = ()

    def __del__(self):
        finalized[self.number] += 1


class Saving(Object):
    __slots__ = ()

    def __del__(self):
        finalized[self.number] += 1
        saved[self.number] = self


CLASSES = {BARE: Object, LAZY: Lazy, SAVING: Saving}


def note_call(number):
    def callback(_):
        called[number] += 1

    return callback


def release_saved():
    gone = dict(saved)
    saved.clear()
    for number in sorted(gone):
        del gone[number]


def run(plans, edges):
    """What is seen of each object: alive and weak in three stages, as bits; finalized; called."""
    count = len(plans)
    finalized[:] = [0] * count
    called[:] = [0] * count
    probes[:] = [object() for _ in range(count)]
    saved.clear()
    objects = [CLASSES[plan[0]](i) for i, plan in enumerate(plans)]
    weak = {}
    for i, plan in enumerate(plans):
        if plan[1] & CALLED:
            weak[i] = weakref.ref(objects[i], note_call(i))
        elif plan[1] & WEAK:
            weak[i] = weakref.ref(objects[i])
    for i in range(count):
        for e in range(EDGES):
            to = edges[i * EDGES + e]
            if to != NOWHERE:
                objects[i].to[e] = objects[to]
    seen_alive, seen_weak = [0] * count, [0] * count

    def look(stage):
        for i in range(count):
            if sys.getrefcount(probes[i]) > 2:  # the list's and the call's
                seen_alive[i] |= 1 << stage
        for i, reference in weak.items():
            if reference() is not None:
                seen_weak[i] |= 1 << stage

    for i, plan in enumerate(plans):
        if not plan[1] & HELD:
            objects[i] = None
    gc.collect()
    look(0)
    for i, plan in enumerate(plans):
        if plan[1] & HELD and not plan[1] & LONGER:
            objects[i] = None
    release_saved()
    gc.collect()
    look(1)
    for i in range(count):
        objects[i] = None
    gc.collect()
    while saved:
        release_saved()
        gc.collect()
    look(2)
    return seen_alive, seen_weak


def main():
    stream = sys.stdin.buffer
    graphs = objects = cleared_early = cleared_late = wrong = 0
    gc.disable()
    gc.collect()
    gc.freeze()  # what the interpreter itself has is not looked through each time
    while head := stream.read(4):
        (count,) = struct.unpack("=I", head)
        plans = list(struct.iter_unpack("=6B", stream.read(6 * count)))
        edges = struct.unpack("=%dI" % (EDGES * count), stream.read(4 * EDGES * count))
        seen_alive, seen_weak = run(plans, edges)
        for i, plan in enumerate(plans):
            same = (plan[2], plan[4], plan[5]) == (seen_alive[i], finalized[i], called[i])
            if same and plan[3] != seen_weak[i]:
                early = not plan[1] & CALLED and seen_weak[i] & ~plan[3] == 0
                late = plan[0] == SAVING and finalized[i] == 1 and plan[3] & ~seen_weak[i] == 0
                cleared_early += early
                cleared_late += late and not early
                same = early or late
            if not same:
                wrong += 1
                if wrong <= 10:
                    print(
                        "graph %d, object %d of %d: %s, and CPython has alive %d, weak %d, finalized %d, called %d"
                        % (graphs, i, count, plan, seen_alive[i], seen_weak[i], finalized[i], called[i])
                    )
        graphs += 1
        objects += count
    print(
        "CPython %s: %d graphs of %d objects, %d wrong; weak references that it clears earlier: %d, later: %d"
        % (sys.version.split()[0], graphs, objects, wrong, cleared_early, cleared_late)
    )
    return 1 if wrong or not graphs else 0


sys.exit(main())
