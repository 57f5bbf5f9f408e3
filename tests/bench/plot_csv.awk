# SPDX-License-Identifier: MIT
# What both plots need: fields of a line of CSV, quoted or not; and text that gnuplot takes as it is.

# Fills fields[1...] and returns how many there are.
function split_csv(line, fields,    count, field)
{
    count = 0
    while (1) {
        if (match(line, /^"[^"]*"/)) {
            field = substr(line, 2, RLENGTH - 2)
        } else {
            match(line, /^[^,]*/)
            field = substr(line, 1, RLENGTH)
        }
        line = substr(line, RLENGTH + 1)
        fields[++count] = field
        if (line == "") return count
        line = substr(line, 2)
    }
}

# In double quotes, for gnuplot.
function quoted(text)
{
    gsub(/[\\"]/, "\\\\&", text)
    return "\"" text "\""
}

# The n-th of the peers' styles: a colour, and a point that is not filled.
function style(n,    colours, points, c, p)
{
    c = split("#1f77b4 #2ca02c #9467bd #8c564b #e377c2 #17becf #bcbd22 #ff7f0e", colours, " ")
    p = split("4 6 8 12 10 14 2 1 3", points, " ")
    return "lc rgb \"" colours[(n - 1) % c + 1] "\" pt " points[(n - 1) % p + 1]
}
