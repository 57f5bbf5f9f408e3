# SPDX-License-Identifier: MIT
"""rcbuf.abi3.so takes nothing from Python but its stable ABI, and gives it nothing but PyInit_rcbuf.

    nm -D rcbuf.abi3.so | python3 abi.py PREPROCESSED

PREPROCESSED is Python.h as it is with Py_LIMITED_API: a name that is declared there is in the limited
API. Where the installed test package has CPython's own list, of the stable ABI, a name must be in
that, too. Prints the names that are in neither, and a line of counts.
"""
import re
import sys

try:
    from test.test_stable_abi_ctypes import SYMBOL_NAMES
except ImportError:
    SYMBOL_NAMES = None


def declared(text):
    return set(re.findall(r"\b_?Py[A-Za-z0-9_]+\b", text))


def main():
    header = declared(open(sys.argv[1]).read())
    taken, given, faults = set(), set(), []
    for line in sys.stdin:
        kind, name = line.split()[-2:]
        name = name.split("@")[0]
        if kind in "Uvw" and re.match(r"_?Py", name):
            taken.add(name)
        elif kind not in "Uvw":
            given.add(name)
    for name in sorted(taken):
        if name not in header:
            faults.append(f"{name} is not declared in the limited API")
        if SYMBOL_NAMES and name not in SYMBOL_NAMES:
            faults.append(f"{name} is not in the stable ABI")
    if given != {"PyInit_rcbuf"}:
        faults.append(f"exported: {sorted(given)}")
    if len(taken) < 50:
        faults.append(f"only {len(taken)} names of Python were found")
    print(*faults, sep="\n")
    print(f"{len(taken)} names of Python's, all of the stable ABI" if not faults else "faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
