/* SPDX-License-Identifier: GPL-2.0-only */
/* From a script, as text or as a chunk file, to a chunk that has been checked. */
#ifndef PK_SOURCE_H
#define PK_SOURCE_H

#include <stdbool.h>
#include <ktap/engine.h>

struct pk_events;

struct pk_chunk {
	void *data;
	size_t size;
	struct ktap_view *view;
	bool precompiled; /* came as a chunk: events and fields were not checked */
};

/*
 * Load file, or compile text when it is not NULL (then file is only a name).  events may be NULL:
 * event and field names are not checked.  0, or -errno after messages on stderr.
 */
int pk_source_load(struct pk_chunk *chunk, const char *file, const char *text,
		   struct pk_events *events, int arg_base);
void pk_chunk_free(struct pk_chunk *chunk);

#endif
