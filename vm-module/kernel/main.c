// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktapvm.ko: the VM core, hosted in the kernel.  Load and unload.
 *
 * Open sessions and open ring events hold a reference to the module each, so when exit runs there
 * are none.
 */
#define pr_fmt(fmt) "ktapvm: " fmt
#include <linux/module.h>
#include <ktap/abi.h>
#include "device.h"
#include "pmu.h"
#include "session.h"

static int __init ktapvm_init(void)
{
	int ret = kp_sessions_init();

	if (ret)
		return ret;
	ret = kp_pmu_init();
	if (ret)
		goto no_pmu;
	/* last: from here on processes can come */
	ret = kp_device_init();
	if (ret)
		goto no_device;
	pr_info("loaded: ABI %d, bytecode %d, records %d\n", KTAP_ABI_VERSION,
		KTAP_BYTECODE_VERSION, KTAP_RECORD_VERSION);
	return 0;

no_device:
	kp_pmu_exit();
no_pmu:
	kp_sessions_exit();
	return ret;
}

static void __exit ktapvm_exit(void)
{
	kp_device_exit();
	kp_pmu_exit();
	kp_sessions_exit();
}

module_init(ktapvm_init);
module_exit(ktapvm_exit);
MODULE_DESCRIPTION("ktap scripting tracer: virtual machine");
MODULE_LICENSE("GPL");
