/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the user engine, between live.c (the methods) and live-attach.c (the events). */
#ifndef PK_LIVE_H
#define PK_LIVE_H

#include <ktap/host.h>
#include "engine.h"
#include "ring.h"
#include "tasks.h"

/* A perf event (one a CPU and thread) and the points it fires, in order of the script's blocks. */
struct pk_source {
	const struct pk_probe *probe;
	const char *filter;
	bool from_glob, profile;
	struct ktap_point **points;
	unsigned int nr;
	struct pk_ring_group *group;
	struct perf_evsel *evsel; /* NULL: this kernel refused it, and may */
};

struct pk_tick {
	struct ktap_point *point;
	__u64 period_ns, next_ns;
};

struct pk_id {
	__u64 id;
	struct pk_source *source; /* NULL: free */
};

struct pk_live {
	struct ktap_host host; /* first: callbacks get its address */
	struct pk_run *run;
	struct ktap_vm *vm;
	struct pk_rings *rings;
	struct pk_ring_group *target; /* what -p, CMD or nothing asks for */
	struct pk_ring_group *system; /* whole CPUs; the same where no task is named */
	struct pk_source *sources;
	unsigned int nr_sources;
	struct pk_tick *ticks;
	unsigned int nr_ticks;
	struct pk_id *ids; /* hash, open addressing */
	unsigned int ids_mask;
	struct pk_tasks *tasks;
	pid_t self; /* events of this process are left out; 0: kept */
	__u64 lost_records; /* sum of PERF_RECORD_LOST */
	__u64 lost_final; /* sum of PERF_FORMAT_LOST at the end */
	bool format_lost; /* the kernel has it */
	bool started;
};

/* A sample as the attributes of live-attach.c ask for it. */
struct pk_sample {
	struct perf_event_header header;
	__u64 id;
	__u32 pid, tid;
	__u64 time;
	__u32 cpu, reserved;
	__u32 raw_size;
	char raw[];
};

/* What other records have at their end. */
struct pk_sample_id {
	__u32 pid, tid;
	__u64 time;
	__u32 cpu, reserved;
	__u64 id;
};

__u64 pk_live_time(const union perf_event *ev);
/* Open and map everything for the points that main has registered; their number or -errno. */
int pk_live_attach(struct pk_live *l);
struct pk_source *pk_live_source(struct pk_live *l, __u64 id);

#endif
