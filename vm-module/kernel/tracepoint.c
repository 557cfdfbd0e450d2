// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints by name.  Built-in ones only, which never go away, so no reference has to be kept.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include "tracepoint.h"

struct search {
	const char *name;
	struct tracepoint *found;
};

static void search_one(struct tracepoint *tp, void *priv)
{
	struct search *search = priv;

	if (!search->found && !strcmp(tp->name, search->name))
		search->found = tp;
}

static struct tracepoint *find(const char *name)
{
	struct search search = { .name = name };

	for_each_kernel_tracepoint(search_one, &search);
	return search.found;
}

int kp_tracepoint_register(const char *name, void *probe, void *data, int prio)
{
	struct tracepoint *tp = find(name);

	return tp ? tracepoint_probe_register_prio(tp, probe, data, prio) : -ENOENT;
}

void kp_tracepoint_unregister(const char *name, void *probe, void *data)
{
	struct tracepoint *tp = find(name);

	if (tp)
		tracepoint_probe_unregister(tp, probe, data);
}
