# Each word of what the printers and commands read is overwritten, one after the other: of objects,
# types, formats, and of what the library keeps for itself. All of them answer with words, and soon.
set width 0
set pagination off
python
import random
import time

import gdb

SLOW = 10.0  # seconds: what is not stopped by a bound goes on for much longer
STRANGE = [0, 1, 7, 2 ** 20 + 16, 2 ** 31, 2 ** 32 - 1, 2 ** 47, 2 ** 63, 2 ** 64 - 1]
LEDGER = ("rc live", "rc live looped", "rc holders all.looped")
inferior = gdb.selected_inferior()
random.seed(21)
looks = failures = 0
answers = set()


def fail(what, why):
    global failures
    failures += 1
    print(f"failed: {what}: {why}")


def ask(command, what):
    """Its answer, also if that is an error of the command's own."""
    global looks
    looks += 1
    begun = time.monotonic()
    try:
        said = gdb.execute(command, to_string=True)
    except gdb.error as error:
        said = str(error)
    except Exception as error:
        return fail(f"{command}, {what}", f"{type(error).__name__}: {error}")
    for wrong in ("Traceback", "Python Exception", "beyond these printers"):
        if wrong in said:
            fail(f"{command}, {what}", said.strip())
    if not said.strip():
        fail(f"{command}, {what}", "no word")
    if time.monotonic() - begun > SLOW:
        fail(f"{command}, {what}", f"took {time.monotonic() - begun:.1f} seconds")
    answers.update(line.split(":")[0] for line in said.splitlines() if "not whole" in line)


def spoil(what, address, size, commands, others):
    """Each word: by a number that is none, by itself, and by a pointer to something else."""
    for place in range(address, address + size, 8):
        there = inferior.read_memory(place, 8).tobytes()
        for word in (random.choice(STRANGE), address, place, random.choice(others)):
            inferior.write_memory(place, word.to_bytes(8, "little"))
            ask(random.choice(commands), f"{what}+{place - address} = 0x{word:x}")
        inferior.write_memory(place, there)


def value(expression):
    return gdb.parse_and_eval(expression)


def size_of(name):
    return gdb.lookup_type(name).sizeof


def looks_of(name):
    return (f"print {name}", f"print *{name}", f"rc show {name}",
            f"rc graph -m -o spoiled.dot {name}")


def objects():
    """(what, address, bytes, commands) of objects, from before their headers on, and of what hangs
    on them."""
    for name in "largest halves record grid floats chain looped format".split():
        address = int(value(f"all.{name}"))
        size = value(f"all.{name}").dereference().type.sizeof
        commands = looks_of(f"all.{name}")
        yield name, address - 48, size + 48, commands
        yield f"type of {name}", int(value(f"*(long *)({address} - 8)")), 48, commands
    yield "weak", int(value("all.looped->self")) - 16, 80, looks_of("all.looped")
    yield "shape", int(value("all.grid->shape")), 16, looks_of("all.grid")
    yield "strides", int(value("all.grid->strides")), 16, looks_of("all.grid")
    fields = value("all.format->fields")
    yield "field", int(fields), fields.dereference().type.sizeof, looks_of("all.record")
    record = fields["record"]
    yield "record", int(record), size_of("rc_format"), looks_of("all.record")
    yield "its fields", int(record["fields"]), 3 * fields.dereference().type.sizeof, \
        looks_of("all.record")
    chain = int(value("all.chain"))
    yield "chain", chain, 80, looks_of("all.chain")
    yield "pieces", int(value(f"*(long *)({chain} + 16)")), 32, looks_of("all.chain")


def tables():
    """The same of the ledger's, while it is on, and of the threads' records."""
    if not int(value("rc__ledger.bucket_count")):
        yield "shared record", int(value("&rc__tally_shared")), 128, ("rc live",)
        yield "record", int(value("rc__tally_mine")), 128, ("rc live", "rc live rc_view")
        cells = int(value("(long)rc__tally_mine->cells"))
        yield "cells", cells, size_of("struct rc__cell"), ("rc live", "rc show all.number")
        yield "types", int(value("(long)&rc__tally_types")), 64, ("rc live",)
        return
    yield "ledger", int(value("&rc__ledger")), size_of("struct rc__ledger"), LEDGER
    buckets, count = int(value("rc__ledger.buckets")), int(value("rc__ledger.bucket_count"))
    yield "buckets", buckets, 64, LEDGER
    for place in range(count):
        entry = value(f"rc__ledger.buckets[{place}]")
        if int(entry) == 0 or int(entry["held"]) == 0:
            continue
        held = entry["held"]
        mine = LEDGER + (f"rc holders {int(entry['object'])}",) * 3
        yield "entry", int(entry), size_of("struct rc__ledger_entry"), mine
        yield "reference", int(held), size_of("struct rc__ledger_reference"), mine
        if int(held["stack"]):
            yield "stack", int(held["stack"]), 40, mine


regions = list(tables())
if not int(value("rc__ledger.bucket_count")):
    regions += objects()
others = [address for _, address, _, _ in regions]
for what, address, size, commands in regions:
    spoil(what, address, size, commands, others)
print("answers:", "; ".join(sorted(answers)))
print(f"looked {looks} times, {failures} failures")
end
