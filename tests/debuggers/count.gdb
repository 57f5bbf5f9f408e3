# Counts what the probes of probes.c tell, by the name of the type.
set width 0
python
import collections

seen = collections.Counter()
wrong = []


class Probe(gdb.Breakpoint):
    def __init__(self, verb):
        super().__init__(f"-probe-stap rcbuf:{verb}", internal=True)
        self.verb = verb

    def stop(self):
        object_, type_ = (int(gdb.parse_and_eval(f"$_probe_arg{place}")) for place in (0, 1))
        name = gdb.parse_and_eval(f"((rc_type *){type_})->name").string()
        seen[self.verb, name] += 1
        if self.verb in ("retain", "release"):
            references = int(gdb.parse_and_eval("$_probe_arg2"))
            least = 2 if self.verb == "retain" else 1
            if not least <= references < 10:
                wrong.append((self.verb, name, references))
        return False


probes = [Probe(verb) for verb in ("new", "retain", "release", "finalize")]
end
run
python
for name in sorted({name for _, name in seen}):
    counts = [seen[verb, name] for verb in ("new", "retain", "release", "finalize")]
    new, retain, release, finalize = counts
    said = "balanced" if new == finalize and new + retain == release else "NOT BALANCED"
    print(f"{name}: {new} new, {finalize} finalized, {said}")
print("wrong counts:", wrong)
end
