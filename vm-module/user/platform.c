// SPDX-License-Identifier: GPL-2.0-only
/*
 * The platform of the core in user space.  One thread is one CPU; there are no interrupts.  Events
 * are over when their handlers run, so what is asked about the task comes from the host, which
 * knows the stream (struct ktap_host).
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <ktap/host.h>
#include "../core/platform.h"

static __thread unsigned int this_cpu;
static unsigned int fail_at;

void ktap_user_set_cpu(unsigned int cpu)
{
	this_cpu = cpu;
}

void ktap_user_fail_alloc(unsigned int n)
{
	__atomic_store_n(&fail_at, n, __ATOMIC_RELAXED);
}

void *kp_plat_alloc(size_t size)
{
	unsigned int n = __atomic_load_n(&fail_at, __ATOMIC_RELAXED);
	size_t rounded = (size + 63) & ~(size_t)63;
	void *p;

	if (n) {
		ktap_user_fail_alloc(n - 1);
		if (n == 1)
			return NULL;
	}
	if (rounded < size)
		return NULL;
	p = aligned_alloc(64, rounded ? rounded : 64);
	if (p)
		memset(p, 0, rounded);
	return p;
}

void kp_plat_free(void *p)
{
	free(p);
}

bool kp_plat_yield(struct ktap_vm *vm)
{
	struct ktap_host *host = ktap_vm_host(vm);

	return host && host->interrupted && host->interrupted(host);
}

void kp_plat_want_maintenance(struct ktap_vm *vm)
{
	/* called between handlers of this thread, where allocating does no harm */
	ktap_vm_maintain(vm);
}

unsigned int kp_plat_cpu(void)
{
	return this_cpu;
}

enum kp_context kp_plat_context(void)
{
	return KP_CTX_TASK;
}

u64 kp_plat_clock_ns(const struct ktap_occ *occ)
{
	struct timespec ts;

	if (occ && occ->time_ns)
		return occ->time_ns;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

void kp_plat_task(struct ktap_vm *vm, const struct ktap_occ *occ, struct ktap_task *task)
{
	struct ktap_host *host = ktap_vm_host(vm);

	memset(task, 0, sizeof(*task));
	if (host && host->task)
		host->task(host, occ, task);
}

unsigned int kp_plat_nr_cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned int)n : 1;
}

static struct utsname *names(void)
{
	static struct utsname u;

	if (!u.release[0])
		uname(&u);
	return &u;
}

const char *kp_plat_arch(void)
{
	return names()->machine;
}

const char *kp_plat_release(void)
{
	return names()->release;
}

int kp_plat_emit(struct ktap_vm *vm, const struct ktap_occ *occ, const struct ktap_rec *rec,
		 u32 size)
{
	struct ktap_host *host = ktap_vm_host(vm);

	(void)occ;
	if (host && host->emit)
		host->emit(host, rec, size);
	return 0;
}
