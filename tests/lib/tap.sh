# SPDX-License-Identifier: GPL-2.0-only
# TAP for shell tests:   . "$KTAP_TOP/tests/lib/tap.sh"
# The plan is printed at exit, so a test only checks; `skip_all WHY` ends it as one skip.
# $TMP is a folder of the test's own, removed at exit.  Sourced by bash or sh.

: "${KTAP_TOP:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${KTAP_BUILD:=$KTAP_TOP/build}"
: "${KTAP:=$KTAP_BUILD/perf-ktap}"
export KTAP KTAP_TOP KTAP_BUILD

tap_count=0
tap_failed=0
TMP=$(mktemp -d)

tap_end() {
	tap_status=$?
	rm -rf "$TMP"
	echo "1..$tap_count"
	# A test that a shell error ended has not passed, whatever it printed until then.
	[ "$tap_status" -ne 0 ] || [ "$tap_failed" -eq 0 ] || tap_status=1
	exit "$tap_status"
}
trap tap_end EXIT

pass() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

# fail NAME [TEXT]: TEXT is shown as comment lines.
fail() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /'
}

# ok NAME COMMAND...: passes when COMMAND does; not_ok when it does not.
ok() {
	tap_name=$1
	shift
	if "$@"; then pass "$tap_name"; else fail "$tap_name" "exit status $? from: $*"; fi
}

not_ok() {
	tap_name=$1
	shift
	if "$@"; then fail "$tap_name" "exit status 0 from: $*"; else pass "$tap_name"; fi
}

# is NAME GOT WANT: equal text.
is() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:
$2
want:
$3"; fi
}

# like NAME TEXT REGEX, unlike NAME TEXT REGEX: a line of TEXT matches (grep -E).
like() {
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then pass "$1"; else fail "$1" "no match of /$3/ in:
$2"; fi
}

unlike() {
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then fail "$1" "a match of /$3/ in:
$2"; else pass "$1"; fi
}

# run COMMAND...: sets $out (stdout), $err (stderr) and $status.
run() {
	status=0
	"$@" >"$TMP/out" 2>"$TMP/err" </dev/null || status=$?
	out=$(cat "$TMP/out")
	err=$(cat "$TMP/err")
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

skip_all() {
	skip "${0##*/}" "$1"
	exit 0
}

need_root() {
	[ "$(id -u)" = 0 ] || skip_all "needs root"
}

# Where tracefs is, mounting it where nobody has.
tracefs() {
	for tap_dir in /sys/kernel/tracing /sys/kernel/debug/tracing; do
		[ ! -d "$tap_dir/events" ] || { echo "$tap_dir"; return; }
	done
	mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null && echo /sys/kernel/tracing
}
