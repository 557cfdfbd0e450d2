// SPDX-License-Identifier: GPL-2.0-only
/* Reads the values of records, checking every length. */
#include "wire.h"

#include <string.h>

static bool take(struct pk_wire *w, void *dst, size_t len)
{
	if ((size_t)(w->end - w->p) < len)
		return false;
	memcpy(dst, w->p, len);
	w->p += len;
	return true;
}

static bool take_bytes(struct pk_wire *w, const char **data, size_t len)
{
	if ((size_t)(w->end - w->p) < len)
		return false;
	*data = (const char *)w->p;
	w->p += len;
	return true;
}

static int next(struct pk_wire *w, struct pk_value *v, int depth);

/* Walk over the pairs of a table, so that whoever reads them later knows they are good. */
static bool take_pairs(struct pk_wire *w, struct pk_value *v, int depth)
{
	struct pk_value skip;

	if (!take(w, &v->len, sizeof(v->len)) || depth >= KTAP_WIRE_DEPTH)
		return false;
	v->pairs.p = w->p;
	for (__u64 i = 0; i < (__u64)v->len * 2; i++)
		if (next(w, &skip, depth + 1) <= 0)
			return false;
	v->pairs.end = w->p;
	return true;
}

static bool take_value(struct pk_wire *w, struct pk_value *v, int depth)
{
	switch (v->tag) {
	case KTAP_W_NIL:
	case KTAP_W_FALSE:
	case KTAP_W_TRUE:
	case KTAP_W_TABEND:
		return true;
	case KTAP_W_NUM:
		return take(w, &v->num, sizeof(v->num));
	case KTAP_W_STR:
		return take(w, &v->len, sizeof(v->len)) && take_bytes(w, &v->data, v->len);
	case KTAP_W_TAB:
		return take_pairs(w, v, depth);
	case KTAP_W_FUNC:
		return take(w, &v->len, sizeof(v->len));
	case KTAP_W_EVENT:
		return take(w, &v->point, sizeof(v->point)) && take(w, &v->len, sizeof(v->len)) &&
		       take_bytes(w, &v->data, v->len);
	case KTAP_W_STACK:
		return take(w, &v->len, sizeof(v->len)) &&
		       take_bytes(w, &v->data, (size_t)v->len * sizeof(__u64));
	case KTAP_W_COUNT:
		break;
	}
	return false;
}

static int next(struct pk_wire *w, struct pk_value *v, int depth)
{
	unsigned char tag;

	if (w->p == w->end)
		return 0;
	memset(v, 0, sizeof(*v));
	tag = *w->p++;
	if (tag >= KTAP_W_COUNT)
		return -1;
	v->tag = (enum ktap_wire)tag;
	return take_value(w, v, depth) ? 1 : -1;
}

int pk_wire_next(struct pk_wire *w, struct pk_value *v)
{
	return next(w, v, 0);
}

bool pk_wire_valid(struct pk_wire w)
{
	struct pk_value v;
	int ret;

	do
		ret = pk_wire_next(&w, &v);
	while (ret > 0);
	return ret == 0;
}

static int rank(const struct pk_value *v)
{
	return v->tag == KTAP_W_NUM ? 0 : v->tag == KTAP_W_STR ? 1 : 2 + (int)v->tag;
}

int pk_value_compare(const struct pk_value *a, const struct pk_value *b)
{
	__u32 len = a->len < b->len ? a->len : b->len;
	int ret = rank(a) - rank(b);

	if (ret)
		return ret;
	if (a->tag == KTAP_W_NUM)
		return (a->num > b->num) - (a->num < b->num);
	if (a->tag == KTAP_W_STACK)
		len *= sizeof(__u64);
	ret = a->data && b->data ? memcmp(a->data, b->data, len) : 0;
	return ret ? ret : (a->len > b->len) - (a->len < b->len);
}
