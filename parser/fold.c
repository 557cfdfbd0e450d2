// SPDX-License-Identifier: GPL-2.0-only
/*
 * Constant folding, done while the tree is built.  What is folded means exactly what the VM would
 * compute; whatever could be a script error, or where C leaves something undefined, is left to it.
 */
#include "ast.h"

#include <inttypes.h>
#include <string.h>

int kp_fold_truth(const struct kp_node *n)
{
	switch (n->kind) {
	case KP_N_NIL:
	case KP_N_FALSE:
		return 0;
	case KP_N_TRUE:
	case KP_N_NUM:
	case KP_N_STR:
	case KP_N_FUNC:
		return 1;
	default:
		return -1;
	}
}

static void become_num(struct kp_node *n, uint64_t num)
{
	n->kind = KP_N_NUM;
	n->height = 1;
	n->num = (int64_t)num;
}

static void become_bool(struct kp_node *n, bool truth)
{
	n->kind = truth ? KP_N_TRUE : KP_N_FALSE;
	n->height = 1;
}

struct kp_node *kp_fold_unary(struct kp_node *n)
{
	const struct kp_node *e = n->operand;

	if (n->kind == KP_N_NOT && kp_fold_truth(e) >= 0 && e->kind != KP_N_FUNC)
		become_bool(n, !kp_fold_truth(e));
	else if (n->kind == KP_N_NEG && e->kind == KP_N_NUM)
		become_num(n, -(uint64_t)e->num);
	else if (n->kind == KP_N_BNOT && e->kind == KP_N_NUM)
		become_num(n, ~(uint64_t)e->num);
	return n;
}

static uint64_t power(uint64_t base, uint64_t exp)
{
	uint64_t n = 1;

	for (; exp; exp >>= 1) {
		if (exp & 1)
			n *= base;
		base *= base;
	}
	return n;
}

/* Division truncates; by 0 and the one overflow are not folded. */
static void fold_division(struct kp_node *n, int64_t a, int64_t b)
{
	if (!b || b == -1)
		return;
	become_num(n, (uint64_t)(n->op == KP_BIN_DIV ? a / b : a % b));
}

static void fold_numbers(struct kp_node *n, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (n->op) {
	case KP_BIN_ADD:
		become_num(n, ua + ub);
		break;
	case KP_BIN_SUB:
		become_num(n, ua - ub);
		break;
	case KP_BIN_MUL:
		become_num(n, ua * ub);
		break;
	case KP_BIN_DIV:
	case KP_BIN_MOD:
		fold_division(n, a, b);
		break;
	case KP_BIN_POW:
		if (b >= 0)
			become_num(n, power(ua, ub));
		break;
	case KP_BIN_BAND:
		become_num(n, ua & ub);
		break;
	case KP_BIN_BOR:
		become_num(n, ua | ub);
		break;
	case KP_BIN_BXOR:
		become_num(n, ua ^ ub);
		break;
	case KP_BIN_SHL:
		if (ub < 64)
			become_num(n, ua << ub);
		break;
	case KP_BIN_SHR:
		if (ub < 64)
			become_num(n, ua >> ub);
		break;
	case KP_BIN_LT:
		become_bool(n, a < b);
		break;
	case KP_BIN_LE:
		become_bool(n, a <= b);
		break;
	case KP_BIN_GT:
		become_bool(n, a > b);
		break;
	case KP_BIN_GE:
		become_bool(n, a >= b);
		break;
	default:
		break;
	}
}

static bool is_plain(const struct kp_node *n)
{
	return n->kind == KP_N_NIL || n->kind == KP_N_TRUE || n->kind == KP_N_FALSE ||
	       n->kind == KP_N_NUM || n->kind == KP_N_STR;
}

struct kp_node *kp_fold_binary(struct kp_node *n)
{
	const struct kp_node *l = n->bin.l, *r = n->bin.r;

	if (!is_plain(l) || !is_plain(r))
		return n;
	if (n->op == KP_BIN_EQ || n->op == KP_BIN_NE) {
		bool same = l->kind == r->kind && (l->kind != KP_N_NUM || l->num == r->num) &&
			    (l->kind != KP_N_STR || l->str == r->str);

		become_bool(n, same == (n->op == KP_BIN_EQ));
	} else if (l->kind == KP_N_NUM && r->kind == KP_N_NUM) {
		fold_numbers(n, l->num, r->num);
	}
	return n;
}

/* The text of a string or number constant; its length, or -1 for anything else. */
static int constant_text(const struct kp_node *n, char *buf, size_t size, const char **text)
{
	if (n->kind == KP_N_STR) {
		*text = n->str->data;
		return n->str->len;
	}
	if (n->kind != KP_N_NUM)
		return -1;
	*text = buf;
	return snprintf(buf, size, "%" PRId64, n->num);
}

/* Join neighbours that are constants; what remains may be a single string. */
void kp_fold_concat(struct kp_comp *c, struct kp_node *n)
{
	struct kp_node *a = n->list.head;

	while (a && a->next) {
		char num_a[24], num_b[24], joined[KTAP_MAX_STR];
		const char *ta = NULL, *tb = NULL;
		int la = constant_text(a, num_a, sizeof(num_a), &ta);
		int lb = constant_text(a->next, num_b, sizeof(num_b), &tb);

		if (la < 0 || lb < 0 || la + lb > KTAP_MAX_STR) {
			a = a->next;
			continue;
		}
		memcpy(joined, ta, la);
		memcpy(joined + la, tb, lb);
		a->kind = KP_N_STR;
		a->str = kp_intern(c, joined, la + lb);
		a->at = kp_span_join(a->at, a->next->at);
		a->next = a->next->next;
		n->list.nr--;
		if (!a->next)
			n->list.last = a;
	}
	if (n->list.nr == 1 && n->list.head->kind == KP_N_STR) {
		struct kp_str *s = n->list.head->str;

		n->kind = KP_N_STR;
		n->height = 1;
		n->str = s;
	}
}
