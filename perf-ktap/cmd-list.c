// SPDX-License-Identifier: GPL-2.0-only
/* perf-ktap list [-v] [GLOB] */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "events/provider.h"
#include "util.h"

static void usage(FILE *f)
{
	fputs("usage: perf-ktap list [-v] [GLOB]\n"
	      "\n"
	      "Lists the events that match GLOB (SYSTEM:EVENT or EVENT), all without it.\n"
	      "  -v    also their fields, with types\n",
	      f);
}

static void show_field(void *ctx, const char *name, const char *type)
{
	(void)ctx;
	printf("    %-24s %s\n", name, type);
}

static void show(struct pk_events *ev, struct pk_probe *p, bool fields)
{
	int ret;

	printf("%s:%s\n", p->system, p->name);
	if (!fields)
		return;
	ret = pk_probe_describe(ev, p);
	if (ret)
		printf("    (format cannot be read: %s)\n", strerror(-ret));
	else
		pk_format_each(p->format, show_field, NULL);
}

static int list(const char *glob, bool fields)
{
	struct pk_events *ev = pk_events_new();
	struct pk_probes found = { 0 };
	int ret = pk_events_list(ev, glob, &found);

	for (unsigned int i = 0; !ret && i < found.nr; i++)
		show(ev, found.v[i], fields);
	if (!ret && !found.nr) {
		pk_err("no event matches '%s'", glob ? glob : "*");
		ret = -1;
	}
	pk_probes_free(&found);
	pk_events_free(ev);
	return ret || fflush(stdout) ? PK_EXIT_USAGE : PK_EXIT_OK;
}

int pk_cmd_list(int argc, char **argv)
{
	const char *glob = NULL;
	bool fields = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			usage(stdout);
			return PK_EXIT_OK;
		} else if (!strcmp(argv[i], "-v")) {
			fields = true;
		} else if (!strcmp(argv[i], "--functions") || !strcmp(argv[i], "--markers")) {
			pk_err("list %s: not in this version", argv[i]);
			return PK_EXIT_USAGE;
		} else if (glob || argv[i][0] == '-') {
			usage(stderr);
			return PK_EXIT_USAGE;
		} else {
			glob = argv[i];
		}
	}
	return list(glob, fields);
}
