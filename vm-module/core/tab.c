// SPDX-License-Identifier: GPL-2.0-only
/* Tables: see tab.h for how they are built. */
#include "tab.h"

#define NODE_SIZE (KP_TAB_FAN * sizeof(void *))

static u32 tab_size(u32 nshards)
{
	return sizeof(struct kp_tab) + nshards * sizeof(struct kp_shard);
}

int kp_tab_new(struct kp_run *r, struct kp_val *out, bool wide)
{
	u32 nshards = wide && r->vm->conf.nr_cpus > 1 ? KP_TAB_SHARDS : 1, i;
	struct kp_tab *tab = kp_pool_alloc(&r->vm->pool, r, tab_size(nshards));

	if (!tab)
		return kp_fail_nomem(r);
	memset(tab, 0, tab_size(nshards));
	tab->obj.ref = 1;
	tab->obj.tag = KP_TAB;
	tab->nshards = nshards;
	for (i = 0; i < nshards; i++)
		tab->shards[i].nbuckets = KP_TAB_INLINE;
	kp_set_ptr(out, KP_TAB | KP_COUNTED, tab);
	return 0;
}

struct kp_ent **kp_tab_bucket(struct kp_shard *s, u32 i)
{
	void **dir, **seg;

	if (i < KP_TAB_INLINE)
		return &s->first[i];
	dir = s->root ? s->root[i / (KP_TAB_FAN * KP_TAB_FAN)] : NULL;
	seg = dir ? dir[i / KP_TAB_FAN % KP_TAB_FAN] : NULL;
	return seg ? (struct kp_ent **)&seg[i % KP_TAB_FAN] : NULL;
}

/* The bucket of a hash: those beyond nbuckets have not been split off their lower half yet. */
static u32 bucket_of(const struct kp_shard *s, u32 hash)
{
	u32 mask = (2u << (31 - __builtin_clz(s->nbuckets))) - 1;
	u32 i = hash & mask;

	return i < s->nbuckets ? i : i & (mask >> 1);
}

static struct kp_shard *shard_of(struct kp_tab *tab, u32 hash)
{
	return &tab->shards[(hash >> 28) & (tab->nshards - 1)];
}

static void **make_node(struct kp_run *r, void **slot)
{
	if (!*slot) {
		void *node = kp_pool_alloc(&r->vm->pool, r, NODE_SIZE);

		if (node)
			memset(node, 0, NODE_SIZE);
		*slot = node;
	}
	return *slot;
}

/* Split one bucket.  Without memory the table just stays as it is: chains grow instead. */
static void grow(struct kp_run *r, struct kp_shard *s)
{
	u32 n = s->nbuckets, top = 1u << (31 - __builtin_clz(n));
	struct kp_ent **from, **to, *ent;
	void **node;

	if (s->frozen || n >= KP_TAB_BUCKETS)
		return;
	node = make_node(r, (void **)&s->root);
	if (node)
		node = make_node(r, &node[n / (KP_TAB_FAN * KP_TAB_FAN)]);
	if (node)
		node = make_node(r, &node[n / KP_TAB_FAN % KP_TAB_FAN]);
	if (!node)
		return;
	from = kp_tab_bucket(s, n - top);
	to = (struct kp_ent **)&node[n % KP_TAB_FAN];
	while ((ent = *from)) {
		if (ent->hash & top) {
			*from = ent->next;
			ent->next = *to;
			*to = ent;
		} else {
			from = &ent->next;
		}
	}
	s->nbuckets++;
}

static struct kp_ent **find(struct kp_shard *s, u32 hash, const struct kp_val *key)
{
	struct kp_ent **p = kp_tab_bucket(s, bucket_of(s, hash));

	while (*p && ((*p)->hash != hash || !kp_val_eq(&(*p)->key, key)))
		p = &(*p)->next;
	return p;
}

/* Called with the key that a script gave: is it one?  The current event becomes a value. */
static int check_key(struct kp_run *r, const struct kp_val **key, struct kp_val *tmp)
{
	kp_set_tag(tmp, KP_NIL);
	if (likely(!kp_is_pointer(*key) && (*key)->b[0] > KP_NIL && (*key)->b[0] != KP_CUREVENT))
		return 0;
	if ((*key)->b[0] == KP_CUREVENT) {
		int ret = kp_own(r, tmp, *key);

		*key = tmp;
		return ret;
	}
	if (kp_is_nil(*key))
		return kp_fail(r, KTAP_E_RUN_NILKEY, 0, 0);
	if (kp_type(*key) == KTAP_T_INTERNAL)
		return kp_fail_type(r, KTAP_E_RUN_BADKEY, *key);
	return 0;
}

int kp_tab_get(struct kp_run *r, struct kp_tab *tab, const struct kp_val *key, struct kp_val *dst)
{
	struct kp_val tmp, v;
	struct kp_shard *s;
	unsigned long flags;
	struct kp_ent *ent;
	u32 hash;
	int ret;

	if (kp_is_nil(key)) {
		kp_drop(r, dst);
		return 0;
	}
	ret = check_key(r, &key, &tmp);
	if (ret)
		return ret;
	hash = kp_val_hash(key, r->vm->conf.seed);
	s = shard_of(tab, hash);
	if (!kp_lock(&s->lock, r, &flags)) {
		kp_drop(r, &tmp);
		return KP_BUSY;
	}
	ent = *find(s, hash, key);
	if (ent) {
		v = ent->val;
		if (kp_is_counted(&v))
			kp_ref(&v);
	} else {
		kp_set_tag(&v, KP_NIL);
	}
	kp_unlock(&s->lock, flags);
	kp_drop(r, &tmp);
	kp_move(r, dst, v);
	return 0;
}

/* A write did not find room: an error, or by the user's wish a count. */
static int overflow(struct kp_run *r, u64 full)
{
	if (r->vm->conf.drop_on_overflow) {
		r->dropped++;
		return 0;
	}
	return full ? kp_fail(r, KTAP_E_RUN_TABFULL, (s64)full, 0) : kp_fail_nomem(r);
}

/* Insert behind *p in a locked shard; takes val's reference.  NULL: no room, *full says why. */
static struct kp_ent *insert(struct kp_run *r, struct kp_tab *tab, struct kp_shard *s, u32 hash,
			     struct kp_ent **p, const struct kp_val *key, u64 *full)
{
	struct ktap_vm *vm = r->vm;
	struct kp_ent *ent;

	*full = 0;
	if (unlikely(vm->conf.max_entries)) {
		u64 len = kp_tab_len(tab);

		if (len >= vm->conf.max_entries) {
			*full = len;
			return NULL;
		}
	}
	ent = kp_pool_alloc(&vm->pool, r, sizeof(*ent));
	if (!ent)
		return NULL;
	/* a key pointer is a blob, table or function: owning it cannot fail */
	kp_own(r, &ent->key, key);
	ent->hash = hash;
	ent->next = *p;
	*p = ent;
	if (++s->count > 2 * s->nbuckets)
		grow(r, s);
	return ent;
}

static void free_ent(struct kp_run *r, struct ktap_vm *vm, struct kp_ent *ent)
{
	if (kp_is_counted(&ent->key))
		kp_unref(r, vm, &ent->key);
	if (kp_is_counted(&ent->val))
		kp_unref(r, vm, &ent->val);
	kp_free_piece(r, vm, ent, sizeof(*ent));
}

static int set(struct kp_run *r, struct kp_tab *tab, const struct kp_val *key, struct kp_val *val)
{
	u32 hash = kp_val_hash(key, r->vm->conf.seed);
	struct kp_shard *s = shard_of(tab, hash);
	struct kp_ent **p, *ent, *gone = NULL;
	unsigned long flags;
	struct kp_val old;
	u64 full;

	if (!kp_lock(&s->lock, r, &flags)) {
		kp_drop(r, val);
		return KP_BUSY;
	}
	p = find(s, hash, key);
	ent = *p;
	kp_set_tag(&old, KP_NIL);
	if (kp_is_nil(val)) {
		gone = ent;
		if (ent) {
			*p = ent->next;
			s->count--;
		}
	} else if (ent) {
		old = ent->val;
		ent->val = *val;
	} else {
		ent = insert(r, tab, s, hash, p, key, &full);
		if (!ent) {
			kp_unlock(&s->lock, flags);
			kp_drop(r, val);
			return overflow(r, full);
		}
		ent->val = *val;
	}
	kp_unlock(&s->lock, flags);
	kp_drop(r, &old);
	if (gone)
		free_ent(r, r->vm, gone);
	return 0;
}

int kp_tab_set(struct kp_run *r, struct kp_tab *tab, const struct kp_val *key,
	       const struct kp_val *val)
{
	struct kp_val tmp, own;
	int ret = check_key(r, &key, &tmp);

	if (ret)
		return ret;
	ret = kp_type(val) == KTAP_T_INTERNAL ? kp_fail_type(r, KTAP_E_RUN_BADKEY, val)
					      : kp_own(r, &own, val);
	if (!ret)
		ret = set(r, tab, key, &own);
	kp_drop(r, &tmp);
	return ret;
}

static int add(struct kp_run *r, struct kp_tab *tab, const struct kp_val *key, s64 n)
{
	u32 hash = kp_val_hash(key, r->vm->conf.seed);
	struct kp_shard *s = shard_of(tab, hash);
	struct kp_ent **p, *ent;
	unsigned int tag = KP_NUM;
	unsigned long flags;
	u64 full;

	if (!kp_lock(&s->lock, r, &flags))
		return KP_BUSY;
	p = find(s, hash, key);
	ent = *p;
	if (likely(ent)) {
		tag = ent->val.b[0];
		if (tag == KP_NUM)
			ent->val.n = (s64)((u64)ent->val.n + (u64)n);
	} else {
		ent = insert(r, tab, s, hash, p, key, &full);
		if (ent)
			kp_set_num(&ent->val, n);
	}
	kp_unlock(&s->lock, flags);
	if (unlikely(!ent))
		return overflow(r, full);
	if (unlikely(tag != KP_NUM)) {
		struct kp_val old = { .head = KP_HEAD(tag) };

		return kp_fail_type(r, KTAP_E_RUN_ARITH, &old);
	}
	return 0;
}

int kp_tab_add(struct kp_run *r, struct kp_tab *tab, const struct kp_val *key,
	       const struct kp_val *val)
{
	struct kp_val tmp;
	int ret = check_key(r, &key, &tmp);

	if (ret)
		return ret;
	if (likely(kp_is_num(val)))
		ret = add(r, tab, key, val->n);
	else if (!kp_is_nil(val))
		ret = kp_fail_type(r, KTAP_E_RUN_ARITH, val);
	kp_drop(r, &tmp);
	return ret;
}

u64 kp_tab_len(const struct kp_tab *tab)
{
	u64 n = 0;
	u32 i;

	for (i = 0; i < tab->nshards; i++)
		n += kp_load(&tab->shards[i].count);
	return n;
}

/* Take the entries of the shard's buckets from *at on, at most budget; they are still linked.
 * The lock is held.  *at ends at nbuckets when all are taken. */
static struct kp_ent *strip(struct kp_shard *s, u32 *at, u32 *budget)
{
	struct kp_ent *list = NULL, *ent, **p;

	for (; *at < s->nbuckets; ++*at) {
		p = kp_tab_bucket(s, *at);
		while ((ent = *p)) {
			if (!*budget)
				return list;
			--*budget;
			*p = ent->next;
			ent->next = list;
			list = ent;
			s->count--;
		}
	}
	return list;
}

static void free_list(struct kp_run *r, struct ktap_vm *vm, struct kp_ent *list)
{
	struct kp_ent *next;

	for (; list; list = next) {
		next = list->next;
		free_ent(r, vm, list);
	}
}

int kp_tab_clear(struct kp_run *r, struct kp_tab *tab)
{
	unsigned long flags;
	struct kp_ent *list;
	u32 i, at, budget;
	int ret;

	for (i = 0; i < tab->nshards; i++) {
		struct kp_shard *s = &tab->shards[i];

		for (at = 0; at < kp_load(&s->nbuckets);) {
			budget = 64;
			if (!kp_lock(&s->lock, r, &flags))
				return KP_BUSY;
			list = strip(s, &at, &budget);
			kp_unlock(&s->lock, flags);
			free_list(r, r->vm, list);
			ret = kp_charge(r, 64 - budget);
			if (ret)
				return ret;
		}
	}
	return 0;
}

/* The nodes of the radix tree, when no entry is left. */
static void free_nodes(struct kp_run *r, struct ktap_vm *vm, struct kp_shard *s)
{
	u32 i, j;

	for (i = 0; s->root && i < KP_TAB_FAN; i++) {
		void **dir = s->root[i];

		for (j = 0; dir && j < KP_TAB_FAN; j++)
			if (dir[j])
				kp_free_piece(r, vm, dir[j], NODE_SIZE);
		if (dir)
			kp_free_piece(r, vm, dir, NODE_SIZE);
	}
	if (s->root)
		kp_free_piece(r, vm, s->root, NODE_SIZE);
	s->root = NULL;
	s->nbuckets = KP_TAB_INLINE;
}

bool kp_tab_reap(struct kp_run *r, struct ktap_vm *vm, struct kp_tab *tab, u32 *budget)
{
	u32 i;

	/* nobody else knows the table any more: no locks */
	for (i = 0; i < tab->nshards; i++) {
		struct kp_shard *s = &tab->shards[i];

		if (!s->count && !s->root)
			continue;
		free_list(r, vm, strip(s, &tab->cursor, budget));
		if (tab->cursor < s->nbuckets)
			return false;
		tab->cursor = 0;
		free_nodes(r, vm, s);
	}
	kp_free_piece(r, vm, tab, tab_size(tab->nshards));
	return true;
}
