# SPDX-License-Identifier: GPL-2.0-only
# Losses are counted exactly: what happened = what was seen + what is reported lost.

need_engine

calls=20000
# One page of ring: more than it holds comes before anybody reads.
ktap -v -m 1 -o "$TMP/lines" -e 'trace syscalls:sys_enter_write { print("x", nsecs, execname, argevent) }' \
	-- dd if=/dev/zero of=/dev/null bs=1 count=$calls status=none
lost=$(printf '%s\n' "$err" | sed -n 's/^perf-ktap: \([0-9]*\) [a-z]* lost.*/\1/p')
lines=$(wc -l <"$TMP/lines")
is "seen ($lines) + lost (${lost:-0}) = happened" $((lines + ${lost:-0})) $calls
ok "a small ring does lose (${lost:-0})" [ "${lost:-0}" -gt 0 ]
unlike "nothing vanishes without a trace" "$err" "missing|damaged"
if [ "$ENGINE" = module ]; then
	rings=$(printf '%s\n' "$err" | sed -n 's/.*rings: \([0-9]*\) emitted, \([0-9]*\) received, \([0-9]*\) lost/\1 \2 \3/p')
	set -- $rings
	is "emitted = received + lost" "${1:-none}" $((${2:-0} + ${3:-0}))
	is "one record a call" "${1:-none}" $calls
fi

# Counting in a table needs no ring in the module, and a ring of usual size suffices in user space.
ktap -v -e 'n = 0 trace syscalls:sys_enter_write { n += 1 } trace_end { print(n) }' \
	-- dd if=/dev/zero of=/dev/null bs=1 count=$calls status=none
if [ "$ENGINE" = module ]; then
	is "a counter is exact" "$out" $calls
else
	lost=$(printf '%s\n' "$err" | sed -n 's/^perf-ktap: \([0-9]*\) [a-z]* lost.*/\1/p')
	is "a counter is exact, lost ones (${lost:-0}) included" $((out + ${lost:-0})) $calls
fi

# Long records are split and put together again, and wrap around the end of rings.
ktap -q -m 8 -e 't = {} for (i = 1, 60) { t["a rather long key, number " .. i] = "and its rather long value, to fill " .. i }
	n = 0 tick-10ms { print(t) n += 1 if (n == 40) { exit() } }'
is "long records come whole" "$(printf '%s\n' "$out" | sort | uniq -c | awk '{ print $1 }' | sort -u)" 40
is "and nothing is lost" "$err" ""
