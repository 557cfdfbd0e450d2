#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Install with apt what building (`setup.sh build`) or also testing (`setup.sh all`) needs.  Asks
# apt for nothing when nothing is missing; on other distributions it only says what to install.
set -euo pipefail

build="gcc make pkg-config libc6-dev libtraceevent-dev libelf-dev xz-utils"
all="$build clang libclang-rt-dev clang-format cppcheck qemu-system-x86 debootstrap cpio e2fsprogs
	kmod zstd linux-perf python3 strace procps"

case ${1:-all} in
build | all) ;;
*) echo "usage: tests/setup.sh build|all" >&2; exit 2 ;;
esac
want=$build
[ "${1:-all}" = build ] || want=$all

if ! command -v apt-get >/dev/null; then
	echo "no apt-get here: install these yourself:" $want "and the kernel's source package" >&2
	exit 0
fi

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}
exists() {
	compgen -G "$1" >/dev/null
}

missing=
for p in $want; do
	installed "$p" || missing="$missing $p"
done
# pkgconf provides pkg-config under a name of its own.
! command -v pkg-config >/dev/null || missing=${missing/ pkg-config/}
# Two meta packages: any version of what they stand for will do.  libperf is built from the source
# where no package brings it; the guest's module needs the headers of its kernel.
pkg-config --exists libperf 2>/dev/null || exists '/usr/src/linux-source-*.tar.*' ||
	missing="$missing linux-source"
arch=$(dpkg --print-architecture)
[ "$want" = "$build" ] || exists "/usr/src/linux-headers-*-$arch/Makefile" ||
	missing="$missing linux-headers-$arch"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "missing:$missing; run this as root, or: apt-get install$missing" >&2
	exit 1
fi
echo "installing with apt:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive \
		apt-get -qy install --no-install-recommends $missing; } </dev/null >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "apt-get could not install:$missing" >&2
	exit 1
fi
