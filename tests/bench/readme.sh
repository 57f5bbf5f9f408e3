#!/bin/sh
# SPDX-License-Identifier: MIT
#
# readme.sh [FILE]: runs the benchmark, and puts what it printed in the place of the tables in FILE;
# without one, in README.md, and its plots into tests/bench, ratios.svg and scale.svg. Ten minutes, in
# which the machine should do nothing else.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
file=${1:-$root/README.md}
grep -q '^| operation |' "$file" || {
    printf 'readme.sh: %s has no table that begins with "| operation |"\n' "$file" >&2
    exit 1
}
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
' "$file" >"$folder/file"
cat "$folder/file" >"$file"
[ "$#" -eq 0 ] || exit 0
for plot in ratios scale; do
    [ ! -f "${RCBUF_BUILD:-$root/build}/bench/$plot.svg" ] ||
        cp "${RCBUF_BUILD:-$root/build}/bench/$plot.svg" "$root/tests/bench/$plot.svg"
done
