// SPDX-License-Identifier: GPL-2.0-only
/*
 * The perf events of the user engine.  One event serves all blocks that name the same probe with
 * the same filter.  Events are made last first: the kernel calls the newest of a tracepoint first,
 * so blocks run in the order of the script.
 *
 * A dummy event in front brings FORK, COMM and EXIT records and owns the ring.
 */
#include "live.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <perf/evsel.h>

#include "cpus.h"

/* How many files one sort of events may need before we say it is too much. */
#define SPARE_FILES 64

__u64 pk_live_time(const union perf_event *ev)
{
	const struct pk_sample_id *tail;

	if (ev->header.type == PERF_RECORD_SAMPLE)
		return ((const struct pk_sample *)ev)->time;
	if (ev->header.size < sizeof(ev->header) + sizeof(*tail))
		return 0;
	tail = (const void *)((const char *)ev + ev->header.size - sizeof(*tail));
	return tail->time;
}

static void common_attr(const struct pk_live *l, struct perf_event_attr *attr)
{
	size_t bytes = l->run->opts->pages * (size_t)sysconf(_SC_PAGESIZE);

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
			    PERF_SAMPLE_CPU | PERF_SAMPLE_RAW;
	attr->read_format = PERF_FORMAT_ID | (l->format_lost ? PERF_FORMAT_LOST : 0);
	attr->sample_id_all = 1;
	attr->use_clockid = 1;
	attr->clockid = CLOCK_MONOTONIC;
	attr->watermark = 1;
	attr->wakeup_watermark = (__u32)(bytes / 4);
	attr->disabled = 1;
}

static void source_attr(const struct pk_live *l, const struct pk_source *s,
			struct perf_event_attr *attr)
{
	common_attr(l, attr);
	if (s->profile) {
		attr->type = PERF_TYPE_SOFTWARE;
		attr->config = PERF_COUNT_SW_CPU_CLOCK;
		attr->sample_period = s->probe->period_ns;
		return;
	}
	attr->type = PERF_TYPE_TRACEPOINT;
	attr->config = s->probe->id;
	attr->sample_period = 1;
	attr->inherit = l->target != l->system && l->run->opts->inherit;
	attr->enable_on_exec = l->run->child != NULL;
}

static void explain_open(const struct pk_live *l, const char *what, int err)
{
	switch (-err) {
	case EACCES:
	case EPERM:
		pk_err("cannot trace %s: root or CAP_PERFMON is needed (see also the sysctl "
		       "kernel.perf_event_paranoid)",
		       what);
		break;
	case ESRCH:
		pk_err("cannot trace %s: a process given with -p has ended", what);
		break;
	case EMFILE:
	case ENFILE:
		pk_err("cannot trace %s: too many events for this many CPUs and threads: all files "
		       "are in use; name fewer events, or see ulimit -n",
		       what);
		break;
	case ENOSYS:
		pk_err("cannot trace %s: this kernel has no perf events", what);
		break;
	default:
		pk_err("cannot trace %s%s: %s", what, l->run->child ? " in the command" : "",
		       strerror(-err));
		break;
	}
}

/* FORK, COMM and EXIT; found first in its group, so it owns the group's rings. */
static int open_dummy(struct pk_live *l, struct pk_ring_group *g)
{
	struct perf_event_attr attr;
	int ret;

	common_attr(l, &attr);
	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_DUMMY;
	attr.sample_period = 1;
	attr.task = 1;
	attr.comm = 1;
	attr.comm_exec = 1;
	attr.disabled = 0;
	attr.inherit = g != l->system && l->run->opts->inherit;
	ret = pk_group_open(g, &attr, NULL, NULL);
	if (ret == -EINVAL && l->format_lost) {
		/* Kernels before 6.0 without the backport. */
		l->format_lost = false;
		return open_dummy(l, g);
	}
	if (ret)
		explain_open(l, "tasks", ret);
	return ret;
}

static struct perf_thread_map *target_threads(const struct pk_run *run)
{
	pid_t *tids = NULL;
	struct dirent *entry;
	struct perf_thread_map *map;
	char path[64];
	int nr = 0;
	DIR *dir;

	if (run->child)
		return perf_thread_map__new_array(1, &run->child->pid);
	for (unsigned int i = 0; i < run->opts->nr_pids; i++) {
		snprintf(path, sizeof(path), "/proc/%d/task", run->opts->pids[i]);
		dir = opendir(path);
		if (!dir) {
			pk_err("-p: there is no process %d", run->opts->pids[i]);
			free(tids);
			return NULL;
		}
		while ((entry = readdir(dir))) {
			if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
				continue;
			tids = pk_realloc(tids, (size_t)(nr + 1) * sizeof(*tids));
			tids[nr++] = (pid_t)strtol(entry->d_name, NULL, 10);
		}
		closedir(dir);
	}
	map = perf_thread_map__new_array(nr, tids);
	free(tids);
	return map;
}

/* The groups that the sources need, each with its dummy. */
static int make_groups(struct pk_live *l, bool tracepoints, bool profiles)
{
	const struct pk_run *run = l->run;
	bool tasks = run->child || run->opts->nr_pids;
	struct perf_thread_map *threads;
	struct perf_cpu_map *cpus;
	int ret = 0;

	if ((tracepoints && !tasks) || profiles) {
		cpus = pk_cpus_map(run->opts->cpus);
		if (!cpus)
			return -EINVAL;
		l->system = pk_rings_group(l->rings, cpus, NULL);
		ret = open_dummy(l, l->system);
	}
	if (!tasks)
		l->target = l->system;
	if (ret || !tracepoints || !tasks)
		return ret;
	threads = target_threads(run);
	if (!threads)
		return -ESRCH;
	cpus = pk_cpus_map(run->opts->cpus);
	if (!cpus) {
		perf_thread_map__put(threads);
		return -EINVAL;
	}
	l->target = pk_rings_group(l->rings, cpus, threads);
	return open_dummy(l, l->target);
}

/*
 * Some events are in the list but perf may not have them: those of no tracepoint, those that would
 * trace perf's own work (root gets EPERM).
 */
static bool may_skip(const struct pk_source *s, int err)
{
	switch (-err) {
	case EINVAL:
	case ENOENT:
	case EOPNOTSUPP:
	case ENODEV:
	case EACCES:
	case EPERM:
		return s->from_glob && geteuid() == 0;
	default:
		return false;
	}
}

static int open_source(struct pk_live *l, struct pk_source *s)
{
	struct perf_event_attr attr;
	char what[256];
	int ret;

	s->group = s->profile ? l->system : l->target;
	source_attr(l, s, &attr);
	ret = pk_group_open(s->group, &attr, s->filter, &s->evsel);
	if (!ret)
		return 0;
	snprintf(what, sizeof(what), "%s%s%s", s->probe->system, *s->probe->system ? ":" : "",
		 s->probe->name);
	if (s->filter && (ret == -EINVAL || ret == -EOPNOTSUPP || ret == -ENOENT)) {
		pk_err("filter /%s/ does not fit %s: %s", s->filter, what,
		       ret == -EOPNOTSUPP ? "this libperf cannot set filters"
					  : "unknown field or syntax error");
		return ret;
	}
	if (may_skip(s, ret)) {
		pk_verbose("%s cannot be traced: %s", what, strerror(-ret));
		return 0;
	}
	explain_open(l, what, ret);
	return ret;
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	/* root may have more, up to fs.nr_open. */
	for (rlim_t want = 1 << 20; want > limit.rlim_max; want /= 2) {
		struct rlimit more = { want, want };

		if (!setrlimit(RLIMIT_NOFILE, &more))
			break;
	}
}

static void hash_id(struct pk_live *l, __u64 id, struct pk_source *s)
{
	unsigned int at = (unsigned int)(id * 0x9e3779b97f4a7c15ull >> 32) & l->ids_mask;

	while (l->ids[at].source)
		at = (at + 1) & l->ids_mask;
	l->ids[at].id = id;
	l->ids[at].source = s;
}

struct pk_source *pk_live_source(struct pk_live *l, __u64 id)
{
	unsigned int at = (unsigned int)(id * 0x9e3779b97f4a7c15ull >> 32) & l->ids_mask;

	while (l->ids[at].source && l->ids[at].id != id)
		at = (at + 1) & l->ids_mask;
	return l->ids[at].source;
}

struct id_list {
	__u64 *v;
	struct pk_source **source;
	struct pk_source *now;
	unsigned int nr;
};

static void collect_id(void *ctx, __u64 id, __u64 lost)
{
	struct id_list *list = ctx;

	(void)lost;
	list->v = pk_realloc(list->v, (list->nr + 1) * sizeof(*list->v));
	list->source = pk_realloc(list->source, (list->nr + 1) * sizeof(*list->source));
	list->v[list->nr] = id;
	list->source[list->nr++] = list->now;
}

static void index_ids(struct pk_live *l)
{
	struct id_list list = { 0 };
	unsigned int size = 16, i;

	for (i = 0; i < l->nr_sources; i++) {
		list.now = &l->sources[i];
		if (list.now->evsel)
			pk_group_each_id(list.now->group, list.now->evsel, collect_id, &list);
	}
	while (size < list.nr * 2)
		size *= 2;
	l->ids = pk_zalloc(size * sizeof(*l->ids));
	l->ids_mask = size - 1;
	for (i = 0; i < list.nr; i++)
		hash_id(l, list.v[i], list.source[i]);
	free(list.v);
	free(list.source);
}

static bool same_filter(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void add_point(struct pk_live *l, const struct pk_point *p, struct ktap_point *point)
{
	struct pk_source *s;
	unsigned int i;

	if (p->probe->attach == KTAP_ATTACH_TICK) {
		l->ticks = pk_realloc(l->ticks, (l->nr_ticks + 1) * sizeof(*l->ticks));
		l->ticks[l->nr_ticks].point = point;
		l->ticks[l->nr_ticks++].period_ns = p->probe->period_ns;
		return;
	}
	for (i = 0; i < l->nr_sources; i++)
		if (l->sources[i].probe == p->probe && same_filter(l->sources[i].filter, p->filter))
			break;
	s = &l->sources[i];
	if (i == l->nr_sources) {
		l->nr_sources++;
		s->probe = p->probe;
		s->filter = p->filter;
		s->profile = p->probe->attach == KTAP_ATTACH_PROFILE;
		s->from_glob = true;
	}
	s->from_glob &= p->from_glob;
	s->points = pk_realloc(s->points, (s->nr + 1) * sizeof(*s->points));
	s->points[s->nr++] = point;
}

static int make_sources(struct pk_live *l)
{
	const struct pk_run *run = l->run;
	int nr = 0;

	l->sources = pk_zalloc((run->nr_points + 1) * sizeof(*l->sources));
	for (unsigned int i = 0; i < run->nr_points; i++) {
		const struct pk_point *p = &run->points[i];
		struct ktap_point *point;

		if (!ktap_vm_registered(l->vm, p->event))
			continue;
		point = ktap_vm_point_create(l->vm, p->event, p->number, p->probe->name, p->fields);
		if (!point) {
			pk_err("cannot trace %s: not enough memory in the session (--mem)",
			       p->probe->name);
			return -ENOMEM;
		}
		add_point(l, p, point);
		nr++;
	}
	return nr;
}

static int map_rings(struct pk_live *l)
{
	int ret = 0;

	if (l->system)
		ret = pk_group_map(l->system);
	if (!ret && l->target && l->target != l->system)
		ret = pk_group_map(l->target);
	if (ret == -EPERM)
		pk_err("the rings need more locked memory than allowed: a smaller -m, or root");
	else if (ret)
		pk_err("cannot map the rings: %s", strerror(-ret));
	return ret;
}

int pk_live_attach(struct pk_live *l)
{
	bool tracepoints = false, profiles = false;
	int nr, ret;
	unsigned int i;

	nr = make_sources(l);
	if (nr <= 0)
		return nr;
	for (i = 0; i < l->nr_sources; i++) {
		tracepoints |= !l->sources[i].profile;
		profiles |= l->sources[i].profile;
	}
	if (l->nr_sources > SPARE_FILES)
		raise_file_limit();
	ret = make_groups(l, tracepoints, profiles);
	for (i = l->nr_sources; !ret && i-- > 0;)
		ret = open_source(l, &l->sources[i]);
	if (!ret)
		ret = map_rings(l);
	if (ret)
		return ret;
	index_ids(l);
	return nr;
}
