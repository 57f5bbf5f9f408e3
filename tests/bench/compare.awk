# SPDX-License-Identifier: MIT
#
#   awk -f compare.awk baseline.csv counted.csv
#
# Both as instructions.sh writes them. For each contestant its ratio to the bare one, in instructions,
# against the baseline's: a tenth more is a failure, as is a contestant that only one of both has.
# Lines "passed: ..." and "failed: ...". The exit code says whether there was a failure, or nothing.
BEGIN { FS = "\""; most = 1.1 }
/^#/ || NF != 5 { next }
{ key = $1 $2; split($3, our, ","); split($5, bare, ","); ratio = our[2] / bare[2] }
NR == FNR { was[key] = ratio; was_our[key] = our[2]; was_bare[key] = bare[2]; next }
{ seen[key] = 1 }
!(key in was) { report("failed", "is not in the baseline: sh tests/bench/baseline.sh records it"); next }
ratio > most * was[key] { report("failed", figures() ", a tenth more than the baseline allows"); next }
{ report("passed", figures()) }
END {
    for (key in was)
        if (!(key in seen)) report("failed", "is in the baseline, and was not counted")
    exit bad || !good
}
function figures()
{
    return sprintf("%.2f instructions, %.3f times the %.2f of %s; the baseline has %.2f, %.3f times %.2f",
        our[2], ratio, bare[2], $4, was_our[key], was[key], was_bare[key])
}
function report(verdict, text)
{
    printf "%s: %s: %s\n", verdict, key, text
    if (verdict == "failed") bad++
    else good++
}
