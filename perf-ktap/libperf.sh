#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# libperf from the kernel's source package, for systems that have no libperf-dev.
# usage: libperf.sh OUTDIR -> OUTDIR/{include,lib/libperf.a,lib/libapi.a,stamp}
set -eu

mkdir -p "$1"
out=$(cd "$1" && pwd)
tarball=
for t in $(ls /usr/src/linux-source-*.tar.* 2>/dev/null | sort -V); do
	tarball=$t
done
if [ -z "$tarball" ]; then
	echo "libperf is missing: apt-get install linux-source xz-utils" >&2
	exit 1
fi

# The architecture as the kernel's build names it: it chooses the folder of asm/ headers.
case $(${CC:-cc} -dumpmachine) in
x86_64-*) arch=x86 ;;
i?86-*) arch=i386 ;;
aarch64-*) arch=arm64 ;;
arm-*) arch=arm ;;
powerpc*) arch=powerpc ;;
mips*) arch=mips ;;
s390x-*) arch=s390 ;;
riscv*) arch=riscv ;;
*) arch=$(uname -m) ;;
esac

top=$(basename "$tarball")
top=${top%.tar.*}
rm -rf "$out/src" "$out/obj"
mkdir -p "$out/src" "$out/obj" "$out/lib"
tar -C "$out/src" -xf "$tarball" \
	"$top"/tools/lib/perf "$top"/tools/lib/api "$top"/tools/lib/zalloc.c \
	"$top"/tools/lib/str_error_r.c "$top"/tools/build "$top"/tools/scripts \
	"$top"/tools/include "$top"/tools/arch

# Our caller's make flags and variables are not meant for the kernel's makefiles.
build() {
	env -u MAKEFLAGS -u MAKEOVERRIDES -u MFLAGS -u CFLAGS -u V -u B make -s \
		-C "$out/src/$top/tools/lib/perf" ARCH=$arch ${CC:+CC="$CC"} OUTPUT="$out/obj/" "$@"
}
log=$out/build.log
if ! { build "$out/obj/libapi.a" "$out/obj/libperf.a" &&
	build DESTDIR="$out/stage" prefix=/usr install_headers; } >"$log" 2>&1; then
	cat "$log" >&2
	echo "libperf did not build from $tarball" >&2
	exit 1
fi
cp "$out/obj/libapi.a" "$out/obj/libperf.a" "$out/lib/"
rm -rf "$out/include"
mv "$out/stage/usr/include" "$out/include"
rm -rf "$out/src" "$out/obj" "$out/stage"
echo "$top" >"$out/stamp"
