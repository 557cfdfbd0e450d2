#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# compile, disasm, check, list; chunk files that are good and bad.
. "$(dirname "$0")/../lib/tap.sh"
cd "$TMP" || exit 1

echo 'function twice(x) { return x * 2 } print(twice(21), "text")' >a.kp
run "$KTAP" compile a.kp
is "compile: status" "$status" 0
ok "compile: x.kp makes x.ktapc" [ -s a.ktapc ]
run "$KTAP" a.ktapc
is "a chunk runs" "$out" "42	text"
run "$KTAP" compile -o b.ktapc a.kp
ok "compile -o" cmp -s a.ktapc b.ktapc
run "$KTAP" compile -o c.ktapc -e 'print(arg[1])'
run "$KTAP" c.ktapc hello
is "compile -e; arguments reach a chunk" "$out" hello

run "$KTAP" disasm a.ktapc
is "disasm: status" "$status" 0
like "disasm: functions with names" "$out" "^function [0-9]+ twice \(line 1\): 1 parameters"
like "disasm: instructions with place and operands" "$out" "^ +[0-9]+ +1:[0-9]+ +CALLB +r[0-9]+, [0-9]+, 2 +; print$"
like "disasm: constants" "$out" "^constant [0-9]+: \"text\"$"
run "$KTAP" disasm a.kp
like "disasm of a script" "$out" "^function 0 "
run "$KTAP" -b a.kp
like "-b lists, then runs" "$out" "CALLB"
like "-b lists, then runs" "$(printf '%s\n' "$out" | tail -n 1)" "42	text"

echo 'print(1' >bad.kp
run "$KTAP" compile bad.kp
is "compile of a bad script: status" "$status" 1
like "compile of a bad script: place" "$err" "^bad.kp:[12]:[0-9]+: error: "
not_ok "compile of a bad script: no chunk" [ -e bad.ktapc ]
run "$KTAP" check a.kp bad.kp
is "check: status of the worst" "$status" 1
run "$KTAP" check a.kp a.ktapc
is "check: good ones" "$status/$out" "0/"
run "$KTAP" check
is "check of nothing" "$status" 1

# Damage of any kind is refused with its reason, before anything runs.
head -c 40 a.ktapc >cut.ktapc
run "$KTAP" cut.ktapc
is "cut chunk: status" "$status" 1
like "cut chunk: reason" "$err" "cut.ktapc: chunk refused: .*\[TRUNCATED\]"
cp a.ktapc flip.ktapc
printf 'X' | dd of=flip.ktapc bs=1 seek=200 conv=notrunc status=none
run "$KTAP" flip.ktapc
is "changed chunk: status" "$status" 1
like "changed chunk: reason" "$err" "checksum"
cp a.ktapc version.ktapc
printf '\377' | dd of=version.ktapc bs=1 seek=4 conv=notrunc status=none
run "$KTAP" version.ktapc
like "chunk of another version" "$err" "bytecode version 255, this ktap runs version [0-9]+"
run "$KTAP" disasm cut.ktapc
is "disasm of a bad chunk" "$status" 1

[ "$(id -u)" = 0 ] && [ -n "$(tracefs)" ] || { skip "list, check of events" "needs root and tracefs"; exit; }

run "$KTAP" list 'sched:sched_switch'
is "list: one" "$out" "sched:sched_switch"
run "$KTAP" -le 'sched:sched_swit*'
is "-le GLOB" "$out" "sched:sched_switch"
run "$KTAP" list -v sched_switch
like "list -v: fields with types" "$out" "^    prev_comm +char\[16\]$"
run "$KTAP" list 'nothing:*'
is "list of nothing: status" "$status" 1
run "$KTAP" list
ok "list of all" [ "$(printf '%s\n' "$out" | wc -l)" -gt 100 ]

# EVENT|MESSAGE
while IFS='|' read -r event text; do
	run "$KTAP" -e "trace $event { print(1) }"
	is "no event $event: status" "$status" 1
	like "no event $event: message" "$err" "$text"
done <<'END'
sched:sched_swich|^\(command line\):1:7: error: no event 'sched:sched_swich'; did you mean 'sched:sched_switch'\?
sched_switch|did you mean 'sched:sched_switch'\?
nothing:*|no event matches 'nothing:\*'
END
echo 'trace sched:sched_switch { print(args.prev_com) }' >f.kp
run "$KTAP" check f.kp
like "check: a field that is not there" "$err" "^f.kp:1:[0-9]+: error: .*prev_com"
run "$KTAP" check --no-events f.kp
is "check --no-events does not look" "$status" 0
run "$KTAP" compile f.kp
is "compile does not look either" "$status" 0
run "$KTAP" f.ktapc
is "the chunk does: status" "$status" 1
like "the chunk does: place and near name" "$err" "^f.kp:1:[0-9]+: error: .*'prev_com'; did you mean 'prev_comm'\?"
run "$KTAP" --engine=user -e 'trace sched:sched_switch /nofield == 1/ { }'
is "bad filter: status" "$status" 3
like "bad filter: message" "$err" "filter /nofield == 1/ does not fit sched:sched_switch"
[ -e /dev/ktapvm ] || {
	run "$KTAP" --engine=module -e 'trace sched:sched_switch { }'
	is "no module: status" "$status" 3
	like "no module: message" "$err" "no /dev/ktapvm: the module ktapvm is not loaded"
	run "$KTAP" -v -e 'print(1)'
	like "-v names the engine" "$err" "^perf-ktap: engine: user \(there is no /dev/ktapvm"
}

# As somebody who may not trace.
if command -v setpriv >/dev/null; then
	chmod 755 "$TMP"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$KTAP" -e 'trace sched:sched_switch { }'
	is "without privileges: status" "$status" 3
	is "without privileges: one line" "$(printf '%s\n' "$err" | wc -l)" 1
	like "without privileges: what is needed" "$err" "root"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$KTAP" -e 'print(1)'
	is "without privileges: what needs none" "$out" 1
else
	skip "without privileges" "needs setpriv"
fi
