// SPDX-License-Identifier: GPL-2.0-only
/* Reads scripts, calls the compiler and answers its questions about events. */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../parser/parser.h"
#include "events/provider.h"
#include "events/tracefs.h"
#include "output/render.h"
#include "util.h"

/* What the compiler was told lives until it is done. */
struct compile {
	struct pk_events *events;
	const char **names; /* fields of the event asked for last */
	unsigned int nr, cap;
};

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_name(void *ctx, const char *name, const char *type)
{
	struct compile *c = ctx;

	(void)type;
	if (c->nr == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 64;
		c->names = pk_realloc(c->names, c->cap * sizeof(*c->names));
	}
	c->names[c->nr++] = name;
}

static void sort_names(struct compile *c)
{
	unsigned int i, n = 0;

	qsort(c->names, c->nr, sizeof(*c->names), name_compare);
	for (i = 0; i < c->nr; i++)
		if (!n || strcmp(c->names[n - 1], c->names[i]))
			c->names[n++] = c->names[i];
	c->nr = n;
}

static int lookup_event(void *ctx, enum ktap_event_kind kind, const char *def, const char *filter,
			struct ktap_event_desc *desc)
{
	struct compile *c = ctx;
	struct pk_probes found = { 0 };
	int ret;

	(void)filter;
	c->nr = 0;
	ret = pk_events_resolve(c->events, kind, def, &found, desc->error, sizeof(desc->error));
	for (unsigned int i = 0; !ret && i < found.nr; i++) {
		/* An event that vanished since it was listed has no fields; attach will say so. */
		if (!pk_probe_describe(c->events, found.v[i]))
			pk_format_each(found.v[i]->format, add_name, c);
	}
	/* One event keeps the order of its format; of several there is none. */
	if (!ret && found.nr > 1 && c->nr)
		sort_names(c);
	pk_probes_free(&found);
	desc->fields = c->names;
	desc->nr_fields = c->nr;
	return ret;
}

static void show_diag(void *ctx, const struct ktap_diag *diag)
{
	(void)ctx;
	ktap_diag_print(stderr, diag);
}

static int compile(struct pk_chunk *chunk, const char *file, const char *text, size_t len,
		   struct pk_events *events, int arg_base)
{
	struct compile c = { .events = events };
	struct ktap_compile_env env = {
		.ctx = &c,
		.event = lookup_event,
		.diag = show_diag,
		.arg_base = arg_base,
	};
	struct ktap_buffer out = { 0 };
	char err[256];
	int ret;

	/* Without tracefs nothing can be looked up; whoever needs it says so in one line later. */
	if (!events || pk_tracefs_init(err, sizeof(err)))
		env.event = NULL;
	ret = ktap_compile(file, text, len, &env, &out);
	free(c.names);
	chunk->data = out.data;
	chunk->size = out.size;
	chunk->precompiled = !env.event;
	return ret;
}

static bool is_chunk(const char *data, size_t size)
{
	return size >= 4 && !memcmp(data, KTAP_CHUNK_MAGIC, 4);
}

static int open_view(struct pk_chunk *chunk, const char *file)
{
	struct ktap_load_error error = { .proto = KTAP_NONE };
	struct pk_buf text = { 0 };

	chunk->view = ktap_view_open(chunk->data, chunk->size, &error);
	if (chunk->view)
		return 0;
	pk_error_load(&text, &error);
	pk_err("%s: chunk refused: %s", file, text.data);
	pk_buf_free(&text);
	return -EBADMSG;
}

int pk_source_load(struct pk_chunk *chunk, const char *file, const char *text,
		   struct pk_events *events, int arg_base)
{
	char *data = NULL;
	size_t size;
	int ret;

	memset(chunk, 0, sizeof(*chunk));
	if (text) {
		ret = compile(chunk, file, text, strlen(text), events, arg_base);
	} else {
		ret = pk_read_file(file, &data, &size);
		if (ret) {
			pk_err("cannot read %s: %s", file, strerror(-ret));
			return ret;
		}
		if (is_chunk(data, size)) {
			chunk->data = data;
			chunk->size = size;
			chunk->precompiled = true;
			data = NULL;
		} else {
			ret = compile(chunk, file, data, size, events, arg_base);
		}
		free(data);
	}
	if (!ret)
		ret = open_view(chunk, file);
	if (ret)
		pk_chunk_free(chunk);
	return ret;
}

void pk_chunk_free(struct pk_chunk *chunk)
{
	if (chunk->view)
		ktap_view_close(chunk->view);
	free(chunk->data);
	memset(chunk, 0, sizeof(*chunk));
}
