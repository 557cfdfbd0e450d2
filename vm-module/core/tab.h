/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables: hash tables that several CPUs change at once.
 *
 * A table is one shard, or for tables of the main chunk on several CPUs, 16, each with a lock of
 * its own, chosen by the high bits of a key's hash.  A shard grows by linear hashing: an insert
 * that makes the load exceed 2 splits one bucket, so no operation ever rehashes the table.  The
 * first 8 buckets are in the shard, the others in a radix tree of 64-pointer nodes, which never
 * moves.  No pointer to an entry leaves the lock; values are copied out with their reference.
 */
#ifndef KP_TAB_H
#define KP_TAB_H

#include "run.h"

#define KP_TAB_INLINE 8 /* buckets in the shard itself */
#define KP_TAB_FAN 64 /* pointers in a node */
#define KP_TAB_BUCKETS (KP_TAB_FAN * KP_TAB_FAN * KP_TAB_FAN) /* most of one shard */
#define KP_TAB_SHARDS 16

struct kp_ent {
	struct kp_ent *next;
	u32 hash;
	u32 unused;
	struct kp_val key, val; /* owned; val is never nil */
};

struct kp_shard {
	struct kp_lock lock;
	u32 count; /* entries */
	u32 nbuckets; /* in use, from KP_TAB_INLINE on */
	u32 frozen; /* snapshots being taken: no bucket is split */
	struct kp_ent *first[KP_TAB_INLINE];
	void **root; /* [i / 4096][i / 64 % 64][i % 64], from i = 8 on */
};

struct kp_tab {
	struct kp_obj obj;
	u32 nshards; /* 1 or KP_TAB_SHARDS */
	u32 cursor; /* reaping: the bucket to go on with */
	struct kp_shard shards[];
};

/* wide: many CPUs will write to it. */
int kp_tab_new(struct kp_run *r, struct kp_val *out, bool wide);
/* *dst = tab[key], nil if absent.  All functions: 0, an error that is noted, or KP_BUSY. */
int kp_tab_get(struct kp_run *r, struct kp_tab *tab, const struct kp_val *key, struct kp_val *dst);
/* tab[key] = val; nil removes. */
int kp_tab_set(struct kp_run *r, struct kp_tab *tab, const struct kp_val *key,
	       const struct kp_val *val);
/* tab[key] += val, nil there counts as 0. */
int kp_tab_add(struct kp_run *r, struct kp_tab *tab, const struct kp_val *key,
	       const struct kp_val *val);
u64 kp_tab_len(const struct kp_tab *tab);
int kp_tab_clear(struct kp_run *r, struct kp_tab *tab);
bool kp_tab_reap(struct kp_run *r, struct ktap_vm *vm, struct kp_tab *tab, u32 *budget);

/* Bucket i of a shard whose lock is held; NULL where there is no memory for it yet. */
struct kp_ent **kp_tab_bucket(struct kp_shard *s, u32 i);

#endif
