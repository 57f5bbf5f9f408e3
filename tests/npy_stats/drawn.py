# SPDX-License-Identifier: MIT
"""drawn.py PROGRAM FOLDER: an SVG is well-formed and has one histogram for each column, with its name;
a PNG is one from its first to its last chunk. What gnuplot is told is what NumPy counts."""
import os
import shutil
import subprocess
import sys
import zlib
import xml.etree.ElementTree as tree

import numpy as np

import arrays

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("f8-1000", "bool-1000", "i1-257x3", "swapped-u8-1000", "g-1000", "c16-257x3-fortran", "constant", "large",
         "overflowing", "small", "nan-f2", "infinite", "nan-g", "extremes-i8", "extremes-u8", "rows-1",
         "record-sub", "record-names", "record-utf8", "record-text", "deep-fortran", "wide")
MOST = 64
BINS = 50


def draw(program, folder, name, ending, environment=None):
    path = os.path.join(folder, "plot." + ending)
    result = subprocess.run([program, "-j", "2", "--plot", path, os.path.join(folder, name + ".npy")],
                            capture_output=True, timeout=120, env=environment)
    errors = result.stderr.decode()
    with open(path, "rb") as file:
        content = file.read()
    os.unlink(path)
    return result.returncode, errors, content


def columns_of(folder, name):
    array = np.load(os.path.join(folder, name + ".npy"))
    return [column for column, numbers in arrays.columns_of(array) if numbers is not None]


def check_svg(program, folder, name):
    columns = columns_of(folder, name)
    code, errors, content = draw(program, folder, name, "svg")
    if len(columns) > MOST:
        assert "of %d columns the first %d are drawn" % (len(columns), MOST) in errors, errors
        columns = columns[:MOST]
    else:
        assert errors == "", errors
    assert code == 0, code
    root = tree.fromstring(content)
    assert root.tag == SVG + "svg", root.tag
    plots = [g for g in root.iter(SVG + "g") if g.get("id", "").startswith("gnuplot_plot_")]
    assert len(plots) == len(columns), "%d plots, %d columns" % (len(plots), len(columns))
    texts = ["".join(text.itertext()) for text in root.iter(SVG + "text")]
    for column in columns:
        assert column in texts, "%r is not among the texts" % column
    return len(plots)


def check_png(program, folder, name):
    code, _, content = draw(program, folder, name, "png")
    assert code == 0, code
    assert content[:8] == b"\x89PNG\r\n\x1a\n", content[:8]
    at, chunks = 8, []
    while at < len(content):
        size = int.from_bytes(content[at:at + 4], "big")
        chunk = content[at + 4:at + 8 + size]
        assert zlib.crc32(chunk) == int.from_bytes(content[at + 8 + size:at + 12 + size], "big"), at
        chunks.append(chunk[:4])
        at += 12 + size
    assert chunks[0] == b"IHDR" and chunks[-1] == b"IEND", chunks


def counts_in(script):
    """The counts of each histogram."""
    for plot in script.split("plot '-'")[1:]:
        rows = plot.split("\n")[1:]
        yield [int(row.split()[1]) for row in rows[:rows.index("e")]]


def check_counts(program, folder, name):
    """With a program for gnuplot that draws what it is told: its own commands."""
    _, _, content = draw(program, folder, name, "svg", dict(os.environ, PATH=os.path.join(folder, "echo")))
    array = np.load(os.path.join(folder, name + ".npy"))
    columns = [numbers for _, numbers in arrays.columns_of(array) if numbers is not None][:MOST]
    counted = list(counts_in(content.decode()))
    assert len(counted) == len(columns), len(counted)
    for counts, numbers in zip(counted, columns):
        is_integer = numbers.dtype.kind in "iub"
        with np.errstate(all="ignore"):
            reals = numbers.astype("f8")
        reals = reals[np.isfinite(reals)]
        assert sum(counts) == len(reals), "%d numbers of %d" % (sum(counts), len(reals))
        if is_integer and int(numbers.max()) - int(numbers.min()) < BINS:
            want = np.unique(reals, return_counts=True)[1]
            assert [count for count in counts if count] == list(want), "%s, not %s" % (counts, want)
        elif len(reals) and reals.min() / 2 < reals.max() / 2 - 1e-300:  # else NumPy divides by zero
            want = np.histogram(reals / 2, BINS)[0]  # half of it, whose range is no infinity
            assert np.abs(want - counts).sum() <= 4, "%s, not %s" % (counts, want)


def main(program, folder):
    plots = failures = 0
    os.makedirs(os.path.join(folder, "echo"), exist_ok=True)
    with open(os.path.join(folder, "echo", "gnuplot"), "w", encoding="utf-8") as file:
        file.write("#!%s\nexec %s\n" % (shutil.which("sh"), shutil.which("cat")))
        os.fchmod(file.fileno(), 0o755)
    for name in NAMES:
        try:
            plots += check_svg(program, folder, name)
            check_counts(program, folder, name)
            check_png(program, folder, name)
        except (AssertionError, OSError, tree.ParseError) as failure:
            failures += 1
            print("failed: %s: %s" % (name, failure))
    print("%d histograms of %d files" % (plots, len(NAMES)))
    return failures == 0


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
