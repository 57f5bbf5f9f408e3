# SPDX-License-Identifier: MIT
"""Counts operations, and compares what two sides answer.

A difference is looked up among those that are listed (listed.py); one that is not there is a
Mismatch, which ends the run.
"""


class Mismatch(Exception):
    """Both answers, and what was asked."""


class Refusal(Exception):
    """The other side's: what it raised."""


class Judge:
    def __init__(self, listed):
        self.listed = listed
        self.times = {entry.name: 0 for entry in listed}
        self.kinds = {}
        self.operations = 0
        self.dimensions = [0] * 65  # of the views that were looked at
        self.texts = set()
        self.kind = None

    def begin(self, kind):
        """One more operation of that kind."""
        self.operations += 1
        self.kind = self.kinds.setdefault(kind, [0, 0, 0])
        self.kind[0] += 1

    def note(self, accepted):
        self.kind[1 if accepted else 2] += 1

    def same(self, question, ours, theirs, **facts):
        """Whether both are equal; a listed difference is False, any other a Mismatch."""
        if ours == theirs and type(ours) == type(theirs):
            return True
        for entry in self.listed:
            if entry.holds(question, ours, theirs, facts):
                self.times[entry.name] += 1
                return False
        told = "".join(f"\n  {name}: {value!r}" for name, value in facts.items())
        raise Mismatch(f"{question}\n  ours:   {ours!r}\n  theirs: {theirs!r}{told}")

    def stale(self):
        return [name for name, times in self.times.items() if times == 0]


def attempt(refusals, call, *arguments):
    """(True, the answer), or (False, the exception), which no longer knows the frames it came from:
    they would keep views alive."""
    try:
        return True, call(*arguments)
    except refusals as error:
        error.__context__ = None
        return False, error.with_traceback(None)


def refusal_among(*answers):
    """What the side said that refused."""
    return " ".join(str(answer) for answer in answers if isinstance(answer, Exception))
