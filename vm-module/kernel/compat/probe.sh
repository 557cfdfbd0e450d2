#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What does this kernel have?  usage: probe.sh KDIR TRYDIR OUTDIR -> OUTDIR/compat.h
#
# Each TRYDIR/name.c compiles or does not; the header then says HAVE_NAME or not.  One `make -k` on
# the kernel's own build compiles all of them: the flags are the real ones, and it takes a second.
# sanity.c always compiles where the tool chain works, so its failure is not taken for an old kernel.
set -eu

kdir=$1 try=$2 out=$3
header=$out/compat.h
work=$out/try
stamp=$work/stamp

# Nothing to do while no probe, nor the kernel's configuration, is newer than the answers.
if [ -e "$header" ] && [ -e "$stamp" ] &&
	[ -z "$(find "$try" "$0" "$kdir/include/config/auto.conf" -newer "$stamp")" ]; then
	exit 0
fi

rm -rf "$work"
mkdir -p "$work"
{
	echo "ccflags-y := -Werror -Wno-unused -Wno-missing-prototypes"
	for c in "$try"/*.c; do
		name=$(basename "$c" .c)
		ln -s "$c" "$work/$name.c"
		echo "obj-m += $name.o"
	done
} >"$work/Kbuild"

# modpost may complain afterwards; what counts is which objects exist.
MAKEFLAGS= make -k -j"$(nproc)" -C "$kdir" M="$work" modules >"$work/log" 2>&1 || true

if [ ! -e "$work/sanity.o" ]; then
	cat "$work/log" >&2
	echo "probe.sh: sanity.c does not compile on $kdir: the kernel build does not work" >&2
	exit 1
fi

{
	echo "/* Made by probe.sh for $(basename "$out"). */"
	for c in "$try"/*.c; do
		name=$(basename "$c" .c)
		macro=HAVE_$(echo "$name" | tr a-z A-Z)
		if [ -e "$work/$name.o" ]; then
			echo "#define $macro 1"
		else
			echo "/* $macro is not set */"
		fi
	done
} >"$header.new"

# Same answers: keep their date of last change from rebuilding everything that includes them.
if cmp -s "$header.new" "$header"; then
	rm "$header.new"
else
	mv "$header.new" "$header"
fi
touch "$stamp"
