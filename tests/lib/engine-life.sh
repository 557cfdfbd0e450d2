# SPDX-License-Identifier: GPL-2.0-only
# How runs end: signals, exit(), errors, the command, time; and what is left behind.

need_engine

ktap_bg -e 'n = 0 trace sched:sched_switch { n += 1 } trace_end { print("end", n > 0) }'
sleep 0.5
ktap_bg_end INT
is "Ctrl-C runs trace_end" "$out" "end	true"
is "Ctrl-C: status" "$status" 0

ktap_bg -e 'trace sched:sched_switch { } trace_end { print("end") }'
ktap_bg_end TERM
is "SIGTERM runs trace_end" "$out/$status" "end/0"

ktap_bg -e 'trace sched:sched_switch { } trace_end { while (true) { } }'
kill -INT "$pid"
sleep 1
ktap_bg_end INT
like "a second Ctrl-C breaks trace_end off" "$err" "interrupted"
is "and is an error" "$status" 2

ktap -q -e 'trace sched:sched_switch { exit(7) } trace_end { print("end") }'
is "exit(n): trace_end, status n" "$out/$status" "end/7"

ktap -q -e 'print(1) exit() print(2)'
is "exit() skips the rest" "$out/$status" "1/0"

ktap -q -e 'trace sched:sched_switch { x = {} x = x + 1 } trace_end { print("end") }'
is "script error: trace_end runs, status 2" "$out/$status" "end/2"
like "script error: file, line, column" "$err" "^\(command line\):1:[0-9]+: arithmetic on a table$"

cat >"$TMP/deep.kp" <<'END'
function inner(n) {
	return n / 0
}
trace sched:sched_switch {
	inner(1)
	print("not reached")
}
END
ktap -q "$TMP/deep.kp"
like "call trace: where" "$err" "deep.kp:2:[0-9]+: division by zero$"
like "call trace: the function" "$err" "in inner \(.*deep.kp:2:"
like "call trace: its caller" "$err" "from sched:sched_switch \(.*deep.kp:5:"

ktap -q -e 'trace sched:sched_switch { while (true) { } } trace_end { print("end") }'
is "endless loop: stopped, trace_end runs" "$out/$status" "end/2"
like "endless loop: said so" "$err" ":1:[0-9]+: handler ran more than [0-9]+ instructions"

ktap -q -e 'function f(n) { return 1 + f(n) } trace sched:sched_switch { f(1) } trace_end { print("end") }'
is "endless recursion: stopped" "$out/$status" "end/2"
like "endless recursion: said so" "$err" ":1:[0-9]+: calls nested deeper than [0-9]+"

ktap -q -e 'trace sched:sched_process_exec { }' -- sh -c 'exit 5'
is "the command's status" "$status" 5
ktap -q -e 'trace sched:sched_process_exec { }' -- sh -c 'kill -9 $$'
is "the command's signal" "$status" 137
ktap -q -e 'trace sched:sched_process_exec { }' -- no-such-command
is "no such command: status" "$status" 127
like "no such command: message" "$err" "cannot run no-such-command: No such file"

begin=$(date +%s)
ktap -q --duration 1s -e 'trace sched:sched_switch { } trace_end { print("end") }'
is "--duration ends it" "$out/$status" "end/0"
ok "--duration: in time" [ $(($(date +%s) - begin)) -le 4 ]

ktap -q -o /dev/full -e 'trace sched:sched_switch { print(argevent) } trace_end { print("end") }'
is "disk full: status" "$status" 1
like "disk full: message" "$err" "cannot write /dev/full: No space left"

# Nothing is left of one that was killed.
ktap_bg -e 'trace sched:*, timer:* { } tick-10ms { } profile-10ms { }'
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
ok "kill -9: the process is gone" wait_for 100 sh -c "! kill -0 $pid"
if [ "$ENGINE" = module ]; then
	ok "kill -9: the module is free" wait_for 50 sh -c '[ "$(cat /sys/module/ktapvm/refcnt)" = 0 ]'
fi
is "kill -9: no probe events" "$(cat "$(tracefs)/kprobe_events" "$(tracefs)/uprobe_events" 2>/dev/null)" ""
ktap -q -e 'trace sched:sched_switch { exit() } trace_end { print("again") }'
is "kill -9: the next one works" "$out/$status" "again/0"
