# SPDX-License-Identifier: MIT
"""check.py WHAT FOLDER: what program.c wrote into FOLDER, read by a parser that is not ours, has every
value that it has to have. WHAT is json, prometheus or csv. Says what is wrong, and exits with 1; or with
3 where the parser is not installed."""

import csv
import json
import re
import sys

MEMBERS = ("version live_objects live_blocks live_bytes peak_bytes total_objects total_blocks failures "
           "immortal_objects immortal_bytes idle_bytes depot_bytes recycled_objects magazine_hits "
           "homes home_objects home_waiting_objects "
           "cycle_domains cycle_tracked_objects cycle_collections "
           "cycle_freed_objects cycle_resurrected_objects").split()
SERIES = {  # member: series, kind
    "live_objects": ("rcbuf_live_objects", "gauge"),
    "live_blocks": ("rcbuf_live_blocks", "gauge"),
    "live_bytes": ("rcbuf_live_bytes", "gauge"),
    "peak_bytes": ("rcbuf_peak_bytes", "gauge"),
    "total_objects": ("rcbuf_objects_total", "counter"),
    "total_blocks": ("rcbuf_blocks_total", "counter"),
    "failures": ("rcbuf_failures_total", "counter"),
    "immortal_objects": ("rcbuf_immortal_objects", "gauge"),
    "immortal_bytes": ("rcbuf_immortal_bytes", "gauge"),
    "idle_bytes": ("rcbuf_idle_bytes", "gauge"),
    "depot_bytes": ("rcbuf_depot_bytes", "gauge"),
    "recycled_objects": ("rcbuf_recycled_objects_total", "counter"),
    "magazine_hits": ("rcbuf_magazine_hits_total", "counter"),
    "homes": ("rcbuf_homes", "gauge"),
    "home_objects": ("rcbuf_home_objects", "gauge"),
    "home_waiting_objects": ("rcbuf_home_waiting_objects", "gauge"),
    "cycle_domains": ("rcbuf_cycle_domains", "gauge"),
    "cycle_tracked_objects": ("rcbuf_cycle_tracked_objects", "gauge"),
    "cycle_collections": ("rcbuf_cycle_collections_total", "counter"),
    "cycle_freed_objects": ("rcbuf_cycle_freed_objects_total", "counter"),
    "cycle_resurrected_objects": ("rcbuf_cycle_resurrected_objects_total", "counter"),
}


def need(condition, *what):
    if not condition:
        print(*what)
        sys.exit(1)


def from_hex(text):
    """A name as it is written: Python and we agree on what is no UTF-8, not on how many characters
    stand for it."""
    return squeeze(bytes.fromhex(text[1:]).decode("utf-8", "replace"))


def squeeze(text):
    return re.sub("\ufffd+", "\ufffd", text)


def expected(path):
    values, types = {}, []
    for line in open(path, encoding="ascii"):
        words = line.split()
        if words[0] == "type":
            types.append((from_hex(words[1]), int(words[2]), int(words[3])))
        elif words[0] == "mark":
            types.append(re.sub("[\x00-\x1f\x7f]", " ", from_hex(words[1])))
        else:
            values[words[0]] = int(words[1])
    return values, types


def check_json(folder):
    values, types = expected(folder + "/expected.txt")
    with open(folder + "/account.json", encoding="utf-8", errors="strict") as file:
        account = json.load(file)
    need(sorted(account) == sorted(MEMBERS + ["types"]), "other members:", sorted(account))
    for member in MEMBERS:
        need(account[member] == values[member], member, account[member], values[member])
    found = [(squeeze(t["name"]), t["live_objects"], t["total_objects"]) for t in account["types"]]
    need(sorted(found) == sorted(types), "types:", found, types)
    need(len(types) == 16, "too few types:", types)


def merged(types):
    """By name: the format has no place for two series of one."""
    sums = {}
    for name, live, total in types:
        before = sums.get(name, (0, 0))
        sums[name] = (before[0] + live, before[1] + total)
    return sums


def check_prometheus(folder):
    try:
        from prometheus_client.parser import text_fd_to_metric_families
    except ImportError:
        sys.exit(3)
    values, types = expected(folder + "/expected.txt")
    with open(folder + "/account.prom", encoding="utf-8", errors="strict", newline="\n") as file:
        families = list(text_fd_to_metric_families(file))
    samples, kinds = {}, {}
    for family in families:
        need(family.documentation, "no HELP of", family.name)
        for sample in family.samples:
            key = sample.name, squeeze(sample.labels.get("type", ""))
            need(key not in samples, "twice:", key)
            need(not set(sample.labels) - {"type"}, "other labels:", sample.labels)
            samples[key] = sample.value
            kinds[sample.name] = family.type
    wanted = {(series, ""): (values[member], kind) for member, (series, kind) in SERIES.items()}
    for name, (live, total) in merged(types).items():
        wanted["rcbuf_type_live_objects", name] = live, "gauge"
        wanted["rcbuf_type_objects_total", name] = total, "counter"
    need(sorted(samples) == sorted(wanted), "samples:", sorted(samples), sorted(wanted))
    for key, (value, kind) in wanted.items():
        need(samples[key] == value, key, samples[key], value)
        need(kinds[key[0]] == kind, key, kinds[key[0]], kind)


def check_csv(folder):
    values, marks = expected(folder + "/expected.csv")
    with open(folder + "/timeline.csv", encoding="utf-8", errors="strict", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    need(list(rows[0]) == "seconds live_bytes peak_bytes live_objects live_blocks mark".split(),
         "other names:", list(rows[0]))
    need([row["mark"] for row in rows if row["mark"]] == marks, "marks:", marks)
    times = [float(row["seconds"]) for row in rows]
    need(times == sorted(times), "times go back")
    need(max(int(row["peak_bytes"]) for row in rows) == values["peak_bytes"], "the peak")
    need(all(int(row["peak_bytes"]) >= int(row["live_bytes"]) for row in rows), "a row over its peak")
    need(int(rows[-1]["live_bytes"]) == values["live_bytes"], "the last row")
    need(10 < len(rows) <= 2048, "rows:", len(rows))


{"json": check_json, "prometheus": check_prometheus, "csv": check_csv}[sys.argv[1]](sys.argv[2])
