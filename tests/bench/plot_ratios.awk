# SPDX-License-Identifier: MIT
#
#   awk -v folder=SCRATCH -v to=FILE.svg -f plot_csv.awk -f plot_ratios.awk FIGURES.csv
#
# Writes the plot's data into SCRATCH and its commands to stdout. A peer that plays in several rows
# has a symbol of its own and stands in the key; one that plays in one row has its name beside it.
NR == 1 { fields = split_csv($0, heading); for (i = 1; i <= fields; i++) at[heading[i]] = i; next }
{
    split_csv($0, field)
    row = field[at["row"]]; name = field[at["contestant"]]; kind = field[at["kind"]]
    if (field[at["session"]] != "all" || field[at["to bare"]] + 0 <= 0) next
    if (!(row in place)) { place[row] = ++rows; title[rows] = prefix(field[at["unit"]]) field[at["operation"]] }
    if (field[at["limit"]] != "" && field[at["against"]] == field[at["bare"]] && field[at["goal"]] ~ / x /)
        goals[++goal_count] = field[at["limit"]] "\t" place[row]
    if ((row, name) in seen) next
    seen[row, name] = 1
    points++
    x[points] = field[at["to bare"]] + 0; y[points] = place[row]; who[points] = name; what[points] = kind
    if (kind == "peer") plays[name]++
    if (kind == "bare" && name == field[at["bare"]]) limit[place[row]] = name
}
END {
    if (!points) exit 1
    for (i = 1; i <= points; i++) write_point(i)
    for (i = 1; i <= rows; i++) write_names(i)
    file = folder "/goals"
    for (i = 1; i <= goal_count; i++) print goals[i] >file
    height = 90 + 21 * (rows + shown / 4 + 2)
    printf "set terminal svg size 1300,%d dynamic font \"sans-serif,12\" background rgb \"white\"\n", height
    print "set output " quoted(to)
    print "set datafile separator \"\\t\"\nset logscale x\nset format x \"%g\"\nset tics nomirror"
    print "set xlabel \"cost as a multiple of the bare limit (logarithmic; less is better)\""
    print "set grid x lc rgb \"#dddddd\" lt 1\nset border 1\nset tics scale 0.5"
    key_lines = int((shown + 5 + 3) / 4)
    print "set key at screen 0.97, screen 0.99 right top horizontal Left reverse maxcols 4"
    print "set key samplen 1 spacing 1.3 noenhanced\nset tmargin " 1.3 * key_lines + 1.5
    printf "set yrange [%g:0.3] \n", rows + 0.7
    for (i = 1; i <= rows; i++) {
        printf "set ytics %s (%s %d) noenhanced\n", (i > 1 ? "add" : ""), quoted(title[i] "  [" limit[i] "]"), i
        printf "set arrow from graph 0, first %d to graph 1, first %d nohead lc rgb \"#eeeeee\" back\n", i, i
    }
    print "set arrow from 1, graph 0 to 1, graph 1 nohead lw 1.5 lc rgb \"#555555\" back"
    plots = "plot NaN with lines lw 1.5 lc rgb \"#555555\" title \"the bare limit, named in brackets\""
    add("bare", "with points pt 7 ps 0.5 lc rgb \"#555555\"", "another bare form")
    for (i = 1; i <= shown; i++) add("peer" i, "with points ps 0.8 lw 1.3 " style(i), in_key[i])
    add("lone", "with points pt 5 ps 0.5 lc rgb \"#999999\"", "a peer in one row")
    add_labels("lone", "#777777", 9, "0,0.62")
    if (goal_count) add("goals", "with points pt \"|\" font \",16\" tc rgb \"#d62728\"", "rcbuf's goal")
    add("ours", "with points pt 13 ps 1.1 lc rgb \"#d62728\"", "rcbuf")
    add_labels("named", "#d62728", 9, "0,-0.62")
    print plots
}

function write_point(i,    file)
{
    if (what[i] == "ours") {
        print x[i] "\t" y[i] >(folder "/ours")
        if (who[i] != "rcbuf") name_ours(i)
        has["ours"] = 1
    } else if (what[i] == "bare") {
        if (x[i] != 1 || who[i] != limit[y[i]]) { print x[i] "\t" y[i] >(folder "/bare"); has["bare"] = 1 }
    } else if (plays[who[i]] > 1) {
        if (!(who[i] in number)) { number[who[i]] = ++shown; in_key[shown] = who[i] }
        print x[i] "\t" y[i] >(folder "/peer" number[who[i]])
        has["peer" number[who[i]]] = 1
    } else {
        print x[i] "\t" y[i] >(folder "/lone")
        print_label("lone", i, who[i])
        has["lone"] = 1
    }
}

function print_label(file, i, text)
{
    print x[i] "\t" y[i] "\t" text >(folder "/" file "-labels")
    labels[file] = 1
}

# Names of ours that are close to each other become one.
function name_ours(i,    n)
{
    n = named[y[i]]
    if (n && x[i] < 1.6 * near[y[i], n] && near[y[i], n] < 1.6 * x[i]) {
        of[y[i], n] = of[y[i], n] " / " short(who[i])
        return
    }
    n = ++named[y[i]]
    near[y[i], n] = x[i]
    of[y[i], n] = short(who[i])
}

function write_names(row,    n)
{
    for (n = 1; n <= named[row]; n++)
        print near[row, n] "\t" row "\t" of[row, n] >(folder "/named-labels")
    if (named[row]) labels["named"] = 1
}

function prefix(unit)
{
    return unit == "bytes" ? "bytes beyond the payload: " : ""
}

# Ours is red: it need not say whose it is.
function short(name)
{
    sub(/^rcbuf,? /, "", name)
    return name
}

function add(file, look, text)
{
    if (file != "goals" && !has[file]) return
    plots = plots ", \\\n    " quoted(folder "/" file) " using 1:2 " look " title " quoted(text)
}

function add_labels(file, colour, size, offset)
{
    if (!labels[file]) return
    plots = plots ", \\\n    " quoted(folder "/" file "-labels") \
        " using 1:2:3 with labels noenhanced font \"," size "\" tc rgb " quoted(colour) \
        " offset character " offset " notitle"
}
