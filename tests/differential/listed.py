# SPDX-License-Identifier: MIT
"""The differences that there are, and why.

A run fails if another one occurs, or if one of these does not. None is about bytes outside of a
buffer, the value of a number, or the bounds of a view.
"""

import math
import re
import struct

import values


class Difference:
    def __init__(self, name, questions, predicate, reason):
        self.name, self.questions, self.predicate, self.reason = name, questions, predicate, reason

    def holds(self, question, ours, theirs, facts):
        return question in self.questions and bool(self.predicate(ours, theirs, facts))


SHAPE = re.compile(rb"\([^)]*\)")
# Numbers in it that only Python's int() reads.
ODD_NUMBER = re.compile(rb"\([^)]*[-+_\x1c-\x1f\x85\xa0][^)]*\)")


# ---- texts of formats --------------------------------------------------------------------------


def reads_more(*changes):
    """The library reads the text, neither reference does, and NumPy its plain spelling."""

    def predicate(ours, theirs, facts):
        return ours is True and set(facts["changes"]) & set(changes) and facts.get("plain")

    return predicate


def is_of_nothing(ours, theirs, facts):
    return ours is True and facts.get("refusal") == "invalid itemsize in generic type tuple"


def padded_end(ours, theirs, facts):
    alignment = facts["alignment"]
    return theirs > ours and theirs == -(-ours // alignment) * alignment


def is_let_pass(ours, theirs, facts):
    """NumPy reads it, and it is malformed."""
    return (
        theirs is True
        and facts["source"] == "numpy"
        and (
            "has no } at its end" in facts["refusal"][1]
            or "outside of T{" in facts["refusal"][1]
            or ODD_NUMBER.search(facts["text"]) is not None
        )
    )


def is_beyond_limits(ours, theirs, facts):
    if ours:
        return facts["changes"] == ["large"] or any(
            shape.count(b",") >= 32 for shape in SHAPE.findall(facts["text"])
        )
    return (
        "nested more than 64 deep" in facts["refusal"][1]
        or "more than 64 dimensions" in facts["refusal"][1]
    )


# ---- numbers -----------------------------------------------------------------------------------


def parts_of(number):
    return [number.real, number.imag] if isinstance(number, complex) else [number]


def same_but_for_nan(one, other):
    """Or both are a NaN of one sign."""
    if type(one) != type(other) or not isinstance(one, (float, complex)):
        return False
    return all(
        values.same(a, b)
        or (math.isnan(a) and math.isnan(b) and math.copysign(1, a) == math.copysign(1, b))
        for a, b in zip(parts_of(one), parts_of(other))
    )


def unpacked_nan(ours, theirs, facts):
    """Half: struct drops what a NaN carries. Else: the bit that makes it quiet."""
    if not same_but_for_nan(ours[0], theirs[0]):
        return False
    return facts["code"] == "e" or values.same(values.quiet(ours[0]), values.quiet(theirs[0]))


def packed_nan(ours, theirs, facts):
    code = {"F": "f", "D": "d"}.get(facts["code"], facts["code"])
    if code not in "efd":
        return False
    size = struct.calcsize("=" + code)
    text = (">" if facts["swapped"] == values.LITTLE else "<") + code * (len(ours) // size)
    return all(
        unpacked_nan((one,), (other,), {"code": code})
        for one, other in zip(struct.unpack(text, ours), struct.unpack(text, theirs))
    )


def other_nan(ours, theirs, facts):
    return (unpacked_nan if isinstance(ours, tuple) else packed_nan)(ours, theirs, facts)


def passes_native_float(ours, theirs, facts):
    return (
        ours is False
        and theirs is True
        and facts["source"] == "struct"
        and facts["text"][:1] not in b"=<>!"
        and "the number is too large" in facts["refusal"]
        and "for 'f'" in facts["refusal"]
    )


def is_truth_of_bytes(ours, theirs, facts):
    return (
        ours is False
        and theirs is True
        and "for '?'" in facts["refusal"]
        and "no number" in facts["refusal"]
    )


# ---- views -------------------------------------------------------------------------------------


def steps_to_nothing(ours, theirs, facts):
    """The strides differ only where no second element is."""
    shape = facts["shape"]
    return len(ours) == len(theirs) == len(shape) and (
        0 in shape
        or all(one == other or length == 1 for one, other, length in zip(ours, theirs, shape))
    )


def without_elements(ours, theirs, facts):
    if isinstance(ours, bool):
        return ours is False and theirs is True and facts["empty"]
    if ours and isinstance(ours[0], bool):
        return ours == (True,) * 3 and theirs == (False,) * 3 and facts["shape"] == (0,)
    return steps_to_nothing(ours, theirs, facts)


def strange_truths(ours, theirs, facts):
    return facts["strange"] is True


def beyond_memoryview(ours, theirs, facts):
    """What memoryview refuses for the format alone; the rules or the values say as the library."""
    return (
        ours is True
        and theirs is False
        and (
            facts.get("by_rule") is True
            or facts.get("known") is False
            or facts.get("alike") is True
        )
    )


LISTED = [
    Difference(
        "NumPy pads the end",
        {"format: struct's size and NumPy's", "format: itemsize"},
        padded_end,
        "Outside of T{...}, NumPy adds bytes behind the last element up to the alignment; struct "
        "does not, and the library follows struct, whose formats these are.",
    ),
    Difference(
        "Python objects",
        {"format: read"},
        lambda ours, theirs, facts: facts.get("source") == "object"
        and facts["refusal"][0] == "RC_UNSUPPORTED",
        "O is a pointer that only Python can count; the library refuses it with a sentence.",
    ),
    Difference(
        "malformed, and let pass",
        {"format: read"},
        is_let_pass,
        "NumPy stops at a } that closes nothing, whatever follows, misses none at the end, and "
        "reads the numbers of shapes as int() does: (+2), (1_0). The library refuses all of "
        "these.",
    ),
    Difference(
        "names twice",
        {"format: read"},
        reads_more("names"),
        "NumPy refuses two fields of one name; the library reads them, and finds the first.",
    ),
    Difference(
        "both grammars in one text",
        {"format: read"},
        reads_more("codes", "spaces", "orders", "shapes"),
        "n N P p and spaces are struct's; (2,3), T{...}, names, g, w, Z and orders in the middle "
        "are NumPy's. The library reads all of it in one text, several orders and shapes in a row "
        "too; NumPy reads the same with other words for these, and finds the same sizes and "
        "places.",
    ),
    Difference(
        "sub-arrays of nothing",
        {"format: read"},
        is_of_nothing,
        "NumPy has no arrays of strings, characters and records without bytes; the library has.",
    ),
    Difference(
        "other limits",
        {"format: read"},
        is_beyond_limits,
        "NumPy's item sizes are a C int, and a shape has 32 entries; the library's sizes are "
        "struct's, up to PTRDIFF_MAX, and it has 64 dimensions and records 64 deep.",
    ),
    Difference(
        "names of padding",
        {"format: find", "view: field"},
        lambda ours, theirs, facts: ours is False and theirs is True and facts["kind"] == "V",
        "NumPy makes a field of void of x:name:; to the library pad bytes are none.",
    ),
    Difference(
        "what a NaN carries",
        {"format: unpacked value", "format: packed value"},
        other_nan,
        "Numbers pass through a long double, where the processor makes each NaN a quiet one; and "
        "of a half, struct forgets what the NaN carries, while NumPy and the library keep it.",
    ),
    Difference(
        "native f of too large a number",
        {"format: packed"},
        passes_native_float,
        "struct packs a number beyond a float's as an infinity in native order, and refuses it in "
        "the others; the library refuses it in all.",
    ),
    Difference(
        "truth of bytes",
        {"format: packed"},
        is_truth_of_bytes,
        "struct packs any Python object into ?; the library takes numbers.",
    ),
    Difference(
        "nothing to step to",
        {"view: strides", "view: contiguous to memoryview", "view: equal to memoryview"},
        without_elements,
        "Where a dimension has one element, or the view none, nobody steps, and NumPy and "
        "memoryview leave other strides there than each other. memoryview asks for the stride of "
        "a row without elements, too, to call it contiguous, which PyBuffer_IsContiguous() and "
        "NumPy do not; and it compares shapes up to the first 0 only.",
    ),
    Difference(
        "truths other than 0 and 1",
        {"view: equal to memoryview", "view: equal to NumPy"},
        strange_truths,
        "memoryview and NumPy's arrays compare the bytes of ? as C's _Bool, for which other bytes "
        "than 0 and 1 mean nothing; to struct, NumPy's conversions and the library they are true.",
    ),
    Difference(
        "formats beyond memoryview's",
        {"view: cast", "view: copy to memoryview", "view: equal to memoryview"},
        beyond_memoryview,
        "memoryview casts and assigns elements of one native code alone, spelled alike, and calls "
        "all views unequal whose formats struct cannot read. The library goes by what formats "
        "mean; NumPy's bytes and values agree.",
    ),
    Difference(
        "NumPy's bounds wrap",
        {"view: create"},
        lambda ours, theirs, facts: ours is False and theirs is True and facts["inside"] is False,
        "With strides given, NumPy computes what is reached in integers that wrap, and takes a "
        "length of -1 for as many as fit; in exact numbers that is outside, and the library "
        "refuses it.",
    ),
]
