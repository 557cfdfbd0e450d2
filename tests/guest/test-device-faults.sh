#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# See the Python file.
exec /usr/bin/python3 "$(dirname "$0")/device-faults.py"
