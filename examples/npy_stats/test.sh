#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: npy_stats computes what is known, refuses in a sentence, and draws.
set -eu
export LC_ALL=C
program=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
checks=0 failures=0

check() # WHAT COMMAND...
{
    checks=$((checks + 1))
    what=$1
    shift
    "$@" && return
    echo "failed: $what; it printed:"
    head -n 20 out err
    failures=$((failures + 1))
}

# run CODE ARGUMENT...: the exit code is CODE, and what was printed is in out and err.
run()
{
    wanted=$1
    shift
    code=0
    "$program" "$@" >out 2>err || code=$?
    check "npy_stats $* exits with $wanted, not $code" [ "$code" -eq "$wanted" ]
}

says() # PATTERN: standard error is one line, and has it
{
    check "standard error is one line with \"$1\"" [ "$(grep -c . err)" = 1 ]
    check "standard error has \"$1\"" grep -qE "$1" err
}

prints() # LINES: standard output is these, with one blank between words
{
    tr -s ' ' <out >got
    printf '%s\n' "$1" >want
    check "it prints: $1" cmp -s got want
}

# npy DTYPE IS_FORTRAN SHAPE BYTES: a file of version 1.0 on standard output. The bytes are printf's.
npy()
{
    printf '\223NUMPY\001\000\266\000'
    printf '%-181s\n' "{'descr': $1, 'fortran_order': $2, 'shape': $3, }"
    # shellcheck disable=SC2059 # escapes are what it is for
    printf "$4"
}

# ---- known numbers -------------------------------------------------------------------------------

npy "'<i2'" False '(3, 2)' '\001\000\002\000\003\000\004\000\010\000\372\377' >table.npy
run 0 table.npy
prints "shape (3, 2)
dtype <i2
order C
column min mean max std
[0] 1 4 8 2.94392028877595
[1] -6 0 4 4.32049379893857"

npy "'>i2'" True '(2, 3)' '\000\001\000\002\000\003\000\004\000\005\000\006' >fortran.npy
run 0 fortran.npy
prints "shape (2, 3)
dtype >i2
order Fortran
column min mean max std
[0] 1 1.5 2 0.5
[1] 3 3.5 4 0.5
[2] 5 5.5 6 0.5"

npy "'<u8'" False '()' '\377\377\377\377\377\377\377\377' >scalar.npy
run 0 scalar.npy
prints "shape ()
dtype <u8
order C
column min mean max std
value 18446744073709551615 1.84467440737096e+19 18446744073709551615 0"

# 2^63 - 1 twice, and -2^63: the sum of the first two is more than 64 bits hold.
npy "'<i8'" False '(3,)' '\377\377\377\377\377\377\377\177\377\377\377\377\377\377\377\177\000\000\000\000\000\000\000\200' >exact.npy
run 0 exact.npy
check 'the mean of integers is exact' grep -q ' 3.07445734561826e+18 ' out

npy "'<f4'" False '(4,)' '\315\314\314\075\000\000\300\177\000\000\200\077\000\000\200\177' >nan.npy
run 0 nan.npy
prints "shape (4,)
dtype <f4
order C
column min mean max std
value nan nan nan nan 1 of 4 NaN"
npy "'<f4'" False '(2,)' '\315\314\314\075\000\000\200\177' >infinite.npy
run 0 infinite.npy
check 'an infinity' grep -qE '^value +0\.1 +inf +inf +nan$' out

npy "'<c8'" False '(2,)' '\000\000\200\077\000\000\000\100\000\000\100\100\000\000\200\300' >complex.npy
run 0 complex.npy
prints "shape (2,)
dtype <c8
order C
column min mean max std
real 1 2 3 1
imag -4 -1 2 3"

npy "[('a', '|u1'), ('', '|V1'), ('in', [('x', '>u2'), ('t', '|S2')], (2,)), ('b', '|b1')]" False '(2,)' \
    '\001_\000\002ab\000\003cd\001\003_\000\004ef\000\007gh\000' >record.npy
run 0 record.npy
prints "shape (2,)
dtype [('a', '|u1'), ('', '|V1'), ('in', [('x', '>u2'), ('t', '|S2')], (2,)), ('b', '|b1')]
order C
column min mean max std
a 1 2 3 1
in[0].x 2 3 4 1
in[1].x 3 5 7 2
in.t 4 texts of 2 bytes, without numbers
b 0 0.5 1 0.5"

npy "'<f8'" False '(0, 3)' '' >empty.npy
run 0 empty.npy
prints "shape (0, 3)
dtype <f8
order C
The array is empty: there is nothing to compute."
npy "'<U1'" False '(2,)' 'a\000\000\000b\000\000\000' >text.npy
run 0 text.npy
check 'texts are counted' grep -q '2 texts of 1 characters, without numbers' out
npy "[('a', '<f8', (0,)), ('b', '|i1')]" False '(1,)' '\376' >hollow.npy
run 0 hollow.npy
check 'a field without elements' grep -qx 'a  *no elements' out
check 'and one with some' grep -qE '^b  +-2  +-2  +-2  +0$' out
npy "'|V3'" False '(2,)' 'abcdef' >void.npy
run 0 void.npy
check 'bytes that mean nothing' grep -q '2 voids of 3 bytes, without numbers' out

# ---- a file of its own ---------------------------------------------------------------------------

run 0 --make made.npy
run 0 --make again.npy 100000
check 'the same file each time' cmp -s made.npy again.npy
run 0 -j 1 made.npy
mv out one
check 'six columns, one of them with NaNs' [ "$(grep -c '^[a-z]*\(\[.\]\)* *[-0-9n]' one)" = 7 ]
check 'temperatures are missing' grep -qE '^temperature .* 100 of 100000 NaN$' one
for threads in 2 3 8 1024; do
    run 0 -j "$threads" made.npy
    check "the same with $threads threads" cmp -s out one
done
run 0 --make none.npy 0
run 0 none.npy
check 'no rows' grep -q 'The array is empty' out

# ---- what is refused -----------------------------------------------------------------------------

run 1 missing.npy
says '^npy_stats: .*missing\.npy'
run 1 .
says '^npy_stats: .*directory'
: >nothing.npy
run 1 nothing.npy
says '^npy_stats: .*0 bytes are too few'
head -c 3200 made.npy >short.npy
run 1 short.npy
says '^npy_stats: .*for 100000 elements of [0-9]* bytes'
check 'and nothing is printed' [ ! -s out ]
npy "'|O'" False '(1,)' '12345678' >object.npy
run 1 object.npy
says '^npy_stats: .*Python objects'
npy "'<f8'" False '(9999999999, 9999999999)' '' >lie.npy
run 1 lie.npy
says '^npy_stats: .*(no memory holds|is above [0-9]*$)'
run 1 --make missing/made.npy 5
says '^npy_stats: .*missing/made\.npy'
run 1 --make huge.npy 999999999999999999
says '^npy_stats: '
check 'no file is left' [ ! -e huge.npy ]
[ -w /dev/full ] && {
    code=0
    "$program" table.npy >/dev/full 2>err || code=$?
    check 'a full device gives 1' [ "$code" -eq 1 ]
    says '^npy_stats: the result cannot be written'
}

run 2
says 'no file is given'
for wrong in '-j 0' '-j 1025' '-j two' '-j -1' '--limit 1k' '--unknown' '--plot x.pdf' '--plot .svg' \
    '--make new.npy -1' '--make new.npy x' 'other.npy'; do
    # shellcheck disable=SC2086 # an option and its value
    run 2 $wrong table.npy
    says '^npy_stats: '
done
run 2 --plot
says '^npy_stats: --plot lacks its value'
run 0 --help
check '--help tells what a column is' grep -q 'sub-array' out

# Not enough memory, anywhere: the result, or a sentence.
refused=0 done=0
for limit in 0 100 300 500 800 1200 2000 3000 4000 5000 6000 8000 12000 20000 50000 100000 1000000 100000000; do
    for threads in 1 2; do
        code=0
        "$program" -j "$threads" --limit "$limit" made.npy >out 2>err || code=$?
        if [ "$code" -eq 0 ]; then
            done=$((done + 1))
            check "the same within $limit bytes" cmp -s out one
        else
            refused=$((refused + 1))
            check "$limit bytes: exit code $code" [ "$code" -eq 1 ]
            says '^npy_stats: .*[0-9]'
        fi
    done
done
check "some limits are too small, $refused" [ "$refused" -gt 5 ]
check "some limits suffice, $done" [ "$done" -gt 3 ]

# ---- plots ---------------------------------------------------------------------------------------

# Programs that are called gnuplot and are none.
mkdir no fails dies
printf '#!/bin/sh\ncat >/dev/null\necho half\nprintf "\\n^\\nline 3: no such thing\\n" >&2\nexit 4\n' >fails/gnuplot
printf '#!/bin/sh\nkill -9 $$\n' >dies/gnuplot
chmod +x fails/gnuplot dies/gnuplot
with() # FOLDER SENTENCE
{
    code=0
    PATH=$folder/$1 "$program" --plot plot.svg table.npy >out 2>err || code=$?
    check "a plot with $1/gnuplot gives 1, not $code" [ "$code" -eq 1 ]
    says "$2"
    check 'the numbers are printed' grep -q '2.94392028877595' out
    check 'no file is left' [ "$(echo plot*)" = 'plot*' ]
}
with no '^npy_stats: gnuplot is not installed, so there is no plot$'
sed -i "s|/bin/sh|$(command -v sh)|; s|^cat|$(command -v cat)|" fails/gnuplot
with fails '^npy_stats: gnuplot failed with status 4: line 3: no such thing$'
with dies '^npy_stats: gnuplot was ended by signal 9$'

if ! command -v gnuplot >/dev/null; then
    echo 'skipped: npy_stats --plot: there is no gnuplot'
else
    run 0 --plot made.svg made.npy
    check 'one histogram for each column' [ "$(grep -c '<g id="gnuplot_plot_' made.svg)" = 6 ]
    check 'each has its name' [ "$(grep -cE '<text>(time|position\[[01]\]|temperature|count|is_warm)</text>' made.svg)" = 6 ]
    check 'what is no number is told' grep -q '>100 not finite, left out<' made.svg
    check 'the SVG is complete' grep -qx '</svg>' made.svg
    run 0 --plot made.png made.npy
    check 'a PNG' [ "$(head -c 8 made.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
    for file in scalar nan infinite complex record exact; do
        run 0 --plot "it's \$(x) $file.svg" $file.npy
        check "the SVG of $file is complete" grep -qx '</svg>' "it's \$(x) $file.svg"
    done
    run 1 --plot empty.svg empty.npy
    says '^npy_stats: there are no numbers to draw'
    run 1 --plot text.svg text.npy
    says '^npy_stats: there are no numbers to draw'
    run 1 --plot missing/made.svg made.npy
    says '^npy_stats: missing/made\.svg cannot be written'
    npy "[('a\\'s \`x\` \"b\$(c)', '|u1')]" False '(3,)' '\001\002\002' >quoted.npy
    run 0 --plot quoted.svg quoted.npy
    check 'a name that would be a command' grep -q 'a.*s `x`' quoted.svg
    npy "'|u1'" False '(1, 70)' "$(printf '%070d' 0)" >many.npy
    run 0 --plot many.svg many.npy
    says '^npy_stats: of 70 columns the first 64 are drawn in many.svg$'
    check 'as many as it says' [ "$(grep -c '<g id="gnuplot_plot_' many.svg)" = 64 ]
fi
check 'no other file is left' [ "$(find . -name '*.svg.*' -o -name '*.png.*' | wc -l)" -eq 0 ]

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
