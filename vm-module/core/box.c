// SPDX-License-Identifier: GPL-2.0-only
/* Boxes: variables that several functions or handlers share; a global is one.  Each read and each
 * write is atomic. */
#include "run.h"

int kp_box_get(struct kp_run *r, struct kp_box *box, struct kp_val *dst)
{
	unsigned long flags;
	struct kp_val v;

	if (!kp_lock(&box->lock, r, &flags))
		return KP_BUSY;
	v = box->val;
	if (kp_is_counted(&v))
		kp_ref(&v);
	kp_unlock(&box->lock, flags);
	kp_move(r, dst, v);
	return 0;
}

int kp_box_set(struct kp_run *r, struct kp_box *box, const struct kp_val *v)
{
	unsigned long flags;
	struct kp_val new, old;
	int ret = kp_own(r, &new, v);

	if (ret)
		return ret;
	if (!kp_lock(&box->lock, r, &flags)) {
		kp_drop(r, &new);
		return KP_BUSY;
	}
	old = box->val;
	box->val = new;
	kp_unlock(&box->lock, flags);
	kp_drop(r, &old);
	return 0;
}

int kp_box_add(struct kp_run *r, struct kp_box *box, const struct kp_val *v)
{
	unsigned long flags;
	unsigned int tag;

	if (!kp_is_num(v)) {
		if (kp_is_nil(v))
			return 0;
		return kp_fail_type(r, KTAP_E_RUN_ARITH, v);
	}
	if (!kp_lock(&box->lock, r, &flags))
		return KP_BUSY;
	tag = box->val.b[0];
	if (tag == KP_NUM)
		box->val.n = (s64)((u64)box->val.n + (u64)v->n);
	else if (tag == KP_NIL)
		box->val = *v;
	kp_unlock(&box->lock, flags);
	if (tag != KP_NUM && tag != KP_NIL) {
		struct kp_val old = { .head = KP_HEAD(tag) };

		return kp_fail_type(r, KTAP_E_RUN_ARITH, &old);
	}
	return 0;
}
