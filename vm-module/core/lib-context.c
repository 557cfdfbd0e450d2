// SPDX-License-Identifier: GPL-2.0-only
/* Builtins that say where and when the event happened, and in which task. */
#include "run.h"

static int number(struct kp_run *r, struct kp_val *arg, s64 n)
{
	struct kp_val v;

	kp_set_num(&v, n);
	kp_move(r, arg, v);
	return 0;
}

static int string(struct kp_run *r, struct kp_val *arg, const char *s)
{
	struct kp_val v;
	int ret = kp_str_new(r, &v, s, (u32)strlen(s));

	if (!ret)
		kp_move(r, arg, v);
	return ret;
}

int kp_bi_cpu(struct kp_run *r, struct kp_val *arg, u32 n)
{
	return number(r, arg, r->cpu);
}

int kp_bi_pid(struct kp_run *r, struct kp_val *arg, u32 n)
{
	return number(r, arg, kp_run_task(r)->pid);
}

int kp_bi_tid(struct kp_run *r, struct kp_val *arg, u32 n)
{
	return number(r, arg, kp_run_task(r)->tid);
}

int kp_bi_uid(struct kp_run *r, struct kp_val *arg, u32 n)
{
	return number(r, arg, kp_run_task(r)->uid);
}

int kp_bi_execname(struct kp_run *r, struct kp_val *arg, u32 n)
{
	const char *comm = kp_run_task(r)->comm;
	struct kp_val v;

	/* 15 bytes, zero behind the end: what a short string is */
	kp_set_short(&v, comm, KP_SHORT_MAX);
	v.b[0] = KP_SHORT | (u8)strnlen(comm, KP_SHORT_MAX);
	kp_move(r, arg, v);
	return 0;
}

int kp_bi_argevent(struct kp_run *r, struct kp_val *arg, u32 n)
{
	struct kp_val v;

	kp_set_tag(&v, r->occ && r->occ->raw && r->point ? KP_CUREVENT : KP_NIL);
	kp_move(r, arg, v);
	return 0;
}

int kp_bi_argname(struct kp_run *r, struct kp_val *arg, u32 n)
{
	struct kp_val nil = { .head = KP_HEAD(KP_NIL) };

	/* a long name is borrowed from the point, which outlives the run; kp_own() counts it */
	kp_copy(r, arg, r->point ? &r->point->name : &nil);
	return 0;
}

int kp_bi_nsecs(struct kp_run *r, struct kp_val *arg, u32 n)
{
	return number(r, arg, (s64)kp_run_time(r));
}

int kp_bi_arch(struct kp_run *r, struct kp_val *arg, u32 n)
{
	return string(r, arg, kp_plat_arch());
}

int kp_bi_kernel_v(struct kp_run *r, struct kp_val *arg, u32 n)
{
	return string(r, arg, kp_plat_release());
}

int kp_bi_in_interrupt(struct kp_run *r, struct kp_val *arg, u32 n)
{
	struct kp_val v;

	kp_set_bool(&v, r->occ && r->occ->in_interrupt);
	kp_move(r, arg, v);
	return 0;
}

int kp_bi_num_cpus(struct kp_run *r, struct kp_val *arg, u32 n)
{
	return number(r, arg, kp_plat_nr_cpus());
}
