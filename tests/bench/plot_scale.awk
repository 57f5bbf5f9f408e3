# SPDX-License-Identifier: MIT
#
#   awk -v folder=SCRATCH -v to=FILE.svg -f plot_csv.awk -f plot_scale.awk SCALE.csv
#
# Writes the plots' data into SCRATCH and their commands to stdout: a panel for each curve, and one
# for the bytes of what is alive. A contestant looks the same in each; ours are red and thick, what is
# bare is black.
NR == 1 { next }
{
    split_csv($0, field)
    # curve, contestant, kind, x, least, median, bytes
    curve = field[1]
    if (field[6] > 0) point(curve, field[2], field[3], field[4], field[6])
    if (field[7] > 0 && field[4] >= 10000) point("bytes", field[2], field[3], field[4], field[7])
}
END {
    if (!points) exit 1
    name_panel("live", "Replace a random one of as many of 64 B", "alive", "ns", "xy")
    name_panel("bytes", "Resident bytes of each, payload included", "alive", "bytes", "xy")
    name_panel("hand-over", "Hand 64 B to another thread, which releases", "slots of the ring", "ns", "xy")
    name_panel("own-create", "Create + destroy 64 B, each thread for itself", "threads", "ns", "y")
    name_panel("own-retain", "Retain + release, each thread on its own", "threads", "ns", "y")
    name_panel("shared-retain", "Retain + release, all threads on one object", "threads", "ns", "y")
    for (i = 1; i <= 6; i++) count += panels[i] in there
    lines = int((count + 1) / 2)
    printf "set terminal svg size 1300,%d dynamic font \"sans-serif,12\" background rgb \"white\"\n", 400 * lines
    print "set output " quoted(to)
    printf "set datafile separator \"\\t\"\nset multiplot layout %d,2\n", lines
    print "set grid lc rgb \"#dddddd\" lt 1\nset tics nomirror\nset border 3"
    print "set key outside right top Left reverse samplen 2 spacing 1.1 font \",10\" noenhanced"
    for (i = 1; i <= 6; i++) if (panels[i] in there) plot(panels[i])
    print "unset multiplot"
}

function point(panel, name, kind, x, y,    key)
{
    key = panel SUBSEP name
    if (!(key in file)) {
        file[key] = folder "/" ++files
        names[panel, ++there[panel]] = name
        kinds[name] = kind
        if (kind == "peer" && !(name in number)) number[name] = ++peers
        if (kind == "ours" && !(name in number)) number[name] = ++ours
        if (kind == "bare" && !(name in number)) number[name] = ++bares
    }
    print x "\t" y >file[key]
    if (x > greatest[panel]) greatest[panel] = x
    points++
}

function name_panel(panel, title, axis, unit, scales)
{
    panels[++panel_count] = panel
    titles[panel] = title; axes[panel] = axis; units[panel] = unit; logarithmic[panel] = scales
}

function look(name,    reds, symbols, n)
{
    if (kinds[name] == "ours") {
        split("#d62728 #ff8c5a #8b0000 #ff5fa2", reds, " ")
        split("7 5 9 13", symbols, " ")
        n = (number[name] - 1) % 4 + 1
        return sprintf("lw 3 lc rgb \"%s\" pt %d ps 0.9", reds[n], symbols[n])
    }
    if (kinds[name] == "bare")
        return "lw 2 lc rgb \"black\" pt " (number[name] % 2 ? 1 : 2) " ps 0.7 dt " number[name]
    return "lw 1.2 ps 0.6 " style(number[name])
}

function plot(panel,    i, name, plots)
{
    print "set title " quoted(titles[panel]) " noenhanced"
    print "set xlabel " quoted(axes[panel]) "\nset ylabel " quoted(units[panel])
    print "unset logscale\nset logscale " logarithmic[panel]
    if (logarithmic[panel] == "y") {
        printf "set xrange [0.5:%g]\nset xtics autofreq 1\nset format x \"%%g\"\n", greatest[panel] + 0.5
    } else {
        print "set autoscale x\nset xtics autofreq\nset format x " (panel == "hand-over" ? "\"%g\"" : "\"10^{%L}\"")
    }
    for (i = 1; i <= there[panel]; i++) {
        name = names[panel, i]
        plots = plots (i > 1 ? ", \\\n    " : "plot ") quoted(file[panel, name]) \
            " using 1:2 with linespoints " look(name) " title " quoted(name)
    }
    print plots
}
