#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/bench/plot.sh FIGURES.csv SCALE.csv FOLDER    FOLDER/ratios.svg and FOLDER/scale.svg
#
# FIGURES.csv and SCALE.csv are what bench --csv and bench --scale --csv wrote. ratios.svg: a line for
# each operation, and on it each contestant's cost as a multiple of the bare limit's, on a logarithmic
# scale; ours in red. scale.svg: how cost grows. Needs gnuplot; the exit code is 3 where there is none.
set -eu
export LC_ALL=C
figures=$1 scale=$2 to=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
command -v gnuplot >/dev/null 2>&1 || {
    echo 'there is no gnuplot' >&2
    exit 3
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
awk -v folder="$folder" -v to="$to/ratios.svg" -f "$here/plot_csv.awk" -f "$here/plot_ratios.awk" \
    "$figures" >"$folder/ratios.gp"
awk -v folder="$folder" -v to="$to/scale.svg" -f "$here/plot_csv.awk" -f "$here/plot_scale.awk" \
    "$scale" >"$folder/scale.gp"
gnuplot "$folder/ratios.gp"
gnuplot "$folder/scale.gp"
