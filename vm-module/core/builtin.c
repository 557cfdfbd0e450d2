// SPDX-License-Identifier: GPL-2.0-only
/* The way from a builtin's number to its function; arity was checked by the verifier. */
#include "run.h"

int kp_builtin(struct kp_run *r, u32 id, struct kp_val *arg, u32 n)
{
	switch ((enum ktap_builtin)id) {
#define KTAP_BUILTIN(name, args, where, flags, summary) \
	case KTAP_B_##name:                             \
		return kp_bi_##name(r, arg, n);
#define KTAP_ALIAS(alias, name)
#define KTAP_SYNTAX(name, args, summary)
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
	case KTAP_B_COUNT:
		break;
	}
	return kp_fail(r, KTAP_E_RUN_INTERNAL, id, 0);
}
