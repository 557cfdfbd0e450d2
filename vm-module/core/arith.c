// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic, comparison and concatenation.  Numbers are 64-bit and wrap; arithmetic on nil gives
 * nil. */
#include "run.h"

/* Two's complement without overflow, which C does not define for signed numbers. */
static s64 power(s64 base, s64 exp)
{
	u64 result = 1, b = (u64)base;

	for (; exp; exp >>= 1, b *= b)
		if (exp & 1)
			result *= b;
	return (s64)result;
}

/* Positive counts shift left, negative ones right, without the sign. */
static s64 shift(s64 x, s64 count)
{
	if (count <= -64 || count >= 64)
		return 0;
	return (s64)(count >= 0 ? (u64)x << count : (u64)x >> -count);
}

static s64 divide(s64 x, s64 y)
{
	return y == -1 ? (s64)(0 - (u64)x) : x / y;
}

static int numbers(struct kp_run *r, unsigned int op, s64 x, s64 y, s64 *out)
{
	switch (op) {
	case KTAP_OP_ADD:
	case KTAP_OP_ADDI:
		*out = (s64)((u64)x + (u64)y);
		return 0;
	case KTAP_OP_SUB:
		*out = (s64)((u64)x - (u64)y);
		return 0;
	case KTAP_OP_MUL:
		*out = (s64)((u64)x * (u64)y);
		return 0;
	case KTAP_OP_DIV:
	case KTAP_OP_MOD:
		if (!y)
			return kp_fail(r, KTAP_E_RUN_DIVZERO, 0, 0);
		*out = op == KTAP_OP_DIV ? divide(x, y) : y == -1 ? 0 : x % y;
		return 0;
	case KTAP_OP_POW:
		if (y < 0)
			return kp_fail(r, KTAP_E_RUN_NEGPOW, y, 0);
		*out = power(x, y);
		return 0;
	case KTAP_OP_BAND:
		*out = x & y;
		return 0;
	case KTAP_OP_BOR:
		*out = x | y;
		return 0;
	case KTAP_OP_BXOR:
		*out = x ^ y;
		return 0;
	case KTAP_OP_SHL:
		*out = shift(x, y);
		return 0;
	case KTAP_OP_SHR:
		*out = shift(x, y == KP_S64_MIN ? 64 : -y);
		return 0;
	}
	return kp_fail(r, KTAP_E_RUN_INTERNAL, op, 0);
}

int kp_arith(struct kp_run *r, unsigned int op, struct kp_val *dst, const struct kp_val *x,
	     const struct kp_val *y)
{
	struct kp_val v;
	s64 n = 0;
	int ret;

	if (kp_is_nil(x) || kp_is_nil(y)) {
		const struct kp_val *other = kp_is_nil(x) ? y : x;

		if (!kp_is_nil(other) && !kp_is_num(other))
			return kp_fail_type(r, KTAP_E_RUN_ARITH, other);
		kp_drop(r, dst);
		return 0;
	}
	if (!kp_is_num(x) || !kp_is_num(y))
		return kp_fail_type(r, KTAP_E_RUN_ARITH, kp_is_num(x) ? y : x);
	ret = numbers(r, op, x->n, y->n, &n);
	if (ret)
		return ret;
	kp_set_num(&v, n);
	kp_move(r, dst, v);
	return 0;
}

int kp_compare(struct kp_run *r, unsigned int op, const struct kp_val *x, const struct kp_val *y,
	       bool *result)
{
	int c;

	if (kp_is_nil(x) || kp_is_nil(y)) {
		*result = false;
		return 0;
	}
	if (!(kp_is_num(x) && kp_is_num(y)) && !(kp_is_str(x) && kp_is_str(y)))
		return kp_fail(r, KTAP_E_RUN_COMPARE, kp_type(x), kp_type(y));
	c = kp_val_cmp(x, y);
	*result = op == KTAP_OP_LT ? c < 0 : c <= 0;
	return 0;
}

char *kp_decimal(char buf[20], s64 n, u32 *len)
{
	u64 u = n < 0 ? 0 - (u64)n : (u64)n;
	char *p = buf + 20;

	do {
		*--p = '0' + u % 10;
		u /= 10;
	} while (u);
	if (n < 0)
		*--p = '-';
	*len = buf + 20 - p;
	return p;
}

static const char *piece(const struct kp_val *v, char buf[20], u32 *len)
{
	return kp_is_num(v) ? kp_decimal(buf, v->n, len) : kp_str_data(v, len);
}

int kp_concat(struct kp_run *r, struct kp_val *dst, const struct kp_val *v, u32 n)
{
	char buf[20], small[KP_SHORT_MAX + 1], *out = small;
	struct kp_val result;
	u64 total = 0;
	const char *s;
	u32 i, len;
	int ret;

	for (i = 0; i < n; i++) {
		if (!kp_is_num(&v[i]) && !kp_is_str(&v[i]))
			return kp_fail_type(r, KTAP_E_RUN_CONCAT, &v[i]);
		piece(&v[i], buf, &len);
		total += len;
	}
	if (total > KTAP_MAX_STR)
		return kp_fail(r, KTAP_E_RUN_LONGSTR, (s64)total, KTAP_MAX_STR);
	if (total > KP_SHORT_MAX) {
		ret = kp_blob_new(r, &result, KP_STR, (u32)total);
		if (ret)
			return ret;
		out = ((struct kp_blob *)result.p)->data;
	}
	for (i = 0, total = 0; i < n; i++, total += len) {
		s = piece(&v[i], buf, &len);
		memcpy(out + total, s, len);
	}
	if (total > KP_SHORT_MAX)
		((struct kp_blob *)result.p)->hash = kp_bytes_hash(out, (u32)total);
	else
		kp_set_short(&result, small, (u32)total);
	kp_move(r, dst, result);
	return kp_charge(r, (s64)total / 64);
}
