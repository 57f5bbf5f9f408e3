# SPDX-License-Identifier: MIT
"""Random element formats: struct's, NumPy's, both mixed, damaged ones, and noise."""

import re

STRUCT_CODES = "xcbB?hHiIlLqQefdsp"
NATIVE_CODES = STRUCT_CODES + "nNP"
PEP_CODES = [
    "x",
    "c",
    "b",
    "B",
    "?",
    "h",
    "H",
    "i",
    "I",
    "l",
    "L",
    "q",
    "Q",
    "e",
    "f",
    "d",
    "g",
    "s",
    "w",
    "Zf",
    "Zd",
    "Zg",
]
PEP_STANDARD = [code for code in PEP_CODES if code not in ("g", "Zg")]
NAMES = ["a", "b", "c", "id", "x y", "T{i}", "", "value", "a1", "(2)", "3", "f0", "f1"]
NOISE = "@=<>!^xcbB?hHiIlLqQnNefdgspwPZTO&XtuFDG{}(),:0123456789 \t+_-\xa0\xb2\xe9\x1c"
HUGE = [
    "2147483648",
    "4294967297",
    "1099511627776",
    "4611686018427387904",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "99999999999999999999999",
    "2147483647",
]


def count(random):
    chance = random.random()
    if chance < 0.55:
        return ""
    if chance < 0.6:
        return random.choice(["0", "00", "1", "01"])
    if chance < 0.97:
        return str(random.randrange(2, 6))
    if chance < 0.995:
        return str(random.randrange(6, 300))
    return random.choice(HUGE)


def spaces(random):
    return random.choice([" ", "\t", "  ", "\n"]) if random.random() < 0.05 else ""


def struct_text(random):
    order = random.choice(["", "", "@", "=", "<", ">", "!"])
    codes = NATIVE_CODES if order in ("", "@") else STRUCT_CODES
    if random.random() < 0.3:
        return order + random.choice(codes)
    return (
        order
        + "".join(
            spaces(random) + count(random) + random.choice(codes)
            for _ in range(random.randrange(0, 7))
        )
        + spaces(random)
    )


class Pep:
    """One text of PEP 3118 as NumPy reads it; the order in force matters for what may follow."""

    def __init__(self, random, codes=None):
        self.random, self.order, self.codes = random, "@", codes

    def shape(self):
        random = self.random
        if random.random() > 0.15:
            return ""
        extents = [str(random.choice([0, 1, 1, 2, 2, 3, 4])) for _ in range(random.randrange(1, 4))]
        return "(" + random.choice([",", ",", ", "]).join(extents) + ")"

    def change_order(self):
        if self.random.random() > 0.2:
            return ""
        self.order = self.random.choice("@=<>!^")
        return self.order

    def element(self, depth, names):
        random = self.random
        text = self.shape() + self.change_order() + count(random)
        if depth and random.random() < 0.2:
            text += "T{" + self.elements(depth - 1, random.randrange(0, 4)) + "}"
        elif self.codes:
            text += random.choice(self.codes)
        else:
            text += random.choice(PEP_CODES if self.order in "@^" else PEP_STANDARD)
        if random.random() < 0.3:
            name = random.choice(NAMES)
            if name not in names or random.random() < 0.02:
                names.append(name)
                text += f":{name}:"
        return text

    def elements(self, depth, number):
        names = []
        return "".join(self.element(depth, names) for _ in range(number))


def pep_text(random):
    pep = Pep(random)
    if random.random() < 0.4:
        return "T{" + pep.elements(2, random.randrange(1, 5)) + "}"
    return pep.change_order() + pep.elements(3, random.randrange(1, 5))


def mixed_text(random):
    """What neither of the two reads: codes and spaces of struct's with what is NumPy's."""
    text = Pep(random, PEP_CODES + ["n", "N", "P", "p"]).elements(2, random.randrange(1, 5))
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(["", " ", "<", ">", "@", "(2)", "="]) + text[at:]


def damaged(random, text):
    characters = list(text)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(characters) + 1)
        way = random.random()
        if way < 0.4:
            characters.insert(at, random.choice(NOISE))
        elif way < 0.7 and at < len(characters):
            del characters[at]
        elif at < len(characters):
            characters[at] = random.choice(NOISE)
    return "".join(characters)


def noise(random):
    return "".join(random.choice(NOISE) for _ in range(random.randrange(1, 12)))


def deep_text(random):
    """Records in records, and dimensions of both, about as many as there may be."""
    records = random.choice([2, 40, 62, 63, 64, 65, 66, 80])
    shapes = ["(" + ",".join("1" * random.choice([1, 20, 32, 33])) + ")" for _ in range(3)]
    texts = [random.choice(shapes) + "T{" if i < 2 else "T{" for i in range(records)]
    return "".join(texts) + random.choice(shapes + ["", "", ""]) + "i" + "}" * records


def text(random):
    """Any of them, as bytes."""
    chance = random.random()
    if chance < 0.002:
        return deep_text(random).encode()
    if chance < 0.35:
        made = struct_text(random)
    elif chance < 0.72:
        made = pep_text(random)
    elif chance < 0.77:
        made = mixed_text(random)
    elif chance < 0.93:
        made = damaged(random, random.choice([struct_text, pep_text])(random))
    else:
        made = noise(random)
    return made.encode("latin-1")


# ---- the same in other words -------------------------------------------------------------------

TOKEN = re.compile(rb":[^:]*:|[@=<>!^]|\([^)]*\)|\d+|\s+|Z.|T\{|\}|.", re.S)


def tokens(text):
    return [match[0] for match in TOKEN.finditer(text)]


class Plain:
    """A text made such that NumPy reads it, if all that kept it from that are spellings of which
    the library takes more: `changes` says which. The meaning in bytes is the same."""

    MEANS = {b"n": b"q", b"N": b"Q", b"P": b"Q", b"p": b"s"}

    def __init__(self, text):
        self.changes = set()
        self.names = 0
        parts = self.joined([self.changed(token) for token in tokens(text)])
        self.text = b"".join(parts)

    def changed(self, token):
        if token.isspace():
            self.changes.add("spaces")
            return b""
        if token in self.MEANS:
            self.changes.add("codes")
            return self.MEANS[token]
        if token[:1] == b":" and len(token) > 1:
            self.names += 1
            return b":n%d:" % self.names
        return token

    def joined(self, parts):
        """Shapes before their order, one order where there are several, and a code behind it."""
        parts, result = [part for part in parts if part], []
        while parts:
            run = []
            while parts and (
                parts[0] in (b"@", b"=", b"<", b">", b"!", b"^") or parts[0][:1] == b"("
            ):
                run.append(parts.pop(0))
            result += self.joined_run(run, bool(parts) and parts[0] != b"}")
            if parts:
                result.append(parts.pop(0))
        return result

    def joined_run(self, run, goes_on):
        shapes = [part[1:-1] for part in run if part[:1] == b"("]
        orders = [part for part in run if part[:1] != b"("]
        if len(shapes) > 1:
            self.changes.add("shapes")
        if len(orders) > 1 or (orders and not goes_on):
            self.changes.add("orders")
        shape = [b"(" + b",".join(shapes) + b")"] if shapes else []
        return shape + orders[-1:] + ([b"0x"] if orders and not goes_on else [])
