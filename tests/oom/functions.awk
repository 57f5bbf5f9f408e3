# SPDX-License-Identifier: MIT
#
# awk -f functions.awk HEADER...: a C file with every function that the headers declare RC_API.

FNR == 1 {
    printf "#include \"%s\"\n", FILENAME
    inside = 0
    comment = 0
}

{
    line = $0
    if (comment) {
        if (!match(line, /\*\//)) next
        line = substr(line, RSTART + 2)
        comment = 0
    }
    gsub(/\/\*[^*]*(\*+[^*\/][^*]*)*\*+\//, "", line)
    if (match(line, /\/\*/)) {
        line = substr(line, 1, RSTART - 1)
        comment = 1
    }
    if (line ~ /^ *#/) next
    if (!inside && line ~ /RC_API/) {
        inside = 1
        declaration = ""
    }
    if (!inside) next
    declaration = declaration " " line
    if (line !~ /;/) next
    inside = 0
    if (match(declaration, /[^a-z0-9_]rc_[a-z0-9_]+\(/))
        names[++count] = substr(declaration, RSTART + 1, RLENGTH - 2)
}

END {
    print "#include \"tests/oom/oom.h\"\n"
    print "extern const struct public_function public_functions[];"
    print "const struct public_function public_functions[] = {"
    for (i = 1; i <= count; i++)
        printf "    {\"%s\", (void (*)(void))%s},\n", names[i], names[i]
    print "    {NULL, NULL},\n};"
}
