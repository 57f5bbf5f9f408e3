#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Both set-up commands on bare Debian systems, each a fresh root folder without a compiler, with a
# fresh clone of what is committed here:
#
#   root        nothing there but the base system; examples/run.sh and tests/run.sh, each twice, and
#               the second build-and-run takes less than RCBUF_BARE_SECONDS (45)
#   sudo        a user who may install through sudo
#   user        a user without privileges on a system with a compiler
#   refusals    RCBUF_NO_INSTALL=1, and a user without privileges or compiler: one line each
#
# Needs root, and debootstrap with this machine's own package source. The base system is kept as an
# archive between runs. Six minutes at most. Last line: bare: N passed, N failed, N skipped.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/tests/setup.sh"
mkdir -p "${RCBUF_BUILD:-$root/build/ci}/bare"
build=$(CDPATH='' cd -- "${RCBUF_BUILD:-$root/build/ci}/bare" && pwd)
limit=${RCBUF_BARE_SECONDS:-45} # for a second build and run, fifteen hundred tests in it
passed=0
failed=0

# All of it takes place in mounts of this process's own, which end with it.
skip()
{
    say "skipped: $*"
    say 'bare: 0 passed, 0 failed, 1 skipped'
    exit 0
}

if [ "${1:-}" != inside ]; then
    [ "$(id -u)" = 0 ] || skip 'a bare Debian system needs root to be made'
    [ -e /etc/debian_version ] || skip 'this is no Debian system to make another one from'
    command -v debootstrap >/dev/null 2>&1 || setup_install debootstrap
    unshare --mount true 2>/dev/null || skip 'this machine allows no mounts, and a root needs /proc'
    exec unshare --mount sh "$0" inside
fi

# ---- the system ---------------------------------------------------------------------------------

# Every package source, as apt sees it: "deb URI RELEASE COMPONENT".
sources()
{
    # shellcheck disable=SC2016 # apt-get's own notation
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' | sort -u
}

# The one of this very release: "URI RELEASE".
source_of_packages()
{
    . /etc/os-release
    sources | awk -v codename="$VERSION_CODENAME" '$3 == codename && $4 == "main" { print $2, $3; exit }'
}

make_base()
{
    [ -s "$build/base.tar" ] && return 0
    # shellcheck disable=SC2046 # two words
    set -- $(source_of_packages)
    [ $# -ge 2 ] || { say 'apt knows no source for this release'; return 1; }
    rm -rf "$build/base"
    debootstrap --variant=minbase "$2" "$build/base" "$1" || return 1
    copy_settings "$build/base" "$2"
    tar -C "$build/base" -cf "$build/base.tar.new" . && mv "$build/base.tar.new" "$build/base.tar"
    rm -rf "$build/base"
}

# How this machine reaches its packages: sources of this release, keys, proxies, certificates, and
# names. The rest of apt's settings stays the base system's own.
copy_settings() # ROOT CODENAME
{
    sources | grep -E " $2(-updates|-security)? " >"$1/etc/apt/sources.list"
    apt-config dump | grep -E '^Acquire::(https?|Check-[A-Za-z-]*)\b' |
        grep -v '""' >"$1/etc/apt/apt.conf.d/99this-machine" || :
    for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
        [ -r "$file" ] || continue
        mkdir -p "$1$(dirname "$file")"
        cp -L "$file" "$1$file"
    done
}

fresh_root() # NAME: a bare system with a fresh clone in /home/rcbuf/clone
{
    rm -rf "${build:?}/$1"
    mkdir -p "$build/$1"
    tar -C "$build/$1" -xf "$build/base.tar" || return 1
    mount -t proc proc "$build/$1/proc" && mount --rbind /dev "$build/$1/dev" || return 1
    chroot "$build/$1" useradd -m rcbuf || return 1
    git clone -q --no-hardlinks "$root" "$build/$1/home/rcbuf/clone" || return 1
    chroot "$build/$1" chown -R rcbuf: /home/rcbuf/clone
}

drop_root() # NAME
{
    umount -l "$build/$1/dev" "$build/$1/proc" 2>/dev/null || :
    rm -rf --one-file-system "${build:?}/$1"
}

# as NAME USER COMMAND: in that root, with a plain environment; said goes to "said", too.
as()
{
    status=0
    chroot "$build/$1" env -i HOME=/home/rcbuf TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        setpriv --reuid "$2" --regid "$2" --clear-groups \
        sh -c "cd / && $3" >"$build/said" 2>&1 || status=$?
    cat "$build/said"
    return "$status"
}

# ---- what is checked ----------------------------------------------------------------------------

check() # NAME COMMAND...
{
    name=$1
    shift
    started=$(now)
    if "$@" >"$build/log" 2>&1; then
        passed=$((passed + 1))
        say "$(since "$started") s  $name"
    else
        failed=$((failed + 1))
        say "failed: $name"
        tail -n 30 "$build/log"
    fi
}

bare_has_no_compiler()
{
    ! as "$1" root 'command -v cc || command -v gcc || command -v make || command -v cmake'
}

closes_well()
{
    tail -n 1 "$build/said" | grep -Eq '^[1-9][0-9]* passed, 0 failed, [0-9]+ skipped$'
}

installs_and_passes() # NAME USER SCRIPT LINE: the packages are named before anything else
{
    as "$1" "$2" "sh /home/rcbuf/clone/$3" && closes_well &&
        head -n 1 "$build/said" | grep -q "^$4"
}

passes() # NAME USER SCRIPT
{
    as "$1" "$2" "sh /home/rcbuf/clone/$3" && closes_well
}

# The best of three runs counts, since other programs may be busy on this machine, too.
passes_soon() # NAME USER SCRIPT
{
    for run in 1 2 3; do
        begun=$(now)
        passes "$1" "$2" "$3" || return 1
        ! grep '^installing\|^unpacking' "$build/said" || return 1
        took=$(since "$begun")
        say "run $run took $took s"
        awk -v took="$took" -v limit="$limit" 'BEGIN { exit !(took < limit) }' && return 0
    done
    return 1
}

refuses_in_one_line() # NAME USER COMMAND TEXT
{
    ! as "$1" "$2" "$3" || return 1
    [ "$(grep -vc '^-- ' "$build/said")" -eq 1 ] && grep -q "$4" "$build/said"
}

give_sudo()
{
    as "$1" root 'apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install \
        --no-install-recommends sudo && echo "rcbuf ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/rcbuf'
}

give_compiler()
{
    as "$1" root 'apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install \
        --no-install-recommends gcc libc6-dev'
}

check 'a base system' make_base
if [ "$failed" -eq 0 ]; then
    check 'root: a fresh clone' fresh_root root
    check 'it has no compiler' bare_has_no_compiler root
    for script in examples/run.sh tests/run.sh; do
        check "root: RCBUF_NO_INSTALL=1 $script refuses in one line" refuses_in_one_line root root \
            "RCBUF_NO_INSTALL=1 sh /home/rcbuf/clone/$script" 'missing.*cmake'
        check "nobody special: $script says what to type" refuses_in_one_line root rcbuf \
            "sh /home/rcbuf/clone/$script" 'as root type: apt-get install.*cmake'
    done
    check 'root: examples/run.sh from nothing' \
        installs_and_passes root root examples/run.sh 'installing: gcc.* cmake'
    check "root: examples/run.sh again, in less than $limit s" passes_soon root root examples/run.sh
    check 'root: tests/run.sh' installs_and_passes root root tests/run.sh 'installing: check'
    check "root: tests/run.sh again, in less than $limit s" passes_soon root root tests/run.sh
    drop_root root

    check 'sudo: a fresh clone' fresh_root sudo
    check 'sudo: given' give_sudo sudo
    check 'sudo: tests/run.sh from nothing' \
        installs_and_passes sudo rcbuf tests/run.sh 'installing: gcc.* check'
    drop_root sudo

    check 'user: a fresh clone' fresh_root user
    check 'user: a compiler is there' give_compiler user
    check 'user: tests/run.sh unpacks what is missing' \
        installs_and_passes user rcbuf tests/run.sh 'unpacking.*: make cmake check'
    check "user: tests/run.sh again, in less than $limit s" passes_soon user rcbuf tests/run.sh
    check 'user: examples/run.sh' passes user rcbuf examples/run.sh
    drop_root user
fi
say "bare: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
