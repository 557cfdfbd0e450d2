/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sub-commands.  To add one: cmd-NAME.c, its row in main.c, a test in tests/cli, a paragraph of
 * the manual.
 */
#ifndef PK_CMD_H
#define PK_CMD_H

struct pk_cmd {
	const char *name;
	const char *summary;
	/* argv[0] is the command's name.  Returns the exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct pk_cmd pk_cmds[]; /* ends with a row without name */

int pk_cmd_run(int argc, char **argv);
int pk_cmd_compile(int argc, char **argv);
int pk_cmd_disasm(int argc, char **argv);
int pk_cmd_check(int argc, char **argv);
int pk_cmd_list(int argc, char **argv);
int pk_cmd_help(int argc, char **argv);

#endif
