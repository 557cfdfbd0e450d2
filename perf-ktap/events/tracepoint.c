// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints: SYSTEM:EVENT, globs in both halves.  The list of all of them is read once; ids and
 * fields only of those that a script names.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/event-parse.h>

#include "../../parser/parser.h"
#include "provider.h"
#include "tracefs.h"

static bool tracepoint_match(enum ktap_event_kind kind, const char *item)
{
	(void)item;
	return kind == KTAP_EV_TRACE;
}

static int load_list(struct pk_events *ev, char *err, size_t err_size)
{
	struct pk_probe *p;
	char *text, *rest, *line, *colon;
	size_t size;
	int ret;

	if (pk_events_tracepoints(ev)->nr)
		return 0;
	ret = pk_tracefs_init(err, err_size);
	if (ret)
		return ret;
	ret = pk_tracefs_events(&text, &size);
	if (ret) {
		snprintf(err, err_size, "cannot read the list of events: %s", strerror(-ret));
		return ret;
	}
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = '\0';
		p = pk_events_add(ev, &pk_provider_tracepoint, line, colon + 1);
		p->attach = KTAP_ATTACH_TRACEPOINT;
	}
	free(text);
	if (!pk_events_tracepoints(ev)->nr) {
		snprintf(err, err_size, "this kernel has no tracepoints");
		return -ENOENT;
	}
	return 0;
}

/* The nearest "system:name" to item among all, or NULL. */
static const char *nearest_event(struct pk_events *ev, const char *item, struct pk_buf *store)
{
	const struct pk_probes *all = pk_events_tracepoints(ev);
	const char **names = pk_zalloc(all->nr * sizeof(*names));
	size_t *at = pk_zalloc(all->nr * sizeof(*at));
	const char *best;
	unsigned int i;

	for (i = 0; i < all->nr; i++) {
		at[i] = store->len;
		pk_buf_printf(store, "%s:%s", all->v[i]->system, all->v[i]->name);
		pk_buf_putc(store, '\0');
	}
	for (i = 0; i < all->nr; i++)
		names[i] = store->data + at[i];
	best = ktap_nearest(item, names, all->nr);
	free(at);
	free(names);
	return best;
}

/* An event that was named without its system is likely this one. */
static const struct pk_probe *same_name(struct pk_events *ev, const char *name)
{
	const struct pk_probes *all = pk_events_tracepoints(ev);

	for (unsigned int i = 0; i < all->nr; i++)
		if (!strcmp(all->v[i]->name, name))
			return all->v[i];
	return NULL;
}

static void explain(struct pk_events *ev, const char *item, char *err, size_t err_size)
{
	const char *colon = strchr(item, ':'), *name = colon ? colon + 1 : item, *best;
	const struct pk_probe *same = same_name(ev, name);
	struct pk_buf store = { 0 };

	if (same) {
		snprintf(err, err_size, "no event '%s'; did you mean '%s:%s'?", item, same->system,
			 same->name);
		return;
	}
	best = strpbrk(item, "*?[") ? NULL : nearest_event(ev, item, &store);
	if (best)
		snprintf(err, err_size, "no event '%s'; did you mean '%s'?", item, best);
	else if (!colon)
		snprintf(err, err_size,
			 "no event '%s': an event is SYSTEM:EVENT, such as "
			 "sched:sched_switch; 'perf-ktap list' shows them",
			 item);
	else
		snprintf(err, err_size, "no event matches '%s'; 'perf-ktap list' shows them", item);
	pk_buf_free(&store);
}

/* The ftrace group is not made of tracepoints: perf can open none of it by a glob. */
static bool matches(const struct pk_probe *p, const char *system, const char *name)
{
	if (fnmatch(system, p->system, 0) || fnmatch(name, p->name, 0))
		return false;
	return strcmp(p->system, "ftrace") || !strcmp(system, "ftrace");
}

static int tracepoint_resolve(struct pk_events *ev, const char *item, struct pk_probes *found,
			      char *err, size_t err_size)
{
	const struct pk_probes *all = pk_events_tracepoints(ev);
	const char *colon = strchr(item, ':');
	char *system;
	int ret;

	ret = load_list(ev, err, err_size);
	if (ret)
		return ret;
	if (colon) {
		system = pk_strndup(item, (size_t)(colon - item));
		for (unsigned int i = 0; i < all->nr; i++)
			if (matches(all->v[i], system, colon + 1))
				pk_probes_add(found, all->v[i]);
		free(system);
	}
	if (found->nr)
		return 0;
	explain(ev, item, err, err_size);
	return -ENOENT;
}

static int tracepoint_describe(struct pk_events *ev, struct pk_probe *probe)
{
	char *text;
	size_t size;
	int ret;

	ret = pk_tracefs_format(probe->system, probe->name, &text, &size);
	if (ret)
		return ret;
	probe->format = pk_format_parse(pk_events_tep(ev), probe->system, text, size);
	free(text);
	if (!probe->format)
		return -EINVAL;
	probe->id = (__u64)probe->format->id;
	return 0;
}

static int tracepoint_list(struct pk_events *ev, const char *glob, struct pk_probes *found)
{
	const struct pk_probes *all = pk_events_tracepoints(ev);
	struct pk_buf name = { 0 };
	char err[256];
	int ret;

	ret = load_list(ev, err, sizeof(err));
	if (ret) {
		pk_err("%s", err);
		return ret;
	}
	for (unsigned int i = 0; i < all->nr; i++) {
		pk_buf_reset(&name);
		pk_buf_printf(&name, "%s:%s", all->v[i]->system, all->v[i]->name);
		if (!glob || !fnmatch(glob, name.data, 0) || !fnmatch(glob, all->v[i]->name, 0))
			pk_probes_add(found, all->v[i]);
	}
	pk_buf_free(&name);
	return 0;
}

const struct pk_provider pk_provider_tracepoint = {
	.name = "tracepoint",
	.syntax = "SYSTEM:EVENT",
	.match = tracepoint_match,
	.resolve = tracepoint_resolve,
	.describe = tracepoint_describe,
	.list = tracepoint_list,
};
