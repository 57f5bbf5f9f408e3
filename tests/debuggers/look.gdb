# What there is to see of the objects of objects.c, in stop_here() or in a core dump of it.
set width 0
python
import gdb
for place in ("b", "v"):
    for field in gdb.parse_and_eval(f"all.{place}").type.fields():
        print(field.name, "=", gdb.parse_and_eval(f"all.{place}.{field.name}").format_string())
for name in ("integers doubles letters chain no_chain weak weak_to_dead format pool home closed_home domain slot empty_slot").split():
    print(name, "=", gdb.parse_and_eval(f"all.{name}").format_string())
end
print *all.b.text
print *all.b.slice
print *all.b.adopted
print *all.b.mapped
print *all.b.apart
print *all.v.transposed
print *all.chain
print *all.integers
print *all.format
print *all.b.garbage
print all.copy
print/r all.b.empty
rc show all.config
rc show all.config->next
rc show all.session
rc show all.weak
rc show all.extra
rc show all.counter
rc show all.homed
rc show all.home
rc show all.closed_home
rc show all.domain
print *all.domain
rc show all.b.pooled
rc show all.not_aligned
rc show all.b.null
rc show all.b.dead
print $rc_object((void *)all.session)->config->limit
rc live
rc live config
rc holders all.config
rc holders all.b.dead
