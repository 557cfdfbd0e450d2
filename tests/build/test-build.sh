#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The ways to build: the other compiler, without libelf, again with nothing to do; install.
. "$(dirname "$0")/../lib/tap.sh"
[ -e "$KTAP_TOP/Makefile" ] || skip_all "needs the source tree"

# Our caller may be a make of its own, with flags and jobs that are not ours.
mk() {
	run env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make --no-print-directory -C "$KTAP_TOP" "$@"
}

built() {
	if [ "$status" = 0 ]; then pass "$1"; else fail "$1" "$out
$err"; fi
}

if command -v clang >/dev/null; then
	mk B=build/clang CC=clang WERROR=1 all
	built "clang, warnings are errors"
	run "$KTAP_BUILD/clang/perf-ktap" --engine=user -e 'print("clang")'
	is "what clang built runs" "$out" clang
else
	skip "clang" "no clang"
fi

mk B=build/no-libelf NO_LIBELF=1 WERROR=1 all
built "NO_LIBELF=1"
unlike "no libelf is linked then" "$(ldd "$KTAP_BUILD/no-libelf/perf-ktap")" 'libelf'

mk B=build/no-libelf NO_LIBELF=1 WERROR=1 all
unlike "a second make does nothing" "$out" ' (CC|AR|LD) '

cd "$KTAP_TOP" || exit
is "no object is beside its source" "$(find perf-ktap parser plugins vm-module -name '*.o' \
	-o -name '*.ko' 2>/dev/null)" ""

mk B=build/no-libelf NO_LIBELF=1 WERROR=1 PREFIX=/usr DESTDIR="$TMP/root" install
built "install DESTDIR= PREFIX="
run "$TMP/root/usr/bin/perf-ktap" --engine=user -e 'print("installed")'
is "what is installed runs" "$out" installed
mk B=build/no-libelf NO_LIBELF=1 WERROR=1 PREFIX=/usr DESTDIR="$TMP/root" uninstall
is "uninstall leaves no file" "$(find "$TMP/root" -type f)" ""

mk module KDIR=/nonexistent
is "no kernel headers: status" "$status" 2
like "no kernel headers: what to do" "$err" '^no kernel headers found in /nonexistent: apt-get install'
