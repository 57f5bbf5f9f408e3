# SPDX-License-Identifier: MIT
"""Homes and cycle domains in words: whose they are, what waits in them, what they did."""
import gdb

from . import layout
from .describe import Description, describes, headline, limit_of_elements, symbol
from .objects import plural


def _numbers(record, *names):
    return [(name, str(getattr(record, name))) for name in names]


def _listed(name, addresses, count, depth):
    """A fact for each of the first objects, and one for how many more there are."""
    facts = [(f"{name} {place}", headline(address, depth + 1))
             for place, address in enumerate(addresses)]
    if count > len(facts):
        facts.append(("more", plural(count - len(facts), "object")))
    return facts


# ---- homes ---------------------------------------------------------------------------------------


def _state_of(home):
    known = home.state < len(layout.HOME_STATES)
    return layout.HOME_STATES[home.state] if known else f"state {home.state}"


def _list(header, most, seen):
    """The objects of a list that begins with the header, up to one that is in seen."""
    found, before = [], layout.PREFIX_SIZE + layout.HOMED_SIZE
    while header and header not in seen and len(found) < most:
        seen.add(header)
        found.append(header + layout.HEADER_SIZE)
        header = layout.Record("rc__homed", header - before).next
    return found


def _taken(home, most):
    """The objects that the home's thread took and will end next, the first first: while a finalizer
    of a run is at work. Inside the library one that is on its way there may stand in two lists."""
    seen = set()
    found = _list(home.taken, most, seen) + _list(home.reversed, most, seen)
    if home.in_hand and home.in_hand not in seen:
        seen.add(home.in_hand)
        found.append(home.in_hand + layout.HEADER_SIZE)
    return (found + _list(home.grabbed, most, seen))[:most]


def _waiting(home):
    """The first of the objects that wait: those that were taken, and the others, of which the last
    that came is first."""
    most = min(home.waiting, limit_of_elements())
    taken = _taken(home, most)
    others = _list(home.first, most, {each - layout.HEADER_SIZE for each in taken})
    return taken, others[:most - len(taken)]


def _is_selected(home):
    """A word on whether that thread is the one that GDB looks at, where that can be read."""
    try:
        number = int(gdb.parse_and_eval("rc__home_thread::number"))
    except gdb.error:
        return ""
    return ": the selected thread" if number == home.thread else ": not the selected thread"


@describes("rc_home")
def _describe_home(found, depth):
    home = layout.Record("rc_home", found.address)
    said = (f"rc_home of {plural(home.alive, 'object')}, {home.waiting} waiting, "
            f"{found.count_text()}")
    if depth > 0:
        return Description(said)
    wake, thread = symbol(home.wake), "none"
    if home.thread:
        thread = f"number {home.thread} of those that came to homes{_is_selected(home)}"
    facts = [("thread", thread), ("state", _state_of(home)),
             ("wake", f"{wake}(context 0x{home.context:x})" if wake else "none")]
    facts += _numbers(home, "alive", "waiting")
    taken, others = _waiting(home)
    facts += _listed("taken", taken, len(taken), depth)
    return Description(said, facts + _listed("waits", others, home.waiting - len(taken), depth))


# ---- cycle domains -------------------------------------------------------------------------------


def tracked_by(address, most):
    """The addresses of the first objects of a domain, dead ones too."""
    domain = layout.Record("rc_cycle_domain", address)
    size = layout.size_of("rc__cycle_entry")
    places = range(min(domain.tracked, most))
    entries = [layout.Record("rc__cycle_entry", domain.entries + place * size) for place in places]
    return [(entry.header & ~layout.ENTRY_DEAD) + layout.HEADER_SIZE for entry in entries]


@describes("rc_cycle_domain")
def _describe_domain(found, depth):
    domain = layout.Record("rc_cycle_domain", found.address)
    said = f"rc_cycle_domain of {plural(domain.tracked, 'object')}, {found.count_text()}"
    if depth > 0:
        return Description(said)
    threshold = f"every {plural(domain.threshold, 'object')}" if domain.threshold else "never"
    facts = [("by itself", threshold), ("in use", "by a call" if domain.user else "no")]
    facts += _numbers(domain, "tracked", "recent", "left", "condemned", "collections", "freed",
                      "resurrected", "stuck", "refused")
    tracked = tracked_by(found.address, limit_of_elements())
    return Description(said, facts + _listed("object", tracked, domain.tracked, depth))
