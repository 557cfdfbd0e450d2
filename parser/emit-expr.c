// SPDX-License-Identifier: GPL-2.0-only
/* Expressions: a value in a register. */
#include "emit.h"

/* A local's own register, when it holds the value itself. */
static bool in_register(const struct kp_node *n)
{
	return n->kind == KP_N_NAME && n->name.ref == KP_REF_LOCAL &&
	       !kp_local_boxed(n->name.local);
}

static bool is_fresh(const struct kp_emit *e, unsigned int target)
{
	return target >= e->active;
}

unsigned int kp_emit_temp(struct kp_emit *e, const struct kp_node *n)
{
	unsigned int reg = kp_emit_alloc(e, 1, n->at.off);

	kp_emit_to(e, n, reg);
	return reg;
}

unsigned int kp_emit_any(struct kp_emit *e, const struct kp_node *n)
{
	return in_register(n) ? n->name.local->reg : kp_emit_temp(e, n);
}

/* An operand that is computed before anything else is put into target: it may be scratch. */
static unsigned int first_operand(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	if (in_register(n) || !is_fresh(e, target))
		return kp_emit_any(e, n);
	kp_emit_to(e, n, target);
	return target;
}

static void number(struct kp_emit *e, int64_t num, unsigned int target, uint32_t off)
{
	if (num >= INT16_MIN && num <= INT16_MAX)
		kp_emit_abx(e, KTAP_OP_LOADI, target, (uint32_t)num, off);
	else
		kp_emit_abx(e, KTAP_OP_LOADK, target, kp_emit_const_num(e, num, off), off);
}

static void name(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	const struct kp_name *nm = &n->name;
	uint32_t off = n->at.off;

	switch ((enum kp_ref)nm->ref) {
	case KP_REF_LOCAL:
		if (kp_local_boxed(nm->local))
			kp_emit_abc(e, KTAP_OP_GETBOX, target, nm->local->reg, 0, off);
		else if (nm->local->reg != target)
			kp_emit_abc(e, KTAP_OP_MOVE, target, nm->local->reg, 0, off);
		break;
	case KP_REF_UPVAL:
		kp_emit_abc(e, KTAP_OP_GETUP, target, nm->upval, 0, off);
		break;
	case KP_REF_GLOBAL:
		kp_emit_abx(e, KTAP_OP_GETG, target, kp_emit_global(e, nm->global, off), off);
		break;
	case KP_REF_BUILTIN:
		kp_emit_abc(e, KTAP_OP_CALLB, target, nm->builtin, 0, off);
		break;
	case KP_REF_FIELD:
		kp_emit_abx(e, KTAP_OP_FIELD, target, nm->field, off);
		break;
	case KP_REF_NONE:
	case KP_REF_SYNTAX:
		break;
	}
}

void kp_emit_arith(struct kp_emit *e, int bin, unsigned int target, unsigned int l, unsigned int r,
		   uint32_t off)
{
	static const unsigned char ops[KP_BIN_COUNT] = {
		[KP_BIN_ADD] = KTAP_OP_ADD,   [KP_BIN_SUB] = KTAP_OP_SUB,
		[KP_BIN_MUL] = KTAP_OP_MUL,   [KP_BIN_DIV] = KTAP_OP_DIV,
		[KP_BIN_MOD] = KTAP_OP_MOD,   [KP_BIN_POW] = KTAP_OP_POW,
		[KP_BIN_BAND] = KTAP_OP_BAND, [KP_BIN_BOR] = KTAP_OP_BOR,
		[KP_BIN_BXOR] = KTAP_OP_BXOR, [KP_BIN_SHL] = KTAP_OP_SHL,
		[KP_BIN_SHR] = KTAP_OP_SHR,   [KP_BIN_EQ] = KTAP_OP_EQ,
		[KP_BIN_NE] = KTAP_OP_NE,     [KP_BIN_LT] = KTAP_OP_LT,
		[KP_BIN_LE] = KTAP_OP_LE,     [KP_BIN_GT] = KTAP_OP_LT,
		[KP_BIN_GE] = KTAP_OP_LE,
	};

	/* a > b is b < a: there are two orders only. */
	if (bin == KP_BIN_GT || bin == KP_BIN_GE)
		kp_emit_abc(e, ops[bin], target, r, l, off);
	else
		kp_emit_abc(e, ops[bin], target, l, r, off);
}

/* x + 1, x - 1, 1 + x: the constant fits into the instruction. */
static bool add_immediate(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	const struct kp_node *l = n->bin.l, *r = n->bin.r;
	int64_t imm;

	if (n->op == KP_BIN_ADD && l->kind == KP_N_NUM) {
		l = n->bin.r;
		r = n->bin.l;
	}
	if ((n->op != KP_BIN_ADD && n->op != KP_BIN_SUB) || r->kind != KP_N_NUM || r->num < -127 ||
	    r->num > 127)
		return false;
	imm = n->op == KP_BIN_SUB ? -r->num : r->num;
	kp_emit_abc(e, KTAP_OP_ADDI, target, first_operand(e, l, target), (uint8_t)imm, n->op_off);
	return true;
}

/* and, or: the left value decides whether the right one replaces it. */
static void logic(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	struct kp_jumps end = { 0 };
	int op = n->op == KP_BIN_AND ? KTAP_OP_JMPF : KTAP_OP_JMPT;

	kp_emit_to(e, n->bin.l, target);
	kp_emit_jump(e, op, target, &end, n->op_off);
	kp_emit_to(e, n->bin.r, target);
	kp_emit_land(e, &end, kp_emit_here(e));
}

static void binary(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	unsigned int l, r;

	if (n->op == KP_BIN_AND || n->op == KP_BIN_OR) {
		logic(e, n, target);
		return;
	}
	if (add_immediate(e, n, target))
		return;
	l = first_operand(e, n->bin.l, target);
	r = kp_emit_any(e, n->bin.r);
	kp_emit_arith(e, n->op, target, l, r, n->op_off);
}

static void unary(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	int op = n->kind == KP_N_NEG   ? KTAP_OP_NEG
		 : n->kind == KP_N_NOT ? KTAP_OP_NOT
				       : KTAP_OP_BNOT;

	kp_emit_abc(e, op, target, first_operand(e, n->operand, target), 0, n->op_off);
}

/* Long chains are joined in portions, so that they need few registers. */
static void concat(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	const unsigned int portion = 16;
	unsigned int base = e->free, nr = 0;
	const struct kp_node *part;

	for (part = n->list.head; part; part = part->next) {
		kp_emit_temp(e, part);
		if (++nr == portion && part->next) {
			kp_emit_abc(e, KTAP_OP_CONCAT, base, base, base + nr - 1, n->op_off);
			e->free = base + 1;
			nr = 1;
		}
	}
	kp_emit_abc(e, KTAP_OP_CONCAT, target, base, base + nr - 1, n->op_off);
}

static void get_index(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	unsigned int base = first_operand(e, n->index.base, target);
	unsigned int key = kp_emit_any(e, n->index.key);

	kp_emit_abc(e, KTAP_OP_GETTAB, target, base, key, n->op_off);
}

static void table(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	const struct kp_node *item;
	int64_t position = 1;

	kp_emit_abc(e, KTAP_OP_NEWTAB, target, 0, 0, n->at.off);
	for (item = n->list.head; item; item = item->next) {
		unsigned int saved = e->free, key, value;

		if (item->item.key) {
			key = kp_emit_any(e, item->item.key);
		} else {
			key = kp_emit_alloc(e, 1, item->at.off);
			number(e, position++, key, item->at.off);
		}
		value = kp_emit_any(e, item->item.value);
		kp_emit_abc(e, KTAP_OP_SETTAB, target, key, value, item->at.off);
		e->free = saved;
	}
}

void kp_emit_closure(struct kp_emit *e, struct kp_func *f, unsigned int target, uint32_t off)
{
	unsigned int proto = kp_emit_func(e->out, f);

	/* More than fit: reported when the chunk is written. */
	kp_emit_abx(e, KTAP_OP_CLOSURE, target, proto & 0xffff, off);
}

static void value(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	uint32_t off = n->at.off;

	switch ((enum kp_node_kind)n->kind) {
	case KP_N_NIL:
		kp_emit_abc(e, KTAP_OP_LOADNIL, target, 0, 0, off);
		break;
	case KP_N_TRUE:
	case KP_N_FALSE:
		kp_emit_abc(e, KTAP_OP_LOADB, target, n->kind == KP_N_TRUE, 0, off);
		break;
	case KP_N_NUM:
		number(e, n->num, target, off);
		break;
	case KP_N_STR:
		kp_emit_abx(e, KTAP_OP_LOADK, target, kp_emit_const_str(e, n->str, off), off);
		break;
	case KP_N_NAME:
		name(e, n, target);
		break;
	case KP_N_INDEX:
		get_index(e, n, target);
		break;
	case KP_N_FUNC:
		kp_emit_closure(e, n->func, target, off);
		break;
	case KP_N_TABLE:
		table(e, n, target);
		break;
	case KP_N_NEG:
	case KP_N_BNOT:
	case KP_N_NOT:
		unary(e, n, target);
		break;
	case KP_N_BINARY:
		binary(e, n, target);
		break;
	case KP_N_CONCAT:
		concat(e, n, target);
		break;
	default:
		break;
	}
}

/*
 * May n put its value into target at once?  A call needs the registers above target for its
 * arguments; what writes target before it has read everything must not do so to a local.
 */
static bool fits(const struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	switch (n->kind) {
	case KP_N_CALL:
		return is_fresh(e, target) && target + 1 == e->free;
	case KP_N_TABLE:
		return is_fresh(e, target);
	case KP_N_BINARY:
		return is_fresh(e, target) || (n->op != KP_BIN_AND && n->op != KP_BIN_OR);
	default:
		return true;
	}
}

void kp_emit_to(struct kp_emit *e, const struct kp_node *n, unsigned int target)
{
	unsigned int saved = e->free;

	/* After a limit was reported registers mean nothing: do not look for more. */
	if (e->failed)
		return;
	if (!fits(e, n, target))
		kp_emit_abc(e, KTAP_OP_MOVE, target, kp_emit_temp(e, n), 0, n->at.off);
	else if (n->kind == KP_N_CALL)
		kp_emit_call(e, n, target, 1);
	else
		value(e, n, target);
	e->free = saved;
}
