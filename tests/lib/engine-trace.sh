# SPDX-License-Identifier: GPL-2.0-only
# Tracepoints of a command: text, order, counts, fields, several blocks.

need_engine

ktap -e 'trace syscalls:* { print(cpu(), pid(), execname(), argevent) }' -- ls /
is "ls: status" "$status" 0
like "ls: opens show decoded" "$out" \
	"^[0-9]+	[0-9]+	ls	sys_openat\(dfd: ffffff9c, filename: [0-9a-f]+, flags: [0-9a-f]+, mode: 0\)$"
like "ls: returns show" "$out" "^[0-9]+	[0-9]+	ls	sys_close -> 0x0$"
like "ls: the last call is exit_group" "$(printf '%s\n' "$out" | tail -n 1)" \
	"	ls	sys_exit_group\(error_code: 0\)$"
is "ls: one process" "$(printf '%s\n' "$out" | grep sys_ | cut -f 2 | sort -u | wc -l)" 1
# In order: a call and its return are next to each other.
disorder=$(printf '%s\n' "$out" | grep -o 'sys_[a-z0-9_]*' | grep -v exit_group | sed 1d |
	awk 'NR % 2 { call = $0; next } $0 != call { print "line " NR ": " call " " $0 }' | head -n 3)
is "ls: calls and returns in order" "$disorder" ""
like "ls: says that it traces" "$err" "^Tracing\.\.\. Hit Ctrl-C to end\.$"
unlike "ls: nothing lost" "$err" "lost|missed|damaged|missing"

dir=/usr/share
if command -v perf >/dev/null; then
	perf stat -x, -o "$TMP/stat" -e 'syscalls:sys_enter_*' find "$dir" -name x >/dev/null 2>&1
	sed -n 's/^\([1-9][0-9]*\),,syscalls:\([a-z0-9_]*\),.*/\2: \1/p' "$TMP/stat" | sort >"$TMP/want"
	ktap -q -o "$TMP/got" -e 's = {} trace syscalls:sys_enter_* { s[argname] += 1 }
		trace_end { print(s) }' -- find "$dir" -name x
	is "find: the counts of perf stat" "$(sort "$TMP/got")" "$(cat "$TMP/want")"
	unlike "find: nothing lost" "$err" "lost|missed|damaged|missing"
else
	skip "find: the counts of perf stat" "needs perf"
fi

ktap -q -e 's = {} trace syscalls:sys_enter_* { s[argname] += 1 } trace_end { histogram(s) }' \
	-- find /usr/share/doc -name x
like "histogram: header" "$out" \
	"^                          value ------------- Distribution ------------- count$"
like "histogram: rows" "$out" "^ +sys_enter_[a-z0-9_]+ \|@+ +[0-9]+$"

ktap -q -e 'trace sched:sched_process_exec { print(filename, args.pid == tid(), execname) }' \
	-- sh -c /bin/true
is "fields by name, strings too" "$(printf '%s\n' "$out" | tail -n 1)" "/bin/true	true	true"

ktap -q -e 'trace syscalls:sys_enter_write { if (arg2 == 1) { print(arg1 == __syscall_nr, arg4) } }' \
	-- echo hello
is "fields by number" "$(printf '%s\n' "$out" | grep -v hello)" "true	6"

ktap -q -e 'trace syscalls:sys_enter_write { print("a") } trace syscalls:sys_enter_write { print("b") }' \
	-- sh -c 'echo x >/dev/null'
is "blocks of one event run in order" "$out" "a
b"
ktap -q -e 'trace sched:sched_process_exec { print("a", pid == args.pid) }
	trace sched:sched_process_exec { print("b", pid == args.pid) }' -- true
is "blocks with fields too" "$out" "a	true
b	true"

# (Linux 6.1 takes perf events off a task before its sched_process_exit.)
ktap -q -e 'trace sched:sched_process_exec, sched:sched_process_fork { print(argname) }' \
	-- sh -c '/bin/true; :'
is "a list of events" "$(printf '%s' "$out" | tr '\n' ' ')" \
	"sched_process_exec sched_process_fork sched_process_exec"

ktap -q -e 'trace sched:sched_switch { printf("%s -> %s\n", prev_comm, next_com) }'
is "misspelt field: status" "$status" 1
like "misspelt field: the near name" "$err" "did you mean 'next_comm'"
like "misspelt field: the real ones" "$err" "prev_comm, prev_pid, prev_prio"

ktap -q -T -e 'trace sched:sched_process_exec { print(argevent) }' -- true
like "-T: seconds since boot" "$out" "^ *[0-9]+\.[0-9]{6}: filename="

ktap -q -d -e 'n = 0 trace syscalls:* { n += 1 } trace_end { print(n) }' -- true
is "-d: no handler runs" "$out" 0

ktap -q -o "$TMP/file" -e 'trace sched:sched_process_exec { print(execname) }' -- true
is "-o: output in the file" "$(cat "$TMP/file")" true
is "-o: and not elsewhere" "$out" ""

ktap -q -e 't = {} t["k"] = 0
	trace syscalls:sys_enter_reboot { t["k"] += 1 }
	trace_end { print(t["k"]) }' -- true
is "an event that does not happen" "$out" 0

ktap -q -s sched:sched_process_exec -- true
like "-s EVENT prints cpu, tid, name and event" "$out" "^[0-9]+	[0-9]+	true	filename=.*/true pid=[0-9]+"
