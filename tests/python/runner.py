# SPDX-License-Identifier: MIT
"""Running unittest cases with a closing line: "N run, N passed, N failed, N skipped"."""
import sys
import unittest


def main(*cases):
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    suite = unittest.TestSuite(load(case) for case in cases)
    result = unittest.TextTestRunner(sys.stdout, verbosity=0).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    for test, reason in result.skipped:
        print(f"skipped: {test._testMethodName}: {reason}")
    skipped = len(result.skipped)
    passed = result.testsRun - failed - skipped
    print(f"{result.testsRun} run, {passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)
