# SPDX-License-Identifier: MIT
"""What is read from views. Each operation takes (judge, random, pair, pool)."""

import itertools
import math

import numpy

import elements
import format_side
import ours
import values
from judge import attempt
from view_side import REFUSALS, Pair, address_of, memory_of


def any_index(random, pair, beside=0.1):
    index = [random.randrange(length) if length else 0 for length in pair.raw.shape]
    if index and random.random() < beside:
        axis = random.randrange(len(index))
        index[axis] = random.choice([pair.raw.shape[axis], pair.raw.shape[axis] + 1, (1 << 64) - 1])
    return tuple(index)


# ---- read --------------------------------------------------------------------------------------


def to_bytes(judge, random, pair, pool):
    judge.begin("view: to_bytes")
    order = random.choice("CFAX" if random.random() < 0.05 else "CFA")
    accepted, mine = attempt(ours.Refused, ours.to_bytes, pair.mine, order)
    known, theirs = attempt(REFUSALS, pair.raw.tobytes, order)
    judge.note(accepted)
    if (
        judge.same("view: to_bytes accepted", accepted, known, view=pair.told(), order=order)
        and accepted
    ):
        judge.same("view: to_bytes", mine, theirs, view=pair.told(), order=order)
        judge.same(
            "view: to_bytes of memoryview",
            mine,
            pair.memoryview().tobytes(order),
            view=pair.told(),
            order=order,
        )


def hash_(judge, random, pair, pool):
    """memoryview's is that of the bytes, for the formats of one byte."""
    judge.begin("view: hash of bytes")
    judge.note(True)
    mine = hash(ours.to_bytes(pair.mine, "C"))
    judge.same("view: hash", mine, hash(pair.raw.tobytes()), view=pair.told())
    if pair.element.text in (b"B", b"b", b"c"):
        judge.same(
            "view: hash of memoryview", mine, hash(pair.memoryview().toreadonly()), view=pair.told()
        )


def at(judge, random, pair, pool):
    judge.begin("view: at")
    index, edit = any_index(random, pair), random.random() < 0.3
    accepted, mine = attempt(ours.Refused, pair.mine.at, index, edit)
    judge.note(accepted)
    known, element = attempt(REFUSALS, lambda: pair.raw[index + (Ellipsis,)])
    known = known and (not edit or pair.raw.flags.writeable)
    if (
        judge.same("view: at", accepted, known, view=pair.told(), index=index, edit=edit)
        and accepted
    ):
        judge.same(
            "view: at its place",
            mine,
            address_of(element) - pair.memory.address,
            view=pair.told(),
            index=index,
        )


def all_indices(pair):
    if not pair.raw.size:  # some lengths may be beyond what can be walked
        return iter(())
    return itertools.product(*[range(length) for length in pair.raw.shape])


def nested(values_, shape):
    """As tolist() nests them."""
    if not shape:
        return next(values_)
    return [nested(values_, shape[1:]) for _ in range(shape[0])]


def same_lists(one, other):
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_lists, one, other))
    return values.same(values.quiet(one), values.quiet(other))


def list_(judge, random, pair, pool):
    """Elements one by one; and memoryview's tolist(), for the formats of one native code."""
    if pair.raw.size > 300 or not pair.can_be_walked():
        return
    judge.begin("view: elements")
    judge.note(True)
    mine = [pair.mine.item(index) for index in all_indices(pair)]
    for index, one, item in zip(all_indices(pair), mine, pair.items()):
        other = pair.element.values(item)
        for a, b, leaf in zip(one, other, pair.element.reading.leaves):
            if not values.same(a, b):
                judge.same(
                    "format: unpacked value",
                    (a,),
                    (b,),
                    view=pair.told(),
                    index=index,
                    code="e" if leaf[1:3] == ("f", 2) else leaf[1],
                    item=item,
                )
    if pair.element.is_native:
        listed = pair.memoryview().tolist()
        flat = nested((one[0] for one in mine), pair.raw.shape)
        judge.same(
            "view: tolist", same_lists(flat, listed), True, view=pair.told(), listed=(flat, listed)
        )


# ---- equality ----------------------------------------------------------------------------------


def equal(judge, random, pair, pool):
    if pair.raw.size > 400 or not pair.can_be_walked():
        return
    other = random.choice(
        [
            lambda: pair,
            lambda: random.choice(pool),
            lambda: copy_of(pair),
            lambda: converted(random, pair),
            lambda: converted(random, pair),
            lambda: changed(random, copy_of(pair)),
        ]
    )()
    if other is None:
        return
    judge.begin("view: equal")
    judge.note(True)
    mine = pair.mine.equal(other.mine)
    told = {"a": pair.told(), "b": other.told()}
    judge.same("view: equal both ways", mine, other.mine.equal(pair.mine), **told)
    judge.same("view: equal by value", mine, equal_values(pair, other), **told)
    strange = has_strange_truths(pair) or has_strange_truths(other)
    both = pair.element.reading.struct and other.element.reading.struct
    judge.same(
        "view: equal to memoryview",
        mine,
        pair.memoryview() == other.memoryview(),
        known=bool(both),
        empty=not pair.raw.size and not other.raw.size,
        strange=strange,
        **told
    )
    equal_arrays(judge, pair, other, mine, {"strange": strange, **told})


def has_strange_truths(pair):
    """Bytes other than 0 and 1 in a ?."""
    return (
        pair.element.text[-1:] == b"?"
        and pair.raw.itemsize == 1
        and bool(set(pair.raw.tobytes()) - {0, 1})
    )


def equal_values(one, other):
    """As Python compares what the references have read."""
    if one.raw.shape != other.raw.shape:
        return False
    return all(
        equal_items(one.element.comparable(a), other.element.comparable(b))
        for a, b in zip(one.items(), other.items())
    )


def equal_items(one, other):
    """A NaN equals nothing, itself neither."""
    return len(one) == len(other) and all(a == b for a, b in zip(one, other))


def equal_arrays(judge, one, other, mine, told):
    """NumPy's own answer, where both have its numbers and it does not round them."""
    dtypes = one.element.dtype, other.element.dtype
    if (
        None in dtypes
        or one.raw.shape != other.raw.shape
        or any(dtype.kind not in "biufc" for dtype in dtypes)
        or dtypes[0].kind != dtypes[1].kind
    ):
        return
    with numpy.errstate(all="ignore"):
        theirs = bool((one.array(dtypes[0]) == other.array(dtypes[1])).all())
    judge.same("view: equal to NumPy", mine, theirs, **told)


def copy_of(pair):
    """The same elements in a memory of their own."""
    memory = memory_of(pair.raw.tobytes())
    mine = ours.view_with(
        memory.mine, pair.element.text.decode(), 0, pair.raw.shape, None, None, False
    )
    return Pair(
        mine, numpy.ndarray(pair.raw.shape, pair.raw.dtype, memory.bytes), pair.element, memory
    )


def changed(random, pair):
    """One byte of it is another."""
    if not pair.memory.bytes:
        return pair
    pair.memory.bytes[random.randrange(len(pair.memory.bytes))] ^= random.choice([1, 0x80, 0xFF])
    pair.memory.follow()
    return pair


def converted(random, pair):
    """The same values in another format, as far as it takes them; else None."""
    if max(pair.raw.shape, default=0) > 4096:  # no elements, and may be too many of larger ones
        return None
    element = elements.any_element(random)
    codes = [code_of(leaf, element) for leaf in element.reading.leaves]
    items = []
    for item in pair.items():
        values_ = pair.element.values(item)
        known, packed = attempt(
            format_side.REFUSALS + (format_side.Refusal,),
            format_side.pack,
            element.reading,
            codes,
            values_,
        )
        if not known:
            return None
        items.append(packed)
    memory = memory_of(b"".join(items))
    mine = ours.view_with(memory.mine, element.text.decode(), 0, pair.raw.shape, None, None, False)
    return Pair(mine, numpy.ndarray(pair.raw.shape, element.void, memory.bytes), element, memory)


def code_of(leaf, element):
    """A code for a leaf of NumPy's."""
    _, kind, size, _ = leaf
    if kind == "f":
        return {2: "e", 4: "f", 8: "d", 16: "g"}[size]
    if kind == "c":
        return {8: "F", 16: "D", 32: "G"}[size]
    return {"b": "?", "i": "q", "u": "Q", "S": "s", "U": "w", "p": "p", "P": "Q"}[kind]


# ---- sums --------------------------------------------------------------------------------------


def sum_(judge, random, pair, pool):
    leaves = pair.element.reading.leaves
    if pair.raw.size > 400 or len(leaves) != 1:
        return
    judge.begin("view: sum")
    kind, size = leaves[0][1:3]
    accepted, mine = attempt(ours.Refused, pair.mine.sum)
    judge.note(accepted)
    is_number = pair.element.is_one_leaf() and kind in "biufc"
    judge.same("view: sum accepted", accepted, is_number, view=pair.told())
    if (
        not accepted
        or size in (16, 32)
        and kind in "fc"
        and size != 16
        or kind == "f"
        and size == 16
    ):
        return
    numbers = [pair.element.values(item)[0] for item in pair.items()]
    if kind in "biu":
        total = sum(numbers) % (1 << 64)
        total -= 1 << 64 if kind == "i" and total >> 63 else 0
        judge.same("view: sum", mine, total, view=pair.told())
    elif kind == "f":
        judge.same("view: sum of reals", near(mine, numbers), True, view=pair.told(), mine=mine)
    elif not isinstance(mine, tuple) and not any(isinstance(number, tuple) for number in numbers):
        parts = [number.real for number in numbers], [number.imag for number in numbers]
        judge.same(
            "view: sum of reals",
            near(mine.real, parts[0]) and near(mine.imag, parts[1]),
            True,
            view=pair.told(),
            mine=mine,
        )


def near(mine, numbers):
    """Within what pairwise sums promise; sums that may overflow on the way are not looked at."""
    finite = [number for number in numbers if math.isfinite(number)]
    weight = math.fsum(abs(number) / 1e10 for number in finite)
    if any(math.isnan(number) for number in numbers) or {math.inf, -math.inf} <= set(numbers):
        return math.isnan(mine)
    if weight > 1e297:
        return True
    if len(finite) < len(numbers):
        return mine == (math.inf if math.inf in numbers else -math.inf)
    levels = max(len(numbers), 1).bit_length() + 16
    return abs(mine - math.fsum(numbers)) <= levels * 2.0**-52 * (weight * 1e10)
