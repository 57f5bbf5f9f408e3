#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs the benchmark, and puts what it printed in the place of the tables in README.md, and its plots
# into tests/bench, ratios.svg and scale.svg. Ten minutes, in which the machine should do nothing else.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

sh "$root/tests/run.sh" bench --table >"$folder/table"

# From the first table's heading on, tables and quoted lines go, and blank lines between them.
awk -v table="$folder/table" '
    /^\| operation \|/ && !replaced {
        while ((getline line < table) > 0) print line
        replaced = inside = 1
    }
    inside && /^($|[|>])/ { next }
    inside { print ""; inside = 0 }
    { print }
    END { exit !replaced }
' "$root/README.md" >"$folder/README.md"
cat "$folder/README.md" >"$root/README.md"
for plot in ratios scale; do
    [ ! -f "${RCBUF_BUILD:-$root/build}/bench/$plot.svg" ] ||
        cp "${RCBUF_BUILD:-$root/build}/bench/$plot.svg" "$root/tests/bench/$plot.svg"
done
