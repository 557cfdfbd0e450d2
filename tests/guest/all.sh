#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest: run the tests given after the time limit one after the other, with marks between.
limit=$1
shift
for t in "$@"; do
	echo "### begin $t"
	start=$SECONDS status=0
	timeout -k 10 "$limit" bash "$t" 2>&1 </dev/null || status=$?
	echo "### end $status $((SECONDS - start))"
done
exit 0
