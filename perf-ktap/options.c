// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of `run`: up to the script's name they are ours, behind it the script's, behind "--"
 * a command's.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "version.h"

#define DEFAULT_PAGES 512
#define MAX_PAGES (1 << 16)

enum long_option {
	OPT_MEM = 256,
	OPT_MAX_ENTRIES,
	OPT_OVERFLOW,
	OPT_ENGINE,
	OPT_ARG_BASE,
	OPT_NO_INHERIT,
	OPT_DURATION,
	OPT_LATER,
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "pid", required_argument, NULL, 'p' },
	{ "cpu", required_argument, NULL, 'C' },
	{ "output", required_argument, NULL, 'o' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "dry-run", no_argument, NULL, 'd' },
	{ "timestamp", no_argument, NULL, 'T' },
	{ "mmap-pages", required_argument, NULL, 'm' },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "max-entries", required_argument, NULL, OPT_MAX_ENTRIES },
	{ "on-overflow", required_argument, NULL, OPT_OVERFLOW },
	{ "engine", required_argument, NULL, OPT_ENGINE },
	{ "arg-base", required_argument, NULL, OPT_ARG_BASE },
	{ "no-inherit", no_argument, NULL, OPT_NO_INHERIT },
	{ "duration", required_argument, NULL, OPT_DURATION },
	{ "format", required_argument, NULL, OPT_LATER },
	{ "unsafe", no_argument, NULL, OPT_LATER },
	{ NULL, 0, NULL, 0 },
};

void pk_opts_help(void)
{
	fputs("usage: perf-ktap [run] [options] FILE.kp|FILE.ktapc [args] [-- CMD ARGS]\n"
	      "       perf-ktap [run] [options] -e TEXT [args] [-- CMD ARGS]\n"
	      "\n"
	      "what to run\n"
	      "  -e TEXT              program text instead of a file\n"
	      "  -s EVENT             print every EVENT (a glob or a list)\n"
	      "  -- CMD ARGS          run CMD, trace it and its children, end with it\n"
	      "\n"
	      "what to trace\n"
	      "  -p PID[,PID]         these processes\n"
	      "  -C CPUS              these CPUs: 0,2-3\n"
	      "  --no-inherit         not their children\n"
	      "  --duration TIME      end after this time: 10s, 500ms, 5m\n"
	      "\n"
	      "output\n"
	      "  -o FILE              script output goes to FILE\n"
	      "  -T                   time stamps in front of lines\n"
	      "  -q                   no \"Tracing...\"\n"
	      "  -v                   say what is being done\n"
	      "  -b                   show the byte code first\n"
	      "\n"
	      "limits and engines\n"
	      "  -m PAGES             pages of a CPU's ring, a power of two (512)\n"
	      "  --mem SIZE           memory for the script's data (64M)\n"
	      "  --max-entries N      most entries of a table\n"
	      "  --on-overflow=drop   a full table drops writes and counts them\n"
	      "  --engine=auto|module|user\n"
	      "  --arg-base=0|1       number of the first field: arg0 or arg1\n"
	      "  -d                   dry run: attach everything, run no handler\n"
	      "  -V, --version        version\n",
	      stdout);
}

static int parse_pids(struct pk_opts *o, const char *text)
{
	char *copy = pk_strdup(text), *rest = copy, *item;
	long long pid;
	int ret = 0;

	while (!ret && (item = strsep(&rest, ","))) {
		if (pk_parse_number(item, 1, 1 << 30, &pid)) {
			pk_err("-p: '%s' is not a process id", item);
			ret = -EINVAL;
			break;
		}
		o->pids = pk_realloc(o->pids, (o->nr_pids + 1) * sizeof(*o->pids));
		o->pids[o->nr_pids++] = (pid_t)pid;
	}
	free(copy);
	return ret;
}

/* N, N-M, comma lists of them. */
static int check_cpus(struct pk_opts *o, const char *text)
{
	const char *p = text;
	unsigned long a, b;
	char *end;

	do {
		a = strtoul(p, &end, 10);
		b = a;
		if (end == p || *p == '-' || *p == '+')
			goto bad;
		p = end;
		if (*p == '-') {
			b = strtoul(++p, &end, 10);
			if (end == p)
				goto bad;
			p = end;
		}
		if (b < a || b > 65535)
			goto bad;
	} while (*p++ == ',');
	if (p[-1])
		goto bad;
	o->cpus = text;
	return 0;
bad:
	pk_err("-C: '%s' is not a list of CPUs such as 0,2-3", text);
	return -EINVAL;
}

static int parse_pages(struct pk_opts *o, const char *text)
{
	long long n;

	if (pk_parse_number(text, 1, MAX_PAGES, &n) || (n & (n - 1))) {
		pk_err("-m: '%s' is not a power of two from 1 to %d", text, MAX_PAGES);
		return -EINVAL;
	}
	o->pages = (unsigned int)n;
	return 0;
}

static int parse_engine(struct pk_opts *o, const char *text)
{
	static const char *const names[] = { "auto", "module", "user" };

	for (unsigned int i = 0; i < PK_ARRAY_SIZE(names); i++) {
		if (!strcmp(text, names[i])) {
			o->engine = (enum pk_engine_choice)i;
			return 0;
		}
	}
	pk_err("--engine: '%s' is not one of auto, module, user", text);
	return -EINVAL;
}

static int parse_long(struct pk_opts *o, int opt, const char *arg, const char *name)
{
	long long n;

	switch (opt) {
	case OPT_MEM:
		if (!pk_parse_size(arg, &o->mem_bytes) && o->mem_bytes)
			return 0;
		pk_err("--mem: '%s' is not a size such as 256M", arg);
		return -EINVAL;
	case OPT_MAX_ENTRIES:
		if (pk_parse_number(arg, 1, INT64_MAX, &n)) {
			pk_err("--max-entries: '%s' is not a number above 0", arg);
			return -EINVAL;
		}
		o->max_entries = (__u64)n;
		return 0;
	case OPT_OVERFLOW:
		o->drop = !strcmp(arg, "drop");
		if (o->drop || !strcmp(arg, "error"))
			return 0;
		pk_err("--on-overflow: '%s' is not one of drop, error", arg);
		return -EINVAL;
	case OPT_ENGINE:
		return parse_engine(o, arg);
	case OPT_ARG_BASE:
		o->arg_base = arg[0] - '0';
		if ((arg[0] == '0' || arg[0] == '1') && !arg[1])
			return 0;
		pk_err("--arg-base: '%s' is neither 0 nor 1", arg);
		return -EINVAL;
	case OPT_NO_INHERIT:
		o->inherit = false;
		return 0;
	case OPT_DURATION:
		if (!pk_parse_duration(arg, &o->duration_ns) && o->duration_ns)
			return 0;
		pk_err("--duration: '%s' is not a time such as 10s", arg);
		return -EINVAL;
	default:
		pk_err("%s: not in this version", name);
		return -EINVAL;
	}
}

/* -s EVENT is a script of its own. */
static int show_event(struct pk_opts *o, const char *event)
{
	o->text = pk_asprintf("trace %s { print(cpu(), tid(), execname(), argevent) }", event);
	o->name = "(option -s)";
	return 0;
}

static int parse_option(struct pk_opts *o, int opt, const char *arg, const char *name)
{
	switch (opt) {
	case 'e':
		o->text = arg;
		o->name = "(command line)";
		return 0;
	case 's':
		return show_event(o, arg);
	case 'p':
		return parse_pids(o, arg);
	case 'C':
		return check_cpus(o, arg);
	case 'm':
		return parse_pages(o, arg);
	case 'o':
		o->output = arg;
		return 0;
	case 'T':
		o->timestamps = true;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case 'v':
		pk_is_verbose = true;
		return 0;
	case 'd':
		o->dry = true;
		return 0;
	case 'b':
		o->listing = true;
		return 0;
	case '?':
	case ':':
		if (optopt && opt == ':')
			pk_err("option %s needs an argument", name);
		else
			pk_err("unknown option '%s'; see perf-ktap --help", name);
		return -EINVAL;
	default:
		return parse_long(o, opt, arg, name);
	}
}

static int finish(struct pk_opts *o, int argc, char **argv)
{
	if (!o->text) {
		if (!argc) {
			pk_err("no script: give a file or -e TEXT; see perf-ktap --help");
			return -EINVAL;
		}
		o->file = argv[0];
		o->name = o->file;
		argc--;
		argv++;
	}
	o->args = argv;
	o->nr_args = argc;
	if (o->cmd && o->nr_pids) {
		pk_err("-p and a command exclude each other");
		return -EINVAL;
	}
	return 0;
}

int pk_opts_parse(struct pk_opts *o, int argc, char **argv)
{
	int opt, i, ret;

	memset(o, 0, sizeof(*o));
	o->pages = DEFAULT_PAGES;
	o->inherit = true;
	o->arg_base = -1;
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") || !strcmp(argv[i - 1], "-e"))
			continue;
		if (!argv[i + 1]) {
			pk_err("no command behind --");
			return -EINVAL;
		}
		o->cmd = argv + i + 1;
		argc = i;
		break;
	}
	optind = 0;
	opterr = 0;
	while (1) {
		i = optind ? optind : 1;
		opt = getopt_long(argc, argv, "+:e:s:p:C:m:o:t:G:u:TqvdbhV", long_options, NULL);
		if (opt < 0)
			break;
		if (opt == 'h') {
			pk_opts_help();
			return 1;
		}
		if (opt == 'V') {
			printf("perf-ktap %s\n", KTAP_VERSION);
			return 1;
		}
		ret = parse_option(o, opt, optarg, argv[i]);
		if (ret)
			return ret;
	}
	return finish(o, argc - optind, argv + optind);
}

void pk_opts_free(struct pk_opts *o)
{
	free(o->pids);
	o->pids = NULL;
}
