// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user engine: the VM in this process, fed with live perf events.
 *
 * Handlers run after the event, so what they ask about it comes from the stream: ids, CPU and time
 * from the sample, names from the task table, which is kept as of the event's time because all
 * records are handled in the order of time.  Ticks are events of that order, too.
 */
#include "live.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

/*
 * A record gets its time a little before it shows in its ring; what is younger than this waits for
 * the next round.
 */
#define SLACK_NS 1000000
#define MAINTAIN_EVERY 1024
#define FEW_SOURCES 4
#define FLAG_IRQ (0x08 | 0x10) /* common_flags: in a hard or soft interrupt */

static void live_emit(struct ktap_host *host, const struct ktap_rec *rec, __u32 size)
{
	struct pk_live *l = (struct pk_live *)host;

	pk_stream_record(l->run->stream, rec, size);
}

static void own_task(struct ktap_task *task)
{
	memset(task, 0, sizeof(*task));
	task->pid = (__u32)getpid();
	task->tid = (__u32)gettid();
	task->uid = getuid();
	task->gid = getgid();
	task->ppid = (__u32)getppid();
	strncpy(task->comm, "perf-ktap", sizeof(task->comm) - 1);
}

static void live_task(struct ktap_host *host, const struct ktap_occ *occ, struct ktap_task *task)
{
	struct pk_live *l = (struct pk_live *)host;
	const struct pk_sample *s = occ ? occ->host : NULL;
	__u32 tid;

	if (!occ) {
		own_task(task);
		return;
	}
	if (!s) {
		pk_tasks_get(l->tasks, 0, 0, occ->cpu, task);
		return;
	}
	/* perf has no number for a task that was reaped already; the entry's common_pid does. */
	tid = s->tid;
	if (tid == (__u32)-1 && occ->raw_size >= 8)
		memcpy(&tid, (const char *)occ->raw + 4, sizeof(tid));
	pk_tasks_get(l->tasks, s->pid, tid, (__s32)s->cpu, task);
}

static int live_interrupted(struct ktap_host *host)
{
	struct pk_live *l = (struct pk_live *)host;

	return l->run->interrupted(l->run);
}

static int live_available(const struct pk_run *run, char *why, size_t why_size)
{
	(void)run;
	(void)why;
	(void)why_size;
	return 0;
}

static int live_open(struct pk_run *run)
{
	struct pk_live *l = pk_zalloc(sizeof(*l));

	run->engine = l;
	l->run = run;
	l->host.emit = live_emit;
	l->host.task = live_task;
	l->host.interrupted = live_interrupted;
	l->tasks = pk_tasks_new();
	l->rings = pk_rings_new(run->opts->pages, pk_live_time);
	l->format_lost = true;
	l->self = getpid();
	for (unsigned int i = 0; i < run->opts->nr_pids; i++)
		if (run->opts->pids[i] == l->self)
			l->self = 0;
	return 0;
}

static int live_load(struct pk_run *run)
{
	struct pk_live *l = run->engine;
	struct ktap_load_error error = { .proto = KTAP_NONE };
	struct ktap_vm_conf conf = {
		.mem_bytes = run->opts->mem_bytes,
		.max_entries = run->opts->max_entries,
		.nr_cpus = 1,
		.drop_on_overflow = run->opts->drop,
		.host = &l->host,
	};
	struct pk_buf text = { 0 };
	int ret = 0;

	if (getrandom(&conf.seed, sizeof(conf.seed), GRND_NONBLOCK) != sizeof(conf.seed))
		conf.seed = pk_now_ns();
	l->vm = ktap_vm_create(&conf, run->chunk->data, run->chunk->size, &error);
	if (!l->vm) {
		pk_error_load(&text, &error);
		pk_err("%s: chunk refused: %s", run->opts->name, text.data);
		pk_buf_free(&text);
		return -EBADMSG;
	}
	ret = ktap_vm_set_arg(l->vm, 0, run->opts->name);
	for (int i = 0; !ret && i < run->opts->nr_args; i++)
		ret = ktap_vm_set_arg(l->vm, (unsigned int)i + 1, run->opts->args[i]);
	if (ret)
		pk_err("cannot pass the script's arguments: %s", strerror(-ret));
	return ret;
}

static int live_main(struct pk_run *run, enum ktap_vm_state *state)
{
	struct pk_live *l = run->engine;

	*state = ktap_vm_main(l->vm);
	return 0;
}

static int live_attach(struct pk_run *run)
{
	struct pk_live *l = run->engine;
	int nr = pk_live_attach(l);

	if (nr <= 0)
		return nr;
	/* The dummy event's records start before this, so no change of a name is missed. */
	if (l->system)
		pk_tasks_snapshot(l->tasks);
	if (run->child)
		pk_tasks_snapshot_pid(l->tasks, run->child->pid);
	for (unsigned int i = 0; i < run->opts->nr_pids; i++)
		pk_tasks_snapshot_pid(l->tasks, run->opts->pids[i]);
	return nr;
}

static int live_start(struct pk_run *run)
{
	struct pk_live *l = run->engine;
	__u64 now = pk_now_ns();

	for (unsigned int i = 0; i < l->nr_ticks; i++)
		l->ticks[i].next_ns = now + l->ticks[i].period_ns;
	if (l->system)
		pk_group_enable(l->system);
	/* The events of a command enable themselves on its exec. */
	if (l->target && l->target != l->system && !run->child)
		pk_group_enable(l->target);
	l->started = true;
	return 0;
}

static void fire(struct pk_live *l, struct pk_source *s, const struct ktap_occ *occ)
{
	if (l->run->opts->dry)
		return;
	for (unsigned int i = 0; i < s->nr; i++)
		ktap_vm_fire(s->points[i], occ);
}

static void handle_sample(struct pk_live *l, const struct pk_sample *s)
{
	const size_t head = offsetof(struct pk_sample, raw);
	struct pk_source *source = pk_live_source(l, s->id);
	struct ktap_occ occ = {
		.time_ns = s->time,
		.cpu = (__s32)s->cpu,
		.host = s,
	};

	if (!source || s->header.size < head || (l->self && s->pid == (__u32)l->self))
		return;
	if (!source->profile) {
		if (s->raw_size > s->header.size - head)
			return;
		occ.raw = s->raw;
		occ.raw_size = s->raw_size;
		occ.in_interrupt = s->raw_size > 2 && s->raw[2] & FLAG_IRQ;
	}
	fire(l, source, &occ);
}

static void handle_record(struct pk_live *l, const union perf_event *ev)
{
	switch (ev->header.type) {
	case PERF_RECORD_SAMPLE:
		handle_sample(l, (const struct pk_sample *)ev);
		break;
	case PERF_RECORD_COMM:
		pk_tasks_comm(l->tasks, ev->comm.pid, ev->comm.tid, ev->comm.comm,
			      ev->header.misc & PERF_RECORD_MISC_COMM_EXEC);
		break;
	case PERF_RECORD_FORK:
		pk_tasks_fork(l->tasks, ev->fork.pid, ev->fork.tid, ev->fork.ppid, ev->fork.ptid);
		break;
	case PERF_RECORD_EXIT:
		pk_tasks_exit(l->tasks, ev->fork.tid);
		break;
	case PERF_RECORD_LOST:
		l->lost_records += ev->lost.lost;
		break;
	default:
		break;
	}
}

static struct pk_tick *next_tick(struct pk_live *l)
{
	struct pk_tick *best = NULL;

	for (unsigned int i = 0; i < l->nr_ticks; i++)
		if (!best || l->ticks[i].next_ns < best->next_ns)
			best = &l->ticks[i];
	return best;
}

static void fire_tick(struct pk_live *l, struct pk_tick *t)
{
	struct ktap_occ occ = { .time_ns = t->next_ns, .cpu = 0, .in_interrupt = 1 };

	t->next_ns += t->period_ns;
	if (!l->run->opts->dry)
		ktap_vm_fire(t->point, &occ);
}

/* Everything up to horizon, ticks up to now, in order. */
static void drain(struct pk_live *l, __u64 horizon, __u64 now)
{
	const union perf_event *ev;
	struct pk_tick *tick;
	unsigned int n = 0;
	__u64 limit;

	while (ktap_vm_state(l->vm) == KTAP_VM_RUNNING) {
		tick = next_tick(l);
		if (tick && tick->next_ns > now)
			tick = NULL;
		limit = tick && tick->next_ns < horizon ? tick->next_ns : horizon;
		ev = pk_rings_next(l->rings, limit);
		if (ev)
			handle_record(l, ev);
		else if (tick && tick->next_ns <= horizon)
			fire_tick(l, tick);
		else
			break;
		if (++n % MAINTAIN_EVERY == 0)
			ktap_vm_maintain(l->vm);
	}
	ktap_vm_maintain(l->vm);
}

static int live_wait(struct pk_run *run, int timeout_ms, enum ktap_vm_state *state)
{
	struct pk_live *l = run->engine;
	struct pk_tick *tick = next_tick(l);
	__u64 now = pk_now_ns(), left;
	int ret;

	if (tick) {
		/* Up, and past the slack: the tick is due when poll returns. */
		left = tick->next_ns + SLACK_NS > now ? tick->next_ns + SLACK_NS - now : 0;
		left = (left + 999999) / 1000000;
		if (left < (__u64)timeout_ms)
			timeout_ms = (int)left;
	}
	ret = pk_rings_poll(l->rings, timeout_ms);
	now = pk_now_ns();
	drain(l, now - SLACK_NS, now - SLACK_NS);
	*state = ktap_vm_state(l->vm);
	return ret;
}

static void add_lost(void *ctx, __u64 id, __u64 lost)
{
	(void)id;
	*(__u64 *)ctx += lost;
}

static int live_stop(struct pk_run *run)
{
	struct pk_live *l = run->engine;

	if (l->started) {
		if (l->system)
			pk_group_disable(l->system);
		if (l->target && l->target != l->system)
			pk_group_disable(l->target);
		drain(l, UINT64_MAX, pk_now_ns());
		for (unsigned int i = 0; l->format_lost && i < l->nr_sources; i++)
			if (l->sources[i].evsel)
				pk_group_each_id(l->sources[i].group, l->sources[i].evsel, add_lost,
						 &l->lost_final);
	}
	l->started = false;
	ktap_vm_stop(l->vm);
	return 0;
}

static int live_end(struct pk_run *run, enum ktap_vm_state *state)
{
	struct pk_live *l = run->engine;

	*state = ktap_vm_end(l->vm);
	return 0;
}

static int live_stats(struct pk_run *run, struct pk_engine_stats *stats)
{
	struct pk_live *l = run->engine;

	memset(stats, 0, sizeof(*stats));
	stats->state = ktap_vm_state(l->vm);
	stats->exit_status = ktap_vm_exit_status(l->vm);
	ktap_vm_stats(l->vm, &stats->vm);
	ktap_vm_error(l->vm, &stats->error);
	stats->lost = l->lost_final > l->lost_records ? l->lost_final : l->lost_records;
	return 0;
}

/* Nobody may wait for the process in the background: no pipe, no terminal, only events. */
static void close_other_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char path[64], target[64];
	ssize_t n;
	int fd;

	while (dir && (entry = readdir(dir))) {
		fd = atoi(entry->d_name);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0 || fd == dirfd(dir))
			continue;
		target[n] = '\0';
		if (!strstr(target, "perf_event"))
			close(fd);
	}
	if (dir)
		closedir(dir);
}

/*
 * The kernel takes some 25 ms to let go of one tracepoint, and does so one after the other.  With
 * many, a process in the background holds the (disabled) events while it closes them, so that the
 * user has the prompt back.  It is the same that happens when a tracer is killed.
 */
static void close_events(struct pk_live *l)
{
	pid_t pid = -1;

	if (l->nr_sources > FEW_SOURCES)
		pid = fork();
	if (!pid) {
		setsid();
		prctl(PR_SET_NAME, "ktap-cleanup");
		close_other_files();
		pk_rings_free(l->rings);
		_exit(0);
	}
	pk_rings_free(l->rings);
}

static void live_close(struct pk_run *run)
{
	struct pk_live *l = run->engine;

	if (!l)
		return;
	close_events(l);
	for (unsigned int i = 0; i < l->nr_sources; i++) {
		for (unsigned int k = 0; k < l->sources[i].nr; k++)
			ktap_vm_point_free(l->sources[i].points[k]);
		free(l->sources[i].points);
	}
	for (unsigned int i = 0; i < l->nr_ticks; i++)
		ktap_vm_point_free(l->ticks[i].point);
	if (l->vm)
		ktap_vm_destroy(l->vm);
	free(l->sources);
	free(l->ticks);
	free(l->ids);
	pk_tasks_free(l->tasks);
	free(l);
	run->engine = NULL;
}

const struct pk_engine pk_engine_user = {
	.name = "user",
	.lost_what = "events",
	.available = live_available,
	.open = live_open,
	.load = live_load,
	.main = live_main,
	.attach = live_attach,
	.start = live_start,
	.wait = live_wait,
	.stop = live_stop,
	.end = live_end,
	.stats = live_stats,
	.close = live_close,
};
