// SPDX-License-Identifier: GPL-2.0-only
/* Values: types, equality, order, hashes.  No function here allocates or takes a lock. */
#include "value.h"

enum ktap_type kp_type(const struct kp_val *v)
{
	if (kp_is_short(v))
		return KTAP_T_STR;
	switch (kp_tag(v)) {
	case KP_NIL:
		return KTAP_T_NIL;
	case KP_FALSE:
	case KP_TRUE:
		return KTAP_T_BOOL;
	case KP_NUM:
		return KTAP_T_NUM;
	case KP_STR:
		return KTAP_T_STR;
	case KP_TAB:
		return KTAP_T_TAB;
	case KP_PROTO:
	case KP_FUNC:
		return KTAP_T_FUNC;
	case KP_CUREVENT:
	case KP_EVENT:
		return KTAP_T_EVENT;
	case KP_STACK:
		return KTAP_T_STACK;
	case KP_CELL:
		return KTAP_T_CELL;
	}
	return KTAP_T_INTERNAL;
}

const char *kp_str_data(const struct kp_val *v, u32 *len)
{
	const struct kp_blob *blob;

	if (kp_is_short(v)) {
		*len = v->b[0] & 0xf;
		return (const char *)v->b + 1;
	}
	blob = v->p;
	*len = blob->len;
	return blob->data;
}

void kp_set_short(struct kp_val *v, const char *s, u32 len)
{
	v->w[0] = 0;
	v->w[1] = 0;
	v->b[0] = KP_SHORT | len;
	memcpy(v->b + 1, s, len);
}

static bool is_blob(unsigned int tag)
{
	return tag == KP_STR || tag == KP_EVENT || tag == KP_STACK;
}

bool kp_val_eq(const struct kp_val *a, const struct kp_val *b)
{
	const struct kp_blob *x, *y;

	if (!kp_is_pointer(a) || !kp_is_pointer(b))
		return a->w[0] == b->w[0] && a->w[1] == b->w[1];
	if (kp_tag(a) != kp_tag(b))
		return false;
	if (a->p == b->p)
		return true;
	if (!is_blob(kp_tag(a)))
		return false;
	x = a->p;
	y = b->p;
	return x->hash == y->hash && x->len == y->len && x->number == y->number &&
	       !memcmp(x->data, y->data, x->len);
}

static u64 mix(u64 h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ull;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ull;
	return h ^ h >> 32;
}

u32 kp_bytes_hash(const void *data, u32 len)
{
	const u8 *p = data;
	u64 h = len, w;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * 0x9fb21c651e98df25ull;
		h ^= h >> 29;
	}
	w = 0;
	memcpy(&w, p, len);
	return (u32)mix(h ^ w);
}

u32 kp_val_hash(const struct kp_val *v, u64 seed)
{
	if (is_blob(kp_tag(v)))
		return (u32)mix(seed ^ ((const struct kp_blob *)v->p)->hash);
	/* the flag is no part of a table's or function's identity */
	if (kp_is_pointer(v))
		return (u32)mix(seed ^ (u64)(uintptr_t)v->p);
	return (u32)mix((seed ^ v->w[0]) * 0x9fb21c651e98df25ull + v->w[1]);
}

static int cmp_bytes(const char *a, u32 alen, const char *b, u32 blen)
{
	int c = memcmp(a, b, alen < blen ? alen : blen);

	if (c)
		return c;
	return alen < blen ? -1 : alen > blen;
}

int kp_val_cmp(const struct kp_val *a, const struct kp_val *b)
{
	enum ktap_type ta = kp_type(a), tb = kp_type(b);
	const char *x, *y;
	u32 xlen, ylen;

	if (ta != tb)
		return ta < tb ? -1 : 1;
	switch (ta) {
	case KTAP_T_NUM:
		return a->n < b->n ? -1 : a->n > b->n;
	case KTAP_T_STR:
		x = kp_str_data(a, &xlen);
		y = kp_str_data(b, &ylen);
		return cmp_bytes(x, xlen, y, ylen);
	case KTAP_T_EVENT:
	case KTAP_T_STACK:
		if (!kp_is_pointer(a) || !kp_is_pointer(b))
			return 0;
		x = ((const struct kp_blob *)a->p)->data;
		y = ((const struct kp_blob *)b->p)->data;
		return cmp_bytes(x, ((const struct kp_blob *)a->p)->len, y,
				 ((const struct kp_blob *)b->p)->len);
	default:
		if (a->b[0] != b->b[0])
			return a->b[0] < b->b[0] ? -1 : 1;
		return a->w[1] < b->w[1] ? -1 : a->w[1] > b->w[1];
	}
}
