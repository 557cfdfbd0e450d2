#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# NAME.kp prints NAME.out: whole scripts that need no event.
. "$(dirname "$0")/../lib/tap.sh"

for file in "$KTAP_TOP"/tests/lang/*.kp; do
	run "$KTAP" --engine=user -q "$file"
	is "$(basename "$file")" "$out$err" "$(cat "${file%.kp}.out")"
done
