#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The rules of the source text, and that their checks can fail.
. "$(dirname "$0")/../lib/tap.sh"

style() {
	run bash "$KTAP_TOP/tests/style.sh" "$1"
	if [ "$status" = 0 ]; then pass "$1"; else fail "$1" "$out$err"; fi
}

style includes
style text
style size
if command -v clang-format >/dev/null; then style format-check; else skip format "no clang-format"; fi
if command -v cppcheck >/dev/null; then style lint; else skip lint "no cppcheck"; fi

# A tree that breaks each rule once.
mkdir -p "$TMP/t/tests" "$TMP/t/vm-module/core" "$TMP/t/perf-ktap" "$TMP/t/parser"
cp "$KTAP_TOP/tests/style.sh" "$TMP/t/tests/"
cp "$KTAP_TOP/.clang-format" "$TMP/t/"
: >"$TMP/t/parser/lex.h"
echo '#include <stdio.h>' >"$TMP/t/vm-module/core/a.c"
echo '#include "../parser/lex.h"' >"$TMP/t/perf-ktap/b.c"
printf 'int  x ;\nint v = LINUX_VERSION_CODE;\n' >>"$TMP/t/perf-ktap/b.c"
cp "$TMP/t/perf-ktap/b.c" "$TMP/t/vm-module/core/v.c"
seq 700 >"$TMP/t/parser/long.c"
broken() {
	run bash "$TMP/t/tests/style.sh" "$1"
	like "$1 finds: $2" "$out" "$2"
	is "$1 fails" "$status" 1
}
broken includes 'core/a.c: the core includes no <stdio.h>'
broken includes 'b.c: perf-ktap may not include parser/lex.h'
broken text 'no licence line'
broken text 'no kernel versions'
broken size 'long.c: 700 lines'
! command -v clang-format >/dev/null || broken format-check 'b.c:2'
