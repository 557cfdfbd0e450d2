/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core asks of the system it runs in.  Implemented in vm-module/kernel/platform.c and
 * vm-module/user/platform.c; chosen at link time.
 */
#ifndef KP_PLATFORM_H
#define KP_PLATFORM_H

#include <ktap_env.h>
#include <ktap/engine.h>

/* Contexts that can interrupt each other, lowest first; a handler never interrupts its own. */
enum kp_context {
	KP_CTX_TASK,
	KP_CTX_SOFTIRQ,
	KP_CTX_HARDIRQ,
	KP_CTX_NMI,
	KP_CTX_COUNT
};

/* Process context; may sleep.  Zeroed memory, aligned to 64 bytes; NULL on failure. */
void *kp_plat_alloc(size_t size);
void kp_plat_free(void *p);

/* Process context (main chunk, trace_end, maintenance): let others run.  True: stop with
 * INTERRUPTED (a signal is pending, or the session is aborted). */
bool kp_plat_yield(struct ktap_vm *vm);

/* Any context: ask for ktap_vm_maintain(vm) to be called soon. */
void kp_plat_want_maintenance(struct ktap_vm *vm);

/* Any context, preemption off. */
unsigned int kp_plat_cpu(void);
enum kp_context kp_plat_context(void);

/* Any context.  occ is the event, or NULL in the main chunk and in trace_end. */
u64 kp_plat_clock_ns(const struct ktap_occ *occ);
void kp_plat_task(struct ktap_vm *vm, const struct ktap_occ *occ, struct ktap_task *task);
unsigned int kp_plat_nr_cpus(void);
const char *kp_plat_arch(void);
const char *kp_plat_release(void);

/*
 * Give a record of size bytes (a multiple of 8) to the reader.  occ as above: with NULL this is
 * process context and may sleep until the reader has room.  0, or -EINTR when that wait was
 * interrupted.  A record that a ring refuses is counted there and is no error here.
 */
int kp_plat_emit(struct ktap_vm *vm, const struct ktap_occ *occ, const struct ktap_rec *rec,
		 u32 size);

#endif
