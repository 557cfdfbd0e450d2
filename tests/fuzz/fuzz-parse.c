// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes are a script: the compiler diagnoses it or makes a chunk, and the verifier takes every
 * such chunk.  The first byte chooses what the compiler knows of events and of the argument base.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ktap/engine.h>

#include "parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const fields[] = { "prev_comm", "prev_pid", "next_comm", "next_pid" };

static int event(void *ctx, enum ktap_event_kind kind, const char *def, const char *filter,
		 struct ktap_event_desc *desc)
{
	(void)ctx;
	(void)filter;
	if (kind == KTAP_EV_TRACE && def[0] == '-') {
		snprintf(desc->error, sizeof(desc->error), "no event '%s'", def);
		return -1;
	}
	desc->fields = fields;
	desc->nr_fields = kind == KTAP_EV_TRACE ? 4 : 0;
	return 0;
}

struct seen {
	FILE *null;
	unsigned int errors;
};

static void diag(void *ctx, const struct ktap_diag *d)
{
	struct seen *seen = ctx;

	seen->errors += d->severity == KTAP_DIAG_ERROR;
	if (!d->line || !d->col || !d->len || strchr(d->message, '\n'))
		abort();
	ktap_diag_print(seen->null, d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen seen;
	struct ktap_compile_env env = { .ctx = &seen, .diag = diag, .arg_base = -1 };
	struct ktap_load_error err;
	struct ktap_buffer chunk;
	struct ktap_view *view;

	if (!size)
		return 0;
	if (!seen.null)
		seen.null = fopen("/dev/null", "w");
	seen.errors = 0;
	if (data[0] & 1)
		env.event = event;
	if (data[0] & 2)
		env.arg_base = data[0] >> 2 & 1;
	if (ktap_compile("fuzz.kp", (const char *)data + 1, size - 1, &env, &chunk)) {
		/* A refusal says why. */
		if (!seen.errors || chunk.data)
			abort();
		return 0;
	}
	view = ktap_view_open(chunk.data, chunk.size, &err);
	if (!view || seen.errors)
		abort();
	ktap_view_close(view);
	free(chunk.data);
	return 0;
}
