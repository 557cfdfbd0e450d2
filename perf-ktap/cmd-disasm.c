// SPDX-License-Identifier: GPL-2.0-only
/* perf-ktap disasm X.kp|X.ktapc */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "disasm.h"
#include "source.h"
#include "util.h"

static void usage(FILE *f)
{
	fputs("usage: perf-ktap disasm FILE.kp|FILE.ktapc | -e TEXT\n"
	      "\n"
	      "Shows events, constants, globals and, function by function, the instructions with\n"
	      "their place in the source (line:column).\n",
	      f);
}

int pk_cmd_disasm(int argc, char **argv)
{
	const char *file = NULL, *text = NULL;
	struct pk_chunk chunk;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			usage(stdout);
			return PK_EXIT_OK;
		} else if (!strcmp(argv[i], "-e") && argv[i + 1]) {
			text = argv[++i];
		} else if (file || (argv[i][0] == '-' && argv[i][1])) {
			usage(stderr);
			return PK_EXIT_USAGE;
		} else {
			file = argv[i];
		}
	}
	if (!file == !text) {
		usage(stderr);
		return PK_EXIT_USAGE;
	}
	if (pk_source_load(&chunk, text ? "(command line)" : file, text, NULL, -1))
		return PK_EXIT_USAGE;
	pk_disasm(stdout, chunk.view);
	pk_chunk_free(&chunk);
	return fflush(stdout) ? PK_EXIT_USAGE : PK_EXIT_OK;
}
