# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# configuration NAME MINIMUM DEFINITIONS...: what model.pml's head says, searched to the end. Fewer
# states than the minimum means that something is no longer reached.

configuration weak 1000 -DTHREADS=2 -DWEAKS=1 -DREFERENCES=3
