#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# err.TAG.CASE.kp: `ktap check` reports exactly the diagnostics that are marked in the script.
#
#   print(x + )
#   #        ^ SYNTAX          a mark: column, length and tag of a diagnostic of the line above
#   # note: did you mean 'y'?   a hint that has to be among the notes
#   #@ needs: tracefs           the file is skipped without it
#
# Exit status is 1 when there is an error, 0 when there are only warnings.
. "$(dirname "$0")/../lib/tap.sh"

dir=$KTAP_TOP/tests/errors
defs=$KTAP_TOP/parser/diags.def
warnings=$(sed -n 's/^KP_DIAG(\([A-Z_]*\), *WARNING,.*/\1/p' "$defs")

# Lines "LINE:COL:LENGTH:TAG" of the marks in a script.
marks() {
	awk '/^# *\^~* [A-Z_]+$/ {
		col = index($0, "^"); split(substr($0, col), part, " ")
		print line ":" col ":" length(part[1]) ":" part[2]
		next
	}
	{ line = NR }' "$1" | sort
}

# The same of what the compiler printed.
printed() {
	awk -v file="$1" '
	index($0, file ":") == 1 {
		split(substr($0, length(file) + 2), at, ":")
		tag = $NF
		real = (tag ~ /^\[[A-Z_]+\]$/)
		next
	}
	real && /^ +\| *\^~*$/ {
		mark = $0
		sub(/^ +\| */, "", mark)
		print at[1] ":" at[2] ":" length(mark) ":" substr(tag, 2, length(tag) - 2)
		real = 0
	}' | sort
}

only_warnings() {
	for tag in $(cut -d: -f4); do
		case " $warnings " in *" $tag "*) ;; *) return 1 ;; esac
	done
}

one() {
	local file=$1 name want got hint
	name=${file##*/}
	want=$(marks "$file")
	run "$KTAP" check "$file"
	got=$(printf '%s\n' "$err" | printed "$file")
	is "$name: what is reported" "$got" "$want"
	if printf '%s\n' "$want" | only_warnings; then
		is "$name: exit status" "$status" 0
	else
		is "$name: exit status" "$status" 1
	fi
	case $want in *":$(echo "$name" | cut -d. -f2)"*) ;; *) fail "$name: has no mark of its tag" ;; esac
	while read -r hint; do
		if printf '%s\n' "$err" | grep -qF -e "note: $hint"; then
			pass "$name: note: $hint"
		else
			fail "$name: note: $hint" "$err"
		fi
	done < <(sed -n 's/^# note: //p' "$file")
}

for file in "$dir"/err.*.kp; do
	if grep -q '^#@ needs: tracefs' "$file" && [ -z "$(tracefs)" ]; then
		skip "${file##*/}" "no tracefs"
	else
		one "$file"
	fi
done

# A lack of memory cannot be had from a script: tests/unit/test-compile.c makes it.
for tag in $(sed -n 's/^KP_DIAG(\([A-Z_]*\),.*/\1/p' "$defs"); do
	if [ "$tag" = NOMEM ]; then
		ok "$tag has a test" grep -q NOMEM "$KTAP_TOP/tests/unit/test-compile.c"
	else
		ok "$tag has a test" test -n "$(ls "$dir/err.$tag."*.kp 2>/dev/null)"
	fi
done
