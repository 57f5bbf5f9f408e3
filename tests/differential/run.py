# SPDX-License-Identifier: MIT
"""Ours and theirs side by side, in rounds of a few operations; gate.sh says how it is called.

    run.py all OPERATIONS SEED      until so many were done; listed differences have to occur
    run.py few OPERATIONS SEED      the same, but these need not
    run.py round NUMBER SEED        one round alone, as a failure names it

Exits with 1 at the first difference that is not listed.
"""

import gc
import random
import sys
import time
import traceback
import warnings

import ours

import elements
import format_operations
import view_indirect
import view_operations
from judge import Judge, Mismatch
from listed import LISTED

# Rounds in turn.
FORMATS, VIEWS, INDIRECT = format_operations.play, view_operations.play, view_indirect.play
PLAYS = [FORMATS, VIEWS, FORMATS, VIEWS, FORMATS, VIEWS, FORMATS, FORMATS, VIEWS, INDIRECT]


def play(judge, seed, number):
    """A round depends on its seed and its number alone."""
    PLAYS[number % len(PLAYS)](judge, random.Random(f"{seed} {number}"))


def tell(judge, seed, number, error):
    what = str(error) if isinstance(error, Mismatch) else traceback.format_exc()
    print(f"differs at operation {judge.operations}, in round {number}, seed {seed}: {what}")
    print(f"to repeat it alone: RCBUF_SEED={seed} sh tests/differential/gate.sh round {number}")


def run(judge, seed, operations, first=0, rounds=None):
    """Whether all that was played agreed."""
    number = first
    while judge.operations < operations and (rounds is None or number < first + rounds):
        try:
            play(judge, seed, number)
        except Exception as error:
            tell(judge, seed, number, error)
            return False
        number += 1
    print(f"{judge.operations} operations in {number - first} rounds, seed {seed}")
    return True


def alive_after(before):
    """What rcbuf's account has more than before, without what is kept to be faster."""
    elements.read.cache_clear()
    gc.collect()
    return [now - then for now, then in zip(ours.account(), before)]


def print_tables(judge, seconds):
    print(f"  {'operations':<24} {'all':>8} {'accepted':>9} {'refused':>8}")
    for kind, (times, accepted, refused) in sorted(judge.kinds.items()):
        print(f"  {kind:<24} {times:>8} {accepted:>9} {refused:>8}")
    print(f"  {'':<24} {judge.operations:>8}           in {seconds:.0f} s")
    print(
        f"  {len(judge.texts)} texts of formats; views of 0 to 5 dimensions: "
        f"{judge.dimensions[:6]}, of 6 to 32: {sum(judge.dimensions[6:])}"
    )
    print("  listed differences, and how often they occurred")
    for entry in judge.listed:
        print(f"  {entry.name:<40} {judge.times[entry.name]:>8}")


def check_list(judge):
    """As few as there may be, and each of them there."""
    for name in judge.stale():
        print(f"a listed difference never occurred: {name}")
    if len(judge.listed) > 15:
        print(f"{len(judge.listed)} differences are listed, and 15 are the most")
    return not judge.stale() and len(judge.listed) <= 15


def main(way, number, seed):
    warnings.simplefilter("ignore")  # NumPy's, of dtypes to come
    judge, before, started = Judge(LISTED), ours.account(), time.monotonic()
    if way == "round":
        agreed = run(judge, seed, sys.maxsize, int(number), 1)
    else:
        agreed = run(judge, seed, int(number))
    if agreed and way == "all":
        print_tables(judge, time.monotonic() - started)
        agreed = check_list(judge)
    left = alive_after(before)
    if agreed and any(left):
        print(f"left alive: {left[0]} objects, {left[1]} blocks, {left[2]} bytes")
    elif agreed:
        print("nothing is left alive by rcbuf's account")
    return 0 if agreed and not any(left) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
