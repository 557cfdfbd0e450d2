/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perf rings, read with libperf and merged by time.  A set has groups; a group is a libperf evlist:
 * events on the same CPUs and threads, which share one ring a CPU.
 */
#ifndef PK_RING_H
#define PK_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/perf_event.h>
#include <perf/cpumap.h>
#include <perf/event.h>
#include <perf/threadmap.h>

struct pk_rings;
struct pk_ring_group;
struct perf_evsel;

/* time_of gives a perf record's time, 0 for "now". */
struct pk_rings *pk_rings_new(unsigned int pages, __u64 (*time_of)(const union perf_event *ev));
void pk_rings_free(struct pk_rings *rs);

/* Takes over both maps; threads NULL: whole CPUs. */
struct pk_ring_group *pk_rings_group(struct pk_rings *rs, struct perf_cpu_map *cpus,
				     struct perf_thread_map *threads);
/* Add and open an event.  0 or -errno, nothing said. */
int pk_group_open(struct pk_ring_group *g, const struct perf_event_attr *attr, const char *filter,
		  struct perf_evsel **evsel);
/* Map the rings of a group once all its events are open.  0 or -errno. */
int pk_group_map(struct pk_ring_group *g);
void pk_group_enable(struct pk_ring_group *g);
void pk_group_disable(struct pk_ring_group *g);
/* Call fn for each open event of evsel.  With read_format ID and LOST. */
void pk_group_each_id(struct pk_ring_group *g, struct perf_evsel *evsel,
		      void (*fn)(void *ctx, __u64 id, __u64 lost), void *ctx);

/* Wait until some ring has enough, or timeout.  0 or -errno; a signal is no error. */
int pk_rings_poll(struct pk_rings *rs, int timeout_ms);
/* The oldest record up to horizon, NULL: none.  Good until the next call. */
const union perf_event *pk_rings_next(struct pk_rings *rs, __u64 horizon);

#endif
