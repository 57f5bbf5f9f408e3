# SPDX-License-Identifier: MIT
#
# For gate.sh: one fault at a time, in a copy of the library, two copies at the same time. Sourced, with
# $root, $build, $cc and $deadline set.
# shellcheck shell=sh disable=SC2034,SC2154

faults=0

# fault NAME SCENARIO FILES SED-SCRIPT: the patched files in a folder of its own, to be judged later.
# FILES may be a pattern: a function may move between the rooms of a door.
fault()
{
    faults=$((faults + 1))
    tree=$build/faults/$1
    mkdir -p "$tree/files" || return
    printf '%s\n' "$1" >>"$build/faults/list"
    printf '%s\n' "$2" >"$tree/scenario"
    changed=
    # shellcheck disable=SC2086
    for file in $(cd "$root" && printf '%s ' $3); do
        sed "$4" "$root/$file" >"$tree/new"
        cmp -s "$root/$file" "$tree/new" && continue
        mkdir -p "$tree/files/${file%/*}" && mv "$tree/new" "$tree/files/$file"
        changed="$changed $file"
    done
    printf '%s\n' "$changed" >"$tree/changed"
    [ -n "$changed" ] || fail "fault $1: its patch no longer applies to $3"
}

# The sources whose object depends on one of these files: in what the compiler wrote, the first word
# is the object, the second one the source, and a header may be called buffer/../rc/object.h.
touched_by() # FILES
{
    printf '/%s\n' "$@" | awk -v root="$root/" '
        NR == FNR { touched[$1]; next }
        FNR == 1 { source = "" }
        {
            for (i = 1; i <= NF; i++) {
                if (!source && $i ~ /\.c$/) source = substr($i, length(root) + 1)
                for (file in touched)
                    if (source && substr($i, length($i) - length(file) + 1) == file) {
                        print source
                        nextfile
                    }
            }
        }' - "$build"/objects/*.d
}

# The fault's own objects, and those of the library as it is for the rest.
link_fault() # TREE
{
    fault_tree=$1
    shift
    for object in "$build"/objects/*.o; do
        own=$fault_tree/objects/${object##*/}
        if [ -f "$own" ]; then set -- "$@" "$own"; else set -- "$@" "$object"; fi
    done
    link_explorer "$fault_tree/explorer" "$@"
}

# The first line of its report.
explain() # NAME
{
    head -n 1 "$build/faults/$1/report" | sed "s/^[a-z_]*: //; s/ at 0x[0-9a-f]*//; s|$root/||" |
        with_names "$build/faults/$1/explorer"
}

# verdict NAME: what builds what includes the changed files, and runs the scenario, says of it.
verdict()
{
    tree=$build/faults/$1
    scenario=$(cat "$tree/scenario")
    cp -R "$root/rc" "$root/buffer" "$tree" && cp -R "$tree/files/." "$tree" || return
    # shellcheck disable=SC2046
    if ! compile "$tree/objects" "$tree" "$cc" $(touched_by $(cat "$tree/changed")) 2>"$tree/errors"; then
        printf 'failed: fault %s: the patched%s does not compile: %s\n' "$1" "$(cat "$tree/changed")" \
            "$(head -n 3 "$tree/errors")"
    elif ! link_fault "$tree"; then
        printf 'failed: fault %s: it does not link\n' "$1"
    else
        line=$(timeout 150 "$tree/explorer" "$scenario" 2>"$tree/report")
        if [ "$(field "$line" 6)" = violation ]; then
            printf '  %-32s %-32s %4d schedules   %s\n' "$1" "$scenario" "$(field "$line" 3)" "$(explain "$1")"
        else
            printf 'failed: fault %s: %s did not find it: %s\n' "$1" "$scenario" "$line"
        fi
    fi
    rm -rf "$tree/objects" "$tree/explorer"
}

# Takes faults from the list, the other worker others.
judge_some()
{
    compile_jobs=1
    while read -r name; do
        [ -n "$(cat "$build/faults/$name/changed")" ] || continue
        mkdir "$build/faults/$name/claim" 2>/dev/null || continue
        [ "$(date +%s)" -lt "$deadline" ] || return
        verdict "$name" >"$build/faults/$name/verdict"
    done <"$build/faults/list"
}

judge_faults()
{
    judge_some &
    judge_some &
    wait
    printf 'faults, and the schedules until each was found\n'
    while read -r name; do
        [ -n "$(cat "$build/faults/$name/changed")" ] || continue # it has failed before
        cat "$build/faults/$name/verdict" 2>/dev/null
        case $(head -n 1 "$build/faults/$name/verdict" 2>/dev/null) in
        '  '*) pass ;;
        failed*) failed=$((failed + 1)) ;;
        *) fail "fault $name: the time is over" ;;
        esac
    done <"$build/faults/list"
}
