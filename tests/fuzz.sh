#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# fuzz.sh FUZZER...: run each for $FUZZ_SECS seconds.  New inputs go below build/, never into the
# tree: libFuzzer writes to the first folder it is given.
set -eu
for f in "$@"; do
	name=${f##*/}
	corpus=$KTAP_BUILD/fuzz/corpus-$name
	mkdir -p "$corpus"
	dict=$KTAP_TOP/tests/fuzz/$name.dict
	seeds=
	[ "$name" != fuzz-parse ] || seeds=$KTAP_TOP/tests/lang
	echo "$name: ${FUZZ_SECS:-30} s"
	"$f" -max_total_time="${FUZZ_SECS:-30}" -timeout=10 -print_final_stats=0 -verbosity=0 \
		-artifact_prefix="$corpus/crash-" $([ ! -e "$dict" ] || echo "-dict=$dict") \
		"$corpus" $seeds
done
