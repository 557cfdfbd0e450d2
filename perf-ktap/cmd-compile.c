// SPDX-License-Identifier: GPL-2.0-only
/* perf-ktap compile -o X.ktapc X.kp */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "source.h"
#include "util.h"

static void usage(FILE *f)
{
	fputs("usage: perf-ktap compile [-o FILE.ktapc] [--arg-base=0|1] FILE.kp | -e TEXT\n"
	      "\n"
	      "Compiles a script to a chunk, which runs on any machine and word size.  Events and\n"
	      "fields are looked up when it is run.  Without -o, x.kp becomes x.ktapc.\n",
	      f);
}

static char *default_output(const char *file)
{
	size_t len = strlen(file);

	if (len > 3 && !strcmp(file + len - 3, ".kp"))
		len -= 3;
	return pk_asprintf("%.*s.ktapc", (int)len, file);
}

/* A file that could not be written whole is removed. */
static int write_file(const char *path, const void *data, size_t size)
{
	const char *p = data;
	int fd, err = 0;
	ssize_t n;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	while (size && !err) {
		n = write(fd, p, size);
		if (n < 0 && errno != EINTR)
			err = -errno;
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
	if (close(fd) && !err)
		err = -errno;
	if (err && unlink(path))
		pk_verbose("cannot remove %s: %s", path, strerror(errno));
	return err;
}

static int compile_to(const char *file, const char *text, const char *output, int arg_base)
{
	struct pk_chunk chunk;
	char *path;
	int ret;

	if (pk_source_load(&chunk, file, text, NULL, arg_base))
		return PK_EXIT_USAGE;
	path = output ? pk_strdup(output) : default_output(file);
	ret = write_file(path, chunk.data, chunk.size);
	if (ret)
		pk_err("cannot write %s: %s", path, strerror(-ret));
	free(path);
	pk_chunk_free(&chunk);
	return ret ? PK_EXIT_USAGE : PK_EXIT_OK;
}

int pk_cmd_compile(int argc, char **argv)
{
	const char *output = NULL, *file = NULL, *text = NULL;
	int arg_base = -1, i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			usage(stdout);
			return PK_EXIT_OK;
		} else if (!strcmp(argv[i], "-o") && argv[i + 1]) {
			output = argv[++i];
		} else if (!strcmp(argv[i], "-e") && argv[i + 1]) {
			text = argv[++i];
		} else if (!strcmp(argv[i], "--arg-base=0") || !strcmp(argv[i], "--arg-base=1")) {
			arg_base = argv[i][11] - '0';
		} else if (argv[i][0] == '-' && argv[i][1]) {
			pk_err("compile: unknown option '%s'", argv[i]);
			return PK_EXIT_USAGE;
		} else if (file) {
			pk_err("compile: one script at a time: '%s' is one too many", argv[i]);
			return PK_EXIT_USAGE;
		} else {
			file = argv[i];
		}
	}
	if (!file == !text || (text && !output)) {
		usage(stderr);
		return PK_EXIT_USAGE;
	}
	return compile_to(text ? "(command line)" : file, text, output, arg_base);
}
