# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# configuration NAME MINIMUM DEFINITIONS...: searched to the end. model.pml tells what the
# definitions mean. Fewer states than the minimum: something is no longer reached.

# Three threads and a weak reference; without one, everything else that a thread can do.
configuration three_weak 18000000 -DTHREADS=3 -DWEAKS=1 -DREFERENCES=2 -DTAKE
configuration three 14000000 -DTHREADS=3 -DREFERENCES=3 -DTAKE -DSHARE -DASK -DRESURRECT

# Two threads: everything.
configuration two 12000000 -DTHREADS=2 -DWEAKS=2 -DREFERENCES=4 -DTAKE -DSHARE -DASK -DRESURRECT

# Two objects in one queue: the list through their prefixes.
configuration queue_three 8000000 -DTHREADS=3 -DOBJECTS=2 -DREFERENCES=2
configuration queue 2500000 -DTHREADS=2 -DOBJECTS=2 -DREFERENCES=2 -DTAKE -DSHARE

# Where most faults are found soonest.
configuration three_small 4000000 -DTHREADS=3 -DREFERENCES=3 -DTAKE
configuration two_small 1000000 -DTHREADS=2 -DWEAKS=1 -DREFERENCES=3 -DTAKE -DRESURRECT
