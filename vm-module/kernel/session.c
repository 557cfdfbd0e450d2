// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a session, from open to close.
 *
 * Stages only move forward, under the session's lock.  Close is the same walk as an orderly end
 * with the missing steps filled in, so a process that dies leaves nothing behind.
 */
#include <linux/capability.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "attach.h"
#include "session.h"

#define DEFAULT_MEM (64ull << 20)
#define LOAD_FLAGS (KTAP_LOADF_DROP | KTAP_LOADF_DRY | KTAP_LOADF_TRACE_SELF)

static DEFINE_MUTEX(sessions_lock);
static DEFINE_IDR(sessions);
struct workqueue_struct *kp_session_queue;

int kp_sessions_init(void)
{
	kp_session_queue = alloc_workqueue("ktapvm", WQ_UNBOUND, 0);
	return kp_session_queue ? 0 : -ENOMEM;
}

void kp_sessions_exit(void)
{
	destroy_workqueue(kp_session_queue);
	idr_destroy(&sessions);
}

static void queue_maintenance(struct irq_work *work)
{
	struct kp_session *s = container_of(work, struct kp_session, want_maintenance);

	queue_work(kp_session_queue, &s->maintenance);
}

static void run_maintenance(struct work_struct *work)
{
	struct kp_session *s = container_of(work, struct kp_session, maintenance);

	ktap_vm_maintain(s->vm);
}

/* No handler runs any more, so nobody asks for maintenance again. */
static void finish_maintenance(struct kp_session *s)
{
	irq_work_sync(&s->want_maintenance);
	flush_work(&s->maintenance);
}

static int add_id(struct kp_session *s)
{
	int id;

	mutex_lock(&sessions_lock);
	/* cyclic: a ring event that comes late does not meet the next session */
	id = idr_alloc_cyclic(&sessions, s, 1, 0, GFP_KERNEL);
	mutex_unlock(&sessions_lock);
	if (id < 0)
		return id;
	s->id = id;
	return 0;
}

struct kp_session *kp_session_open(void)
{
	struct kp_session *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!s)
		return ERR_PTR(-ENOMEM);
	kref_init(&s->ref);
	mutex_init(&s->lock);
	xa_init(&s->attached);
	init_irq_work(&s->want_maintenance, queue_maintenance);
	INIT_WORK(&s->maintenance, run_maintenance);
	INIT_LIST_HEAD(&s->later);
	INIT_WORK(&s->detaching, kp_attach_detach_later);
	s->rings = alloc_percpu(struct kp_ring);
	if (!s->rings)
		goto no_rings;
	if (kp_stream_init(&s->stream))
		goto no_stream;
	if (kp_target_init(&s->target, current->tgid))
		goto no_target;
	s->owner = get_pid(task_tgid(current));
	ret = add_id(s);
	if (ret)
		goto no_id;
	return s;

no_id:
	put_pid(s->owner);
	kp_target_exit(&s->target);
no_target:
	kp_stream_exit(&s->stream);
no_stream:
	free_percpu(s->rings);
no_rings:
	kfree(s);
	return ERR_PTR(ret);
}

static void free_session(struct kref *ref)
{
	struct kp_session *s = container_of(ref, struct kp_session, ref);

	put_pid(s->owner);
	free_percpu(s->rings);
	kfree(s);
}

void kp_session_get(struct kp_session *s)
{
	kref_get(&s->ref);
}

void kp_session_put(struct kp_session *s)
{
	kref_put(&s->ref, free_session);
}

void kp_session_close(struct kp_session *s)
{
	mutex_lock(&sessions_lock);
	idr_remove(&sessions, s->id);
	mutex_unlock(&sessions_lock);

	/* the last reference to the file is gone: no ioctl runs, but lockdep wants to see it */
	mutex_lock(&s->lock);
	kp_attach_stop(s);
	mutex_unlock(&s->lock);
	finish_maintenance(s);
	ktap_vm_destroy(s->vm);
	s->vm = NULL;
	kp_target_exit(&s->target);
	kp_stream_exit(&s->stream);
	xa_destroy(&s->attached);
	kp_session_put(s);
}

struct kp_session *kp_session_claim_ring(u64 id, unsigned int cpu)
{
	struct kp_session *s;
	struct kp_ring *ring;

	if (id > INT_MAX || cpu >= nr_cpu_ids)
		return ERR_PTR(-ESRCH);
	mutex_lock(&sessions_lock);
	s = idr_find(&sessions, id);
	if (!s) {
		s = ERR_PTR(-ESRCH);
	} else if (s->owner != task_tgid(current) && !perfmon_capable()) {
		s = ERR_PTR(-EACCES);
	} else {
		ring = per_cpu_ptr(s->rings, cpu);
		if (ring->claimed) {
			s = ERR_PTR(-EBUSY);
		} else {
			ring->claimed = true;
			kref_get(&s->ref);
		}
	}
	mutex_unlock(&sessions_lock);
	return s;
}

void kp_session_release_ring(struct kp_session *s, unsigned int cpu)
{
	mutex_lock(&sessions_lock);
	per_cpu_ptr(s->rings, cpu)->claimed = false;
	mutex_unlock(&sessions_lock);
	kp_session_put(s);
}

/* The most that a session may take: half of the machine.  Its default is a sixteenth or less. */
static int memory_limit(u64 *bytes)
{
	u64 ram = (u64)totalram_pages() << PAGE_SHIFT;

	if (*bytes > ram / 2)
		return -E2BIG;
	if (!*bytes)
		*bytes = min_t(u64, DEFAULT_MEM, ram / 16);
	return 0;
}

static int set_args(struct ktap_vm *vm, const char *args, u32 size, u32 nr)
{
	const char *p = args;
	u32 i;
	int ret;

	if (size && args[size - 1])
		return -EINVAL;
	for (i = 0; i < nr; i++) {
		if (p == args + size)
			return -EINVAL;
		ret = ktap_vm_set_arg(vm, i, p);
		if (ret)
			return ret;
		p += strlen(p) + 1;
	}
	return p == args + size ? 0 : -EINVAL;
}

static int load_args(struct ktap_vm *vm, const struct ktap_abi_load *load)
{
	char *args;
	int ret;

	if (!load->nr_args)
		return load->args_size ? -EINVAL : 0;
	args = vmemdup_user(u64_to_user_ptr(load->args), load->args_size);
	if (IS_ERR(args))
		return PTR_ERR(args);
	ret = set_args(vm, args, load->args_size, load->nr_args);
	kvfree(args);
	return ret;
}

static int create_vm(struct kp_session *s, struct ktap_abi_load *load, struct ktap_vm **vm)
{
	struct ktap_vm_conf conf = {
		.mem_bytes = load->mem_bytes,
		.max_entries = load->max_entries,
		.nr_cpus = nr_cpu_ids,
		.drop_on_overflow = !!(load->flags & KTAP_LOADF_DROP),
		.seed = get_random_u64(),
		.host = s,
	};
	void *chunk;
	int ret = memory_limit(&conf.mem_bytes);

	if (ret)
		return ret;
	chunk = vmemdup_user(u64_to_user_ptr(load->chunk), load->chunk_size);
	if (IS_ERR(chunk))
		return PTR_ERR(chunk);
	*vm = ktap_vm_create(&conf, chunk, load->chunk_size, &load->error);
	kvfree(chunk);
	return *vm ? 0 : -EBADMSG;
}

int kp_session_load(struct kp_session *s, struct ktap_abi_load *load)
{
	struct ktap_vm *vm;
	int ret;

	if (load->reserved || load->flags & ~LOAD_FLAGS || !load->chunk_size ||
	    load->chunk_size > KTAP_MAX_CHUNK || load->nr_args > KTAP_MAX_ARGV ||
	    load->args_size > KTAP_MAX_ARG_BYTES || (load->nr_args && !load->args_size))
		return -EINVAL;
	if (s->stage != KP_STAGE_OPEN)
		return -EBUSY;
	memset(&load->error, 0, sizeof(load->error));
	load->session = s->id;
	ret = create_vm(s, load, &vm);
	if (ret)
		return ret;
	ret = load_args(vm, load);
	if (ret) {
		ktap_vm_destroy(vm);
		return ret;
	}
	s->dry = load->flags & KTAP_LOADF_DRY;
	if (load->flags & KTAP_LOADF_TRACE_SELF)
		s->target.self = -1;
	s->stage = KP_STAGE_LOADED;
	/* STATS reads it without the lock */
	smp_store_release(&s->vm, vm);
	return 0;
}

int kp_session_target(struct kp_session *s, const struct ktap_abi_target *target)
{
	if (s->stage != KP_STAGE_LOADED && s->stage != KP_STAGE_READY)
		return -EINVAL;
	/* attachments are made for the CPUs of the filter */
	if (s->nr_attached)
		return -EBUSY;
	return kp_target_set(&s->target, target);
}

/* ABORT reaches the run between these two, and only that. */
static void enter_script(struct kp_session *s)
{
	WRITE_ONCE(s->abort, false);
	smp_store_release(&s->in_script, true);
}

static void leave_script(struct kp_session *s)
{
	WRITE_ONCE(s->in_script, false);
}

int kp_session_main(struct kp_session *s, struct ktap_abi_run *run)
{
	if (run->reserved || s->stage != KP_STAGE_LOADED)
		return -EINVAL;
	s->stage = KP_STAGE_READY;
	enter_script(s);
	run->state = ktap_vm_main(s->vm);
	leave_script(s);
	return 0;
}

int kp_session_start(struct kp_session *s)
{
	if (s->stage != KP_STAGE_READY)
		return -EINVAL;
	s->stage = KP_STAGE_LIVE;
	kp_attach_start(s);
	return 0;
}

int kp_session_stop(struct kp_session *s)
{
	if (s->stage < KP_STAGE_READY)
		return -EINVAL;
	if (s->stage < KP_STAGE_STOPPED) {
		kp_attach_stop(s);
		finish_maintenance(s);
		s->stage = KP_STAGE_STOPPED;
	}
	return 0;
}

int kp_session_end(struct kp_session *s, struct ktap_abi_run *run)
{
	int ret;

	if (run->reserved || s->stage == KP_STAGE_ENDED)
		return -EINVAL;
	ret = kp_session_stop(s);
	if (ret)
		return ret;
	s->stage = KP_STAGE_ENDED;
	enter_script(s);
	run->state = ktap_vm_end(s->vm);
	leave_script(s);
	kp_stream_end(&s->stream);
	return 0;
}

int kp_session_abort(struct kp_session *s)
{
	if (!smp_load_acquire(&s->in_script))
		return -ESRCH;
	WRITE_ONCE(s->abort, true);
	kp_stream_kick(&s->stream);
	return 0;
}

int kp_session_stats(struct kp_session *s, struct ktap_abi_stats *stats)
{
	struct ktap_vm *vm = smp_load_acquire(&s->vm);
	int cpu;

	if (!vm)
		return -EINVAL;
	memset(stats, 0, sizeof(*stats));
	stats->state = ktap_vm_state(vm);
	stats->points = READ_ONCE(s->nr_attached);
	stats->exit_status = ktap_vm_exit_status(vm);
	ktap_vm_stats(vm, &stats->vm);
	ktap_vm_error(vm, &stats->error);
	for_each_possible_cpu(cpu) {
		struct kp_ring *ring = per_cpu_ptr(s->rings, cpu);

		stats->ring_records += local64_read(&ring->records);
		stats->no_ring += local64_read(&ring->no_ring);
	}
	return 0;
}
