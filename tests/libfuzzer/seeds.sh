# SPDX-License-Identifier: MIT
#
# The seed corpus for gate.sh: seed TARGET TEXT, with what printf makes of the text. A few inputs that
# lead into each target's matter; the fuzzer finds the rest.
# shellcheck shell=sh

# Programs of buffer_target.c: a byte is a call (the upper five bits) on a slot (the lower three), what
# follows is its arguments. A slice is frozen; a buffer lives on by its slice; own bytes are appended;
# a copy on write; adopted and borrowed bytes.
owner='\000\000\002\001\000\040'
slice='\001\004\000\000\004\000\010\000'
seed buffer "$owner$slice"'\101'
seed buffer "$owner"'\120'"$slice"'\000\070\000'
seed buffer "$owner"'\050\002\003\000\040\000\000\000\037'
seed buffer '\000\001\000\003abc\010\002\130\100\110'
seed buffer '\000\002\024'"$slice"'\000\002\003\010'
