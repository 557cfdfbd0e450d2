#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The demonstration: which system calls does find make?  In the kernel where it takes the module.
set -uo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
KTAP=${KTAP:-$top/build/perf-ktap}
[ "$(id -u)" = 0 ] || { echo "make demo needs root: sudo make demo" >&2; exit 1; }
[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null ||
	[ -d /sys/kernel/debug/tracing/events ] ||
	{ echo "cannot mount tracefs: mount -t tracefs tracefs /sys/kernel/tracing" >&2; exit 1; }

why=
if [ ! -e /proc/modules ]; then
	why="this kernel has no loadable modules"
elif [ ! -e "/lib/modules/$(uname -r)/build" ]; then
	why="no headers of kernel $(uname -r) to build the module with"
elif [ ! -d /sys/module/ktapvm ]; then
	make --no-print-directory -C "$top" module >/dev/null 2>&1 &&
		make --no-print-directory -C "$top" load >/dev/null 2>&1 ||
		why="this kernel does not take the module"
fi
if [ -z "$why" ]; then echo "ktapvm is loaded: the script runs in the kernel"
else echo "$why: the script runs in user space"; fi

script='s = {} trace syscalls:sys_enter_* { s[argname] += 1 } trace_end { histogram(s) }'
echo
echo "perf-ktap -e '$script' -- find /usr/share -name x"
"$KTAP" -e "$script" -- find /usr/share -name x
