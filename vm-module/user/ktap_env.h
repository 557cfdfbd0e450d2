/* SPDX-License-Identifier: GPL-2.0-only */
/* Types, a subset of libc, atomics: the ground the core stands on, in user space. */
#ifndef KTAP_ENV_H
#define KTAP_ENV_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <endian.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define KP_S64_MIN INT64_MIN

#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

#define KP_BIG_ENDIAN (__BYTE_ORDER == __BIG_ENDIAN)

/* 32-bit and pointer atomics.  All are full barriers unless named otherwise. */
#define kp_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define kp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define kp_load(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define kp_store(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define kp_xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define kp_cmpxchg(p, old, new)                                                    \
	({                                                                         \
		__typeof__(*(p)) kp_old_ = (old);                                  \
		__atomic_compare_exchange_n(p, &kp_old_, new, 0, __ATOMIC_SEQ_CST, \
					    __ATOMIC_SEQ_CST);                     \
		kp_old_;                                                           \
	})
/* On an u32: add 1; subtract 1 and give the new value. */
#define kp_ref_inc(p) ((void)__atomic_fetch_add(p, 1, __ATOMIC_RELAXED))
#define kp_ref_dec(p) __atomic_sub_fetch(p, 1, __ATOMIC_ACQ_REL)

static inline void kp_cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/* Interrupts do not exist here. */
#define kp_irq_save(flags) ((void)((flags) = 0))
#define kp_irq_restore(flags) ((void)(flags))

#define kp_le16(v) le16toh(v)
#define kp_le32(v) le32toh(v)

#endif
