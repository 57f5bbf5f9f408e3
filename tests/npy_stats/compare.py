# SPDX-License-Identifier: MIT
"""compare.py make FOLDER SEED           writes the arrays of arrays.py to FOLDER
compare.py compare PROGRAM FOLDER     what npy_stats prints of each, against NumPy
compare.py differs PROGRAM FOLDER     a wrong program: what the first difference is
compare.py same PROGRAM FOLDER        another build prints the same bytes, and nothing else

What npy_stats promises (examples/npy_stats/reduce.h), with u = 2^-53, or 2^-64 where the column is
long double, and L = ceil(log2 n): the mean within (L + 3) u of the mean magnitude; the deviation
within (L/2 + 4) u of the root of variance and the square of the mean's error. NumPy's sums may be off
by 16 u more. Means of integers are within 2 u of themselves. What is printed is rounded to 15 digits, or
18. Columns of up to 3000 finite numbers are also computed exactly, where the promise holds without NumPy's share."""
import math
import os
import re
import subprocess
import sys
import warnings
from fractions import Fraction

import numpy as np

import arrays

THREADS = ("1", "2", "8")
EXACT_ROWS = 3000
NUMBER = r"(?:nan|-?inf|-?[0-9][-+.e0-9]*)"
LINE = re.compile(r"^(.*?) +(%s)  +(%s)  +(%s)  +(%s)(?:  (\d+) of (\d+) NaN)?$" % ((NUMBER,) * 4))


def run(program, threads, path):
    result = subprocess.run([program, "-j", threads, path], capture_output=True, timeout=120)
    return result.returncode, result.stdout, result.stderr


class Failure(Exception):
    pass


def require(is_true, what, *arguments):
    if not is_true:
        raise Failure(what % arguments)


# ---- one column ----------------------------------------------------------------------------------

def close(got, want, tolerance):
    if not (np.isfinite(want) and np.isfinite(got)):
        return repr(float(got)) == repr(float(want))
    return abs(got - want) <= tolerance


def promise(numbers, digits, extra):
    """How far the mean and the deviation may be off, printing included."""
    count, kind = len(numbers), numbers.dtype.type
    unit = np.finfo(kind).eps / 2
    levels = math.ceil(math.log2(count)) if count > 1 else 0
    mean_off = (levels + 3 + extra) * unit * np.mean(np.abs(numbers)) + np.finfo(kind).tiny
    deviation = np.std(numbers)
    off = (levels / 2 + 4 + extra) * unit * deviation
    off += np.sqrt(deviation * deviation + mean_off * mean_off) - deviation
    printing = kind(10) ** (1 - digits)
    return mean_off + printing * abs(np.mean(numbers)), off + printing * deviation


def exactly(numbers):
    values = [Fraction(*x.as_integer_ratio()) for x in numbers]
    mean = sum(values) / len(values)
    variance = sum((x - mean) ** 2 for x in values) / len(values)
    return mean, variance


def real_of(fraction, kind):
    """Good to the last digit of long double."""
    whole = kind(0)
    for _ in range(3):
        part = float(fraction)
        whole += kind(part)
        fraction -= Fraction(part)
    return whole


def check_computed(column, mean, deviation):
    kind = np.longdouble if column.dtype.char == "g" else np.float64
    digits = 18 if kind is np.longdouble else 15
    numbers = np.ascontiguousarray(column).astype(kind)
    mean, deviation = kind(mean), kind(deviation)
    mean_off, off = promise(numbers, digits, 16 + promise_extra(column))
    require(close(mean, np.mean(numbers), mean_off), "mean %r, NumPy's %r", mean, np.mean(numbers))
    require(close(deviation, np.std(numbers), off), "std %r, NumPy's %r", deviation, np.std(numbers))
    if column.dtype.kind in "iub":
        exact = Fraction(sum(column.tolist()), len(column))
        off = 2 * Fraction(2) ** -53 + Fraction(10) ** (1 - digits)
        require(abs(Fraction(float(mean)) - exact) <= off * abs(exact), "mean %r, exactly %s", mean, exact)
    if len(numbers) > EXACT_ROWS or not np.all(np.isfinite(numbers)) or not np.isfinite(deviation):
        return
    true_mean, variance = exactly(column.astype(kind) if column.dtype.kind == "f" else column.tolist())
    mean_off, off = promise(numbers, digits, promise_extra(column))
    wide = np.longdouble
    true_deviation = np.sqrt(real_of(variance, wide))
    require(abs(wide(mean) - real_of(true_mean, wide)) <= mean_off, "mean %r, exactly %r", mean, true_mean)
    require(abs(wide(deviation) - true_deviation) <= off, "std %r, exactly %r", deviation, true_deviation)


def promise_extra(column):
    """An integer above 2^53 is rounded before the mean is taken off it, as in NumPy."""
    return 8 if column.dtype.kind in "iu" and column.dtype.itemsize == 8 else 0


def check_column(column, found):
    least, mean, greatest, deviation, nans, rows = found
    native = column.astype(column.dtype.newbyteorder("="))
    want_nans = int(np.isnan(native).sum()) if native.dtype.kind == "f" else 0
    require(int(nans or 0) == want_nans, "%s NaNs, there are %d", nans, want_nans)
    require(rows is None or int(rows) == len(native), "of %s, there are %d", rows, len(native))
    read = native.dtype.type if native.dtype.kind == "f" else int
    for text, want in ((least, native.min()), (greatest, native.max())):
        got = read(text)
        require(got == want or (got != got and want != want), "%s is not %r", text, want)
    check_computed(native, mean, deviation)


# ---- one file ------------------------------------------------------------------------------------

def check_head(lines, array):
    dtype = np.lib.format.dtype_to_descr(array.dtype)
    order = "C" if array.flags.c_contiguous or not array.flags.f_contiguous else "Fortran"
    for line, want in zip(lines, ("shape  %s" % (array.shape,), "dtype  %s" % dtype, "order  %s" % order)):
        require(line == want, "%r is not %r", line, want)


def check_output(text, array):
    """Returns: how many columns of numbers there were."""
    lines = text.split("\n")
    require(lines.pop() == "", "no newline at the end")
    check_head(lines, array)
    lines = lines[3:]
    if array.size == 0:
        require(lines == ["The array is empty: there is nothing to compute."], "%r", lines)
        return 0
    columns, count = list(arrays.columns_of(array)), 0
    if any(numbers is not None for _, numbers in columns):
        require(lines.pop(0).split() == ["column", "min", "mean", "max", "std"], "no titles")
    require(len(lines) == len(columns), "%d lines for %d columns", len(lines), len(columns))
    for line, (name, numbers) in zip(lines, columns):
        try:
            if numbers is None:
                require(line.startswith(name + " ") and line.endswith(", without numbers"), "it is %r", line)
                continue
            match = LINE.match(line)
            require(match, "%r has no numbers", line)
            require(match[1] == name, "it is called %r", match[1])
            check_column(numbers, match.groups()[1:])
        except Failure as failure:
            raise Failure("column %s: %s" % (name, failure)) from None
        count += 1
    return count


def check_file(program, path, array):
    code, first, errors = run(program, THREADS[0], path)
    require(code == 0 and errors == b"", "status %d, %r", code, errors)
    for threads in THREADS[1:]:
        require(run(program, threads, path) == (0, first, b""), "-j %s prints something else", threads)
    return check_output(first.decode("utf-8"), array)


# ---- commands ------------------------------------------------------------------------------------

def path_of(folder, name):
    return os.path.join(folder, name + ".npy")


def make(folder, seed):
    os.makedirs(folder, exist_ok=True)
    for name, array in arrays.all_arrays(int(seed)):
        np.save(path_of(folder, name), array)
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(path_of(folder, "version-%d" % version[0]), "wb") as file:
            np.lib.format.write_array(file, np.arange(12, dtype="i2").reshape(4, 3), version)
    return True


def load_all(folder):
    for entry in sorted(os.listdir(folder)):
        if entry.endswith(".npy"):
            yield entry, np.load(os.path.join(folder, entry), max_header_size=10**6)


def compare(program, folder):
    files = columns = failures = 0
    dtypes = set()
    for entry, array in load_all(folder):
        try:
            columns += check_file(program, os.path.join(folder, entry), array)
        except Failure as failure:
            failures += 1
            print("failed: %s: %s" % (entry, failure))
        files += 1
        dtypes.add((str(array.dtype), array.flags.c_contiguous, array.flags.f_contiguous))
    print("%d files of %d dtypes and orders, %d columns, -j %s" % (files, len(dtypes), columns, " ".join(THREADS)))
    return failures == 0 and len(dtypes) >= 20 and columns > 1000


def differs(program, folder):
    for entry, array in load_all(folder):
        try:
            check_output(run(program, "2", os.path.join(folder, entry))[1].decode("utf-8"), array)
        except Failure as failure:
            print("%s: %s" % (entry, str(failure)[:100]))
            return True
    print("it is not found")
    return False


def same(program, folder):
    """Against what was printed before, by the plain build: FOLDER/NAME.out."""
    files = failures = 0
    for entry in sorted(os.listdir(folder)):
        if not entry.endswith(".out"):
            continue
        with open(os.path.join(folder, entry), "rb") as file:
            want = file.read()
        for threads in THREADS[1:]:
            code, got, errors = run(program, threads, os.path.join(folder, entry[:-4]))
            if (code, got, errors) != (0, want, b""):
                failures += 1
                print("failed: %s: -j %s: status %d: %s" % (entry, threads, code, errors.decode()[:2000]))
        files += 1
    print("%d files, -j %s" % (files, " ".join(THREADS[1:])))
    return failures == 0 and files > 20


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    command = {"make": make, "compare": compare, "differs": differs, "same": same}[sys.argv[1]]
    sys.exit(0 if command(*sys.argv[2:]) else 1)
