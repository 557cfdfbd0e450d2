// SPDX-License-Identifier: GPL-2.0-only
/* perf-ktap, also reached as `perf ktap`: the table of sub-commands. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "util.h"
#include "version.h"

const struct pk_cmd pk_cmds[] = {
	{ "run", "run a script (the default command)", pk_cmd_run },
	{ "compile", "compile a script to a chunk file", pk_cmd_compile },
	{ "disasm", "show the byte code of a script or chunk", pk_cmd_disasm },
	{ "check", "compile scripts, run nothing", pk_cmd_check },
	{ "list", "list events, show their fields", pk_cmd_list },
	{ "help", "show help for a command", pk_cmd_help },
	{ NULL, NULL, NULL },
};

/* Commands that the manual promises for a later version. */
static const char *const later[] = { "record", "report", "replay", "doctor", "top" };

static const struct pk_cmd *find(const char *name)
{
	for (const struct pk_cmd *c = pk_cmds; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* The old ktap's -le [GLOB] is `list`; -lf and -lm list what this version does not trace yet. */
static int old_list(int argc, char **argv)
{
	if (!strcmp(argv[1], "-le")) {
		argv[1] = "list";
		return pk_cmd_list(argc - 1, argv + 1);
	}
	pk_err("%s: not in this version", argv[1]);
	return PK_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct pk_cmd *cmd;

	setlocale(LC_CTYPE, "");
	/* A closed pipe is an error of write(), handled where output is written. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		pk_cmd_help(1, argv);
		return PK_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "-le") || !strcmp(argv[1], "-lf") || !strcmp(argv[1], "-lm"))
		return old_list(argc, argv);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return pk_cmd_help(1, argv);
	if (!strcmp(argv[1], "--version")) {
		printf("perf-ktap %s\n", KTAP_VERSION);
		return PK_EXIT_OK;
	}
	cmd = find(argv[1]);
	if (cmd)
		return cmd->run(argc - 1, argv + 1);
	for (unsigned int i = 0; i < PK_ARRAY_SIZE(later); i++) {
		if (!strcmp(argv[1], later[i])) {
			pk_err("%s: not in this version", argv[1]);
			return PK_EXIT_USAGE;
		}
	}
	return pk_cmd_run(argc, argv);
}
