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

# Texts for format_target.c; behind the NUL comes which request for memory fails, and an item.
seed format 'T{i:id:d:value:}:row:\000\000\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020'
seed format '<3i 10s>2h\000\000\001\002\003\004abcdefghijklmnop'
seed format '(2,3)d\000\000'
seed format '4xbZd ^ilw5w\000\000\200\377'
seed format '2T{=h:a:T{bq:b:}:c:}(2)>e?\000\000\001\200\003'
seed format '2p3sZfg@nNP\000\000\001z'
seed format '(4)2T{5h:a:(2,3)b}:r:\000\000\001\002'
seed format '3O\000'

# Programs of view_target.c: a call, whether memory fails, a slot, arguments. A row of integers is
# reshaped, sliced, transposed and copied; elements with strides; bytes are cast; records' fields.
row='\000\000\000\005\003\005'
seed view "$row"'\032\000\000\000\002\003\002\000\000\001\377\377\002\022\000\001\062\000\001'
seed view "$row"'\032\000\000\000\002\003\056\000\000\000\003\200\001\005\000\001\000\021\000\001'
seed view '\004\000\000\006\001\003\010\002\003\004\001\050\022\000\003\000\001\002\377\377\000'
seed view '\000\000\000\005\007\000\036\000\000\005\001\001\002\011\000\000\002\015\000\001\000'
seed view '\000\000\000\006\007\016\042\000\000\000\042\000\000\001\025\000\001\011\000\001\377'
seed view '\000\000\000\007\003\005\032\000\000\000\002\002\022\000\001\062\000\002\000'
seed view '\000\000\000\007\003\010\032\000\000\000\002\002\022\000\001\021\000\002\001'
seed view "$row"'\006\000\000\000\377\377\022\005\000\001\000\001'
seed view "$row"'\061\000\000\004\207\061\000\000\002\000'
seed view '\000\000\003\005\032\055\377\002\062\377\022\000\001\015\000\001\000\000\007'

# Files for npy_target.c: which request for memory fails, the form (0: the whole file; 1 to 3: a header
# that gets a prefix of that version; times 4: how many bytes follow), how it is written again.
good="'fortran_order': False, 'shape': (3,), }\n"
seed npy '\000\015\000'"{'descr': '<i4', $good"
seed npy '\000\017\004'"{'descr': '>f2', 'fortran_order': True, 'shape': (2, 3), }\n"
seed npy '\000\026\000'"{'descr': [('a', '<i2'), ('', '|V2'), ((\"t\", 'b'), '>f8', (2, 1))], $good"
seed npy '\000\025\001'"{'descr': [('r', [('x', '|S3'), ('y', ('<U2', (2,)))]), ('v', '|V3')], 'shape': (1L,), 'fortran_order': True}"
seed npy '\000\027\003'"{'shape': (), 'descr': [('\\\\u00e9\\\\x41\\\\'', '|b1'), ('\303\251', '<c8')], 'fortran_order': False}"
seed npy '\000\021\000'"{'descr': '|S0', 'fortran_order': False, 'shape': (0, 5, 1), }\n"
seed npy '\000\005\000'"{'descr': '<i4', $good"
seed npy '\000\000\000\223NUMPY\001\000\072\000'"{'descr': '|u1', $good"'abc'
seed npy '\000\025\000'"{'descr': [('it\\\\'s \"a\"', '<i4'), ('it', '|u1'), ('', '|V3')], $good"
seed npy '\000\003\000'"{'shape': (7, 0, 12345678901234567890123), 'descr': [('a\\360\\237\\220"
seed npy '\000\025\000'"{'descr': [('a', '<i2'), ('b', '|u1'), ('a', '|u1')], $good"
seed npy '\000\003\000'"{'descr': [('a\\360\\237\\220"

# Programs of array_target.c: a call, whether memory fails, a slot, arguments. Items are appended,
# inserted, searched and taken out; numbers come from bytes and from a file.
doubles='\372\000\000\015' ints='\372\000\000\006'
seed array "$ints"'\000\000\000\001\001\002\003\004\000\000\000\050\001\000\000\003\050\011\000\000\000\140\006\000\000\000\001'
seed array "$doubles"'\002\000\000\003\000ABCDEFGHIJKLMNOPQRSTUVWX\010\000\000\140\007\000\000\050'
seed array "$doubles"'\004\000\000\020\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\200\010\000\000\050'
seed array "$ints"'\005\000\000\012\003abcdefghijklmnop\012\000\000\013\000\000\014\000\000\015\000\000\000'
seed array "$ints"'\000\000\000\001ABCD\017\000\000\000\000\000\000\001ABCD\020\000\000\115\011\000\000\001\001'

# Programs of chain_target.c: a call (times three, and which chain), whether memory fails, arguments. Pieces
# are appended, cut and put back; bytes go into rooms; a chain is added to itself, made contiguous,
# searched, written and received, compacted.
pieces='\000\000\002\000\012\000\100\000\000\001\000\003\000\012\000\000\002\000\112\000\012'
seed chain "$pieces"'\025\000\000\001\000\020\030\000\001\022\000\000\001\000\007'
seed chain "$pieces"'\006\000\000\047\000\001\000\017\036\000\000\005\000\004\000\002'
seed chain '\003\000\000abcdefgh\003\000\001ijklmnop\052\000\001\037\055\000\002'
seed chain '\000\000\003\000\005\000\024\000\000\003\000\000\000\005\006\000\000\025\000\000\001\000\006\030\000\001'
seed chain "$pieces"'\011\000\000\041\000\000\001\003\044\000\014\000\000\005\001\000\002'

# Programs of home_target.c: a call, whether memory fails, arguments. A thing with a home waits, since the
# home is unbound, and is run; one owns another; finalizers run the home, save and close; a hook.
home='\002\000\000'
seed home "$home"'\000\000\050\000\005\000\000\001\000\000\004\000\000\003\000\000'
seed home "$home"'\007\000\000\001\000\000\050\000\000\000\051\000\000\005\000\000\001\000\001\004\000\000\003\000\000'
seed home "$home"'\000\000\110\000\000\000\111\000\000\005\000\000\001\000\001\004\000\000\013\000\000\001'
seed home "$home"'\000\000\160\000\015\000\000\005\000\000\001\000\000\004\000\000\003\000\000\001\000\000'
seed home "$home"'\000\000\120\000\000\000\050\000\005\000\000\001\000\000\001\000\001\004\000\000\003\000\000'
