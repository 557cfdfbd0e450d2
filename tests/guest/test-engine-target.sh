#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# target, with the module engine; the checks are in tests/lib/engine-target.sh.
ENGINE=module
. "$(dirname "$0")/../lib/tap.sh"
. "$KTAP_TOP/tests/lib/engine.sh"
. "$KTAP_TOP/tests/lib/engine-target.sh"
