// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resolves the events of a chunk on this system.  For a script that was just compiled the compiler
 * has asked the same questions before; a chunk from elsewhere is checked here for the first time.
 */
#include "points.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../parser/parser.h"
#include "events/tracefs.h"

static void complain(const struct pk_run *run, __u32 pos, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void complain(const struct pk_run *run, __u32 pos, const char *fmt, ...)
{
	const char *name = ktap_view_name(run->chunk->view);
	va_list ap;

	fprintf(stderr, "%s:%u:%u: error: ", name ? name : run->opts->name, KTAP_POS_LINE(pos),
		KTAP_POS_COL(pos));
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void map_fields(const struct pk_run *run, struct pk_point *p)
{
	const struct ktap_view *view = run->chunk->view;
	struct ktap_chunk_field f;

	p->fields = pk_zalloc(run->nr_fields * sizeof(*p->fields));
	for (unsigned int i = 0; i < run->nr_fields; i++) {
		if (!ktap_view_field(view, i, &f))
			continue;
		if ((__u32)f.event != KTAP_NONE && (__u32)f.event != p->event)
			continue;
		pk_format_field(p->probe->format, ktap_view_str(view, (__u32)f.name, NULL),
				(__u32)f.position, &p->fields[i]);
	}
}

static int add_points(struct pk_run *run, struct pk_events *ev, __u32 event,
		      const struct ktap_chunk_event *e, const struct pk_probes *found)
{
	const char *filter = ktap_view_str(run->chunk->view, (__u32)e->filter, NULL);
	struct pk_point *p;
	int ret;

	run->points = pk_realloc(run->points, (run->nr_points + found->nr) * sizeof(*p));
	for (unsigned int i = 0; i < found->nr; i++) {
		ret = pk_probe_describe(ev, found->v[i]);
		if (ret && found->nr > 1)
			continue;
		if (ret) {
			complain(run, (__u32)e->pos, "cannot read the format of %s:%s: %s",
				 found->v[i]->system, found->v[i]->name, strerror(-ret));
			return ret;
		}
		p = &run->points[run->nr_points];
		memset(p, 0, sizeof(*p));
		p->probe = found->v[i];
		p->number = run->nr_points++;
		p->event = event;
		p->flags = (__u32)e->flags;
		p->from_glob = found->nr > 1;
		p->filter = filter;
		run->has_filter |= filter != NULL;
		map_fields(run, p);
	}
	return 0;
}

struct names {
	const char **v;
	unsigned int nr;
};

static void collect(void *ctx, const char *name, const char *type)
{
	struct names *n = ctx;

	(void)type;
	n->v = pk_realloc(n->v, (n->nr + 1) * sizeof(*n->v));
	n->v[n->nr++] = name;
}

static void no_such_field(const struct pk_run *run, const struct ktap_chunk_field *f,
			  const char *name)
{
	struct names names = { 0 };
	const char *near;

	for (unsigned int i = 0; i < run->nr_points; i++)
		if (run->points[i].event == (__u32)f->event)
			pk_format_each(run->points[i].probe->format, collect, &names);
	near = names.nr ? ktap_nearest(name, names.v, names.nr) : NULL;
	if (near)
		complain(run, (__u32)f->pos, "the event has no field '%s'; did you mean '%s'?",
			 name, near);
	else
		complain(run, (__u32)f->pos, "the event has no field '%s'", name);
	free(names.v);
}

/* A field by name that no point of its event has. */
static int check_fields(const struct pk_run *run)
{
	const struct ktap_view *view = run->chunk->view;
	struct ktap_chunk_field f;
	const char *name;
	int ret = 0;

	for (unsigned int i = 0; i < run->nr_fields; i++) {
		bool found = false, has_event = false;

		if (!ktap_view_field(view, i, &f))
			continue;
		name = ktap_view_str(view, (__u32)f.name, NULL);
		if (!name)
			continue;
		for (unsigned int k = 0; k < run->nr_points && !found; k++) {
			const struct pk_point *p = &run->points[k];

			if ((__u32)f.event != KTAP_NONE && (__u32)f.event != p->event)
				continue;
			has_event = true;
			/* There, though of a kind that no handler can read yet. */
			found = p->fields[i].kind != KTAP_FK_NONE || p->fields[i].size;
		}
		if (found || !has_event)
			continue;
		no_such_field(run, &f, name);
		ret = -EINVAL;
	}
	return ret;
}

int pk_points_resolve(struct pk_run *run, struct pk_events *ev, bool *needs_tracefs)
{
	const struct ktap_view *view = run->chunk->view;
	struct ktap_chunk_event e;
	struct pk_probes found;
	const char *def;
	char err[512];
	int ret, all = 0;

	*needs_tracefs = false;
	run->nr_fields = ktap_view_count(view, KTAP_SECT_FIELDS);
	for (__u32 i = 0; ktap_view_event(view, i, &e); i++) {
		if ((__u32)e.kind == KTAP_EV_END)
			continue;
		def = ktap_view_str(view, (__u32)e.def, NULL);
		memset(&found, 0, sizeof(found));
		if ((__u32)e.kind == KTAP_EV_TRACE && pk_tracefs_init(err, sizeof(err))) {
			pk_err("%s", err);
			*needs_tracefs = true;
			return -EACCES;
		}
		ret = pk_events_resolve(ev, (enum ktap_event_kind)(__u32)e.kind, def ? def : "",
					&found, err, sizeof(err));
		if (ret)
			complain(run, (__u32)e.pos, "%s", err);
		else
			ret = add_points(run, ev, i, &e, &found);
		pk_probes_free(&found);
		if (ret)
			all = ret;
	}
	return all ? all : check_fields(run);
}

void pk_points_free(struct pk_run *run)
{
	for (unsigned int i = 0; i < run->nr_points; i++)
		free(run->points[i].fields);
	free(run->points);
	run->points = NULL;
	run->nr_points = 0;
}
