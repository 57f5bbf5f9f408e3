# Memory that is no object, and objects of which one word was overwritten: each prints as something.
set width 0
python
import random

import gdb

TAGS = ("rc_buffer rc_view rc_array rc_chain rc_weak rc_format rc_pool rc_home "
        "rc_cycle_domain").split()
WORDS = [0, 1, 16, 2 ** 31, 2 ** 47, 2 ** 64 - 1, 2 ** 63]
inferior = gdb.selected_inferior()
random.seed(20)
looks = failures = 0


def look(address, tag):
    """As print does it, of the pointer and of what it points to."""
    global looks, failures
    try:
        pointer = gdb.Value(address).cast(gdb.lookup_type(tag).pointer())
        shown = pointer.format_string()
        if gdb.lookup_type(tag).strip_typedefs().fields():
            shown = gdb.execute(f"print *({tag} *)0x{address:x}", to_string=True)
        gdb.execute(f"rc show 0x{address:x}", to_string=True)
        looks += 1
    except Exception as error:
        failures += 1
        print(f"{tag} at 0x{address:x}: {type(error).__name__}: {error}")


def spoil(address, tag, place, word):
    there = inferior.read_memory(address + place, 8).tobytes()
    inferior.write_memory(address + place, word.to_bytes(8, "little"))
    look(address, tag)
    inferior.write_memory(address + place, there)


def objects():
    for place in ("b", "v"):
        for field in gdb.parse_and_eval(f"all.{place}").type.fields():
            value = int(gdb.parse_and_eval(f"all.{place}.{field.name}"))
            yield value, "rc_buffer" if place == "b" else "rc_view"
    for name, tag in (("integers", "rc_array"), ("chain", "rc_chain"), ("weak", "rc_weak"),
                      ("format", "rc_format"), ("home", "rc_home"), ("domain", "rc_cycle_domain")):
        yield int(gdb.parse_and_eval(f"all.{name}")), tag


heap = int(gdb.parse_and_eval("all.b.text")) & ~15
for address in range(heap - 512, heap + 16384, 48):
    look(address, TAGS[address // 16 % len(TAGS)])
found = [(address, tag) for address, tag in objects() if address > 4096]
others = [address for address, _ in found]
for address, tag in found:
    for place in range(-16, 136, 8):
        spoil(address, tag, place, random.choice(WORDS))
        spoil(address, tag, place, random.choice(others))
print(f"looked {looks} times, {failures} failures")
end
