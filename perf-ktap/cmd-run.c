// SPDX-License-Identifier: GPL-2.0-only
/* perf-ktap [run] [options] SCRIPT [args] [-- CMD ARGS] */
#include "cmd.h"
#include "options.h"
#include "session.h"
#include "util.h"

int pk_cmd_run(int argc, char **argv)
{
	struct pk_opts opts;
	int ret = pk_opts_parse(&opts, argc, argv);

	if (ret > 0)
		ret = PK_EXIT_OK;
	else if (ret < 0)
		ret = PK_EXIT_USAGE;
	else
		ret = pk_session_run(&opts);
	pk_opts_free(&opts);
	return ret;
}
