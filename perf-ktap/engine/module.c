// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module engine: handlers run in the kernel, in ktapvm.ko.
 *
 * MAIN and END run in a helper thread, because they wait for us to read their records from the
 * device.  Records of handlers come through perf rings of the PMU "ktap", one a CPU.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cpus.h"
#include "engine.h"
#include "ring.h"

#define DEVICE "/dev/" KTAP_DEVICE_NAME
#define PMU_TYPE "/sys/bus/event_source/devices/" KTAP_PMU_NAME "/type"

/* Records are handed out in order of time; a handler may take this long before it emits one. */
#define SLACK_NS 2000000

struct mod {
	int fd;
	__u32 session;
	struct pk_rings *rings;
	struct pk_ring_group *group;
	struct perf_evsel *evsel;
	__u64 received;
	__u64 lost;
	bool started, attached;
};

/* A record in a ring. */
struct mod_sample {
	struct perf_event_header header;
	__u32 raw_size;
	char raw[];
};

static __u64 record_time(const union perf_event *ev)
{
	const struct mod_sample *s = (const struct mod_sample *)ev;
	struct ktap_rec rec;

	if (ev->header.type != PERF_RECORD_SAMPLE ||
	    ev->header.size < offsetof(struct mod_sample, raw) + sizeof(rec))
		return 0;
	memcpy(&rec, s->raw, sizeof(rec));
	return rec.time_ns;
}

static int check_version(int fd, char *why, size_t size)
{
	struct ktap_abi_version v;
	int ret;

	if (ioctl(fd, KTAP_IOC_VERSION, &v)) {
		ret = -errno;
		snprintf(why, size, DEVICE " does not answer: %s", strerror(-ret));
		return ret == -ENOTTY ? -EPROTO : ret;
	}
	if (v.abi == KTAP_ABI_VERSION && v.bytecode == KTAP_BYTECODE_VERSION &&
	    v.record == KTAP_RECORD_VERSION)
		return 0;
	snprintf(why, size,
		 "the loaded module has ABI version %u (bytecode %u, records %u), this perf-ktap "
		 "has %u (%u, %u): load the module that came with it",
		 v.abi, v.bytecode, v.record, KTAP_ABI_VERSION, KTAP_BYTECODE_VERSION,
		 KTAP_RECORD_VERSION);
	return -EPROTO;
}

static int mod_available(const struct pk_run *run, char *why, size_t size)
{
	int fd, ret;

	fd = open(DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		ret = -errno;
		if (ret == -EACCES || ret == -EPERM)
			snprintf(why, size, "opening " DEVICE " needs root");
		else if (ret == -ENOENT || ret == -ENXIO || ret == -ENODEV)
			snprintf(why, size,
				 "there is no " DEVICE ": the module ktapvm is not loaded");
		else
			snprintf(why, size, "cannot open " DEVICE ": %s", strerror(-ret));
		return ret;
	}
	ret = check_version(fd, why, size);
	close(fd);
	if (!ret && run->has_filter) {
		snprintf(why, size,
			 "the module cannot filter events in this version, and the script has a "
			 "/filter/");
		ret = -EOPNOTSUPP;
	}
	return ret;
}

static int mod_open(struct pk_run *run)
{
	struct mod *m = pk_zalloc(sizeof(*m));
	int ret;

	run->engine = m;
	m->fd = open(DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (m->fd >= 0)
		return 0;
	ret = -errno;
	pk_err("cannot open " DEVICE ": %s", strerror(-ret));
	return ret;
}

static int pmu_type(__u32 *type)
{
	char *text;
	size_t size;
	int ret = pk_read_file(PMU_TYPE, &text, &size);

	if (ret)
		return ret;
	*type = (__u32)strtoul(text, NULL, 10);
	free(text);
	return 0;
}

/* One ring on every online CPU: handlers may run on any. */
static int open_rings(struct pk_run *run)
{
	struct mod *m = run->engine;
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.config = m->session,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW,
		.read_format = PERF_FORMAT_ID | PERF_FORMAT_LOST,
		.watermark = 1,
	};
	struct perf_cpu_map *cpus;
	int ret;

	attr.wakeup_watermark = (__u32)(run->opts->pages * (size_t)sysconf(_SC_PAGESIZE) / 4);
	ret = pmu_type(&attr.type);
	if (ret) {
		pk_err("cannot read " PMU_TYPE ": %s", strerror(-ret));
		return ret;
	}
	cpus = pk_cpus_map(NULL);
	if (!cpus)
		return -ENOMEM;
	m->rings = pk_rings_new(run->opts->pages, record_time);
	m->group = pk_rings_group(m->rings, cpus, NULL);
	ret = pk_group_open(m->group, &attr, NULL, &m->evsel);
	if (ret == -EINVAL) {
		/* Kernels before 6.0 without the backport. */
		attr.read_format = PERF_FORMAT_ID;
		ret = pk_group_open(m->group, &attr, NULL, &m->evsel);
	}
	if (!ret)
		ret = pk_group_map(m->group);
	if (ret)
		pk_err("cannot open the module's rings: %s", strerror(-ret));
	return ret;
}

static void pack_args(const struct pk_run *run, struct pk_buf *args)
{
	pk_buf_add(args, run->opts->name, strlen(run->opts->name) + 1);
	for (int i = 0; i < run->opts->nr_args; i++)
		pk_buf_add(args, run->opts->args[i], strlen(run->opts->args[i]) + 1);
}

static int mod_load(struct pk_run *run)
{
	struct mod *m = run->engine;
	struct pk_buf args = { 0 }, text = { 0 };
	struct ktap_abi_load load = {
		.chunk = (__u64)(uintptr_t)run->chunk->data,
		.chunk_size = (__u32)run->chunk->size,
		.mem_bytes = run->opts->mem_bytes,
		.max_entries = run->opts->max_entries,
		.nr_args = (__u32)run->opts->nr_args + 1,
	};
	int ret = 0;

	pack_args(run, &args);
	load.args = (__u64)(uintptr_t)args.data;
	load.args_size = (__u32)args.len;
	load.flags = (run->opts->drop ? KTAP_LOADF_DROP : 0) |
		     (run->opts->dry ? KTAP_LOADF_DRY : 0);
	for (unsigned int i = 0; i < run->opts->nr_pids; i++)
		if (run->opts->pids[i] == getpid())
			load.flags |= KTAP_LOADF_TRACE_SELF;
	if (ioctl(m->fd, KTAP_IOC_LOAD, &load))
		ret = -errno;
	pk_buf_free(&args);
	if (ret == -EBADMSG) {
		pk_error_load(&text, &load.error);
		pk_err("%s: chunk refused: %s", run->opts->name, text.data);
		pk_buf_free(&text);
	} else if (ret) {
		pk_err("the module cannot load the script: %s", strerror(-ret));
	}
	if (ret)
		return ret;
	m->session = load.session;
	return open_rings(run);
}

static void read_device(struct pk_run *run)
{
	struct mod *m = run->engine;
	static char buf[256 << 10];
	ssize_t n;

	while ((n = read(m->fd, buf, sizeof(buf))) > 0)
		pk_stream_bytes(run->stream, buf, (size_t)n);
}

struct call {
	int fd;
	unsigned long request;
	struct ktap_abi_run run;
	int ret;
	int done_fd[2]; /* a pipe that closes when the call is over */
};

static void *call_thread(void *arg)
{
	struct call *c = arg;

	c->ret = ioctl(c->fd, c->request, &c->run) ? -errno : 0;
	close(c->done_fd[1]);
	return NULL;
}

/* Signals are for the thread that waits. */
static int start_thread(pthread_t *thread, struct call *c)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(thread, NULL, call_thread, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -ret;
}

/* MAIN or END: read what it writes until it is over. */
static int call_and_read(struct pk_run *run, unsigned long request, enum ktap_vm_state *state)
{
	struct mod *m = run->engine;
	struct call c = { .fd = m->fd, .request = request };
	struct pollfd fds[2] = { { .fd = m->fd, .events = POLLIN }, { .events = POLLIN } };
	bool aborted = false;
	pthread_t thread;
	int ret;

	if (pipe2(c.done_fd, O_CLOEXEC))
		return -errno;
	ret = start_thread(&thread, &c);
	if (ret) {
		pk_err("cannot start a thread: %s", strerror(-ret));
		close(c.done_fd[0]);
		close(c.done_fd[1]);
		return ret;
	}
	fds[1].fd = c.done_fd[0];
	do {
		if (poll(fds, 2, 100) < 0)
			fds[1].revents = 0;
		read_device(run);
		pk_out_flush(run->out);
		if (!aborted && (run->interrupted(run) || run->out->error)) {
			/* refused while the other thread has not come to its call yet: again then */
			aborted = !ioctl(m->fd, KTAP_IOC_ABORT);
		}
	} while (!(fds[1].revents & (POLLIN | POLLHUP)));
	pthread_join(thread, NULL);
	close(c.done_fd[0]);
	read_device(run);
	*state = (enum ktap_vm_state)c.run.state;
	if (c.ret)
		pk_err("the module cannot run the script: %s", strerror(-c.ret));
	return c.ret;
}

static int mod_main(struct pk_run *run, enum ktap_vm_state *state)
{
	return call_and_read(run, KTAP_IOC_MAIN, state);
}

static int set_target(struct pk_run *run)
{
	struct mod *m = run->engine;
	const struct pk_opts *o = run->opts;
	struct ktap_abi_target target = { 0 };
	struct perf_cpu_map *cpus = NULL;
	__u32 child = run->child ? (__u32)run->child->pid : 0;
	__u64 *mask = NULL;
	int ret = 0;

	if (run->child) {
		target.pids = (__u64)(uintptr_t)&child;
		target.nr_pids = 1;
		target.flags = KTAP_TARGETF_ON_EXEC;
	} else if (o->nr_pids) {
		_Static_assert(sizeof(*o->pids) == sizeof(__u32), "pid_t is 32 bits");
		target.pids = (__u64)(uintptr_t)o->pids;
		target.nr_pids = o->nr_pids;
	}
	if (target.nr_pids && o->inherit)
		target.flags |= KTAP_TARGETF_INHERIT;
	if (o->cpus) {
		cpus = pk_cpus_map(o->cpus);
		if (!cpus)
			return -EINVAL;
		mask = pk_cpus_mask(cpus, &target.cpus_size);
		target.cpus = (__u64)(uintptr_t)mask;
		perf_cpu_map__put(cpus);
	}
	if ((target.nr_pids || mask) && ioctl(m->fd, KTAP_IOC_TARGET, &target)) {
		ret = -errno;
		if (ret == -ESRCH)
			pk_err("-p: a process has ended");
		else
			pk_err("the module cannot trace these processes: %s", strerror(-ret));
	}
	free(mask);
	return ret;
}

static bool copy_name(char *dst, const char *src)
{
	size_t len = strlen(src);

	if (len >= KTAP_NAME_MAX)
		return false;
	memcpy(dst, src, len + 1);
	return true;
}

/* 1: attached, 0: not wanted or not possible and no harm, -errno. */
static int attach_point(struct pk_run *run, const struct pk_point *p)
{
	struct mod *m = run->engine;
	struct ktap_abi_attach a = {
		.kind = p->probe->attach,
		.event = p->event,
		.number = p->number,
		.flags = p->flags,
		.id = p->probe->id,
		.period_ns = p->probe->period_ns,
		.fields = (__u64)(uintptr_t)p->fields,
		.nr_fields = run->nr_fields,
	};
	int ret = 0;

	if (!copy_name(a.system, p->probe->system) || !copy_name(a.name, p->probe->name))
		ret = -ENAMETOOLONG;
	else if (ioctl(m->fd, KTAP_IOC_ATTACH, &a))
		ret = -errno;
	if (!ret)
		return 1;
	if (ret == -ENXIO)
		return 0;
	if (p->from_glob &&
	    (ret == -ENOENT || ret == -EINVAL || ret == -EOPNOTSUPP || ret == -ENAMETOOLONG)) {
		pk_verbose("%s:%s cannot be traced: %s", p->probe->system, p->probe->name,
			   strerror(-ret));
		return 0;
	}
	pk_err("cannot trace %s%s%s: %s", p->probe->system, *p->probe->system ? ":" : "",
	       p->probe->name, strerror(-ret));
	return ret;
}

static int mod_attach(struct pk_run *run)
{
	struct mod *m = run->engine;
	int nr = 0, ret = set_target(run);

	for (unsigned int i = 0; ret >= 0 && i < run->nr_points; i++) {
		ret = attach_point(run, &run->points[i]);
		if (ret > 0)
			nr++;
	}
	m->attached = nr > 0;
	return ret < 0 ? ret : nr;
}

static int mod_start(struct pk_run *run)
{
	struct mod *m = run->engine;
	int ret;

	if (ioctl(m->fd, KTAP_IOC_START)) {
		ret = -errno;
		pk_err("the module cannot start tracing: %s", strerror(-ret));
		return ret;
	}
	m->started = true;
	return 0;
}

static void drain(struct pk_run *run, __u64 horizon)
{
	struct mod *m = run->engine;
	const union perf_event *ev;
	const struct mod_sample *s;

	while ((ev = pk_rings_next(m->rings, horizon))) {
		s = (const struct mod_sample *)ev;
		if (ev->header.type != PERF_RECORD_SAMPLE ||
		    s->raw_size > ev->header.size - offsetof(struct mod_sample, raw))
			continue;
		m->received++;
		pk_stream_record(run->stream, s->raw, s->raw_size);
	}
}

static int mod_stats_raw(struct mod *m, struct ktap_abi_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	return ioctl(m->fd, KTAP_IOC_STATS, stats) ? -errno : 0;
}

static int mod_wait(struct pk_run *run, int timeout_ms, enum ktap_vm_state *state)
{
	struct mod *m = run->engine;
	struct ktap_abi_stats stats;
	int ret = pk_rings_poll(m->rings, timeout_ms);

	drain(run, pk_now_ns() - SLACK_NS);
	if (!ret)
		ret = mod_stats_raw(m, &stats);
	if (!ret)
		*state = (enum ktap_vm_state)stats.state;
	return ret;
}

static void add_lost(void *ctx, __u64 id, __u64 lost)
{
	(void)id;
	*(__u64 *)ctx += lost;
}

static int mod_stop(struct pk_run *run)
{
	struct mod *m = run->engine;
	int ret = 0;

	if (m->fd >= 0 && ioctl(m->fd, KTAP_IOC_STOP))
		ret = -errno;
	if (m->rings) {
		drain(run, UINT64_MAX);
		m->lost = 0;
		if (m->evsel)
			pk_group_each_id(m->group, m->evsel, add_lost, &m->lost);
	}
	m->started = false;
	if (ret)
		pk_err("the module cannot stop tracing: %s", strerror(-ret));
	return ret;
}

static int mod_end(struct pk_run *run, enum ktap_vm_state *state)
{
	return call_and_read(run, KTAP_IOC_END, state);
}

static int mod_stats(struct pk_run *run, struct pk_engine_stats *stats)
{
	struct mod *m = run->engine;
	struct ktap_abi_stats raw;
	int ret = mod_stats_raw(m, &raw);

	memset(stats, 0, sizeof(*stats));
	if (ret)
		return ret;
	stats->state = (enum ktap_vm_state)raw.state;
	stats->exit_status = raw.exit_status;
	stats->vm = raw.vm;
	stats->error = raw.error;
	stats->emitted = raw.ring_records;
	stats->received = m->received;
	stats->lost = m->lost + raw.no_ring;
	return 0;
}

static void mod_close(struct pk_run *run)
{
	struct mod *m = run->engine;

	if (!m)
		return;
	/* The device last: the rings belong to its session. */
	pk_rings_free(m->rings);
	if (m->fd >= 0)
		close(m->fd);
	free(m);
	run->engine = NULL;
}

const struct pk_engine pk_engine_module = {
	.name = "module",
	.lost_what = "records",
	.available = mod_available,
	.open = mod_open,
	.load = mod_load,
	.main = mod_main,
	.attach = mod_attach,
	.start = mod_start,
	.wait = mod_wait,
	.stop = mod_stop,
	.end = mod_end,
	.stats = mod_stats,
	.close = mod_close,
};
