#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Install with apt what building (`setup.sh build`) or also testing (`setup.sh all`) needs.  Asks
# apt for nothing when nothing is missing; on other distributions it only says what to install.
set -euo pipefail

build="gcc make pkg-config libc6-dev libtraceevent-dev libelf-dev xz-utils flex bison python3"
all="$build clang llvm libclang-rt-dev clang-format cppcheck qemu-system-x86 debootstrap cpio
	e2fsprogs kmod zstd linux-perf strace procps man-db"

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

case ${1:-all} in
build) want=$build ;;
all) want=$all ;;
*) echo "usage: tests/setup.sh build|all" >&2; exit 1 ;;
esac

if ! command -v apt-get >/dev/null; then
	echo "no apt-get here: install these yourself:" $want "and the kernel's source package" >&2
	exit 0
fi

missing=
for p in $want; do
	# clang's runtime carries the version in its package's name
	case $p in
	libclang-rt-dev)
		p=$(dpkg-query -W -f '${Package}\n' 'libclang-rt-*-dev' 2>/dev/null | head -n 1)
		[ -n "$p" ] && installed "$p" || missing="$missing libclang-rt-dev" ;;
	*) installed "$p" || missing="$missing $p" ;;
	esac
done
# libperf is built from the kernel's source package where no package brings it
if ! pkg-config --exists libperf 2>/dev/null && ! ls /usr/src/linux-source-*.tar.* >/dev/null 2>&1
then
	missing="$missing linux-source"
fi
# The guest's module is built with the headers of its kernel; tests/vm/kernel finds the image of
# the same version.
arch=$(dpkg --print-architecture)
if [ "$want" = "$all" ] && ! ls -d /usr/src/linux-headers-*-"$arch" >/dev/null 2>&1; then
	missing="$missing linux-headers-$arch"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "missing:$missing; run this as root, or: apt-get install$missing" >&2
	exit 1
fi
echo "installing with apt:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Names that depend on the release are found now that the lists are there.
resolved=
for p in $missing; do
	case $p in
	linux-source) p=$(apt-cache depends linux-source | awk '/Depends:/ { print $2; exit }') ;;
	libclang-rt-dev) p=$(apt-cache search --names-only '^libclang-rt-[0-9]+-dev$' |
		sort -V | awk 'NR == 1 { print $1 }') ;;
	esac
	resolved="$resolved $p"
done
apt-get install -qq -y --no-install-recommends $resolved >/dev/null
