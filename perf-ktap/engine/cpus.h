/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of CPUs, as typed with -C, for libperf and for the module. */
#ifndef PK_CPUS_H
#define PK_CPUS_H

#include <linux/types.h>

struct perf_cpu_map;

/* The online CPUs of list (NULL: all).  NULL after a message when none is online. */
struct perf_cpu_map *pk_cpus_map(const char *list);
/* The same as a bit mask of 64-bit words, free() it; *size in bytes. */
__u64 *pk_cpus_mask(struct perf_cpu_map *map, __u32 *size);

#endif
