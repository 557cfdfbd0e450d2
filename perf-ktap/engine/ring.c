// SPDX-License-Identifier: GPL-2.0-only
/*
 * perf rings through libperf.
 *
 * Merging: the oldest record of each ring is looked at without being consumed; the oldest of those
 * is next.  A record older than the horizon can only be missed if it was written after its ring was
 * found empty, so callers take the time first, then read up to it.
 *
 * libperf cuts records that lie across the end of a ring to the size of its union; ours may be
 * longer.  The first record of a ring lies at its start and is never cut, so from its address and
 * the sizes of all records so far every later record is found in the ring itself.
 */
#include "ring.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <perf/core.h>
#include <perf/evlist.h>
#include <perf/evsel.h>
#include <perf/mmap.h>

#include "../util.h"

struct ring {
	struct perf_mmap *map;
	const char *data; /* start of the ring's bytes, once known */
	__u64 pos; /* bytes read so far */
	const union perf_event *cur;
	__u64 cur_time;
	char *copy; /* of a record across the end */
};

struct pk_ring_group {
	struct pk_rings *set;
	struct perf_evlist *list;
	struct perf_cpu_map *cpus;
	struct perf_thread_map *threads;
	struct pk_ring_group *next;
};

struct pk_rings {
	unsigned int pages;
	size_t bytes;
	__u64 (*time_of)(const union perf_event *ev);
	struct pk_ring_group *groups;
	struct ring *rings;
	unsigned int nr;
	struct ring *last; /* whose record was handed out */
};

/*
 * In libperf, but no public header declares it.  Weak: where a shared libperf hides it, events with
 * filters are refused.
 */
int perf_evsel__apply_filter(struct perf_evsel *evsel, const char *filter) __attribute__((weak));

static int quiet_print(enum libperf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

struct pk_rings *pk_rings_new(unsigned int pages, __u64 (*time_of)(const union perf_event *ev))
{
	struct pk_rings *rs = pk_zalloc(sizeof(*rs));

	libperf_init(quiet_print);
	rs->pages = pages;
	rs->bytes = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
	rs->time_of = time_of;
	return rs;
}

void pk_rings_free(struct pk_rings *rs)
{
	struct pk_ring_group *g;

	if (!rs)
		return;
	while ((g = rs->groups)) {
		rs->groups = g->next;
		perf_evlist__delete(g->list);
		perf_cpu_map__put(g->cpus);
		perf_thread_map__put(g->threads);
		free(g);
	}
	for (unsigned int i = 0; i < rs->nr; i++)
		free(rs->rings[i].copy);
	free(rs->rings);
	free(rs);
}

struct pk_ring_group *pk_rings_group(struct pk_rings *rs, struct perf_cpu_map *cpus,
				     struct perf_thread_map *threads)
{
	struct pk_ring_group *g = pk_zalloc(sizeof(*g));

	g->set = rs;
	g->cpus = cpus;
	/* libperf maps rings of whole CPUs only with a map that says so. */
	g->threads = threads ? threads : perf_thread_map__new_dummy();
	g->list = perf_evlist__new();
	if (!g->list || !g->threads) {
		pk_err("out of memory");
		exit(PK_EXIT_ATTACH);
	}
	perf_evlist__set_maps(g->list, cpus, g->threads);
	g->next = rs->groups;
	rs->groups = g;
	return g;
}

int pk_group_open(struct pk_ring_group *g, const struct perf_event_attr *attr, const char *filter,
		  struct perf_evsel **evsel)
{
	struct perf_event_attr copy = *attr;
	struct perf_evsel *e = perf_evsel__new(&copy);
	int ret;

	if (!e)
		return -ENOMEM;
	/* In the list first: that gives it the CPUs on which filters are set. */
	perf_evlist__add(g->list, e);
	ret = perf_evsel__open(e, g->cpus, g->threads);
	if (!ret && filter) {
		ret = perf_evsel__apply_filter ? 0 : -EOPNOTSUPP;
		if (!ret && perf_evsel__apply_filter(e, filter))
			ret = errno ? -errno : -EINVAL;
		if (ret)
			perf_evsel__close(e);
	}
	if (ret) {
		perf_evlist__remove(g->list, e);
		perf_evsel__delete(e);
		return ret;
	}
	if (evsel)
		*evsel = e;
	return 0;
}

int pk_group_map(struct pk_ring_group *g)
{
	struct pk_rings *rs = g->set;
	struct perf_mmap *map;

	errno = 0;
	if (perf_evlist__mmap(g->list, (int)rs->pages))
		return errno ? -errno : -EINVAL;
	perf_evlist__for_each_mmap(g->list, map, false)
	{
		struct ring *r;

		rs->rings = pk_realloc(rs->rings, (rs->nr + 1) * sizeof(*rs->rings));
		r = &rs->rings[rs->nr++];
		memset(r, 0, sizeof(*r));
		r->map = map;
		perf_mmap__read_init(map);
	}
	return 0;
}

void pk_group_enable(struct pk_ring_group *g)
{
	perf_evlist__enable(g->list);
}

void pk_group_disable(struct pk_ring_group *g)
{
	perf_evlist__disable(g->list);
}

void pk_group_each_id(struct pk_ring_group *g, struct perf_evsel *evsel,
		      void (*fn)(void *ctx, __u64 id, __u64 lost), void *ctx)
{
	int cpus = perf_cpu_map__nr(g->cpus);
	int threads = perf_thread_map__nr(g->threads);
	struct perf_counts_values counts;

	for (int c = 0; c < cpus; c++)
		for (int t = 0; t < threads; t++)
			if (!perf_evsel__read(evsel, c, t, &counts))
				fn(ctx, counts.id, counts.lost);
}

int pk_rings_poll(struct pk_rings *rs, int timeout_ms)
{
	const int several_ms = 10;
	struct pk_ring_group *g;
	int n;

	if (!rs->groups) {
		usleep((useconds_t)timeout_ms * 1000);
		return 0;
	}
	/* libperf polls one evlist: with several, look at the others in short turns. */
	if (rs->groups->next && timeout_ms > several_ms)
		timeout_ms = several_ms;
	for (g = rs->groups; g; g = g->next) {
		n = perf_evlist__poll(g->list, g->next ? 0 : timeout_ms);
		if (n < 0)
			return errno == EINTR ? 0 : -errno;
		/* The tasks of some events have ended: stop polling those. */
		if (n > 0)
			perf_evlist__filter_pollfd(g->list, POLLERR | POLLHUP);
	}
	return 0;
}

static void fetch(struct pk_rings *rs, struct ring *r)
{
	const union perf_event *ev = perf_mmap__read_event(r->map);
	size_t size, at, part;

	if (!ev)
		return;
	if (!r->data)
		r->data = (const char *)ev;
	size = ev->header.size;
	at = (size_t)(r->pos & (rs->bytes - 1));
	if (at + size > rs->bytes) {
		if (!r->copy)
			r->copy = pk_zalloc(1 << 16);
		part = rs->bytes - at;
		memcpy(r->copy, r->data + at, part);
		memcpy(r->copy + part, r->data, size - part);
		ev = (const union perf_event *)r->copy;
	}
	r->pos += size;
	r->cur = ev;
	r->cur_time = rs->time_of(ev);
}

const union perf_event *pk_rings_next(struct pk_rings *rs, __u64 horizon)
{
	struct ring *best = NULL;

	if (rs->last) {
		rs->last->cur = NULL;
		perf_mmap__consume(rs->last->map);
		rs->last = NULL;
	}
	for (unsigned int i = 0; i < rs->nr; i++) {
		struct ring *r = &rs->rings[i];

		if (!r->cur)
			fetch(rs, r);
		if (r->cur && (!best || r->cur_time < best->cur_time))
			best = r;
	}
	if (!best || best->cur_time > horizon)
		return NULL;
	rs->last = best;
	return best->cur;
}
