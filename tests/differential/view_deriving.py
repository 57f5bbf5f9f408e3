# SPDX-License-Identifier: MIT
"""Views of views. Each operation takes (judge, random, pair) and gives a Pair or None."""

import numpy

import elements
import numpy_side
import ours
from judge import attempt, refusal_among
from view_reading import copy_of
from view_side import REFUSALS, Memory, Pair, check


def derived(judge, pair, mine, theirs, element=None, **facts):
    """Both sides' answer, or None. `mine` and `theirs` are calls."""
    accepted, view = attempt(ours.Refused, mine)
    known, raw = attempt(REFUSALS, theirs)
    judge.note(accepted)
    facts["refusal"] = refusal_among(view, raw)
    if not judge.same("view: derive", accepted, known, view=pair.told(), **facts) or not accepted:
        return None
    result = Pair(view, raw, element or pair.element, pair.memory)
    check(judge, result)
    return result


def axis_of(random, pair):
    """Mostly one that there is."""
    return random.randrange(
        pair.raw.ndim + (1 if random.random() < 0.04 or not pair.raw.ndim else 0)
    )


def subscript(pair, axis, what):
    if axis >= pair.raw.ndim:
        raise IndexError("no such dimension")
    return pair.raw[(slice(None),) * axis + (what, Ellipsis)]


def index(judge, random, pair):
    judge.begin("view: index")
    axis = axis_of(random, pair)
    length = pair.raw.shape[axis] if axis < pair.raw.ndim else 1
    place = random.randrange(-length - 1, length + 1)
    if random.random() < 0.02:
        place = random.choice([1 << 62, -(1 << 62), (1 << 63) - 1, -(1 << 63)])
    return derived(
        judge,
        pair,
        lambda: ours.index(pair.mine, axis, place),
        lambda: subscript(pair, axis, place),
        axis=axis,
        index=place,
    )


def end(random, length):
    if random.random() < 0.25:
        return None
    if random.random() < 0.03:
        return random.choice([(1 << 63) - 1, -(1 << 63) + 1, 1 << 62, -(1 << 62)])
    return random.randrange(-length - 2, length + 3)


def slice_(judge, random, pair):
    judge.begin("view: slice")
    axis = axis_of(random, pair)
    length = pair.raw.shape[axis] if axis < pair.raw.ndim else 1
    start, stop = end(random, length), end(random, length)
    step = random.choice([1, 1, 2, 3, -1, -1, -2, -3, 5, 0 if random.random() < 0.2 else 1])
    if random.random() < 0.02:
        step = random.choice([(1 << 63) - 1, -(1 << 63) + 1, 1 << 61, -(1 << 62)])
    what = slice(start, stop, step)
    result = derived(
        judge,
        pair,
        lambda: ours.slice(pair.mine, axis, start, stop, step),
        lambda: subscript(pair, axis, what),
        axis=axis,
        slice=(start, stop, step),
    )
    if result and axis == 0:
        view = pair.memoryview()[what]
        shape, strides = result.mine.geometry()[:2]
        judge.same("view: shape", shape, view.shape, view=pair.told(), slice=what)
        judge.same("view: strides", strides, view.strides, view=pair.told(), shape=shape)
    return result


def transpose(judge, random, pair):
    judge.begin("view: transpose")
    return derived(judge, pair, lambda: ours.transpose(pair.mine), lambda: pair.raw.T)


def permute(judge, random, pair):
    judge.begin("view: permute")
    axes = list(range(pair.raw.ndim))
    random.shuffle(axes)
    if axes and random.random() < 0.06:
        axes[random.randrange(len(axes))] = random.randrange(len(axes) + 1)
    return derived(
        judge,
        pair,
        lambda: ours.permute(pair.mine, axes),
        lambda: pair.raw.transpose(axes),
        axes=axes,
    )


def broadcast(judge, random, pair):
    judge.begin("view: broadcast")
    shape = [random.choice([1, 2, 3]) if length == 1 else length for length in pair.raw.shape]
    shape = [random.choice([1, 2, 3]) for _ in range(random.choice([0, 0, 1, 2]))] + shape
    if shape and random.random() < 0.15:
        axis = random.randrange(len(shape))
        shape[axis] = random.choice([0, 1, shape[axis] + 1, -1, 1 << 62, 1 << 63])
    if shape and random.random() < 0.03:
        shape = shape[1:]
    if len(shape) > 32:  # NumPy's limit
        shape = list(pair.raw.shape)
    return derived(
        judge,
        pair,
        lambda: ours.broadcast(pair.mine, shape),
        lambda: numpy.broadcast_to(pair.raw, shape),
        shape=shape,
    )


def product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


def factors(random, size, ndim):
    """A shape of that many elements."""
    shape = [1] * ndim
    for prime in (2, 3, 5, 7, 11, 13):
        while ndim and size > 1 and size % prime == 0:
            size //= prime
            shape[random.randrange(ndim)] *= prime
    if ndim and size != 1:
        shape[random.randrange(ndim)] *= size
    return shape


def reshape(judge, random, pair):
    judge.begin("view: reshape")
    raw, order = pair.raw, random.choice("CCCFX" if random.random() < 0.05 else "CCCF")
    shape = factors(random, raw.size, random.randrange(0, 6))
    if random.random() < 0.2:
        shape = [length for length in raw.shape if length != 1 or random.random() < 0.5]
        shape.insert(random.randrange(len(shape) + 1), 1)
        shape = shape[:32]
    if shape and random.random() < 0.05:
        shape[random.randrange(len(shape))] += 1
    return derived(
        judge,
        pair,
        lambda: ours.reshape(pair.mine, shape, order),
        lambda: reshaped(raw, shape, order),
        shape=shape,
        order=order,
    )


def reshaped(raw, shape, order):
    """Without a copy, which NumPy makes where it has to."""
    result = raw.reshape(shape, order=order)
    if raw.size and not numpy.may_share_memory(raw, result):
        raise ValueError("that takes a copy")
    return result


def read_only(judge, random, pair):
    judge.begin("view: read-only")

    def theirs():
        raw = pair.raw[...]
        raw.flags.writeable = False
        return raw

    return derived(judge, pair, lambda: ours.to_read_only(pair.mine), theirs)


def field(judge, random, pair):
    if pair.raw.ndim > 24:  # the field's come on top, and NumPy has 32
        return None
    judge.begin("view: field")
    names = pair.element.names()
    name = random.choice(names) if names and random.random() < 0.97 else b"nobody"
    accepted, view = attempt(ours.Refused, ours.field, pair.mine, name)
    judge.note(accepted)
    known = name in names
    theirs = pair.array(pair.element.reading.dtype)[name.decode()] if known else None
    if (
        not judge.same(
            "view: field",
            accepted,
            known,
            format=pair.element.text,
            name=name,
            kind=known and numpy_side.base_of(theirs.dtype)[0].char,
        )
        or not known
    ):
        return None
    element = elements.read(view.format())
    if element is None or element.itemsize != theirs.itemsize:
        itemsize = theirs.itemsize
        judge.same(
            "view: field's shape",
            view.geometry()[:3:2],
            (theirs.shape, itemsize),
            name=name,
            view=pair.told(),
        )
        return None
    raw = numpy.ndarray(
        theirs.shape, element.void, pair.memory.bytes, place_of(theirs, pair), theirs.strides
    )
    raw.flags.writeable = pair.raw.flags.writeable
    judge.same(
        "view: field's meaning",
        element.meaning(),
        elements_meaning(theirs.dtype),
        name=name,
        view=pair.told(),
    )
    result = Pair(view, raw, element, pair.memory)
    check(judge, result)
    return result


def place_of(array, pair):
    return array.__array_interface__["data"][0] - pair.memory.address if array.size else 0


def elements_meaning(dtype):
    """canonical() of a dtype."""
    leaves = []
    numpy_side.spread(dtype, 0, leaves)
    return dtype.itemsize, len(leaves), numpy_side.layout_of(dtype)


# ---- cast --------------------------------------------------------------------------------------


def cast(judge, random, pair):
    judge.begin("view: cast")
    if not pair.raw.flags.c_contiguous and random.random() < 0.7:
        pair = copy_of(pair)
    raw, element = pair.raw, cast_element(random, pair)
    shape = cast_shape(random, raw.nbytes // element.itemsize)
    accepted, view = attempt(ours.Refused, ours.cast, pair.mine, element.text, shape)
    judge.note(accepted)
    known, theirs = attempt(REFUSALS, memoryview_cast, pair, element, shape)
    facts = {
        "view": pair.told(),
        "to": element.text,
        "shape": shape,
        "refusal": refusal_among(view, theirs),
    }
    judge.same("view: cast", accepted, known, by_rule=follows_rules(pair, element, shape), **facts)
    if not accepted:
        return None
    lengths = (raw.nbytes // element.itemsize,) if shape is None else tuple(shape)
    result = Pair(
        view,
        numpy.ndarray(lengths, element.void, pair.memory.bytes, pair.place()),
        element,
        pair.memory,
    )
    result.raw.flags.writeable = raw.flags.writeable
    if known:
        judge.same(
            "view: cast's shape",
            view.geometry()[:3],
            (theirs.shape, theirs.strides, theirs.itemsize),
            **facts
        )
    check(judge, result)
    return result


def cast_element(random, pair):
    """One that memoryview may take, mostly."""
    if not pair.element.is_byte() and random.random() < 0.8:
        return elements.read(random.choice([b"B", b"b", b"c", b"@B"]))
    if random.random() < 0.2:
        return elements.any_element(random)
    fitting = [
        element
        for element in map(elements.read, elements.CODES)
        if pair.raw.nbytes % element.itemsize == 0
    ]
    return random.choice(fitting)


def cast_shape(random, size):
    chance = random.random()
    if chance < 0.5:
        return None
    shape = factors(random, size, random.randrange(0, 4))
    if shape and chance > 0.95:
        shape[random.randrange(len(shape))] += random.choice([-1, 1])
    return shape


def memoryview_cast(pair, element, shape):
    if shape is None:
        return pair.memoryview().cast(element.text.decode())
    return pair.memoryview().cast(element.text.decode(), shape)


def follows_rules(pair, element, shape):
    """memoryview's, but for the formats."""
    raw = pair.raw
    if not raw.flags.c_contiguous or raw.nbytes % element.itemsize:
        return False
    if not is_byte(pair.element) and not is_byte(element):
        return False
    if (shape is not None or raw.ndim != 1) and 0 in raw.shape:
        return False
    if shape is None:
        return True
    return (
        (raw.ndim == 1 or len(shape) == 1)
        and min(shape, default=1) > 0
        and product(shape) * element.itemsize == raw.nbytes
    )


def is_byte(element):
    """In any spelling."""
    return (
        element.itemsize == 1
        and len(element.reading.leaves) == 1
        and (element.reading.leaves[0][1] in "iu" or b"c" in element.text)
    )


# ---- copies ------------------------------------------------------------------------------------


def copy_new(judge, random, pair):
    judge.begin("view: copy_new")
    order = random.choice("CFACFAX" if random.random() < 0.05 else "CFA")
    accepted, view = attempt(ours.Refused, ours.copy_new, pair.mine, order)
    known, raw = attempt(REFUSALS, pair.raw.copy, order)
    judge.note(accepted)
    if (
        not judge.same("view: copy_new", accepted, known, view=pair.told(), order=order)
        or not accepted
    ):
        return None
    memory = Memory(view.base(), raw.tobytes("A"))
    copy = numpy.ndarray(raw.shape, raw.dtype, memory.bytes, 0, raw.strides)
    result = Pair(view, copy, pair.element, memory)
    check(judge, result)
    memory.check(judge, view=pair.told(), order=order)
    return result
