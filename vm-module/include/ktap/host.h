/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a program that hosts the VM in user space serves it: one struct of callbacks a VM, given as
 * ktap_vm_conf.host.
 */
#ifndef KTAP_USER_HOST_H
#define KTAP_USER_HOST_H

#include <ktap/engine.h>

struct ktap_host {
	/* A record; never refused.  Called on the thread that runs the VM. */
	void (*emit)(struct ktap_host *host, const struct ktap_rec *rec, __u32 size);
	/* The task of an event; occ->host is what the engine put there.  NULL occ: this process. */
	void (*task)(struct ktap_host *host, const struct ktap_occ *occ, struct ktap_task *task);
	/* Optional: true makes a running main chunk or trace_end stop with INTERRUPTED. */
	int (*interrupted)(struct ktap_host *host);
};

/* The CPU number (0 .. nr_cpus-1 of the VM) that this thread stands for; 0 unless set. */
void ktap_user_set_cpu(unsigned int cpu);

/* Fail the n-th allocation from now on (1: the next one); 0: none.  For tests. */
void ktap_user_fail_alloc(unsigned int n);

#endif
