# SPDX-License-Identifier: MIT
#
# What tests/run.sh, examples/run.sh and .ci/run share: finding what a build needs, and installing
# what is missing. Sourced with $root, the project's folder, set. Everything it writes itself is in
# $root/build. Nothing is installed when nothing is missing, and never with RCBUF_NO_INSTALL=1.

setup_deps=$root/build/deps # where packages are unpacked when there are no privileges to install
setup_log=$root/build/setup.log

# say LINE: what a person should read
say()
{
    printf '%s\n' "$*"
}

# give_up LINE: why the script cannot go on, and what to do
give_up()
{
    printf '%s\n' "$*" >&2
    exit 1
}

# The moment in seconds, and the seconds since such a moment.
now()
{
    date +%s.%N
}

since()
{
    now | awk -v start="$1" '{ printf "%.1f", $1 - start }'
}

cores()
{
    getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

# ---- what is there ------------------------------------------------------------------------------

setup_has_compiler()
{
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' |
        "${CC:-cc}" -x c -o /dev/null - >/dev/null 2>&1
}

setup_has_make()
{
    command -v make >/dev/null 2>&1
}

setup_has_cmake()
{
    cmake --version >/dev/null 2>&1 && command -v ctest >/dev/null 2>&1
}

setup_has_check()
{
    pkg-config --exists check 2>/dev/null
}

# The Debian packages that bring it.
setup_packages_of()
{
    case $1 in
    compiler) echo gcc libc6-dev ;;
    check) echo check pkg-config ;;
    *) echo "$1" ;;
    esac
}

# ---- getting what is not ------------------------------------------------------------------------

# Packages that were unpacked by an earlier run are found again.
setup_use_deps()
{
    [ -d "$setup_deps/usr" ] || return 0
    setup_libraries=
    for folder in "$setup_deps"/usr/lib/*-linux-gnu* "$setup_deps"/lib/*-linux-gnu*; do
        [ -d "$folder" ] && setup_libraries=$setup_libraries${setup_libraries:+:}$folder
    done
    export PATH="$setup_deps/usr/bin:$PATH"
    export LD_LIBRARY_PATH="$setup_libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export LIBRARY_PATH="$setup_libraries${LIBRARY_PATH:+:$LIBRARY_PATH}"
    export CPATH="$setup_deps/usr/include${CPATH:+:$CPATH}"
    export CMAKE_PREFIX_PATH="$setup_deps/usr${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}"
    for folder in "$setup_deps"/usr/lib/*/pkgconfig; do
        export PKG_CONFIG_PATH="$folder${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
    done
}

setup_apt() # [sudo -n] as words in $setup_sudo; packages as arguments
{
    $setup_sudo env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
        --no-install-recommends install "$@"
}

# As apt-get would install them, but unpacked into the build folder: the list of what apt would
# have to install, downloaded and extracted. apt's own state is copied where it cannot be used.
setup_unpack()
{
    set -- -q --no-install-recommends "$@"
    if ! setup_plan=$(apt-get -s "$@" 2>>"$setup_log"); then
        mkdir -p "$setup_deps/apt/lists/partial" "$setup_deps/apt/cache/archives/partial"
        set -- -o Dir::State::lists="$setup_deps/apt/lists" \
            -o Dir::Cache="$setup_deps/apt/cache" "$@"
        apt-get -o Dir::State::lists="$setup_deps/apt/lists" \
            -o Dir::Cache="$setup_deps/apt/cache" -q update >>"$setup_log" 2>&1 || return 1
        setup_plan=$(apt-get -s "$@" 2>>"$setup_log") || return 1
    fi
    setup_names=$(printf '%s\n' "$setup_plan" | awk '$1 == "Inst" { print $2 }')
    [ -n "$setup_names" ] || return 1
    mkdir -p "$setup_deps/packages"
    (
        cd "$setup_deps/packages" || exit 1
        # shellcheck disable=SC2086 # names of packages, which are words
        if [ -d ../apt/lists ]; then
            apt-get -o Dir::State::lists="$setup_deps/apt/lists" \
                -o Dir::Cache="$setup_deps/apt/cache" -q download $setup_names
        else
            apt-get -q download $setup_names
        fi && for package in *.deb; do
            dpkg-deb -x "$package" "$setup_deps" || exit 1
        done
    ) >>"$setup_log" 2>&1
}

# setup_install PACKAGE...: prints them first; by root, sudo, or unpacking; or says what to type.
setup_install()
{
    setup_line="apt-get install -y --no-install-recommends $*"
    if [ "${RCBUF_NO_INSTALL:-}" = 1 ]; then
        give_up "missing, and not installed because RCBUF_NO_INSTALL=1: $*"
    fi
    command -v apt-get >/dev/null 2>&1 ||
        give_up "install what Debian calls $* with this system's package manager, then try again"
    mkdir -p "$root/build"
    : >"$setup_log"
    if [ "$(id -u)" = 0 ]; then
        setup_sudo=
    elif sudo -n true >/dev/null 2>&1; then
        setup_sudo='sudo -n'
    elif setup_has_compiler && command -v dpkg-deb >/dev/null 2>&1; then
        say "unpacking into build/deps, since this user may not install: $*"
        setup_unpack install "$@" ||
            give_up "that failed (build/setup.log says why); as root type: $setup_line"
        setup_use_deps
        return 0
    else
        give_up "as root type: $setup_line"
    fi
    say "installing: $*"
    setup_apt "$@" >>"$setup_log" 2>&1 && return 0
    { $setup_sudo apt-get -q update && setup_apt "$@"; } >>"$setup_log" 2>&1 && return 0
    tail -n 5 "$setup_log" >&2
    give_up "that failed (build/setup.log has all of it); as root type: $setup_line"
}

# setup_need compiler make cmake check: what is not there is installed, all in one go.
setup_need()
{
    setup_use_deps
    setup_missing=
    for need in "$@"; do
        "setup_has_$need" || setup_missing="$setup_missing $(setup_packages_of "$need")"
    done
    [ -n "$setup_missing" ] || return 0
    if [ -n "${CC:-}" ] && ! command -v "$CC" >/dev/null 2>&1; then
        give_up "CC=$CC: there is no such compiler; install it, or unset CC for the default one"
    fi
    # shellcheck disable=SC2086 # names of packages, which are words
    setup_install $setup_missing
    for need in "$@"; do
        "setup_has_$need" ||
            give_up "$need still does not work after installing $(setup_packages_of "$need")"
    done
}

# setup_build FOLDER CMAKE-ARGUMENT...: configures if anything of that is new, and builds, quietly.
setup_build()
{
    setup_folder=$1
    shift
    mkdir -p "$setup_folder"
    printf '%s\n' "$root" "${CC:-}" "$@" >"$setup_folder/.wanted"
    if ! cmp -s "$setup_folder/.wanted" "$setup_folder/.configured"; then
        rm -rf "$setup_folder/CMakeCache.txt" "$setup_folder/CMakeFiles"
        cmake -S "$root" -B "$setup_folder" "$@" >"$setup_folder/build.log" 2>&1 || {
            cat "$setup_folder/build.log" >&2
            return 1
        }
        mv "$setup_folder/.wanted" "$setup_folder/.configured"
    fi
    cmake --build "$setup_folder" --parallel "$(cores)" >"$setup_folder/build.log" 2>&1 || {
        grep -E -A 12 'error|Error|undefined' "$setup_folder/build.log" | head -n 60 >&2
        say "the build failed; all of it is in $setup_folder/build.log" >&2
        return 1
    }
}
