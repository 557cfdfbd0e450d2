/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What names mean.  The walk over the tree (resolve.c) settles locals and captured locals and notes
 * which globals exist; names that are neither wait, because a script may assign a global further
 * down.  Then resolve-name.c settles those, and check.c looks at the calls of builtins.
 */
#ifndef KP_RESOLVE_H
#define KP_RESOLVE_H

#include "ast.h"

/* A name that is no local, or args.NAME. */
struct kp_pending {
	struct kp_node *node; /* NAME or INDEX */
	struct kp_func *func;
	struct kp_local *scope; /* the innermost local visible there */
	bool indexed; /* as in name[k] */
	bool target; /* of an assignment */
};

struct kp_resolver {
	struct kp_comp *c;
	struct kp_func *func;
	struct kp_local *scope; /* the innermost visible local, also of outer functions */
	struct kp_loop *loop;
	struct kp_loop *until; /* the repeat loop whose condition is walked */
	unsigned int serial, until_end;
	struct kp_pending *pending;
	unsigned int nr_pending, cap_pending;
	struct kp_node **calls; /* CALL nodes, FORIN nodes */
	unsigned int nr_calls, cap_calls;
	int arg_base;
};

struct kp_builtin_info {
	const char *name, *args;
	bool event, bare; /* needs an event; may stand without parentheses */
};

extern const struct kp_builtin_info kp_builtin_info[KTAP_B_COUNT];

struct kp_global *kp_resolve_global(struct kp_comp *c, struct kp_str *name);
void kp_resolve_names(struct kp_resolver *r);
void kp_check_calls(struct kp_resolver *r);

/* resolve-unknown.c: report p's name, with what might have been meant. */
void kp_resolve_unknown(struct kp_resolver *r, const struct kp_pending *p);
void kp_resolve_unknown_field(struct kp_resolver *r, struct kp_str *name, struct kp_span at,
			      const struct kp_event *ev);

#endif
