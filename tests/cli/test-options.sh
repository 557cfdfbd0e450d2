#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command line: options, arguments, sub-commands, exit statuses.  Needs no root.
. "$(dirname "$0")/../lib/tap.sh"

run "$KTAP" -e 'print(arg[0], arg[1], arg[2] + 1)' one 41
is "-e and script arguments" "$out" "(command line)	one	42"
is "-e: status" "$status" 0

printf '%s\n' '#!/usr/bin/env -S perf-ktap' 'print(arg[0], arg[1])' >"$TMP/s.kp"
run "$KTAP" "$TMP/s.kp" -q
is "options behind the script are the script's" "$out" "$TMP/s.kp	-q"
run "$KTAP" run -q "$TMP/s.kp" x
is "run is the default command" "$out" "$TMP/s.kp	x"
chmod +x "$TMP/s.kp"
run env PATH="$(dirname "$KTAP"):$PATH" "$TMP/s.kp" x
is "#! scripts run" "$out" "$TMP/s.kp	x"
run sh -c "echo 'print(1 + 1)' | '$KTAP' -"
is "a script on stdin" "$out" 2

run "$KTAP" -e 'print("a")' -- echo b
is "-- CMD runs without events" "$out" "a
b"
run "$KTAP" -e 'print(1)' -- sh -c 'exit 3'
is "-- CMD: its status" "$status" 3
run "$KTAP" -e 'print(1)' --
is "-- without a command: status" "$status" 1
like "-- without a command" "$err" "no command behind --"

run "$KTAP"
is "no arguments: status" "$status" 1
run "$KTAP" -q
is "no script: status" "$status" 1
like "no script" "$err" "no script"
for o in --bogus -Z; do
	run "$KTAP" "$o" -e ''
	is "unknown option $o: status" "$status" 1
	like "unknown option $o: named" "$err" "unknown option '$o'"
done
run "$KTAP" -e
like "a missing argument is named" "$err" "-e needs an argument"

# OPTION|WHAT THE MESSAGE NAMES
while IFS='|' read -r option text; do
	run "$KTAP" $option -e 'print(1)'
	is "bad $option: status" "$status" 1
	like "bad $option: message" "$err" "$text"
done <<'END'
-p x|'x' is not a process id
-p 1,0|'0' is not a process id
-C a|'a' is not a list of CPUs
-C 3-1|'3-1' is not a list of CPUs
-m 3|'3' is not a power of two
--mem 5x|'5x' is not a size
--max-entries 0|'0' is not a number above 0
--on-overflow=keep|'keep' is not one of drop, error
--engine=ebpf|'ebpf' is not one of auto, module, user
--arg-base=2|'2' is neither 0 nor 1
--duration 0|'0' is not a time
--duration 5parsecs|'5parsecs' is not a time
--unsafe|not in this version
--format=json|not in this version
-t 1|not in this version
END
run "$KTAP" -p 1 -e 'print(1)' -- true
like "-p and a command exclude each other" "$err" "exclude each other"

for c in record report replay doctor; do
	run "$KTAP" $c
	is "$c: status" "$status" 1
	is "$c: said so" "$err" "perf-ktap: $c: not in this version"
done
for c in run compile disasm check list help; do
	run "$KTAP" $c --help
	is "$c --help: status" "$status" 0
	like "$c --help: usage" "$out" "^usage: perf-ktap"
done
run "$KTAP" help
for c in run compile disasm check list help; do
	like "help names $c" "$out" "^  $c "
done
run "$KTAP" -V
like "-V" "$out" "^perf-ktap [0-9]"
run "$KTAP" --version
like "--version" "$out" "^perf-ktap [0-9]"

run "$KTAP" "$TMP/none.kp"
is "no such file: status" "$status" 1
like "no such file" "$err" "cannot read $TMP/none.kp: No such file"
run "$KTAP" -o "$TMP/no/such/file" -e 'print(1)'
is "-o that cannot be: status" "$status" 1
like "-o that cannot be" "$err" "cannot write $TMP/no/such/file: No such file"
run "$KTAP" -o "$TMP/out2" -e 'print("in the file")'
is "-o FILE" "$(cat "$TMP/out2")" "in the file"
run "$KTAP" -o /dev/full -e 'print(1)'
is "disk full: status" "$status" 1
like "disk full" "$err" "cannot write /dev/full: No space left on device"

run "$KTAP" -e 'x = nil .. 1'
is "script error in main: status" "$status" 2
run "$KTAP" -e 'print(1) trace_end { print("end") } x = 1 / 0'
is "script error in main: trace_end runs" "$out" "1
end"
run "$KTAP" -e 'exit(9)'
is "exit(n)" "$status" 9
run "$KTAP" --mem 1M -e 't = {} for (i = 1, 10000000) { t[i] = i }'
is "--mem is a limit: status" "$status" 2
like "--mem is a limit" "$err" "out of memory"
run "$KTAP" --max-entries 10 -e 't = {} for (i = 1, 100) { t[i] = i }'
like "--max-entries is a limit" "$err" "table has 10 entries"
run "$KTAP" --max-entries 10 --on-overflow=drop -e 't = {} for (i = 1, 100) { t[i] = i } print(len(t))'
is "--on-overflow=drop goes on" "$out/$status" "10/0"
like "--on-overflow=drop counts" "$err" "^perf-ktap: 90 table writes dropped"
