#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every sample runs, and prints something true.  A sample without a case here is a failure.
. "$(dirname "$0")/../lib/tap.sh"
need_root
tracefs >/dev/null || skip_all "no tracefs here"
S=$KTAP_TOP/samples
ktap() { run "$KTAP" -q --engine=user "$@"; }

for sample in "$S"/*.kp; do
	name=$(basename "$sample" .kp)
	case $name in
	hello)
		ktap "$sample"
		is "$name" "$out" "hello, $(uname -m)" ;;
	all-tracepoints)
		ktap "$sample" -- true
		like "$name: the exec" "$out" 'task_rename.*newcomm=true'
		like "$name: a system call" "$out" 'sys_exit_group\(error_code: 0\)' ;;
	syscalls | lwn-syscalls)
		ktap "$sample" -- ls "$S"
		like "$name: decoded call" "$out" "ls.sys_openat\(dfd: .*filename: "
		like "$name: return" "$out" "ls.sys_execve -> 0x0"
		like "$name: last call" "$out" "sys_exit_group\(error_code: 0\)" ;;
	syscalls-of)
		ktap "$sample" -- true
		is "$name: first line" "$(echo "$out" | head -n 1)" "sys_execve -> 0x0" ;;
	syscall-hist)
		ktap "$sample" -- sh -c 'i=0; while [ $i -lt 50 ]; do umask 22; i=$((i+1)); done'
		like "$name: the count is exact" "$out" 'sys_enter_umask \|@+ +50 *$' ;;
	lwn-hist)
		ktap "$sample" -- sh -c 'i=0; while [ $i -lt 50 ]; do umask 22; i=$((i+1)); done'
		like "$name: the count is exact" "$out" 'sys_enter_umask \|@+ +50 *$' ;;
	timers)
		ktap --duration 1s "$sample"
		like "$name: tick" "$out" 'time fired on one cpu'
		like "$name: profile" "$out" 'time fired on every cpu' ;;
	sched-latency)
		ktap --duration 1s "$sample"
		like "$name: a bucket" "$out" '^ +[0-9]+ \|@* +[0-9]+' ;;
	syscall-latency)
		ktap "$sample" -- sleep 0.3
		like "$name: the sleep is the longest" "$(echo "$out" | sed -n 2p)" \
			'sys_exit_clock_nanosleep \|@+ +[0-9]{9}' ;;
	*)
		fail "$name has no test" ;;
	esac
	ok "$name succeeds" [ "$status" = 0 ]
	ok "$name is executable and starts with its purpose" \
		sh -c "test -x '$sample' && head -n 3 '$sample' | tail -n 1 | grep -q '^# '"
done
