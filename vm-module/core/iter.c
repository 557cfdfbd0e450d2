// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots: the pairs of a table as a list of their own, sorted if wanted.  Whoever iterates sees
 * the table as it was, whatever handlers do to it meanwhile.
 *
 * Sorting is a bottom-up merge of lists: no memory beside the list, stable, n log n.
 */
#include "tab.h"

#define BINS 32 /* lists of 2^k pairs waiting to be merged */
#define LOCKED_MAX 256 /* pairs copied with interrupts off */

struct sorter {
	struct kp_run *r;
	enum kp_order order;
	const struct kp_val *cmp;
	int ret;
};

/* Does b come before a?  Ties keep their order. */
static bool before(struct sorter *s, const struct kp_item *b, const struct kp_item *a)
{
	struct kp_val args[2], result;
	int c;

	switch (s->order) {
	case KP_ORDER_VALUE:
		c = kp_val_cmp(&b->val, &a->val);
		return c ? c < 0 : kp_val_cmp(&b->key, &a->key) < 0;
	case KP_ORDER_HIST:
		c = kp_val_cmp(&a->val, &b->val);
		return c ? c < 0 : kp_val_cmp(&b->key, &a->key) < 0;
	case KP_ORDER_CMP:
		args[0] = b->val;
		args[1] = a->val;
		s->ret = kp_call(s->r, s->cmp, args, 2, &result);
		if (s->ret)
			return false;
		c = kp_is_true(&result);
		kp_drop(s->r, &result);
		return c;
	default:
		return kp_val_cmp(&b->key, &a->key) < 0;
	}
}

static struct kp_item *merge(struct sorter *s, struct kp_item *a, struct kp_item *b)
{
	struct kp_item *head = NULL, **tail = &head;
	u32 n = 0;

	while (a && b) {
		bool second = !s->ret && before(s, b, a);

		*tail = second ? b : a;
		if (second)
			b = b->next;
		else
			a = a->next;
		tail = &(*tail)->next;
		/* a comparison costs about an eighth of an instruction's worth */
		if (!(++n % 8) && !s->ret)
			s->ret = kp_charge(s->r, 1);
	}
	*tail = a ? a : b;
	return head;
}

static struct kp_item *sort(struct sorter *s, struct kp_item *list)
{
	struct kp_item *bins[BINS] = { NULL }, *item;
	u32 k;

	while (list) {
		item = list;
		list = list->next;
		item->next = NULL;
		for (k = 0; k < BINS - 1 && bins[k]; k++) {
			item = merge(s, bins[k], item);
			bins[k] = NULL;
		}
		bins[k] = bins[k] ? merge(s, bins[k], item) : item;
	}
	for (k = 0; k < BINS; k++)
		if (bins[k])
			list = list ? merge(s, bins[k], list) : bins[k];
	return list;
}

static struct kp_item *copy_ent(struct kp_run *r, const struct kp_ent *ent)
{
	struct kp_item *item = kp_pool_alloc(&r->vm->pool, r, sizeof(*item));

	if (!item)
		return NULL;
	item->key = ent->key;
	item->val = ent->val;
	if (kp_is_counted(&item->key))
		kp_ref(&item->key);
	if (kp_is_counted(&item->val))
		kp_ref(&item->val);
	return item;
}

/* Copy the buckets from *at on until LOCKED_MAX pairs are done. */
static int copy_some(struct kp_run *r, struct kp_shard *s, u32 *at, struct kp_iter *it, u32 *copied)
{
	struct kp_ent *ent;

	for (; *at < s->nbuckets && *copied < LOCKED_MAX; ++*at) {
		for (ent = *kp_tab_bucket(s, *at); ent; ent = ent->next) {
			struct kp_item *item = copy_ent(r, ent);

			if (!item)
				return -ENOMEM;
			item->next = it->next;
			it->next = item;
			it->count++;
			++*copied;
		}
	}
	return 0;
}

/* Copy a shard; it must not split buckets meanwhile, or pairs would be seen twice. */
static int copy_shard(struct kp_run *r, struct kp_shard *s, struct kp_iter *it)
{
	unsigned long flags;
	u32 at = 0, copied;
	bool done = false;
	int ret = 0;

	if (!kp_lock(&s->lock, r, &flags))
		return KP_BUSY;
	s->frozen++;
	while (!ret && !done) {
		copied = 0;
		ret = copy_some(r, s, &at, it, &copied);
		done = at >= s->nbuckets;
		kp_unlock(&s->lock, flags);
		if (ret)
			ret = kp_fail_nomem(r);
		else
			ret = kp_charge(r, copied / 4 + 1);
		/* frozen must come down again, and this context has had the lock before */
		while (!kp_lock(&s->lock, r, &flags))
			kp_cpu_relax();
	}
	s->frozen--;
	kp_unlock(&s->lock, flags);
	return ret;
}

int kp_iter_new(struct kp_run *r, struct kp_val *out, const struct kp_val *tab, enum kp_order order,
		const struct kp_val *cmp)
{
	struct sorter s = { .r = r, .order = order, .cmp = cmp };
	struct kp_tab *t = tab->p;
	struct kp_iter *it;
	int ret = 0;
	u32 i;

	if (kp_tag(tab) != KP_TAB)
		return kp_fail_type(r, KTAP_E_RUN_ITERATE, tab);
	it = kp_pool_alloc(&r->vm->pool, r, sizeof(*it));
	if (!it)
		return kp_fail_nomem(r);
	memset(it, 0, sizeof(*it));
	it->obj.ref = 1;
	it->obj.tag = KP_ITER;
	kp_set_ptr(out, KP_ITER | KP_COUNTED, it);
	for (i = 0; !ret && i < t->nshards; i++)
		ret = copy_shard(r, &t->shards[i], it);
	if (!ret && order != KP_ORDER_NONE) {
		it->next = sort(&s, it->next);
		ret = s.ret;
	}
	if (ret)
		kp_drop(r, out);
	return ret;
}

bool kp_iter_reap(struct kp_run *r, struct ktap_vm *vm, struct kp_iter *it, u32 *budget)
{
	struct kp_item *item;

	while ((item = it->next)) {
		if (!*budget)
			return false;
		--*budget;
		it->next = item->next;
		if (kp_is_counted(&item->key))
			kp_unref(r, vm, &item->key);
		if (kp_is_counted(&item->val))
			kp_unref(r, vm, &item->val);
		kp_free_piece(r, vm, item, sizeof(*item));
	}
	kp_free_piece(r, vm, it, sizeof(*it));
	return true;
}
