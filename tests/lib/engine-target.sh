# SPDX-License-Identifier: GPL-2.0-only
# Which tasks and CPUs are traced: a command and its children, -p, -C, not ourselves.

need_engine

# A child of a child of the command.
ktap -q -e 't = {} trace sched:sched_process_exec { t[filename] = 1 } trace_end { print(t) }' \
	-- sh -c 'sh -c "/bin/true; :"; :'
like "children are followed" "$out" "/bin/true"
ktap -q --no-inherit -e 't = {} trace sched:sched_process_exec { t[filename] = 1 }
	trace_end { print(t) }' -- sh -c '/bin/true; :'
unlike "--no-inherit: they are not" "$out" "/bin/true"

cat >"$TMP/worker" <<'END'
while [ ! -e "$1" ]; do /bin/true; done
END
sh "$TMP/worker" "$TMP/stop" &
worker=$!
ktap -q -p $worker --duration 1s -e 't = {} trace sched:sched_process_fork { t[pid] = 1 }
	trace_end { print(t) }'
is "-p: events of that process alone" "$out" "$worker: 1"
ktap -q -p $worker --duration 1s -e 'n = 0 trace sched:sched_process_exec { if (execname == "true") { n += 1 } }
	trace_end { print(n > 0) }'
is "-p: its children are followed" "$out" true
ktap -q -p $worker --no-inherit --duration 1s -e 'n = 0 trace sched:sched_process_exec { n += 1 }
	trace_end { print(n) }'
is "-p --no-inherit: they are not" "$out" 0
touch "$TMP/stop"
wait $worker

ktap -q -p 4194000 -e 'trace sched:sched_switch { }'
is "-p of no process: status" "$status" 3
like "-p of no process: message" "$err" "4194000|process"

ktap -q -C 0 --duration 500ms -e 't = {} trace sched:sched_switch { t[cpu] = 1 } trace_end { print(t) }'
is "-C 0: events of that CPU alone" "$out" "0: 1"
ktap -q -C 4000 -e 'trace sched:sched_switch { }'
is "-C of no CPU" "$status" 3

ktap -q --duration 500ms -e 'n = 0 trace syscalls:sys_enter_write, syscalls:sys_enter_read { if (execname == "perf-ktap") { n += 1 } }
	tick-10ms { print("busy writing") } trace_end { print("own", n) }'
is "it does not trace itself" "$(printf '%s\n' "$out" | grep own)" "own	0"

ktap -q -e 'trace sched:sched_process_exec { print(pid == tid, uid, execname) }' -- true
is "context of the task" "$out" "true	0	true"
