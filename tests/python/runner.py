# SPDX-License-Identifier: MIT
"""Running unittest cases with a closing line: "N run, N passed, N failed, N skipped"."""
import sys
import unittest


class Result(unittest.TextTestResult):
    """Counts what passed, which no number of unittest's is in all versions."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def failures(result):
    return len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)


def close(passed, failed, skipped):
    """The last line, and the end."""
    print(f"{passed + failed} run, {passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


def run(suite, result=Result):
    return unittest.TextTestRunner(sys.stdout, verbosity=0, resultclass=result).run(suite)


def main(*cases):
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    result = run(unittest.TestSuite(load(case) for case in cases))
    for test, reason in result.skipped:
        print(f"skipped: {test._testMethodName}: {reason}")
    close(result.passed, failures(result), len(result.skipped))
