# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# configuration NAME MINIMUM DEFINITIONS...: searched to the end. model.pml tells what the
# definitions mean. Fewer states than the minimum: something is no longer reached.

# The two that most faults are tried on.
configuration two_small 300000 -DTHREADS=2 -DWEAKS=1 -DREFERENCES=3 -DTAKE -DRESURRECT
configuration three_small 300000 -DTHREADS=3 -DREFERENCES=3 -DTAKE

# Weak references, hand-over, resurrection: everything that a thread can do.
configuration two 8000000 -DTHREADS=2 -DWEAKS=2 -DREFERENCES=4 -DTAKE -DSHARE -DASK -DRESURRECT

# Three threads without weak references; then with one.
configuration three 8000000 -DTHREADS=3 -DREFERENCES=3 -DTAKE -DSHARE -DASK -DRESURRECT
configuration three_weak 10000000 -DTHREADS=3 -DWEAKS=1 -DREFERENCES=2 -DTAKE

# Two objects in one queue: the list through their prefixes.
configuration queue 1000000 -DTHREADS=2 -DOBJECTS=2 -DREFERENCES=2 -DTAKE -DSHARE
configuration queue_three 5000000 -DTHREADS=3 -DOBJECTS=2 -DREFERENCES=2
