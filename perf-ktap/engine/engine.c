// SPDX-License-Identifier: GPL-2.0-only
/* Choosing an engine. */
#include "engine.h"

#include <errno.h>

const struct pk_engine *pk_engine_choose(const struct pk_run *run)
{
	char why[256] = "";
	int ret;

	switch (run->opts->engine) {
	case PK_ENGINE_USER:
		pk_verbose("engine: user");
		return &pk_engine_user;
	case PK_ENGINE_MODULE:
		if (!pk_engine_module.available(run, why, sizeof(why))) {
			pk_verbose("engine: module");
			return &pk_engine_module;
		}
		pk_err("--engine=module: %s", why);
		return NULL;
	case PK_ENGINE_AUTO:
		break;
	}
	ret = pk_engine_module.available(run, why, sizeof(why));
	if (!ret) {
		pk_verbose("engine: module");
		return &pk_engine_module;
	}
	/* Who has loaded a module wants it used. */
	if (ret == -EPROTO)
		pk_note("%s; running in user space", why);
	pk_verbose("engine: user (%s)", why);
	return &pk_engine_user;
}
