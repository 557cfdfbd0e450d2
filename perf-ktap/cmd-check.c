// SPDX-License-Identifier: GPL-2.0-only
/* perf-ktap check X.kp...: compile, report, run nothing. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "events/provider.h"
#include "events/tracefs.h"
#include "source.h"
#include "util.h"

static void usage(FILE *f)
{
	fputs("usage: perf-ktap check [--no-events] FILE...\n"
	      "\n"
	      "Compiles the scripts and reports what is wrong with them.  Events and fields are\n"
	      "compared with those of this kernel where tracefs can be read; --no-events leaves\n"
	      "that out.  Status 1 when any script has an error.\n",
	      f);
}

static int check_all(int argc, char **argv, struct pk_events *events)
{
	int status = PK_EXIT_OK;
	struct pk_chunk chunk;

	for (int i = 0; i < argc; i++) {
		if (pk_source_load(&chunk, argv[i], NULL, events, -1))
			status = PK_EXIT_USAGE;
		else
			pk_chunk_free(&chunk);
	}
	return status;
}

int pk_cmd_check(int argc, char **argv)
{
	struct pk_events *events = NULL;
	bool with_events = true;
	int i, status;
	char err[256];

	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			usage(stdout);
			return PK_EXIT_OK;
		}
		if (strcmp(argv[i], "--no-events")) {
			pk_err("check: unknown option '%s'", argv[i]);
			return PK_EXIT_USAGE;
		}
		with_events = false;
	}
	if (i == argc) {
		usage(stderr);
		return PK_EXIT_USAGE;
	}
	if (with_events) {
		if (pk_tracefs_init(err, sizeof(err)))
			pk_note("events are not checked: %s", err);
		else
			events = pk_events_new();
	}
	status = check_all(argc - i, argv + i, events);
	pk_events_free(events);
	return status;
}
