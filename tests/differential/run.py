# SPDX-License-Identifier: MIT
"""Ours and theirs side by side; gate.sh says how it is called.

    run.py OPERATIONS SEED [ROUND]     ROUND: that one alone
"""

import gc
import random
import sys
import warnings

import ours

import format_operations
from judge import Judge, Mismatch
from listed import LISTED

PLAYS = [format_operations.play]


def play(judge, seed, number):
    """A round needs its seed and its number alone."""
    source = random.Random(f"{seed}/{number}")
    PLAYS[number % len(PLAYS)](judge, source)


def run(judge, seed, operations):
    """True: all rounds agreed."""
    number = 0
    while judge.operations < operations:
        try:
            play(judge, seed, number)
        except Exception as error:
            import traceback
            if not isinstance(error, Mismatch): traceback.print_exc()
            print(f"differs at operation {judge.operations}: {error}")
            print(f"to repeat: RCBUF_SEED={seed} sh tests/differential/gate.sh repeat {number}")
            return False
        number += 1
    return True

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    judge = Judge(LISTED)
    if len(sys.argv) > 3:
        play(judge, sys.argv[2], int(sys.argv[3]))
    else:
        ok = run(judge, sys.argv[2], int(sys.argv[1]))
        print(judge.operations, judge.kinds, judge.times, ok)
