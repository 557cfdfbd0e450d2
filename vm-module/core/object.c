// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects and their references.  A leaf (string, event, stack) is freed with its last reference; a
 * container goes on the VM's list of the dead, which kp_reap() works off in bounded steps: so
 * dropping a table of a million pairs costs a handler no more than dropping a number, and nested
 * tables never make the C stack deep.
 */
#include "run.h"
#include "tab.h"

/* A piece of memory that could not be freed in an NMI; ref holds its size. */
#define TAG_PIECE 0x7f

static void bury(struct ktap_vm *vm, struct kp_obj *obj)
{
	struct kp_obj *head;

	do {
		head = kp_load(&vm->dead);
		obj->dead = head;
	} while (kp_cmpxchg(&vm->dead, head, obj) != head);
}

void kp_free_piece(struct kp_run *r, struct ktap_vm *vm, void *p, u32 size)
{
	struct kp_obj *obj = p;

	if (likely(kp_pool_free(&vm->pool, r, p, size)))
		return;
	obj->ref = size;
	obj->tag = TAG_PIECE;
	bury(vm, obj);
}

static u32 blob_size(u32 len)
{
	return offsetof(struct kp_blob, data) + len + 1;
}

static u32 func_size(u32 nup)
{
	return sizeof(struct kp_func) + nup * sizeof(struct kp_val);
}

void kp_unref(struct kp_run *r, struct ktap_vm *vm, const struct kp_val *v)
{
	struct kp_obj *obj = v->p;

	if (kp_ref_dec(&obj->ref))
		return;
	if (obj->tag == KP_STR || obj->tag == KP_EVENT || obj->tag == KP_STACK)
		kp_free_piece(r, vm, obj, blob_size(((struct kp_blob *)obj)->len));
	else
		bury(vm, obj);
}

static void drop_owned(struct kp_run *r, struct ktap_vm *vm, struct kp_val *v)
{
	if (kp_is_counted(v))
		kp_unref(r, vm, v);
	kp_set_tag(v, KP_NIL);
}

/* Free a dead object, or as much of it as the budget allows.  True: it is gone. */
static bool reap_one(struct kp_run *r, struct ktap_vm *vm, struct kp_obj *obj, u32 *budget)
{
	struct kp_func *fn = (struct kp_func *)obj;
	struct kp_box *box = (struct kp_box *)obj;
	u32 i;

	switch (obj->tag) {
	case TAG_PIECE:
		kp_free_piece(r, vm, obj, obj->ref);
		return true;
	case KP_TAB:
		return kp_tab_reap(r, vm, (struct kp_tab *)obj, budget);
	case KP_ITER:
		return kp_iter_reap(r, vm, (struct kp_iter *)obj, budget);
	case KP_BOX:
		drop_owned(r, vm, &box->val);
		kp_free_piece(r, vm, box, sizeof(*box));
		return true;
	case KP_FUNC:
		for (i = 0; i < fn->nup; i++)
			drop_owned(r, vm, &fn->up[i]);
		kp_free_piece(r, vm, fn, func_size(fn->nup));
		return true;
	}
	return true;
}

bool kp_reap(struct kp_run *r, struct ktap_vm *vm, u32 budget)
{
	struct kp_obj *list, *next;

	while (budget) {
		list = kp_xchg(&vm->dead, NULL);
		if (!list)
			return true;
		for (; list; list = next) {
			next = list->dead;
			if (!budget || !reap_one(r, vm, list, &budget))
				bury(vm, list);
			else if (budget)
				budget--;
		}
	}
	return !kp_load(&vm->dead);
}

int kp_blob_new(struct kp_run *r, struct kp_val *out, unsigned int tag, u32 len)
{
	struct kp_blob *blob;

	if (blob_size(len) > KP_POOL_MAX)
		return kp_fail(r, KTAP_E_RUN_LONGSTR, len, KP_POOL_MAX - blob_size(0));
	blob = kp_pool_alloc(&r->vm->pool, r, blob_size(len));
	if (!blob)
		return kp_fail_nomem(r);
	blob->obj.ref = 1;
	blob->obj.tag = tag;
	blob->len = len;
	blob->hash = 0;
	blob->number = 0;
	blob->data[len] = 0;
	kp_set_ptr(out, tag | KP_COUNTED, blob);
	return 0;
}

int kp_str_new(struct kp_run *r, struct kp_val *out, const char *s, u32 len)
{
	struct kp_blob *blob;
	int ret;

	if (len <= KP_SHORT_MAX) {
		kp_set_short(out, s, len);
		return 0;
	}
	if (len > KTAP_MAX_STR)
		return kp_fail(r, KTAP_E_RUN_LONGSTR, len, KTAP_MAX_STR);
	ret = kp_blob_new(r, out, KP_STR, len);
	if (ret)
		return ret;
	blob = out->p;
	memcpy(blob->data, s, len);
	blob->hash = kp_bytes_hash(s, len);
	return 0;
}

int kp_box_new(struct kp_run *r, struct kp_val *out, const struct kp_val *content)
{
	struct kp_box *box = kp_pool_alloc(&r->vm->pool, r, sizeof(*box));
	int ret;

	if (!box)
		return kp_fail_nomem(r);
	box->obj.ref = 1;
	box->obj.tag = KP_BOX;
	box->lock.held = 0;
	ret = kp_own(r, &box->val, content);
	if (ret) {
		kp_free_piece(r, r->vm, box, sizeof(*box));
		return ret;
	}
	kp_set_ptr(out, KP_BOX | KP_COUNTED, box);
	return 0;
}

/* The raw entry of the event being handled, as a value that outlives it. */
static int own_event(struct kp_run *r, struct kp_val *dst)
{
	const struct ktap_occ *occ = r->occ;
	struct kp_blob *blob;
	int ret;

	if (!occ || !occ->raw) {
		kp_set_tag(dst, KP_NIL);
		return 0;
	}
	ret = kp_blob_new(r, dst, KP_EVENT, occ->raw_size);
	if (ret)
		return ret;
	blob = dst->p;
	memcpy(blob->data, occ->raw, occ->raw_size);
	blob->hash = kp_bytes_hash(blob->data, blob->len);
	blob->number = r->point->number;
	return 0;
}

int kp_own_slow(struct kp_run *r, struct kp_val *dst, const struct kp_val *src)
{
	if (src->b[0] == KP_CUREVENT)
		return own_event(r, dst);
	kp_ref(src);
	*dst = *src;
	dst->b[0] |= KP_COUNTED;
	return 0;
}
