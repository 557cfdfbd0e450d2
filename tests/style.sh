#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The source text: style.sh format | format-check | lint | size | includes | text
# Each check prints what is wrong as FILE[:LINE]: TEXT and then ends with status 1.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

# What a fresh clone holds, whether or not there is a git here.
files() {
	find . -path ./build -prune -o -path ./.git -prune -o -type f -print | sed 's,^\./,,' | sort
}

# The contract's headers align their comments in columns, as the .def tables do: both are exempt.
c_files() {
	files | grep -E '\.[ch]$' | grep -v '^vm-module/include/ktap/'
}

format() {
	c_files | xargs clang-format -i
}

format_check() {
	c_files | xargs clang-format --dry-run -Werror 2>&1 | grep ': error:'
	[ "${PIPESTATUS[2]}" != 0 ]
}

# invalidPrintfArgType_uint: cppcheck takes the literals of a printf's macros for signed.
# wrongPrintfScanfArgNum: it cannot count the arguments of a format that it does not see.
lint() {
	local status=0
	cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr \
		--suppress=invalidPrintfArgType_uint --suppress=wrongPrintfScanfArgNum \
		--error-exitcode=1 --template='{file}:{line}: {message} [{id}]' -j "$(nproc)" \
		-D_GNU_SOURCE -Ivm-module/include \
		parser perf-ktap vm-module/core vm-module/user \
		$(compgen -G 'plugins/*.c') || status=1
	# Not in every Debian machine's list of packages for ktap, so only where it is.
	if command -v shellcheck >/dev/null; then
		files | xargs grep -lE '^#!/bin/(ba)?sh' | xargs shellcheck -x -S error || status=1
	fi
	return $status
}

size() {
	files | grep -vE '^COPYING$|\.out$' | xargs wc -l |
		awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines, 600 allowed"; bad = 1 }
			END { exit bad }'
}

# design.md's arrows.  For each folder: which files of ours its quoted includes may reach.  The core
# includes no system header either; all others may.
includes() {
	local dir allowed file inc target base status=0
	while read -r dir allowed; do
		while IFS=: read -r file inc; do
			case $inc in
			'<ktap/'*) continue ;;
			'<ktap_env.h>') [[ $dir == vm-module/* ]] && continue ;;
			'<'*)
				[ "$dir" = vm-module/core ] || continue
				echo "$file: the core includes no $inc"; status=1
				continue ;;
			esac
			inc=${inc//[\"<>]/}
			for base in "$(dirname "$file")" "$dir" .; do
				target=$(realpath -m --relative-to=. "$base/$inc")
				[ ! -e "$target" ] || break
			done
			if ! [[ $target =~ $allowed ]]; then
				echo "$file: $dir may not include $target"; status=1
			fi
		done < <(grep -rHoE --include='*.[ch]' '^[ 	]*#[ 	]*include[ 	]+["<][^">]+[">]' "$dir" |
			sed -E 's/:[^:]*include[ 	]+/:/')
	done < <(awk 'NF { print }' <<-'END' | while read -r d a; do [ ! -d "$d" ] || echo "$d $a"; done
		vm-module/core    ^vm-module/core/
		vm-module/kernel  ^vm-module/(core|kernel)/
		vm-module/user    ^vm-module/(core|user)/
		parser            ^parser/
		plugins           ^plugins/
		perf-ktap         ^perf-ktap/|^parser/parser\.h$
	END
	)
	return $status
}

# No trace of one machine or mirror; a licence on each source; versions only below compat/.
text() {
	local status=0 code
	code=$(files | grep -E '\.([ch]|def|sh|py|mk)$|Makefile$|Kbuild$|^\.ci/|^tests/vm/|\.kp$')
	if echo "$code" | xargs grep -nE 'https?://'; then
		echo "no addresses in code: mirrors come from apt's configuration"; status=1
	fi
	if files | xargs grep -nIF -e "$PWD/" -e '/wo''rk/'; then
		echo "no paths of one machine"; status=1
	fi
	if grep -rnE 'LINUX_VERSION_CODE|KERNEL_VERSION\(' vm-module | grep -v '^vm-module/kernel/compat/'; then
		echo "no kernel versions outside kernel/compat"; status=1
	fi
	for f in $(echo "$code" | grep -vE '\.kp$|complaints$'); do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' ||
			{ echo "$f: no licence line"; status=1; }
	done
	if echo "$code" | xargs grep -nE '[ 	]+$'; then
		echo "no blanks at the end of a line"; status=1
	fi
	return $status
}

case ${1:-} in
format | lint | size | includes | text) "$1" ;;
format-check) format_check ;;
*) echo "usage: style.sh format|format-check|lint|size|includes|text" >&2; exit 2 ;;
esac
