// SPDX-License-Identifier: GPL-2.0-only
/* perf-ktap help [COMMAND] */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "options.h"
#include "util.h"

int pk_cmd_help(int argc, char **argv)
{
	static char help[] = "--help";
	char *args[] = { NULL, help, NULL };

	for (const struct pk_cmd *c = pk_cmds; argc > 1 && c->name; c++) {
		if (!strcmp(argv[1], c->name) && c->run != pk_cmd_help) {
			args[0] = argv[1];
			return c->run(2, args);
		}
	}
	if (argc > 1 && strcmp(argv[1], "help") && strcmp(argv[1], "--help")) {
		pk_err("no command '%s'", argv[1]);
		return PK_EXIT_USAGE;
	}
	pk_opts_help();
	fputs("\ncommands (perf-ktap COMMAND --help tells more)\n", stdout);
	for (const struct pk_cmd *c = pk_cmds; c->name; c++)
		printf("  %-20s %s\n", c->name, c->summary);
	return PK_EXIT_OK;
}
