/* SPDX-License-Identifier: GPL-2.0-only */
/* Types, a subset of libc, atomics: the ground the core stands on, in the kernel. */
#ifndef KTAP_ENV_H
#define KTAP_ENV_H

#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>
#include <asm/processor.h>

#define KP_S64_MIN S64_MIN

#ifdef __BIG_ENDIAN
#define KP_BIG_ENDIAN 1
#else
#define KP_BIG_ENDIAN 0
#endif

/* 32-bit and pointer atomics.  All are full barriers unless named otherwise. */
#define kp_load_acquire(p) smp_load_acquire(p)
#define kp_store_release(p, v) smp_store_release(p, v)
#define kp_load(p) READ_ONCE(*(p))
#define kp_store(p, v) WRITE_ONCE(*(p), v)
#define kp_xchg(p, v) xchg(p, v)
#define kp_cmpxchg(p, old, new) cmpxchg(p, old, new)
/* On an u32: add 1; subtract 1 and give the new value. */
#define kp_ref_inc(p) atomic_inc((atomic_t *)(p))
#define kp_ref_dec(p) ((u32)atomic_dec_return((atomic_t *)(p)))

#define kp_cpu_relax() cpu_relax()

#define kp_irq_save(flags) local_irq_save(flags)
#define kp_irq_restore(flags) local_irq_restore(flags)

#define kp_le16(v) le16_to_cpu((__force __le16)(v))
#define kp_le32(v) le32_to_cpu((__force __le32)(v))

#endif
