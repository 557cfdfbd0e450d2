// SPDX-License-Identifier: GPL-2.0-only
/* The table of providers, and what all of them share: comma lists and the set of known probes. */
#include "provider.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <traceevent/event-parse.h>

#include "tracefs.h"

/* In order: the first that matches gets the item.  tracepoint takes what nobody else wants. */
static const struct pk_provider *const providers[] = {
	&pk_provider_timer,
	&pk_provider_tracepoint,
};

struct pk_events {
	struct tep_handle *tep;
	struct pk_probes tracepoints; /* the system's, in its order, once somebody asked */
	struct pk_probes others;
};

struct pk_events *pk_events_new(void)
{
	return pk_zalloc(sizeof(struct pk_events));
}

static void free_all(struct pk_probes *p)
{
	for (unsigned int i = 0; i < p->nr; i++) {
		free(p->v[i]->system);
		free(p->v[i]->name);
		free(p->v[i]);
	}
	pk_probes_free(p);
}

void pk_events_free(struct pk_events *ev)
{
	if (!ev)
		return;
	free_all(&ev->tracepoints);
	free_all(&ev->others);
	if (ev->tep)
		tep_free(ev->tep);
	free(ev);
}

struct tep_handle *pk_events_tep(struct pk_events *ev)
{
	char *text;
	size_t size;

	if (ev->tep)
		return ev->tep;
	tep_set_loglevel(TEP_LOG_NONE);
	ev->tep = tep_alloc();
	if (!ev->tep) {
		pk_err("out of memory");
		exit(PK_EXIT_ATTACH);
	}
	tep_set_long_size(ev->tep, sizeof(long));
	tep_set_page_size(ev->tep, (int)sysconf(_SC_PAGESIZE));
	tep_set_cpus(ev->tep, (int)sysconf(_SC_NPROCESSORS_CONF));
	if (!pk_tracefs_printk_formats(&text, &size)) {
		tep_parse_printk_formats(ev->tep, text);
		free(text);
	}
	return ev->tep;
}

struct pk_probe *pk_events_add(struct pk_events *ev, const struct pk_provider *provider,
			       const char *system, const char *name)
{
	struct pk_probes *set = provider == &pk_provider_tracepoint ? &ev->tracepoints
								    : &ev->others;
	struct pk_probe *p;

	/* Tracepoints are added from one list without doubles: no need to look. */
	for (unsigned int i = 0; set == &ev->others && i < set->nr; i++) {
		p = set->v[i];
		if (p->provider == provider && !strcmp(p->system, system) && !strcmp(p->name, name))
			return p;
	}
	p = pk_zalloc(sizeof(*p));
	p->provider = provider;
	p->system = pk_strdup(system);
	p->name = pk_strdup(name);
	pk_probes_add(set, p);
	return p;
}

struct pk_probes *pk_events_tracepoints(struct pk_events *ev)
{
	return &ev->tracepoints;
}

static const struct pk_provider *find_provider(enum ktap_event_kind kind, const char *item)
{
	for (unsigned int i = 0; i < PK_ARRAY_SIZE(providers); i++)
		if (providers[i]->match(kind, item))
			return providers[i];
	return NULL;
}

/* The probes of one item that are not in found yet are put behind it. */
static int resolve_item(struct pk_events *ev, enum ktap_event_kind kind, const char *item,
			struct pk_probes *found, char *err, size_t err_size)
{
	const struct pk_provider *provider = find_provider(kind, item);
	struct pk_probes more = { 0 };
	unsigned int before = found->nr, i, k;
	int ret;

	if (!provider) {
		snprintf(err, err_size, "cannot understand event '%s'", item);
		return -EINVAL;
	}
	ret = provider->resolve(ev, item, &more, err, err_size);
	for (i = 0; !ret && i < more.nr; i++) {
		for (k = 0; k < before; k++)
			if (found->v[k] == more.v[i])
				break;
		if (k == before)
			pk_probes_add(found, more.v[i]);
	}
	pk_probes_free(&more);
	return ret;
}

int pk_events_resolve(struct pk_events *ev, enum ktap_event_kind kind, const char *def,
		      struct pk_probes *found, char *err, size_t err_size)
{
	char *copy = pk_strdup(def), *rest = copy, *item, *end;
	int ret = 0;

	while (!ret && (item = strsep(&rest, ","))) {
		while (isspace((unsigned char)*item))
			item++;
		end = item + strlen(item);
		while (end > item && isspace((unsigned char)end[-1]))
			*--end = '\0';
		if (*item) {
			ret = resolve_item(ev, kind, item, found, err, err_size);
		} else {
			snprintf(err, err_size, "empty event name in '%s'", def);
			ret = -EINVAL;
		}
	}
	free(copy);
	return ret;
}

int pk_probe_describe(struct pk_events *ev, struct pk_probe *probe)
{
	int ret = 0;

	if (probe->described)
		return 0;
	if (probe->provider->describe)
		ret = probe->provider->describe(ev, probe);
	probe->described = !ret;
	return ret;
}

int pk_events_list(struct pk_events *ev, const char *glob, struct pk_probes *found)
{
	int ret;

	for (unsigned int i = 0; i < PK_ARRAY_SIZE(providers); i++) {
		if (!providers[i]->list)
			continue;
		ret = providers[i]->list(ev, glob, found);
		if (ret)
			return ret;
	}
	return 0;
}

void pk_probes_add(struct pk_probes *p, struct pk_probe *probe)
{
	if (p->nr == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 16;
		p->v = pk_realloc(p->v, p->cap * sizeof(*p->v));
	}
	p->v[p->nr++] = probe;
}

void pk_probes_free(struct pk_probes *p)
{
	free(p->v);
	memset(p, 0, sizeof(*p));
}
