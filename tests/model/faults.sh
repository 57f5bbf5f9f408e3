# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# fault NAME CONFIGURATION FILE SED-SCRIPT: what the configuration must find once the file of the
# model is changed so.
