#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Four ways to use rcbuf in a program of one's own: as a subdirectory, as an installed CMake package,
# through pkg-config, and as a vendored copy. Each builds program/ with its Check suite under
# AddressSanitizer. All tests pass; with a leak seeded, exactly the test that leaked fails, and is
# named. The installed tree was moved after its installation. Three minutes at most. Last line:
# consume: N passed, N failed, N skipped.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
mkdir -p "${RCBUF_BUILD:-$root/build/ci}"
build=$(CDPATH='' cd -- "${RCBUF_BUILD:-$root/build/ci}" && pwd)/consume
prefix=$build/moved
libraries=lib/$(gcc -print-multiarch 2>/dev/null || :) # as deep as Debian's own
libraries=${libraries%/}
unset CFLAGS LDFLAGS || :
leaking=replacing_the_body_releases_the_old_one
passed=0
failed=0

check() # NAME COMMAND...
{
    name=$1
    shift
    if "$@" >"$build/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'failed: %s\n' "$name"
        tail -n 30 "$build/log"
    fi
}

install_and_move()
{
    cmake -S "$root" -B "$build/library" -DCMAKE_BUILD_TYPE=Release -DRCBUF_TESTS=OFF \
        -DRCBUF_EXAMPLES=OFF "-DCMAKE_INSTALL_LIBDIR=$libraries" &&
        cmake --build "$build/library" --parallel 2 &&
        cmake --install "$build/library" --prefix "$build/installed" &&
        mv "$build/installed" "$prefix"
}

# Nothing but what the public headers need; the version is the same wherever it is asked.
installed_tree_is_right()
{
    ! grep -rl 'Private (not installed)' "$prefix/include" || return 1
    [ "$(find "$prefix/include/rcbuf" -name '*.h' | wc -l)" -eq \
        "$(cd "$root" && grep -L 'Private (not installed)' rc/*.h buffer/*.h | wc -l)" ] || return 1
    version=$(sed -n 's/^#define RC_VERSION  *"\(.*\)"/\1/p' "$prefix/include/rcbuf/rc/config.h")
    [ "$(pkg-config --modversion rcbuf)" = "$version" ] &&
        [ -e "$prefix/$libraries/librcbuf.so.$version" ] &&
        [ -e "$prefix/$libraries/librcbuf.a" ]
}

# Every symbol that the shared library shows is rc_..., and none is internal.
shared_library_shows_its_interface()
{
    nm -D --defined-only "$prefix/$libraries/librcbuf.so" | awk '
        { print; shown++ } $3 !~ /^rc_[a-z]/ { wrong = 1 } END { exit wrong || shown == 0 }'
}

by_cmake() # WAY FOLDER
{
    cmake -S "$here/$1" -B "$2" "-DCMAKE_C_FLAGS=$seed" "-DRCBUF_SOURCE=$root" \
        "-DCMAKE_PREFIX_PATH=$prefix" && cmake --build "$2" --parallel 2
}

# CFLAGS on make's command line would replace what the Makefile adds, so it goes by environment.
by_make() # WAY FOLDER
{
    mkdir -p "$2/vendor" && cp -r "$root/rc" "$root/buffer" "$2/vendor/" &&
        CFLAGS=$seed make -C "$2" -f "$here/$1/Makefile" "source=$here" vendor=vendor "CC=${CC:-cc}"
}

sound_program_passes() # HOW WAY
{
    seed=
    "$1" "$2" "$build/$2" && run "$build/$2/message_test" &&
        grep -q '100%: Checks: 4, Failures: 0, Errors: 0' "$build/said"
}

# Check's line for a test is file:line:kind:case:test:iteration: message, and kind P is a pass.
leaking_program_fails_one_test()
{
    seed=-DSEED_LEAK
    "$1" "$2" "$build/$2-leaking" || return 1
    ! run "$build/$2-leaking/message_test" || return 1
    grep -q 'Checks: 4, Failures: 0, Errors: 1' "$build/said" &&
        grep -q ":[EFS]:message:$leaking:" "$build/said" &&
        grep -q 'LeakSanitizer: detected memory leaks' "$build/said" &&
        grep -q 'message\.c:[0-9:]*$' "$build/said" &&
        grep -q 'the test left something alive: ' "$build/said"
}

run()
{
    status=0
    env -u CK_FORK -u CK_RUN_CASE -u CK_RUN_SUITE -u ASAN_OPTIONS "$1" >"$build/said" 2>&1 ||
        status=$?
    cat "$build/said"
    return "$status"
}

rm -rf "$build"
mkdir -p "$build"
PKG_CONFIG_PATH=$prefix/$libraries/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
check 'installing, and moving what was installed' install_and_move
check 'what is installed' installed_tree_is_right
check 'the symbols of the shared library' shared_library_shows_its_interface
for way in subdirectory:by_cmake package:by_cmake pkgconfig:by_make vendored:by_make; do
    check "${way%:*}: all tests pass" sound_program_passes "${way#*:}" "${way%:*}"
    check "${way%:*}: a seeded leak fails exactly $leaking" \
        leaking_program_fails_one_test "${way#*:}" "${way%:*}"
done
printf 'consume: %d passed, %d failed, 0 skipped\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
