#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The virtual machine itself: what comes back from it, and what it makes of a bad end.
. "$(dirname "$0")/../lib/tap.sh"
[ -z "${KTAP_NO_GUEST:-}" ] || skip_all "KTAP_NO_GUEST is set"
vm=$KTAP_TOP/tests/vm/run
# The first run of all also tells that it makes the images.
"$vm" --no-module -- true 2>/dev/null

echo "brought along" >"$TMP/file"
run "$vm" --cpus 1 --add "$TMP/file:/tmp-add/x" -- \
	sh -c 'cat /tmp-add/x; echo err >&2; nproc; [ -c /dev/ktapvm ] && echo device; exit 7'
is "exit status" "$status" 7
is "stdout, --add, --cpus, the module" "$out" "brought along
1
device"
is "stderr" "$err" "err"

run "$vm" --no-module -- sh -c 'ls /dev/ktapvm; echo c >/proc/sysrq-trigger; sleep 20'
is "a panic: status" "$status" 125
like "a panic: the console is shown" "$err" 'Kernel panic|sysrq triggered crash'
like "no module with --no-module" "$err" 'ktapvm.*No such file'

run "$vm" --no-module -- sh -c 'echo "<4>WARNING: made up" >/dev/kmsg'
is "a warning: status" "$status" 125
like "a warning: it is shown" "$err" 'WARNING: made up'

run "$vm" --no-module --timeout 9 -- sleep 1000
is "timeout: status" "$status" 124
like "timeout: said" "$err" 'timeout after 9 seconds'

run "$vm" --kernel 1.0 -- true
is "unknown kernel: status" "$status" 123
like "unknown kernel: those that are known" "$err" "no such kernel: '1.0' \(known: 6.1"
