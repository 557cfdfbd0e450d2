/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The number of the system call that regs is about, as the kernel's own syscall events see it: -1
 * for a call in compat mode on architectures that keep those out of tracing.
 */
#ifndef KP_COMPAT_SYSCALL_H
#define KP_COMPAT_SYSCALL_H

#include <linux/ftrace.h>
#include <linux/sched.h>
#include <asm/syscall.h>

static inline int kp_compat_syscall_nr(struct pt_regs *regs)
{
#ifdef ARCH_TRACE_IGNORE_COMPAT_SYSCALLS
	if (unlikely(arch_trace_is_compat_syscall(regs)))
		return -1;
#endif
	return syscall_get_nr(current, regs);
}

#endif
