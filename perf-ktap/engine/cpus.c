// SPDX-License-Identifier: GPL-2.0-only
/* Sets of CPUs. */
#include <perf/cpumap.h>

#include "../util.h"
#include "cpus.h"

struct perf_cpu_map *pk_cpus_map(const char *list)
{
	struct perf_cpu_map *online = perf_cpu_map__new(NULL), *map;
	struct perf_cpu cpu;
	int i;

	if (!online || !list)
		return online;
	map = perf_cpu_map__new(list);
	perf_cpu_map__for_each_cpu(cpu, i, map)
	{
		if (perf_cpu_map__has(online, cpu))
			continue;
		pk_err("-C: CPU %d is not there or not online", cpu.cpu);
		perf_cpu_map__put(map);
		map = NULL;
		break;
	}
	perf_cpu_map__put(online);
	return map;
}

__u64 *pk_cpus_mask(struct perf_cpu_map *map, __u32 *size)
{
	int words = perf_cpu_map__max(map).cpu / 64 + 1, i;
	__u64 *mask = pk_zalloc((size_t)words * sizeof(*mask));
	struct perf_cpu cpu;

	perf_cpu_map__for_each_cpu(cpu, i, map)
	{
		if (cpu.cpu >= 0)
			mask[cpu.cpu / 64] |= 1ull << (cpu.cpu % 64);
	}
	*size = (__u32)((size_t)words * sizeof(*mask));
	return mask;
}
