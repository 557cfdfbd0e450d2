// SPDX-License-Identifier: GPL-2.0-only
/* Fields of the event: from the bytes of its raw entry to a value. */
#include "run.h"

static s64 read_int(const u8 *p, u32 size, bool is_signed)
{
	u8 b;
	u16 h;
	u32 w;
	u64 d;

	switch (size) {
	case 1:
		b = *p;
		return is_signed ? (s64)(s8)b : (s64)b;
	case 2:
		memcpy(&h, p, 2);
		return is_signed ? (s64)(s16)h : (s64)h;
	case 4:
		memcpy(&w, p, 4);
		return is_signed ? (s64)(s32)w : (s64)w;
	default:
		memcpy(&d, p, 8);
		return (s64)d;
	}
}

static int string(struct kp_run *r, struct kp_val *dst, const u8 *p, u32 max)
{
	struct kp_val v;
	u32 len = 0;
	int ret;

	if (max > KTAP_MAX_STR)
		max = KTAP_MAX_STR;
	while (len < max && p[len])
		len++;
	ret = kp_str_new(r, &v, (const char *)p, len);
	if (!ret)
		kp_move(r, dst, v);
	return ret;
}

int kp_field_get(struct kp_run *r, struct kp_val *dst, const struct ktap_field *f)
{
	const struct ktap_occ *occ = r->occ;
	struct kp_val v;
	u64 at, len;
	u32 loc;

	if (!occ || !occ->raw || f->kind == KTAP_FK_NONE ||
	    (u32)f->offset + f->size > occ->raw_size) {
		kp_drop(r, dst);
		return 0;
	}
	switch (f->kind) {
	case KTAP_FK_INT:
		kp_set_num(&v, read_int((const u8 *)occ->raw + f->offset, f->size, f->is_signed));
		kp_move(r, dst, v);
		return 0;
	case KTAP_FK_CHARS:
		return string(r, dst, (const u8 *)occ->raw + f->offset, f->size);
	}
	/* where the string is, the entry says itself: do not believe it */
	memcpy(&loc, (const u8 *)occ->raw + f->offset, 4);
	at = (loc & 0xffff) + (f->kind == KTAP_FK_RELLOC ? f->offset + 4u : 0);
	len = loc >> 16;
	if (at + len > occ->raw_size)
		len = at < occ->raw_size ? occ->raw_size - at : 0;
	return string(r, dst, len ? (const u8 *)occ->raw + at : (const u8 *)"", (u32)len);
}
