// SPDX-License-Identifier: GPL-2.0-only
/* Assignments, single, multiple and compound. */
#include "emit.h"

void kp_emit_store_name(struct kp_emit *e, const struct kp_node *target, unsigned int value,
			uint32_t off)
{
	const struct kp_name *nm = &target->name;

	switch (nm->ref) {
	case KP_REF_LOCAL:
		if (kp_local_boxed(nm->local))
			kp_emit_abc(e, KTAP_OP_SETBOX, nm->local->reg, value, 0, off);
		else if (nm->local->reg != value)
			kp_emit_abc(e, KTAP_OP_MOVE, nm->local->reg, value, 0, off);
		break;
	case KP_REF_UPVAL:
		kp_emit_abc(e, KTAP_OP_SETUP, value, nm->upval, 0, off);
		break;
	case KP_REF_GLOBAL:
		kp_emit_abx(e, KTAP_OP_SETG, value, kp_emit_global(e, nm->global, off), off);
		break;
	default:
		break;
	}
}

static bool plain_local(const struct kp_node *n)
{
	return n->kind == KP_N_NAME && n->name.ref == KP_REF_LOCAL &&
	       !kp_local_boxed(n->name.local);
}

static void assign_one(struct kp_emit *e, const struct kp_node *n)
{
	const struct kp_node *target = n->assign.targets.head, *value = n->assign.exprs.head;
	unsigned int t, k;

	if (plain_local(target)) {
		kp_emit_to(e, value, target->name.local->reg);
	} else if (target->kind == KP_N_NAME) {
		kp_emit_store_name(e, target, kp_emit_any(e, value), n->at.off);
	} else {
		t = kp_emit_any(e, target->index.base);
		k = kp_emit_any(e, target->index.key);
		kp_emit_abc(e, KTAP_OP_SETTAB, t, k, kp_emit_any(e, value), target->op_off);
	}
}

/*
 * Tables and keys of the targets are computed first, into temporaries, as the assignment itself may
 * change the locals they come from; then all values; then they are stored, the last one first.
 */
static void assign_many(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int places = e->free, place = places, values, i = 0;
	const struct kp_node **targets, *t;

	targets = kp_arena_alloc(&e->c->arena, n->assign.targets.nr * sizeof(*targets));
	for (t = n->assign.targets.head; t; t = t->next) {
		targets[i++] = t;
		if (t->kind == KP_N_INDEX) {
			kp_emit_temp(e, t->index.base);
			kp_emit_temp(e, t->index.key);
		}
	}
	place = e->free;
	values = kp_emit_list(e, &n->assign.exprs, i, n->at.off);
	while (i--) {
		if (targets[i]->kind == KP_N_INDEX) {
			place -= 2;
			kp_emit_abc(e, KTAP_OP_SETTAB, place, place + 1, values + i,
				    targets[i]->op_off);
		} else {
			kp_emit_store_name(e, targets[i], values + i, n->at.off);
		}
	}
}

void kp_emit_assign(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int saved = e->free;

	if (n->assign.targets.nr == 1 && n->assign.exprs.nr == 1)
		assign_one(e, n);
	else
		assign_many(e, n);
	e->free = saved;
}

/* The amount of += and -=, in a register. */
static unsigned int amount(struct kp_emit *e, const struct kp_node *n)
{
	const struct kp_node *value = n->update.value;
	unsigned int reg;

	if (n->op == KP_BIN_ADD)
		return kp_emit_any(e, value);
	if (value->kind == KP_N_NUM) {
		struct kp_node negated = *value;

		negated.num = (int64_t)(0 - (uint64_t)value->num);
		return kp_emit_temp(e, &negated);
	}
	reg = kp_emit_temp(e, value);
	kp_emit_abc(e, KTAP_OP_NEG, reg, reg, 0, n->op_off);
	return reg;
}

/* += and -= are one instruction, atomic where other CPUs see the place. */
static void add_to(struct kp_emit *e, const struct kp_node *n)
{
	const struct kp_node *t = n->update.target;
	unsigned int base, key, by;
	uint32_t off = n->op_off;

	if (t->kind == KP_N_INDEX) {
		base = kp_emit_any(e, t->index.base);
		key = kp_emit_any(e, t->index.key);
		kp_emit_abc(e, KTAP_OP_ADDTAB, base, key, amount(e, n), off);
		return;
	}
	by = amount(e, n);
	if (t->name.ref == KP_REF_GLOBAL)
		kp_emit_abx(e, KTAP_OP_ADDG, by, kp_emit_global(e, t->name.global, off), off);
	else if (t->name.ref == KP_REF_UPVAL)
		kp_emit_abc(e, KTAP_OP_ADDUP, by, t->name.upval, 0, off);
	else if (plain_local(t))
		kp_emit_abc(e, KTAP_OP_ADDTO, t->name.local->reg, by, 0, off);
	else
		kp_emit_abc(e, KTAP_OP_ADDBOX, t->name.local->reg, by, 0, off);
}

/* old is the value of the target in a temporary, or a local's register: combine it into it. */
static void combine(struct kp_emit *e, const struct kp_node *n, unsigned int old)
{
	unsigned int base;

	if (n->op != KP_BIN_CONCAT) {
		kp_emit_arith(e, n->op, old, old, kp_emit_any(e, n->update.value), n->op_off);
		return;
	}
	base = kp_emit_alloc(e, 1, n->at.off);
	kp_emit_abc(e, KTAP_OP_MOVE, base, old, 0, n->at.off);
	kp_emit_temp(e, n->update.value);
	kp_emit_abc(e, KTAP_OP_CONCAT, old, base, base + 1, n->op_off);
}

void kp_emit_update(struct kp_emit *e, const struct kp_node *n)
{
	const struct kp_node *t = n->update.target;
	unsigned int saved = e->free, base, key, old;

	if (n->op == KP_BIN_ADD || n->op == KP_BIN_SUB) {
		add_to(e, n);
	} else if (plain_local(t)) {
		combine(e, n, t->name.local->reg);
	} else if (t->kind == KP_N_NAME) {
		old = kp_emit_temp(e, t);
		combine(e, n, old);
		kp_emit_store_name(e, t, old, n->at.off);
	} else {
		base = kp_emit_any(e, t->index.base);
		key = kp_emit_any(e, t->index.key);
		old = kp_emit_alloc(e, 1, n->at.off);
		kp_emit_abc(e, KTAP_OP_GETTAB, old, base, key, t->op_off);
		combine(e, n, old);
		kp_emit_abc(e, KTAP_OP_SETTAB, base, key, old, t->op_off);
	}
	e->free = saved;
}
