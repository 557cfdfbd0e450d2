/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of `run`. */
#ifndef PK_OPTIONS_H
#define PK_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

enum pk_engine_choice {
	PK_ENGINE_AUTO,
	PK_ENGINE_MODULE,
	PK_ENGINE_USER
};

struct pk_opts {
	const char *file; /* script path, NULL with text */
	const char *text; /* -e, -s */
	const char *name; /* for messages and arg[0] */
	char **args; /* script arguments, without arg[0] */
	int nr_args;
	char **cmd; /* command after --, NULL-terminated; or NULL */
	pid_t *pids; /* -p */
	unsigned int nr_pids;
	const char *cpus; /* -C, as typed; checked */
	const char *output; /* -o */
	bool timestamps, quiet, dry, listing, drop, inherit;
	unsigned int pages; /* of a ring, a power of two */
	__u64 mem_bytes; /* 0: default */
	__u64 max_entries; /* 0: no limit */
	__u64 duration_ns; /* 0: no limit */
	enum pk_engine_choice engine;
	int arg_base; /* 0, 1, -1: by the script */
};

/* 0: run; 1: nothing is left to do (--help); -EINVAL after a message. */
int pk_opts_parse(struct pk_opts *o, int argc, char **argv);
void pk_opts_free(struct pk_opts *o);
void pk_opts_help(void);

#endif
