#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Run the tests: unit programs, then every test-*.sh; those of tests/guest in one boot of the
# virtual machine.  Each prints TAP.  `run.sh FILTER` runs those whose path contains FILTER.
#
# The last line is `N passed, N failed, N skipped`; the status is 1 when something failed, a test
# died or printed no plan, or nothing ran at all.  KTAP_NO_GUEST=1 leaves the guest out.
set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
export KTAP_TOP=$top KTAP_BUILD=${KTAP_BUILD:-$top/build}
export KTAP=${KTAP:-$KTAP_BUILD/perf-ktap}
limit=${KTAP_TEST_SECONDS:-300}		# of one test
guest_limit=${KTAP_GUEST_SECONDS:-900}	# of all tests in the guest
filter=${1:-}
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# tally NAME STATUS SECONDS: count what $log holds.
tally() {
	local ok bad skip plan why=
	skip=$(grep -c '^ok .* # SKIP' "$log")
	ok=$(($(grep -c '^ok ' "$log") - skip))
	bad=$(grep -c '^not ok ' "$log")
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log" | tail -n 1)
	if [ "$2" = 124 ]; then
		why="timeout"
	elif [ -z "$plan" ] || [ "$plan" != $((ok + bad + skip)) ]; then
		why="ended early, status $2"
	elif [ "$2" != 0 ] && [ "$bad" = 0 ]; then
		why="status $2"
	fi
	[ -z "$why" ] || bad=$((bad + 1))
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	if [ "$bad" = 0 ]; then
		echo "ok    $1: $ok passed$([ "$skip" = 0 ] || echo ", $skip skipped") ($3 s)"
		grep '^ok .* # SKIP' "$log" | sed 's/^ok [0-9]* - /      skipped: /'
	else
		echo "FAIL  $1: $bad failed${why:+ ($why)} ($3 s)"
		if [ -n "$why" ]; then sed 's/^/      /' "$log" | tail -n 60
		else grep -A 40 '^not ok ' "$log" | grep -v '^ok ' | sed 's/^/      /'; fi
	fi
}

# one NAME COMMAND...
one() {
	local name=$1 start=$SECONDS status=0
	shift
	timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null || status=$?
	tally "$name" "$status" $((SECONDS - start))
}

# Prints the paths of tests that match the filter.
select_tests() {
	local t
	for t in "$@"; do
		[ ! -e "$t" ] || case $t in *"$filter"*) echo "$t" ;; esac
	done
}

cd "$top" || exit 1
for t in $(select_tests tests/unit/test-*.c); do
	name=${t%.c}
	one "$name" "$KTAP_BUILD/tests/unit/${name##*/}"
done
for t in $(select_tests tests/*/test-*.sh); do
	case $t in
	tests/guest/*) ;;
	*) one "${t%.sh}" bash "$t" ;;
	esac
done

# One boot for all: a line before and after each test cuts the output apart again.
guest=$(select_tests tests/guest/test-*.sh)
if [ -n "$guest" ] && [ -n "${KTAP_NO_GUEST:-}" ]; then
	echo "skip  tests/guest: KTAP_NO_GUEST is set"
	skipped=$((skipped + $(echo "$guest" | wc -l)))
elif [ -n "$guest" ]; then
	all=$(mktemp)
	tests/vm/run --timeout "$guest_limit" -- bash tests/guest/all.sh "$limit" $guest \
		>"$all" 2>&1 </dev/null
	status=$?
	seen=0
	for t in $guest; do
		sed -n "/^### begin ${t//\//\\/}\$/,/^### end /p" "$all" >"$log"
		end=$(sed -n 's/^### end \([0-9]*\) \([0-9]*\)$/\1 \2/p' "$log")
		sed -i '/^### /d' "$log"
		[ -s "$log" ] && seen=$((seen + 1))
		tally "${t%.sh}" ${end:-124 "$guest_limit"}
	done
	# a complaint of the kernel fails no single test, but it fails the run
	if [ "$status" != 0 ]; then
		failed=$((failed + 1))
		echo "FAIL  tests/guest: the virtual machine ended with status $status"
		tail -n 40 "$all" | sed 's/^/      /'
	fi
	rm -f "$all"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
