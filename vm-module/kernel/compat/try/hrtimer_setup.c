// SPDX-License-Identifier: GPL-2.0-only
/* hrtimer_setup(): 6.13. */
#include <linux/hrtimer.h>

void try_it(struct hrtimer *timer, enum hrtimer_restart (*fn)(struct hrtimer *));
void try_it(struct hrtimer *timer, enum hrtimer_restart (*fn)(struct hrtimer *))
{
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
}
