#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh examples/word_count/timeline.sh TIMELINE.csv PICTURE.svg
#
# Draws what RCBUF_TIMELINE=TIMELINE.csv word_count FILE... wrote, or any other program: the bytes that
# were alive as an area, the most that were between two samples as a line, and the marks. Needs
# gnuplot; the exit code is 3 where there is none.
set -eu
export LC_ALL=C
[ $# -eq 2 ] || {
    echo 'usage: sh timeline.sh TIMELINE.csv PICTURE.svg' >&2
    exit 2
}
head -n 1 -- "$1" | grep -q '^seconds,live_bytes,peak_bytes,live_objects,live_blocks,mark$' || {
    echo "$1 is no timeline: its first line has other names" >&2
    exit 2
}
command -v gnuplot >/dev/null 2>&1 || {
    echo 'there is no gnuplot' >&2
    exit 3
}
RC_FROM=$1 RC_TO=$2 gnuplot <<'END'
from = system("printf %s \"$RC_FROM\"")
set terminal svg size 900,420 font "sans-serif,13" noenhanced background "white"
set output system("printf %s \"$RC_TO\"")
set datafile separator comma

stats from using 1 skip 1 nooutput name "time"
stats from using 3 skip 1 nooutput name "peak"
least = peak_max > 0 ? peak_max : 1
power = least < 8192 ? 0 : least < 8 * 1048576 ? 1 : least < 8.0 * 1073741824 ? 2 : 3
unit = 1024.0 ** power
name = word("bytes KiB MiB GiB", power + 1)
top = 1.12 * least / unit

set xrange [0 : time_max > 0 ? time_max * 1.01 : 1]
set yrange [0 : top]
set xlabel "seconds since the start"
set ylabel name . " alive"
set border 3 linecolor "#606060"
set tics nomirror out scale 0.5 textcolor "#303030"
set grid ytics linecolor "#e0e0e0" linetype 1
set key top left reverse Left samplen 2 textcolor "#303030"
set label sprintf("at the peak %.2f %s", peak_max / unit, name) \
    at graph 0.5, first peak_max / unit center offset 0, 0.6 textcolor "#a02020"
set arrow from graph 0, first peak_max / unit to graph 1, first peak_max / unit nohead \
    linecolor "#d08080" dashtype 2 back

# Marks stand along their lines, by turns in three heights, so that close ones can be read.
set style fill solid
is_mark(text) = strlen(text) > 0
lines = 0
height(unused) = (lines = lines + 1, top * (0.05 + 0.3 * ((lines - 1) % 3)))
plot from using 1:($2 / unit) skip 1 with fillsteps linecolor "#c6dcf2" title "alive", \
     from using 1:($2 / unit):(0):(($3 - $2) / unit) skip 1 with vectors nohead \
         linewidth 1.2 linecolor "#c03030" title "the most since the sample before", \
     from using 1:($2 / unit) skip 1 with steps linewidth 1.2 linecolor "#2060a0" notitle, \
     from using 1:(is_mark(strcol(6)) ? top : 1/0) skip 1 with impulses linewidth 1 \
         dashtype 3 linecolor "#404040" notitle, \
     from using 1:(is_mark(strcol(6)) ? height(0) : 1/0):(strcol(6)) skip 1 \
         with labels left rotate by 90 offset -0.8, 0 textcolor "#202020" notitle
END
