#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, started by init: inserts the module, then becomes the command of this run.

export HOME=/root LANG=C.UTF-8 TERM="${TERM:-linux}"
export KTAP_TOP=/ktap KTAP_BUILD=/ktap/build KTAP=/ktap/build/perf-ktap KTAP_GUEST=1
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
hostname ktap
cd /ktap || exit 127
[ -e "$KTAP" ] && ln -s "$KTAP" /usr/local/bin/perf-ktap
echo 0 >/proc/sys/kernel/kptr_restrict
echo -1 >/proc/sys/kernel/perf_event_paranoid
if [ -e build/ktapvm.ko ]; then
	insmod build/ktapvm.ko || { echo "insmod ktapvm.ko failed:" >&2; dmesg | tail -n 5 >&2; exit 126; }
fi
exec bash /ktap/command
