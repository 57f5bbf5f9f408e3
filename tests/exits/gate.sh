# SPDX-License-Identifier: MIT
#
# The table of exits: kind of exit x compiler x kind of build, every cell green. Then what must stop
# a raise on its way, and what must not compile (wrong/*.c: with WRONG defined it fails with the
# message in its head, without it compiles). About two minutes on two cores.
#
#     sh tests/exits/gate.sh        from the project's root; RCBUF_BUILD: where to build

set -u
build=${RCBUF_BUILD:-build/ci}/exits
mkdir -p "$build" && rm -f "$build"/*.column || exit 1
passed=0 failed=0 skipped=0
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror"
compilers="gcc clang-14 clang-19"

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "failed: $*"; }
skip() { skipped=$((skipped + 1)); echo "skipped: $*"; }

cxx_of() { case $1 in gcc) echo g++ ;; *) echo "clang++${1#clang}" ;; esac }

# What each kind of build adds; lto needs the linker of the compiler's own version.
flags_of() {
    case $2 in
    O0) echo "-O0 -fnon-call-exceptions" ;;
    Og) echo "-Og" ;;
    O2) echo "-O2 -DNDEBUG" ;;
    lto) echo "-O2 -flto"; case $1 in clang*) echo "-fuse-ld=lld${1#clang}" ;; esac ;;
    asan) echo "-O1 -fsanitize=address,undefined -fno-sanitize-recover=all" ;;
    tsan) echo "-O1 -fsanitize=thread" ;;
    esac
}

# build_exits COMPILER NAME "FLAGS" "FLAGS OF frames.c"
build_exits() {
    into=$build/$2
    rm -rf "$into" && mkdir -p "$into" || return 1
    link=$3
    plain=$(echo "$3" | sed 's/-fuse-ld=[^ ]*//')
    # shellcheck disable=SC2086
    {
        $(cxx_of "$1") -std=c++17 -g -I. $plain -c tests/exits/throw.cc -o "$into/throw.o" &&
            $1 -std=gnu11 -g -I. $plain $4 -c tests/exits/frames.c -o "$into/frames.o" &&
            for source in rc/*.c tests/exits/exits.c; do
                $1 -std=gnu11 -g -I. $warnings $plain -fexceptions -c "$source" \
                    -o "$into/$(basename "$source" .c).o" || return 1
            done &&
            $(cxx_of "$1") $link "$into"/*.o -pthread -o "$into/exits"
    } >"$into/log" 2>&1
}

# A build's column of the table: $build/COMPILER-KIND.column, one "kind<TAB>ok" a line.
run_column() {
    if build_exits "$1" "$1-$2" "$(flags_of "$1" "$2" | tr '\n' ' ')" -fexceptions; then
        timeout 300 "$build/$1-$2/exits" >"$build/$1-$2.column" 2>"$build/$1-$2.errors"
        [ -s "$build/$1-$2.errors" ] && echo "stderr	$(head -3 "$build/$1-$2.errors" | tr '\n\t' '  ')" \
            >>"$build/$1-$2.column"
    else
        echo "build	$(grep -m1 -E 'error|undefined' "$build/$1-$2/log")" >"$build/$1-$2.column"
    fi
}

have() {
    command -v "$1" >/dev/null 2>&1 && command -v "$(cxx_of "$1")" >/dev/null 2>&1
}

kinds="O0 Og O2 lto asan tsan"
present=""
for compiler in $compilers; do
    if ! have "$compiler"; then
        skip "the column of $compiler: it is not installed"
        continue
    fi
    present="$present $compiler"
    for kind in $kinds; do
        case $compiler-$kind in clang*-lto)
            if ! command -v "ld.lld${compiler#clang}" >/dev/null 2>&1; then
                skip "$compiler with lto: its linker is not installed"
                continue
            fi ;;
        esac
        run_column "$compiler" "$kind" &
        # two builds at a time
        [ -n "${other:-}" ] && wait "$other"
        other=$!
    done
done
wait

# print_table COMPILER: exits down, builds across
print_table() {
    awk -F '\t' -v kinds="$kinds" -v compiler="$1" -v build="$build" '
        BEGIN {
            columns = split(kinds, kind, " ")
            printf "%-22s", compiler
            for (c = 1; c <= columns; c++) {
                printf " %-6s", kind[c]
                file = build "/" compiler "-" kind[c] ".column"
                while ((getline <file) > 0) {
                    if (!($1 in seen)) { seen[$1] = 1; rows[++row_count] = $1 }
                    cell[$1, c] = $2
                }
            }
            printf "\n"
            for (r = 1; r <= row_count; r++) {
                printf "%-22s", rows[r]
                for (c = 1; c <= columns; c++) {
                    value = cell[rows[r], c]
                    printf " %-6s", value == "ok" ? "green" : value == "" ? "-" : "RED"
                }
                printf "\n"
            }
        }'
}

exits=$(grep -c '^    {".*by_' tests/exits/exits.c)
for compiler in $present; do
    print_table "$compiler"
    for column in "$build/$compiler"-*.column; do
        name=$(basename "$column" .column)
        good=$(grep -c '	ok$' "$column")
        passed=$((passed + good))
        if [ "$good" -ne "$exits" ] || grep -qv '	ok$' "$column"; then
            fail "$name: $good of $exits exits; $(grep -v '	ok$' "$column" | head -2)"
        fi
    done
done

# What must stop: a raise through frames compiled without -fexceptions, or without unwind tables.
# must_stop COMPILER NAME "FLAGS OF frames.c" TEXT
must_stop() {
    if ! build_exits "$1" "$1-$2" "-O1" "$3"; then
        fail "$1 $2 does not build: $(head -1 "$build/$1-$2/log")"
    elif (ulimit -c 0; exec 2>"$build/$1-$2.out"; "$build/$1-$2/exits" raise; exit $?) >/dev/null; then
        fail "$1: a raise through $2 frames was not stopped"
    elif grep -q "$4" "$build/$1-$2.out"; then
        pass
    else
        fail "$1: a raise through $2 frames says: $(head -1 "$build/$1-$2.out")"
    fi
}

for compiler in $present; do
    must_stop "$compiler" skipped "-fno-exceptions -fasynchronous-unwind-tables" \
        'skipped 10 scoped variables: compile every C file that it passes with -fexceptions'
    must_stop "$compiler" blind "-fno-exceptions -fno-asynchronous-unwind-tables -fno-unwind-tables" \
        'has no unwind information'
done

# What must not compile.
for compiler in $present; do
    case $compiler in gcc) own="gcc -Wjump-misses-init" ;; *) own="clang -Wthread-safety" ;; esac
    family=${own%% *}
    for source in tests/exits/wrong/*.c; do
        name=$(basename "$source" .c)
        compile="$compiler -std=gnu11 -I. $warnings ${own#* } -fexceptions -O1 -c -o $build/wrong.o"
        expected=$(sed -n "s/^ \* $family: //p" "$source")
        wrong=$(sed -n 's/^ \* wrong flags: //p' "$source")
        # shellcheck disable=SC2086
        if ! $compile "$source" >"$build/log" 2>&1; then
            fail "$compiler: $name does not compile when right: $(grep -m1 error "$build/log")"
        elif [ "$expected" = compiles ]; then
            if $compile $wrong -DWRONG "$source" >"$build/log" 2>&1; then pass; else
                fail "$compiler: $name should compile: $(grep -m1 error "$build/log")"; fi
        elif $compile $wrong -DWRONG "$source" >"$build/log" 2>&1; then
            fail "$compiler: $name compiles"
        elif grep -Eq "$expected" "$build/log"; then
            pass
        else
            fail "$compiler: $name says: $(grep -m1 error "$build/log")"
        fi
    done
done
echo "$(ls tests/exits/wrong/*.c | wc -l) programs that must not compile, on$present"

echo "exits: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
