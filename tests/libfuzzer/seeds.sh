# SPDX-License-Identifier: MIT
#
# The seed corpus for gate.sh: seed TARGET TEXT, with what printf makes of the text. A few inputs that
# lead into each target's matter; the fuzzer finds the rest.
# shellcheck shell=sh

# Programs of buffer_target.c: a byte is a call (the upper five bits) on a slot (the lower three).
seed buffer '\000\000\002\003\000\144\010\000\005\000\005\000\000\074\000\000\000'
seed buffer '\000\000\001\002\020\000\001\004\000\000\010\000\020\000\001\000\000\000\020\003\000\050\000'
seed buffer '\000\001\041\001\000\062\120\130\000\004\000\000\000\000\010\001\000\010'
seed buffer '\000\002\060\001\003\024\100\110\070\000\000\002\003\000'
seed buffer '\000\000\003\002\017\240\050\000\001\003\000\001\030\200abcdefghijklmnopqrstuvwxyz\060'
