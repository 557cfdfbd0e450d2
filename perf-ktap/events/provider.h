/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where events come from.  A provider turns one item of a definition ("sched:*", "tick-1s") into
 * probes; a probe is a place of the system that can be traced, shared by all blocks that name it.
 *
 * To add a kind of probe: events/KIND.c with a struct pk_provider, its row in provider.c, a test
 * and a paragraph of the manual.
 */
#ifndef PK_PROVIDER_H
#define PK_PROVIDER_H

#include <stdio.h>
#include <ktap/abi.h>
#include "../util.h"

struct tep_handle;
struct tep_event;
struct pk_events;
struct pk_provider;

/* Owned by struct pk_events, the same pointer for the same place. */
struct pk_probe {
	const struct pk_provider *provider;
	enum ktap_attach_kind attach;
	char *system; /* "" for timers */
	char *name; /* what argname says */
	__u64 id; /* tracepoint id, after pk_probe_describe() */
	__u64 period_ns; /* of timers */
	struct tep_event *format; /* after pk_probe_describe(); NULL for timers */
	bool described;
};

struct pk_probes {
	struct pk_probe **v;
	unsigned int nr, cap;
};

struct pk_provider {
	const char *name;
	const char *syntax; /* for the manual and messages: "SYSTEM:EVENT" */
	/* Whether item is this provider's; the first one of the table that says so gets it. */
	bool (*match)(enum ktap_event_kind kind, const char *item);
	/* Add all probes item names to found.  0, or -errno with a message in err; none: -ENOENT. */
	int (*resolve)(struct pk_events *ev, const char *item, struct pk_probes *found, char *err,
		       size_t err_size);
	/* Optional: find the id and the fields of a probe.  0 or -errno. */
	int (*describe)(struct pk_events *ev, struct pk_probe *probe);
	/* Optional: add what matches glob, for `list`. */
	int (*list)(struct pk_events *ev, const char *glob, struct pk_probes *found);
};

extern const struct pk_provider pk_provider_tracepoint;
extern const struct pk_provider pk_provider_timer;

/* What is known of the system's events; one a process, made when first asked for. */
struct pk_events *pk_events_new(void);
void pk_events_free(struct pk_events *ev);
struct tep_handle *pk_events_tep(struct pk_events *ev);
/* The probe of that name; made when missing, with the provider's own data set by the caller. */
struct pk_probe *pk_events_add(struct pk_events *ev, const struct pk_provider *provider,
			       const char *system, const char *name);
struct pk_probes *pk_events_tracepoints(struct pk_events *ev);

/*
 * Resolve a definition: a comma list of items.  0 with at least one probe in found (each once), or
 * -errno with a message in err.
 */
int pk_events_resolve(struct pk_events *ev, enum ktap_event_kind kind, const char *def,
		      struct pk_probes *found, char *err, size_t err_size);
/* Fill in id and format.  0 or -errno. */
int pk_probe_describe(struct pk_events *ev, struct pk_probe *probe);
/* Everything of any provider that matches glob (NULL: all). */
int pk_events_list(struct pk_events *ev, const char *glob, struct pk_probes *found);

void pk_probes_add(struct pk_probes *p, struct pk_probe *probe);
void pk_probes_free(struct pk_probes *p);

/* format.c: parse a format file's text; NULL when it cannot be. */
struct tep_event *pk_format_parse(struct tep_handle *tep, const char *system, const char *text,
				  size_t size);
/* The map from a field name, or a position from 1 when name is NULL, to the bytes of an entry. */
void pk_format_field(const struct tep_event *format, const char *name, unsigned int position,
		     struct ktap_field *out);
/* Call fn for each field but the common ones. */
void pk_format_each(const struct tep_event *format,
		    void (*fn)(void *ctx, const char *name, const char *type), void *ctx);

#endif
