// SPDX-License-Identifier: GPL-2.0-only
/* Compiles on every kernel: if this does not, the tool chain is broken. */
#include <linux/module.h>

int try_it(void);
int try_it(void)
{
	return 0;
}
