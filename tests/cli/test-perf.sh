#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `perf ktap`: the stock perf finds perf-ktap in PATH.
. "$(dirname "$0")/../lib/tap.sh"
command -v perf >/dev/null || skip_all "needs perf"
PATH=$(dirname "$KTAP"):$PATH
export PATH

run perf ktap -e 'print("in", arg[1])' perf
is "perf ktap -e" "$out" "in	perf"
run perf ktap run -e 'exit(4)'
is "perf ktap: the status comes through" "$status" 4
run perf ktap list --help
like "perf ktap list --help" "$out" "^usage: perf-ktap list"
