#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every sample runs live and prints something true; a sample without a check fails.
. "$(dirname "$0")/../lib/tap.sh"

need_root
[ -n "$(tracefs)" ] || skip_all "needs tracefs"
"$KTAP" --engine=user -q -e 'trace sched:sched_process_exec { }' -- true 2>/dev/null ||
	skip_all "needs perf events"

# sample NAME OPTIONS... [-- CMD]: run samples/NAME.kp; sets $out, $err, $status.
sample() {
	name=$1
	shift
	options=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	run timeout 60 "$KTAP" --engine=user "${options[@]}" "$KTAP_TOP/samples/$name.kp" "$@"
	is "$name: status" "$status" 0
}

# Something that makes system calls while a sample without a command traces.
busy() {
	timeout 10 sh -c 'while :; do ls -d / >/dev/null; done' >/dev/null 2>&1 </dev/null &
	busy_pid=$!
}

busy_end() {
	kill "$busy_pid" 2>/dev/null
	wait "$busy_pid" 2>/dev/null
}

# exact_count NAME: the row of a call that is made so often.  (A shell's umask makes several calls.)
exact_count() {
	if ! command -v python3 >/dev/null; then
		skip "$1: the count is exact" "needs python3"
		return
	fi
	sample "$1" -- python3 -c 'import os
for i in range(500): os.umask(0o22)'
	like "$1: the count is exact" "$out" "^ +sys_enter_umask \|@* +500 *$"
}

# Events that this kernel lost to full rings are said on stderr; that is no fault of a sample.
test_hello() {
	sample hello
	is "hello: what it says" "$out" \
		"Hello from ktap on $(uname -m), Linux $(uname -r), $(getconf _NPROCESSORS_ONLN) CPUs"
}

test_all-tracepoints() {
	sample all-tracepoints -- true
	like "all-tracepoints: the exec of the command" "$out" "filename=.*true pid=[0-9]+ old_pid="
	like "all-tracepoints: the rename" "$out" "newcomm=true"
	like "all-tracepoints: its last call" "$out" "^sys_exit_group\(error_code: 0\)$"
	ok "all-tracepoints: many events" [ "$(printf '%s\n' "$out" | wc -l)" -gt 100 ]
}

test_syscalls-of() {
	sample syscalls-of -- ls /
	like "syscalls-of: the return of its exec" "$out" "^sys_execve -> 0x0$"
	like "syscalls-of: entries" "$out" "^sys_openat\(dfd: "
	like "syscalls-of: returns" "$out" "^sys_openat -> 0x"
	is "syscalls-of: the last call" "$(printf '%s\n' "$out" | tail -n 1)" \
		"sys_exit_group(error_code: 0)"
}

test_syscalls() {
	busy
	sample syscalls --duration 500ms
	busy_end
	like "syscalls: CPU, process, name, event" "$out" "^[0-9]+	[0-9]+	ls	sys_[a-z0-9_]+\("
}

test_syscall-hist() {
	sample syscall-hist -- sh -c 'i=0; while [ $i -lt 50 ]; do umask 22; i=$((i+1)); done'
	like "syscall-hist: header" "$out" "^ +value -+ Distribution -+ count$"
	like "syscall-hist: the count is exact" "$out" "^ +sys_enter_umask \|@+ +(50|100|150) *$"
}

test_timers() {
	# Some virtual machines give an idle CPU no sampling clock: keep them busy.
	for c in $(seq "$(getconf _NPROCESSORS_ONLN)"); do
		timeout 3 sh -c 'while :; do :; done' >/dev/null 2>&1 </dev/null &
	done
	sample timers --duration 1500ms
	wait
	like "timers: profile on CPU 0" "$out" "^profile on CPU 0 after [0-9]+ ticks$"
	is "timers: profile on every CPU" \
		"$(printf '%s\n' "$out" | cut -d ' ' -f 4 | sort -u | wc -l)" \
		"$(getconf _NPROCESSORS_ONLN)"
	ticks=$(printf '%s\n' "$out" | awk 'NR == 1 { print $6 }')
	ok "timers: about 1000 ticks in a second ($ticks)" [ "$ticks" -gt 500 ]
}

test_lwn-syscalls() {
	busy
	sample lwn-syscalls --duration 500ms
	busy_end
	like "lwn-syscalls: an entry" "$out" "^[0-9]+ [0-9]+	ls	sys_[a-z0-9_]+\("
	like "lwn-syscalls: a return" "$out" "^[0-9]+ [0-9]+	ls	sys_[a-z0-9_]+ -> 0x"
}

test_lwn-hist() {
	busy
	sample lwn-hist --duration 500ms
	busy_end
	like "lwn-hist: header" "$out" "^ +value -+ Distribution -+ count$"
	like "lwn-hist: a row" "$out" "^ +sys_enter_[a-z0-9_]+ \|@+ +[0-9]+$"
	sample lwn-hist -- sh -c 'i=0; while [ $i -lt 50 ]; do umask 22; i=$((i+1)); done'
	like "lwn-hist: the count is exact" "$out" "^ +sys_enter_umask \|@+ +(50|100|150) *$"
}

test_sched-latency() {
	sample sched-latency -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 0.02; done'
	like "sched-latency: header" "$out" "^microseconds +wake-ups$"
	woken=$(printf '%s\n' "$out" | awk '{ n += $4 } END { print n }')
	ok "sched-latency: the command was woken ($woken)" [ "$woken" -ge 9 ]
}

test_syscall-latency() {
	sample syscall-latency -- sleep 0.2
	like "syscall-latency: header" "$out" "^system call +calls +total us +avg us +max us$"
	slept=$(printf '%s\n' "$out" | awk '$1 ~ /^sys_enter_(clock_)?nanosleep$/ { print $3 }')
	ok "syscall-latency: the sleep took 200 ms ($slept us)" \
		[ "${slept:-0}" -ge 200000 -a "${slept:-0}" -lt 2000000 ]
}

for f in "$KTAP_TOP"/samples/*.kp; do
	name=${f##*/}
	name=${name%.kp}
	if ! declare -F "test_$name" >/dev/null; then
		fail "$name: has a check in ${0##*/}"
		continue
	fi
	ok "$name: can be executed" [ -x "$f" ]
	ok "$name: starts as a script does" \
		[ "$(head -n 1 "$f")" = "#!/usr/bin/env -S perf-ktap" ]
	ok "$name: below 60 lines" [ "$(wc -l <"$f")" -lt 60 ]
	"test_$name"
done
