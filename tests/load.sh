#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# load.sh load|unload BUILD: insert or remove the module on this machine.
set -eu
ko=$2/module/$(uname -r)/ktapvm.ko
[ "$(id -u)" = 0 ] || { echo "make $1: needs root" >&2; exit 1; }
case $1 in
load)
	[ ! -d /sys/module/ktapvm ] || { echo "ktapvm is loaded already"; exit 0; }
	[ -e "$ko" ] || { echo "no module for kernel $(uname -r): make module first" >&2; exit 1; }
	insmod "$ko" || { echo "the kernel refuses the module; dmesg says why" >&2; exit 1; }
	echo "ktapvm is loaded" ;;
unload)
	[ -d /sys/module/ktapvm ] || { echo "ktapvm is not loaded"; exit 0; }
	rmmod ktapvm || { echo "ktapvm is in use: end the perf-ktap that runs" >&2; exit 1; }
	echo "ktapvm is unloaded" ;;
esac
