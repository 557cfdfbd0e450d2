/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What changed in <linux/hrtimer.h>: hrtimer_setup() is new in 6.13; hrtimer_init() and the public
 * member function are gone in 6.15.
 */
#ifndef KP_COMPAT_HRTIMER_H
#define KP_COMPAT_HRTIMER_H

#include <compat.h>
#include <linux/hrtimer.h>

static inline void kp_compat_hrtimer_setup(struct hrtimer *timer,
					   enum hrtimer_restart (*fn)(struct hrtimer *),
					   clockid_t clock, enum hrtimer_mode mode)
{
#ifdef HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, fn, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

#endif
