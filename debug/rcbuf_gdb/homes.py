# SPDX-License-Identifier: MIT
"""Homes and cycle domains in words: whose they are, what waits in them, what they did."""
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


def _waiting(home):
    """The objects that wait, the last that came first."""
    found, header = [], home.first
    for _ in range(min(home.waiting, limit_of_elements())):
        if not header:
            break
        found.append(header + layout.HEADER_SIZE)
        before = layout.PREFIX_SIZE + layout.HOMED_SIZE
        header = layout.Record("rc__homed", header - before).next
    return found


@describes("rc_home")
def _describe_home(found, depth):
    home = layout.Record("rc_home", found.address)
    said = (f"rc_home of {plural(home.alive, 'object')}, {home.waiting} waiting, "
            f"{found.count_text()}")
    if depth > 0:
        return Description(said)
    thread = f"number {home.thread} of those that came to homes" if home.thread else "none"
    wake = symbol(home.wake)
    facts = [("thread", thread), ("state", _state_of(home)),
             ("wake", f"{wake}(context 0x{home.context:x})" if wake else "none")]
    facts += _numbers(home, "alive", "waiting")
    return Description(said, facts + _listed("waits", _waiting(home), home.waiting, depth))


# ---- cycle domains -------------------------------------------------------------------------------


def _tracked(domain):
    """The first of the objects, and what is true of each."""
    size = layout.size_of("rc__cycle_entry")
    places = range(min(domain.tracked, limit_of_elements()))
    entries = [layout.Record("rc__cycle_entry", domain.entries + place * size) for place in places]
    return [(entry.object & ~layout.ENTRY_DEAD) + layout.HEADER_SIZE for entry in entries]


@describes("rc_cycle_domain")
def _describe_domain(found, depth):
    domain = layout.Record("rc_cycle_domain", found.address)
    said = f"rc_cycle_domain of {plural(domain.tracked, 'object')}, {found.count_text()}"
    if depth > 0:
        return Description(said)
    threshold = f"every {plural(domain.threshold, 'object')}" if domain.threshold else "never"
    facts = [("by itself", threshold), ("in use", "by a call" if domain.user else "no")]
    facts += _numbers(domain, "tracked", "recent", "left", "condemned", "collections", "freed",
                      "resurrected", "stuck")
    return Description(said, facts + _listed("object", _tracked(domain), domain.tracked, depth))
