// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conditions: the only place that turns a comparison into a jump.  and, or and not become jumps
 * themselves and never a value.
 */
#include "emit.h"

static void logic(struct kp_emit *e, const struct kp_node *n, bool when, struct kp_jumps *to)
{
	/* The truth of the left side that decides the whole. */
	bool decides = n->op == KP_BIN_OR;
	struct kp_jumps skip = { 0 };

	if (decides == when) {
		kp_emit_cond(e, n->bin.l, when, to);
		kp_emit_cond(e, n->bin.r, when, to);
		return;
	}
	kp_emit_cond(e, n->bin.l, decides, &skip);
	kp_emit_cond(e, n->bin.r, when, to);
	kp_emit_land(e, &skip, kp_emit_here(e));
}

void kp_emit_cond(struct kp_emit *e, const struct kp_node *n, bool when, struct kp_jumps *to)
{
	int truth = kp_fold_truth(n);
	unsigned int saved = e->free, reg;

	if (truth >= 0) {
		if (truth == when)
			kp_emit_jump(e, KTAP_OP_JMP, 0, to, n->at.off);
		return;
	}
	if (n->kind == KP_N_NOT) {
		kp_emit_cond(e, n->operand, !when, to);
		return;
	}
	if (n->kind == KP_N_BINARY && (n->op == KP_BIN_AND || n->op == KP_BIN_OR)) {
		logic(e, n, when, to);
		return;
	}
	reg = kp_emit_any(e, n);
	kp_emit_jump(e, when ? KTAP_OP_JMPT : KTAP_OP_JMPF, reg, to, n->op_off);
	e->free = saved;
}
