// SPDX-License-Identifier: GPL-2.0-only
/* Statements, except loops and assignments. */
#include "emit.h"

/* Registers from reg on become the homes of vars. */
void kp_emit_declare(struct kp_emit *e, struct kp_locals *vars, unsigned int reg)
{
	struct kp_local *l;

	for (l = vars->head; l; l = l->next)
		l->reg = reg++;
	if (e->active < reg)
		e->active = reg;
}

void kp_emit_box(struct kp_emit *e, const struct kp_local *l)
{
	if (kp_local_boxed(l))
		kp_emit_abc(e, KTAP_OP_NEWBOX, l->reg, l->reg, 0, l->at.off);
}

static void local(struct kp_emit *e, const struct kp_node *n)
{
	struct kp_locals vars = n->local.vars;
	struct kp_local *l;
	unsigned int first;

	first = kp_emit_list(e, &n->local.exprs, vars.nr, n->at.off);
	kp_emit_declare(e, &vars, first);
	for (l = vars.head; l; l = l->next)
		kp_emit_box(e, l);
}

static void function(struct kp_emit *e, const struct kp_node *n)
{
	struct kp_local *l = n->function.local;
	unsigned int saved = e->free, reg;
	uint32_t off = n->at.off;

	if (!l) {
		const struct kp_node *t = n->function.target;

		if (t->kind == KP_N_NAME) {
			reg = kp_emit_alloc(e, 1, off);
			kp_emit_closure(e, n->function.func, reg, off);
			kp_emit_store_name(e, t, reg, off);
		} else {
			unsigned int base = kp_emit_any(e, t->index.base);
			unsigned int key = kp_emit_any(e, t->index.key);

			reg = kp_emit_alloc(e, 1, off);
			kp_emit_closure(e, n->function.func, reg, off);
			kp_emit_abc(e, KTAP_OP_SETTAB, base, key, reg, t->op_off);
		}
		e->free = saved;
		return;
	}
	l->reg = kp_emit_alloc(e, 1, off);
	e->active = e->free;
	if (!kp_local_boxed(l)) {
		kp_emit_closure(e, n->function.func, l->reg, off);
		return;
	}
	/* The box has to be there before the function that captures it. */
	kp_emit_abc(e, KTAP_OP_LOADNIL, l->reg, 0, 0, off);
	kp_emit_box(e, l);
	reg = kp_emit_alloc(e, 1, off);
	kp_emit_closure(e, n->function.func, reg, off);
	kp_emit_abc(e, KTAP_OP_SETBOX, l->reg, reg, 0, off);
	e->free = reg;
}

static bool if_statement(struct kp_emit *e, const struct kp_node *n)
{
	struct kp_jumps end = { 0 };
	bool all_end = true, has_else = false;
	const struct kp_node *cl;

	for (cl = n->list.head; cl && !has_else; cl = cl->next) {
		int truth = cl->loop.cond ? kp_fold_truth(cl->loop.cond) : 1;
		struct kp_jumps next = { 0 };
		bool ends;

		if (!truth)
			continue;
		has_else = truth == 1;
		if (!has_else)
			kp_emit_cond(e, cl->loop.cond, false, &next);
		ends = kp_emit_statement(e, cl->loop.body);
		all_end = all_end && ends;
		if (!ends && !has_else && cl->next)
			kp_emit_jump(e, KTAP_OP_JMP, 0, &end, n->at.off);
		kp_emit_land(e, &next, kp_emit_here(e));
	}
	kp_emit_land(e, &end, kp_emit_here(e));
	return all_end && has_else;
}

static void return_statement(struct kp_emit *e, const struct kp_node *n)
{
	const struct kp_node *first = n->list.head;
	unsigned int saved = e->free, reg = 0;

	if (n->list.nr == 1 && first->kind == KP_N_CALL && !first->parens) {
		kp_emit_tailcall(e, first);
		return;
	}
	if (n->list.nr == 1)
		reg = kp_emit_any(e, first);
	else if (n->list.nr)
		reg = kp_emit_list(e, &n->list, n->list.nr, n->at.off);
	kp_emit_abc(e, KTAP_OP_RET, reg, n->list.nr, 0, n->at.off);
	e->free = saved;
}

static void trace(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int reg = kp_emit_alloc(e, 1, n->at.off);

	kp_emit_closure(e, n->trace.func, reg, n->at.off);
	kp_emit_abx(e, KTAP_OP_PROBE, reg, n->trace.event->idx & 0xffff, n->at.off);
	e->free = reg;
}

static void call_statement(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int saved = e->free;

	kp_emit_call(e, n->operand, kp_emit_alloc(e, 1, n->at.off), 0);
	e->free = saved;
}

bool kp_emit_statements(struct kp_emit *e, const struct kp_list *l)
{
	const struct kp_node *n;

	/* What stands behind a return can never run. */
	for (n = l->head; n; n = n->next)
		if (kp_emit_statement(e, n))
			return true;
	return false;
}

static bool block(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int free = e->free, active = e->active;
	bool ends = kp_emit_statements(e, &n->list);

	e->free = free;
	e->active = active;
	return ends;
}

bool kp_emit_statement(struct kp_emit *e, const struct kp_node *n)
{
	if (e->failed)
		return false;
	switch (n->kind) {
	case KP_N_BLOCK:
		return block(e, n);
	case KP_N_LOCAL:
		local(e, n);
		return false;
	case KP_N_ASSIGN:
		kp_emit_assign(e, n);
		return false;
	case KP_N_UPDATE:
		kp_emit_update(e, n);
		return false;
	case KP_N_EXPR:
		call_statement(e, n);
		return false;
	case KP_N_FUNCTION:
		function(e, n);
		return false;
	case KP_N_TRACE:
		trace(e, n);
		return false;
	case KP_N_IF:
		return if_statement(e, n);
	case KP_N_RETURN:
		return_statement(e, n);
		return true;
	case KP_N_BREAK:
		kp_emit_jump(e, KTAP_OP_JMP, 0, &e->loop->breaks, n->at.off);
		return true;
	case KP_N_CONTINUE:
		kp_emit_jump(e, KTAP_OP_JMP, 0, &e->loop->continues, n->at.off);
		return true;
	default:
		return kp_emit_loop(e, n);
	}
}
