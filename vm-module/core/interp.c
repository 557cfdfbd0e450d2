// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter: one loop, one case an opcode.  It trusts what the verifier has checked
 * (registers, indexes, jumps, arity) and checks what only shows at run time (types, budget).
 * Every jump back and every call is charged, so that no script runs for ever.
 */
#include "call.h"
#include "tab.h"

static int get_index(struct kp_run *r, struct kp_val *dst, const struct kp_val *tab,
		     const struct kp_val *key)
{
	if (unlikely(kp_tag(tab) != KP_TAB))
		return kp_fail_type(r, KTAP_E_RUN_INDEX, tab);
	return kp_tab_get(r, tab->p, key, dst);
}

static int set_index(struct kp_run *r, const struct kp_val *tab, const struct kp_val *key,
		     const struct kp_val *val)
{
	if (unlikely(kp_tag(tab) != KP_TAB))
		return kp_fail_type(r, KTAP_E_RUN_INDEX, tab);
	return kp_tab_set(r, tab->p, key, val);
}

static int add_index(struct kp_run *r, const struct kp_val *tab, const struct kp_val *key,
		     const struct kp_val *val)
{
	if (unlikely(kp_tag(tab) != KP_TAB))
		return kp_fail_type(r, KTAP_E_RUN_INDEX, tab);
	return kp_tab_add(r, tab->p, key, val);
}

/* A global that only the main chunk writes does not change any more: no lock, and borrowed. */
static int get_global(struct kp_run *r, struct kp_val *dst, u32 x)
{
	struct kp_val v;

	if (r->process || r->vm->image.shared[x])
		return kp_box_get(r, &r->vm->globals[x], dst);
	v = r->vm->globals[x].val;
	v.b[0] &= ~KP_COUNTED;
	kp_move(r, dst, v);
	return 0;
}

static int get_upval(struct kp_run *r, const struct kp_frame *f, struct kp_val *dst, u32 i)
{
	struct kp_val v = ((const struct kp_func *)f->fn.p)->up[i];

	if (kp_tag(&v) == KP_BOX)
		return kp_box_get(r, v.p, dst);
	/* borrowed: the frame keeps the function, the function its upvalues */
	if (kp_is_pointer(&v))
		v.b[0] &= ~KP_COUNTED;
	kp_move(r, dst, v);
	return 0;
}

/* The box that an instruction wants; a chunk made by hand may offer something else. */
static struct kp_box *box_of(struct kp_run *r, const struct kp_val *v, int *ret)
{
	if (likely(kp_tag(v) == KP_BOX)) {
		*ret = 0;
		return v->p;
	}
	*ret = kp_fail_type(r, KTAP_E_RUN_INDEX, v);
	return NULL;
}

static int equal(struct kp_run *r, const struct kp_val *x, const struct kp_val *y, bool *result)
{
	struct kp_val a, b;
	int ret;

	if (likely(x->b[0] != KP_CUREVENT && y->b[0] != KP_CUREVENT)) {
		*result = kp_val_eq(x, y);
		return 0;
	}
	ret = kp_own(r, &a, x);
	if (ret)
		return ret;
	ret = kp_own(r, &b, y);
	if (!ret) {
		*result = kp_val_eq(&a, &b);
		kp_drop(r, &b);
	}
	kp_drop(r, &a);
	return ret;
}

/* The number of rounds is known before the first: no overflow at the ends of the range. */
static int for_prep(struct kp_run *r, struct kp_val *v, bool *go)
{
	u64 span, step;
	u32 i;

	for (i = 0; i < 3; i++)
		if (!kp_is_num(&v[i]))
			return kp_fail_type(r, KTAP_E_RUN_FORNUM, &v[i]);
	if (!v[2].n)
		return kp_fail(r, KTAP_E_RUN_FORSTEP, 0, 0);
	*go = v[2].n > 0 ? v[0].n <= v[1].n : v[0].n >= v[1].n;
	if (!*go)
		return 0;
	span = v[2].n > 0 ? (u64)v[1].n - (u64)v[0].n : (u64)v[0].n - (u64)v[1].n;
	step = v[2].n > 0 ? (u64)v[2].n : 0 - (u64)v[2].n;
	v[1].n = (s64)(span / step); /* rounds after the first */
	kp_copy(r, &v[3], &v[0]);
	return 0;
}

static int for_loop(struct kp_run *r, struct kp_val *v, bool *go)
{
	u32 i;

	for (i = 0; i < 3; i++)
		if (unlikely(!kp_is_num(&v[i])))
			return kp_fail_type(r, KTAP_E_RUN_FORNUM, &v[i]);
	*go = v[1].n != 0;
	if (!*go)
		return 0;
	v[1].n = (s64)((u64)v[1].n - 1);
	v[0].n = (s64)((u64)v[0].n + (u64)v[2].n);
	kp_copy(r, &v[3], &v[0]);
	return 0;
}

static int iterate(struct kp_run *r, struct kp_val *dst, const struct kp_val *tab, u32 mode)
{
	static const enum kp_order orders[] = {
		[KTAP_ITER_PAIRS] = KP_ORDER_NONE,
		[KTAP_ITER_SORT] = KP_ORDER_VALUE,
		[KTAP_ITER_SORTCMP] = KP_ORDER_CMP,
	};
	struct kp_val out;
	int ret;

	if (mode == KTAP_ITER_SORTCMP && r->in_cmp)
		return kp_fail(r, KTAP_E_RUN_NESTED, 0, 0);
	if (mode == KTAP_ITER_SORTCMP)
		r->in_cmp = true;
	ret = kp_iter_new(r, &out, tab, orders[mode], tab + 1);
	if (mode == KTAP_ITER_SORTCMP)
		r->in_cmp = false;
	if (!ret)
		kp_move(r, dst, out);
	return ret;
}

/* The next pair moves from the snapshot to the registers. */
static int next_pair(struct kp_run *r, struct kp_val *v, bool *more)
{
	struct kp_iter *it = v[0].p;
	struct kp_item *item;

	if (unlikely(kp_tag(&v[0]) != KP_ITER))
		return kp_fail_type(r, KTAP_E_RUN_ITERATE, &v[0]);
	item = it->next;
	*more = item;
	if (!item)
		return 0;
	it->next = item->next;
	kp_move(r, &v[1], item->key);
	kp_move(r, &v[2], item->val);
	kp_free_piece(r, r->vm, item, sizeof(*item));
	return 0;
}

static int add_to(struct kp_run *r, struct kp_val *x, const struct kp_val *y)
{
	if (kp_is_nil(x) && kp_is_num(y)) {
		*x = *y;
		return 0;
	}
	/* nil adds nothing, as with tables and globals */
	if (kp_is_nil(y) && (kp_is_num(x) || kp_is_nil(x)))
		return 0;
	return kp_arith(r, KTAP_OP_ADD, x, x, y);
}

#define A KTAP_INSN_A(i)
#define B KTAP_INSN_B(i)
#define C KTAP_INSN_C(i)
#define X KTAP_INSN_X(i)

/* A jump of a branch that is taken. */
#define JUMP(offset)                               \
	do {                                       \
		s32 off_ = (offset);               \
		pc += off_;                        \
		if (off_ < 0)                      \
			ret = kp_charge(r, -off_); \
	} while (0)

int kp_exec(struct kp_run *r, u32 stop)
{
	const struct kp_image *img = &r->vm->image;
	struct kp_frame *f;
	struct kp_val *R, v;
	struct kp_box *box;
	const u32 *pc;
	bool flag = false;
	int ret;
	u32 i;

enter:
	f = &r->frames[r->depth - 1];
	R = &r->regs[f->base];
	pc = f->proto->code + f->pc;
	ret = 0;
	while (likely(!ret)) {
		i = *pc++;
		switch ((enum ktap_op)KTAP_INSN_OP(i)) {
		case KTAP_OP_MOVE:
			kp_copy(r, &R[A], &R[B]);
			break;
		case KTAP_OP_LOADK:
			kp_move(r, &R[A], img->consts[X]);
			break;
		case KTAP_OP_LOADI:
			kp_set_num(&v, KTAP_INSN_SX(i));
			kp_move(r, &R[A], v);
			break;
		case KTAP_OP_LOADB:
			kp_set_bool(&v, B);
			kp_move(r, &R[A], v);
			break;
		case KTAP_OP_LOADNIL: {
			u32 k;

			for (k = A; k <= A + B; k++)
				kp_drop(r, &R[k]);
			break;
		}
		case KTAP_OP_GETG:
			ret = get_global(r, &R[A], X);
			break;
		case KTAP_OP_SETG:
			ret = kp_box_set(r, &r->vm->globals[X], &R[A]);
			break;
		case KTAP_OP_ADDG:
			ret = kp_box_add(r, &r->vm->globals[X], &R[A]);
			break;
		case KTAP_OP_GETUP:
			ret = get_upval(r, f, &R[A], B);
			break;
		case KTAP_OP_SETUP:
			box = box_of(r, &((const struct kp_func *)f->fn.p)->up[B], &ret);
			if (!ret)
				ret = kp_box_set(r, box, &R[A]);
			break;
		case KTAP_OP_ADDUP:
			box = box_of(r, &((const struct kp_func *)f->fn.p)->up[B], &ret);
			if (!ret)
				ret = kp_box_add(r, box, &R[A]);
			break;
		case KTAP_OP_NEWBOX:
			ret = kp_box_new(r, &v, &R[B]);
			if (!ret)
				kp_move(r, &R[A], v);
			break;
		case KTAP_OP_GETBOX:
			box = box_of(r, &R[B], &ret);
			if (!ret)
				ret = kp_box_get(r, box, &R[A]);
			break;
		case KTAP_OP_SETBOX:
			box = box_of(r, &R[A], &ret);
			if (!ret)
				ret = kp_box_set(r, box, &R[B]);
			break;
		case KTAP_OP_ADDBOX:
			box = box_of(r, &R[A], &ret);
			if (!ret)
				ret = kp_box_add(r, box, &R[B]);
			break;
		case KTAP_OP_NEWTAB:
			ret = kp_tab_new(r, &v, r->process && r->depth == 1);
			if (!ret)
				kp_move(r, &R[A], v);
			break;
		case KTAP_OP_GETTAB:
			ret = get_index(r, &R[A], &R[B], &R[C]);
			break;
		case KTAP_OP_SETTAB:
			ret = set_index(r, &R[A], &R[B], &R[C]);
			break;
		case KTAP_OP_ADDTAB:
			ret = add_index(r, &R[A], &R[B], &R[C]);
			break;
		case KTAP_OP_ADDTO:
			ret = add_to(r, &R[A], &R[B]);
			break;
		case KTAP_OP_ADD:
			if (likely(kp_is_num(&R[B]) && kp_is_num(&R[C]))) {
				kp_set_num(&v, (s64)((u64)R[B].n + (u64)R[C].n));
				kp_move(r, &R[A], v);
				break;
			}
			ret = kp_arith(r, KTAP_OP_ADD, &R[A], &R[B], &R[C]);
			break;
		case KTAP_OP_SUB:
			if (likely(kp_is_num(&R[B]) && kp_is_num(&R[C]))) {
				kp_set_num(&v, (s64)((u64)R[B].n - (u64)R[C].n));
				kp_move(r, &R[A], v);
				break;
			}
			ret = kp_arith(r, KTAP_OP_SUB, &R[A], &R[B], &R[C]);
			break;
		case KTAP_OP_MUL:
		case KTAP_OP_DIV:
		case KTAP_OP_MOD:
		case KTAP_OP_POW:
		case KTAP_OP_BAND:
		case KTAP_OP_BOR:
		case KTAP_OP_BXOR:
		case KTAP_OP_SHL:
		case KTAP_OP_SHR:
			ret = kp_arith(r, KTAP_INSN_OP(i), &R[A], &R[B], &R[C]);
			break;
		case KTAP_OP_ADDI:
			kp_set_num(&v, KTAP_INSN_SC(i));
			ret = kp_arith(r, KTAP_OP_ADD, &R[A], &R[B], &v);
			break;
		case KTAP_OP_NEG:
			kp_set_num(&v, 0);
			ret = kp_arith(r, KTAP_OP_SUB, &R[A], &v, &R[B]);
			break;
		case KTAP_OP_BNOT:
			kp_set_num(&v, -1);
			ret = kp_arith(r, KTAP_OP_BXOR, &R[A], &v, &R[B]);
			break;
		case KTAP_OP_NOT:
			kp_set_bool(&v, !kp_is_true(&R[B]));
			kp_move(r, &R[A], v);
			break;
		case KTAP_OP_CONCAT:
			ret = kp_concat(r, &R[A], &R[B], C - B + 1);
			break;
		case KTAP_OP_EQ:
		case KTAP_OP_NE:
			ret = equal(r, &R[B], &R[C], &flag);
			if (!ret) {
				kp_set_bool(&v, flag == (KTAP_INSN_OP(i) == KTAP_OP_EQ));
				kp_move(r, &R[A], v);
			}
			break;
		case KTAP_OP_LT:
		case KTAP_OP_LE:
			ret = kp_compare(r, KTAP_INSN_OP(i), &R[B], &R[C], &flag);
			if (!ret) {
				kp_set_bool(&v, flag);
				kp_move(r, &R[A], v);
			}
			break;
		case KTAP_OP_JMP:
			JUMP(KTAP_INSN_SX(i));
			break;
		case KTAP_OP_JMPT:
			if (kp_is_true(&R[A]))
				JUMP(KTAP_INSN_SX(i));
			break;
		case KTAP_OP_JMPF:
			if (!kp_is_true(&R[A]))
				JUMP(KTAP_INSN_SX(i));
			break;
		case KTAP_OP_FORPREP:
			ret = for_prep(r, &R[A], &flag);
			if (!ret && !flag)
				JUMP(KTAP_INSN_SX(i));
			break;
		case KTAP_OP_FORLOOP:
			ret = for_loop(r, &R[A], &flag);
			if (!ret && flag)
				JUMP(KTAP_INSN_SX(i));
			break;
		case KTAP_OP_ITER:
			f->pc = pc - f->proto->code;
			ret = iterate(r, &R[A], &R[B], C);
			break;
		case KTAP_OP_NEXT:
			ret = next_pair(r, &R[A], &flag);
			if (!ret && !flag)
				JUMP(KTAP_INSN_SX(i));
			break;
		case KTAP_OP_CALL:
			f->pc = pc - f->proto->code;
			ret = kp_enter(r, &R[A], f->base + A + 1, B, C, false);
			if (!ret)
				goto enter;
			break;
		case KTAP_OP_TAILCALL:
			f->pc = pc - f->proto->code;
			ret = kp_tail(r, A, B);
			if (!ret)
				goto enter;
			break;
		case KTAP_OP_CALLB:
			f->pc = pc - f->proto->code;
			ret = kp_builtin(r, B, &R[A], C);
			break;
		case KTAP_OP_RET:
			f->pc = pc - f->proto->code;
			ret = kp_leave(r, A, B);
			if (!ret) {
				if (r->depth == stop)
					return 0;
				goto enter;
			}
			break;
		case KTAP_OP_CLOSURE:
			ret = kp_closure(r, X, &R[A]);
			break;
		case KTAP_OP_PROBE:
			ret = kp_vm_register(r, X, &R[A]);
			break;
		case KTAP_OP_FIELD:
			if (r->point)
				ret = kp_field_get(r, &R[A], &r->point->fields[X]);
			else
				kp_drop(r, &R[A]);
			break;
		case KTAP_OP_COUNT:
			ret = kp_fail(r, KTAP_E_RUN_INTERNAL, i, 0);
			break;
		}
	}
	/* a tail call may have put another prototype into the frame before it failed */
	if (f->proto->code <= pc && pc <= f->proto->code + f->proto->ncode)
		f->pc = pc - f->proto->code;
	return ret;
}
