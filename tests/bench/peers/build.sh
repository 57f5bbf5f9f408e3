# SPDX-License-Identifier: MIT
#
# Building the peers: each source here becomes a shared library in $build/peers, or a line in
# NAME.why that says why it could not, and which package would help. Sourced by ../run.sh, which has
# set $root, $build, $cc, $flags, $optimise and $warnings.
# shellcheck disable=SC2154

# The C++ compiler that belongs to the C compiler.
peers_cxx()
{
    case ${cc##*/} in
    clang*) belongs=clang++${cc##*clang} ;;
    gcc*) belongs=g++${cc##*gcc} ;;
    *) belongs=c++ ;;
    esac
    printf '%s' "${CXX:-$belongs}"
}

peers_has_boost()
{
    echo '#include <boost/smart_ptr/intrusive_ptr.hpp>' |
        "$(peers_cxx)" -x c++ -E - >/dev/null 2>&1
}

peers_has_atomic_shared_ptr()
{
    printf '#include <memory>\n#ifndef __cpp_lib_atomic_shared_ptr\n#error\n#endif\n' |
        "$(peers_cxx)" -std=gnu++20 -x c++ -E - >/dev/null 2>&1
}

# A line for each that is there, with its version.
peers_there()
{
    for module in glib-2.0 talloc apr-1 libavutil python3-embed; do
        printf '%s %s\n' "$module" "$(pkg-config --modversion "$module" 2>/dev/null)"
    done
    "$(peers_cxx)" --version 2>/dev/null | head -n 1
    rustc --version 2>/dev/null
    if peers_has_boost; then echo boost; fi
}

peer_is_missing() # NAME REASON
{
    printf '%s\n' "$2" >"$build/peers/$1.why"
}

# peer_compile NAME COMMAND...: what the compiler says is shown. Fewer peers are no reason to stop.
peer_compile()
{
    name=$1
    shift
    if ! "$@" -o "$build/peers/$name.so"; then
        rm -f "$build/peers/$name.so"
        peer_is_missing "$name" "tests/bench/peers/$name does not compile here"
    fi
}

# Headers of others are not looked at for warnings.
peer_c() # NAME MODULE PACKAGE
{
    if ! command -v pkg-config >/dev/null 2>&1; then
        peer_is_missing "$1" "its library was not looked for: pkg-config is not there (pkg-config, $3)"
    elif ! pkg-config --exists "$2"; then
        peer_is_missing "$1" "$2 is not known to pkg-config ($3)"
    else
        # shellcheck disable=SC2086,SC2046 # flags, which are words
        peer_compile "$1" "$cc" $flags $warnings -fPIC -shared -fvisibility=hidden \
            $(pkg-config --cflags "$2" | sed 's/-I */-isystem /g') \
            "$root/tests/bench/peers/$1.c" $(pkg-config --libs "$2")
    fi
}

peer_cxx() # NAME STANDARD
{
    # shellcheck disable=SC2086 # flags, which are words
    peer_compile "$1" "$(peers_cxx)" "-std=$2" $optimise $warnings -DNDEBUG -pthread -fPIC \
        -shared -fvisibility=hidden "$root/tests/bench/peers/$1.cc"
}

# rcbuf as a shared library, out of $build/pic, and its loops: calls between them go through the
# table of what is to be linked, as with any other.
peer_rcbuf()
{
    # shellcheck disable=SC2086 # flags, which are words
    peer_compile rcbuf "$cc" $flags $warnings -fPIC -shared -fvisibility=hidden -I"$root" \
        "$root/tests/bench/peers/rcbuf.c" "$build"/pic/*.o
}

peers_build()
{
    mkdir -p "$build/peers"
    peer_rcbuf
    peer_c glib gobject-2.0 libglib2.0-dev
    peer_c talloc talloc libtalloc-dev
    peer_c apr apr-1 libapr1-dev
    peer_c avutil libavutil libavutil-dev
    peer_c python python3-embed python3-dev
    if ! command -v "$(peers_cxx)" >/dev/null 2>&1; then
        peer_is_missing libstdcxx "$(peers_cxx) is not there (g++)"
        peer_is_missing libstdcxx20 "$(peers_cxx) is not there (g++)"
        peer_is_missing boost "$(peers_cxx) is not there (g++)"
    else
        peer_cxx libstdcxx gnu++17
        if peers_has_atomic_shared_ptr; then
            peer_cxx libstdcxx20 gnu++20
        else
            peer_is_missing libstdcxx20 'the C++ library has no std::atomic of shared_ptr (g++)'
        fi
        if peers_has_boost; then
            peer_cxx boost gnu++17
        else
            peer_is_missing boost 'its headers are not there (libboost-dev)'
        fi
    fi
    if command -v rustc >/dev/null 2>&1; then
        peer_compile rust rustc --edition 2018 -C opt-level=2 -C panic=abort \
            "$root/tests/bench/peers/rust.rs"
    else
        peer_is_missing rust 'rustc is not there (rustc)'
    fi
}
