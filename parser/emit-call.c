// SPDX-License-Identifier: GPL-2.0-only
/* Calls, and lists of values. */
#include "emit.h"

static bool is_builtin(const struct kp_node *call)
{
	const struct kp_node *fn = call->call.fn;

	return fn->kind == KP_N_NAME && fn->name.ref == KP_REF_BUILTIN;
}

static void arguments(struct kp_emit *e, const struct kp_node *n)
{
	const struct kp_node *arg;

	for (arg = n->call.args.head; arg; arg = arg->next)
		kp_emit_temp(e, arg);
}

/* Results beyond the first, for what has only one. */
static void more_nils(struct kp_emit *e, unsigned int nr, uint32_t off)
{
	unsigned int reg = kp_emit_alloc(e, nr, off);

	kp_emit_abc(e, KTAP_OP_LOADNIL, reg, nr - 1, 0, off);
}

void kp_emit_call(struct kp_emit *e, const struct kp_node *n, unsigned int base, unsigned int nres)
{
	uint32_t off = n->at.off;

	if (is_builtin(n)) {
		arguments(e, n);
		kp_emit_abc(e, KTAP_OP_CALLB, base, n->call.fn->name.builtin, n->call.args.nr, off);
		e->free = base + 1;
		if (nres > 1)
			more_nils(e, nres - 1, off);
		return;
	}
	kp_emit_to(e, n->call.fn, base);
	arguments(e, n);
	kp_emit_abc(e, KTAP_OP_CALL, base, n->call.args.nr, nres, off);
	e->free = base + 1;
	if (nres > 1)
		kp_emit_alloc(e, nres - 1, off);
}

void kp_emit_tailcall(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int saved = e->free, base;

	if (is_builtin(n)) {
		base = kp_emit_temp(e, n);
		kp_emit_abc(e, KTAP_OP_RET, base, 1, 0, n->at.off);
	} else {
		base = kp_emit_temp(e, n->call.fn);
		arguments(e, n);
		kp_emit_abc(e, KTAP_OP_TAILCALL, base, n->call.args.nr, 0, n->at.off);
	}
	e->free = saved;
}

unsigned int kp_emit_list(struct kp_emit *e, const struct kp_list *l, unsigned int nr, uint32_t off)
{
	unsigned int first = e->free, have = 0;
	const struct kp_node *n;

	for (n = l->head; n; n = n->next, have++) {
		if (have >= nr) {
			e->free = first + nr;
			kp_emit_temp(e, n);
		} else if (!n->next && n->kind == KP_N_CALL && !n->parens && have + 1 < nr) {
			kp_emit_call(e, n, kp_emit_alloc(e, 1, n->at.off), nr - have);
			return first;
		} else {
			kp_emit_temp(e, n);
		}
	}
	e->free = first + (have < nr ? have : nr);
	if (have < nr)
		more_nils(e, nr - have, off);
	return first;
}
