# SPDX-License-Identifier: MIT
"""damage.py PROGRAM FOLDER SEED: files that are cut short or changed end with status 1 and one line, and
nothing else. A file with another byte in its header may still be one: then it ends with status 0."""
import os
import random
import re
import subprocess
import sys

NAMES = ("i1-1000", "swapped-f8-257x3-fortran", "record-nested", "record-names", "version-2", "version-3", "text")
CHANGES = 40  # of each file
SENTENCE = re.compile(rb"npy_stats: [^\n]*[^\n ]\n")


def run(program, path, damaged):
    with open(path, "wb") as file:
        file.write(damaged)
    result = subprocess.run([program, "-j", "2", path], capture_output=True, timeout=60)
    os.unlink(path)
    return result


def is_refused(result):
    return result.returncode == 1 and result.stdout == b"" and SENTENCE.fullmatch(result.stderr)


def header_size(content):
    digits = 2 if content[6] == 1 else 4
    return 8 + digits + int.from_bytes(content[8:8 + digits], "little")


def cuts(content):
    """Lengths that are too short: around each part of the file, and some in between."""
    header = header_size(content)
    yield from (0, 1, 5, 6, 7, 8, 9, 10, 11, header - 1, header)
    yield from (header // 3, header // 2, (header + len(content)) // 2, len(content) - 1)


def changes(content, chance):
    """Another byte, a byte less, a byte more, a digit for another, within the header."""
    for _ in range(CHANGES):
        at = chance.randrange(header_size(content))
        kind = chance.randrange(4)
        digits = [i for i in range(header_size(content)) if content[i:i + 1].isdigit()]
        if kind == 0:
            yield content[:at] + bytes([chance.randrange(256)]) + content[at + 1:]
        elif kind == 1:
            yield content[:at] + content[at + 1:]
        elif kind == 2:
            yield content[:at] + bytes([chance.randrange(256)]) + content[at:]
        else:
            at = chance.choice(digits)
            yield content[:at] + b"%d" % chance.randrange(10**chance.randrange(1, 20)) + content[at + 1:]


def main(program, folder, seed):
    chance = random.Random(int(seed))
    refused = accepted = failures = 0
    path = os.path.join(folder, "damaged")
    for name in NAMES:
        with open(os.path.join(folder, name + ".npy"), "rb") as file:
            content = file.read()
        for size in cuts(content):
            result = run(program, path, content[:size])
            refused += 1
            if not is_refused(result):
                failures += 1
                print("failed: %s, %d bytes: %r" % (name, size, result))
        for damaged in changes(content, chance):
            result = run(program, path, damaged)
            if result.returncode == 0 and result.stderr == b"":
                accepted += 1
            elif is_refused(result):
                refused += 1
            else:
                failures += 1
                print("failed: %s, changed: %r: %r" % (name, damaged[:400], result))
    print("%d refused in one line, %d were files still" % (refused, accepted))
    return failures == 0 and refused > 200


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
