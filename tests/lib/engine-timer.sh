# SPDX-License-Identifier: GPL-2.0-only
# tick and profile timers.

need_engine

cpus=$(getconf _NPROCESSORS_ONLN)

ktap --duration 1050ms -e 'n = 0 tick-100ms { n += 1 } trace_end { print(n) }'
ok "tick-100ms: ten in a second ($out)" [ "$out" -ge 8 -a "$out" -le 10 ]
like "timers alone are traced" "$err" "Tracing"

ktap -q --duration 550ms -e 'n = 0 tick-50hz { n += 1 } trace_end { print(n) }'
ok "tick-50hz: in half a second ($out)" [ "$out" -ge 20 -a "$out" -le 28 ]

# Busy CPUs: some virtual machines give an idle one no sampling clock, to perf neither.
# They end by themselves and hold none of our pipes, whatever becomes of this test.
for c in $(seq "$cpus"); do
	timeout 4 sh -c 'while :; do :; done' >/dev/null 2>&1 </dev/null &
done
ktap -q --duration 1050ms -e 't = {} profile-100ms { t[cpu] += 1 } trace_end { print(len(t), t[0] > 5) }'
wait
is "profile: every CPU" "$out" "$cpus	true"

ktap -q -e 'a = 0 b = 0 tick-20ms { a += 1 } tick-100ms { b += 1 if (b == 3) { exit() } }
	trace_end { print(a >= 12 and a <= 18) }'
is "two timers beside each other" "$out" true

ktap -q --duration 1s -e 'last = 0 bad = 0 tick-10ms { if (nsecs <= last) { bad += 1 } last = nsecs }
	trace_end { print(bad, last > 0) }'
is "time goes on" "$out" "0	true"

ktap -q -e 'n = 0 tick-10ms { n += 1 if (n == 5) { exit(n) } }'
is "exit(n) from a timer" "$status" 5

ktap -q -e 'tick-10x { }'
is "wrong unit: status" "$status" 1
like "wrong unit: message" "$err" "unknown unit 'x'"
ktap -q -e 'tick-1us { }'
like "too fast" "$err" "below 10us"
