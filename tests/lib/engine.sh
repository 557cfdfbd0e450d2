# SPDX-License-Identifier: GPL-2.0-only
# For tests that run with either engine: tests/live sets ENGINE=user, tests/guest ENGINE=module.
# Sourced after tap.sh.

: "${ENGINE:=user}"

# What every such test needs; skips all where it is not there.
need_engine() {
	need_root
	[ -n "$(tracefs)" ] || skip_all "needs tracefs"
	if [ "$ENGINE" = module ]; then
		[ -e /dev/ktapvm ] || skip_all "needs the module ktapvm"
	else
		"$KTAP" --engine=user -q -e 'trace sched:sched_process_exec { }' -- true 2>/dev/null ||
			skip_all "needs perf events"
	fi
}

# ktap ARGS...: run perf-ktap with the engine under test; sets $out, $err, $status as run does.
ktap() {
	run "$KTAP" --engine="$ENGINE" "$@"
}

# ktap_bg ARGS...: the same in the background, output in $TMP/bg.out and bg.err; $pid.  Returns when
# it traces.
ktap_bg() {
	"$KTAP" --engine="$ENGINE" "$@" >"$TMP/bg.out" 2>"$TMP/bg.err" </dev/null &
	pid=$!
	wait_for 100 grep -q Tracing "$TMP/bg.err"
}

# ktap_bg_end SIGNAL: send it, wait; sets $out, $err, $status.
ktap_bg_end() {
	kill -"$1" "$pid"
	status=0
	wait "$pid" 2>/dev/null || status=$?
	out=$(cat "$TMP/bg.out")
	err=$(cat "$TMP/bg.err")
}

# wait_for TENTHS COMMAND...: until it succeeds; fails when the time is over.
wait_for() {
	wait_n=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		wait_n=$((wait_n - 1))
		[ "$wait_n" -gt 0 ] || return 1
		sleep 0.1
	done
}
