/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What changed in <linux/preempt.h>: in_hardirq() is new in 5.11, in_irq() is gone in 7.x.  Both
 * are macros, so no probe is needed.
 */
#ifndef KP_COMPAT_PREEMPT_H
#define KP_COMPAT_PREEMPT_H

#include <linux/preempt.h>

#ifndef in_hardirq
#define in_hardirq() in_irq()
#endif

#endif
