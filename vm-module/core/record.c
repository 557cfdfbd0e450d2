// SPDX-License-Identifier: GPL-2.0-only
/*
 * The record writer.  A record is put together in the run's own buffer and given to the platform
 * when it is complete or the buffer is full; what does not fit goes on in the next part.  So a
 * record is never half written into a ring.
 */
#include "tab.h"

#define HEADER sizeof(struct ktap_rec)

int kp_rec_begin(struct kp_run *r, enum ktap_rec_type type)
{
	struct ktap_rec *rec = r->rec;

	memset(rec, 0, HEADER);
	rec->type = type;
	rec->time_ns = kp_run_time(r);
	rec->cpu = r->cpu;
	/* contexts of one CPU must not share a number */
	rec->chain = ++r->chain << 2 | r->ctx;
	r->rec_len = HEADER;
	return 0;
}

static int flush(struct kp_run *r, u16 more)
{
	struct ktap_rec *rec = r->rec;
	u32 pad = -r->rec_len & 7;
	int ret;

	memset((char *)rec + r->rec_len, 0, pad);
	rec->size = r->rec_len + pad;
	rec->pad = pad;
	rec->flags = (rec->flags & KTAP_RECF_CONT) | more;
	r->emitted++;
	ret = kp_plat_emit(r->vm, r->occ, rec, rec->size);
	rec->flags = KTAP_RECF_CONT;
	r->rec_len = HEADER;
	return ret ? kp_fail(r, KTAP_E_RUN_INTERRUPTED, 0, 0) : 0;
}

int kp_rec_bytes(struct kp_run *r, const void *data, u32 len)
{
	while (len) {
		u32 room = KTAP_RECORD_MAX - r->rec_len, n = len < room ? len : room;
		int ret;

		memcpy((char *)r->rec + r->rec_len, data, n);
		r->rec_len += n;
		data = (const char *)data + n;
		len -= n;
		if (!len)
			return 0;
		ret = flush(r, KTAP_RECF_MORE);
		if (!ret)
			ret = kp_charge(r, 100);
		if (ret)
			return ret;
	}
	return 0;
}

int kp_rec_end(struct kp_run *r)
{
	return flush(r, 0);
}

static int tagged(struct kp_run *r, u8 tag, const void *data, u32 len)
{
	int ret = kp_rec_bytes(r, &tag, 1);

	return ret ? ret : kp_rec_bytes(r, data, len);
}

static int counted_bytes(struct kp_run *r, u8 tag, const void *data, u32 len)
{
	int ret = tagged(r, tag, &len, 4);

	return ret ? ret : kp_rec_bytes(r, data, len);
}

static int event(struct kp_run *r, u32 number, const void *data, u32 len)
{
	int ret = tagged(r, KTAP_W_EVENT, &number, 4);

	if (!ret)
		ret = kp_rec_bytes(r, &len, 4);
	return ret ? ret : kp_rec_bytes(r, data, len);
}

/* All pairs of a table, from a snapshot so that their number is right. */
static int table(struct kp_run *r, const struct kp_val *tab, u32 depth)
{
	const struct kp_item *item;
	struct kp_iter *it;
	struct kp_val iter;
	u32 count;
	int ret;

	if (depth >= KTAP_WIRE_DEPTH)
		return tagged(r, KTAP_W_TABEND, NULL, 0);
	ret = kp_iter_new(r, &iter, tab, KP_ORDER_NONE, NULL);
	if (ret)
		return ret;
	it = iter.p;
	count = (u32)it->count;
	ret = tagged(r, KTAP_W_TAB, &count, 4);
	for (item = it->next; item && !ret; item = item->next) {
		ret = kp_rec_value(r, &item->key, depth + 1);
		if (!ret)
			ret = kp_rec_value(r, &item->val, depth + 1);
		if (!ret)
			ret = kp_charge(r, 1);
	}
	kp_drop(r, &iter);
	return ret;
}

int kp_rec_value(struct kp_run *r, const struct kp_val *v, u32 depth)
{
	const struct kp_blob *blob = v->p;
	const char *s;
	u32 n;

	if (kp_is_str(v)) {
		s = kp_str_data(v, &n);
		return counted_bytes(r, KTAP_W_STR, s, n);
	}
	switch (kp_tag(v)) {
	case KP_FALSE:
		return tagged(r, KTAP_W_FALSE, NULL, 0);
	case KP_TRUE:
		return tagged(r, KTAP_W_TRUE, NULL, 0);
	case KP_NUM:
		return tagged(r, KTAP_W_NUM, &v->n, 8);
	case KP_PROTO:
		n = (u32)v->n;
		return tagged(r, KTAP_W_FUNC, &n, 4);
	case KP_FUNC:
		n = ((const struct kp_func *)v->p)->proto;
		return tagged(r, KTAP_W_FUNC, &n, 4);
	case KP_CUREVENT:
		return event(r, r->point->number, r->occ->raw, r->occ->raw_size);
	case KP_EVENT:
		return event(r, blob->number, blob->data, blob->len);
	case KP_TAB:
		return table(r, v, depth);
	}
	return tagged(r, KTAP_W_NIL, NULL, 0);
}
