// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops.  The condition stands behind the body, so a round has one jump.  A captured variable of
 * the loop gets a box of its own in every round.
 */
#include "emit.h"

static void enter(struct kp_emit *e, struct kp_emit_loop *loop)
{
	*loop = (struct kp_emit_loop){ .outer = e->loop };
	e->loop = loop;
}

static void leave(struct kp_emit *e, struct kp_emit_loop *loop)
{
	e->loop = loop->outer;
	kp_emit_land(e, &loop->breaks, kp_emit_here(e));
}

/* A round of a C-style loop ends: the closures made in it keep the boxes it had. */
static void renew_boxes(struct kp_emit *e, const struct kp_node *n)
{
	const struct kp_node *init = n->kind == KP_N_FORC ? n->forc.init : NULL;
	unsigned int saved = e->free, reg;
	const struct kp_local *l;

	if (!init || init->kind != KP_N_LOCAL)
		return;
	for (l = init->local.vars.head; l; l = l->next) {
		if (!kp_local_boxed(l))
			continue;
		reg = kp_emit_alloc(e, 1, l->at.off);
		kp_emit_abc(e, KTAP_OP_GETBOX, reg, l->reg, 0, l->at.off);
		kp_emit_abc(e, KTAP_OP_NEWBOX, l->reg, reg, 0, l->at.off);
		e->free = saved;
	}
}

/* while, and for (;;) behind its init: cond and step may be NULL. */
static bool while_loop(struct kp_emit *e, const struct kp_node *n, const struct kp_node *cond,
		       const struct kp_node *step, const struct kp_node *body)
{
	int truth = cond ? kp_fold_truth(cond) : 1;
	struct kp_jumps entry = { 0 }, again = { 0 };
	struct kp_emit_loop loop;
	unsigned int start;
	bool ends;

	if (!truth)
		return false;
	enter(e, &loop);
	if (truth < 0)
		kp_emit_jump(e, KTAP_OP_JMP, 0, &entry, n->at.off);
	start = kp_emit_here(e);
	ends = kp_emit_statement(e, body);
	kp_emit_land(e, &loop.continues, kp_emit_here(e));
	ends = ends && !loop.continues.nr;
	if (!ends) {
		renew_boxes(e, n);
		if (step)
			kp_emit_statement(e, step);
	}
	kp_emit_land(e, &entry, kp_emit_here(e));
	if (truth < 0)
		kp_emit_cond(e, cond, true, &again);
	else if (!ends)
		kp_emit_jump(e, KTAP_OP_JMP, 0, &again, n->at.off);
	kp_emit_land(e, &again, start);
	leave(e, &loop);
	return truth == 1 && !loop.breaks.nr;
}

static bool for_c(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int free = e->free, active = e->active;
	bool ends;

	if (n->forc.init)
		kp_emit_statement(e, n->forc.init);
	ends = while_loop(e, n, n->forc.cond, n->forc.step, n->forc.body);
	e->free = free;
	e->active = active;
	return ends;
}

static bool repeat(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int free = e->free, active = e->active, start = kp_emit_here(e);
	struct kp_jumps again = { 0 };
	struct kp_emit_loop loop;
	bool ends;

	enter(e, &loop);
	ends = kp_emit_statements(e, &n->loop.body->list) && !loop.continues.nr;
	kp_emit_land(e, &loop.continues, kp_emit_here(e));
	if (!ends)
		kp_emit_cond(e, n->loop.cond, false, &again);
	kp_emit_land(e, &again, start);
	ends = (ends || kp_fold_truth(n->loop.cond) == 0) && !loop.breaks.nr;
	leave(e, &loop);
	e->free = free;
	e->active = active;
	return ends;
}

static void for_num(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int free = e->free, active = e->active, base, start;
	struct kp_locals vars = n->fornum.vars;
	struct kp_jumps none = { 0 };
	struct kp_emit_loop loop;
	uint32_t off = n->at.off;

	base = kp_emit_temp(e, n->fornum.start);
	kp_emit_temp(e, n->fornum.limit);
	if (n->fornum.step)
		kp_emit_temp(e, n->fornum.step);
	else
		kp_emit_abx(e, KTAP_OP_LOADI, kp_emit_alloc(e, 1, off), 1, off);
	kp_emit_alloc(e, 1, off);
	kp_emit_jump(e, KTAP_OP_FORPREP, base, &none, off);
	kp_emit_declare(e, &vars, base + 3);
	enter(e, &loop);
	start = kp_emit_here(e);
	kp_emit_box(e, vars.head);
	if (!kp_emit_statement(e, n->fornum.body) || loop.continues.nr) {
		kp_emit_land(e, &loop.continues, kp_emit_here(e));
		kp_emit_jump_back(e, KTAP_OP_FORLOOP, base, start, off);
	}
	kp_emit_land(e, &none, kp_emit_here(e));
	leave(e, &loop);
	e->free = free;
	e->active = active;
}

static void for_in(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int free = e->free, active = e->active, base, start;
	const struct kp_list *args = &n->forin.iter->call.args;
	struct kp_locals vars = n->forin.vars;
	struct kp_jumps end = { 0 };
	struct kp_emit_loop loop;
	struct kp_local *l;
	uint32_t off = n->forin.iter->at.off;

	base = kp_emit_temp(e, args->head);
	if (n->forin.mode == KTAP_ITER_SORTCMP)
		kp_emit_temp(e, args->head->next);
	kp_emit_abc(e, KTAP_OP_ITER, base, base, n->forin.mode, off);
	e->free = base + 1;
	kp_emit_alloc(e, 2, off);
	e->active = base + 3;
	kp_emit_declare(e, &vars, base + 1);
	enter(e, &loop);
	start = kp_emit_here(e);
	kp_emit_jump(e, KTAP_OP_NEXT, base, &end, off);
	for (l = vars.head; l; l = l->next)
		kp_emit_box(e, l);
	if (!kp_emit_statement(e, n->forin.body))
		kp_emit_jump_back(e, KTAP_OP_JMP, 0, start, off);
	kp_emit_land(e, &loop.continues, start);
	kp_emit_land(e, &end, kp_emit_here(e));
	leave(e, &loop);
	e->free = free;
	e->active = active;
}

bool kp_emit_loop(struct kp_emit *e, const struct kp_node *n)
{
	switch (n->kind) {
	case KP_N_WHILE:
		return while_loop(e, n, n->loop.cond, NULL, n->loop.body);
	case KP_N_FORC:
		return for_c(e, n);
	case KP_N_REPEAT:
		return repeat(e, n);
	case KP_N_FORNUM:
		for_num(e, n);
		return false;
	case KP_N_FORIN:
		for_in(e, n);
		return false;
	default:
		return false;
	}
}
