// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames: calls, returns, unwinding.  A callee's registers start right behind the register that
 * holds the called function, so arguments are not copied; results go to that register and those
 * behind it.
 */
#include "call.h"

static void clear(struct kp_run *r, u32 from, u32 to)
{
	for (; from < to; from++)
		kp_drop(r, &r->regs[from]);
}

/* NULL: not a function; that is noted. */
static const struct kp_proto *find_proto(struct kp_run *r, const struct kp_val *fn)
{
	if (kp_tag(fn) == KP_PROTO)
		return &r->vm->image.protos[fn->n];
	if (kp_tag(fn) == KP_FUNC)
		return &r->vm->image.protos[((const struct kp_func *)fn->p)->proto];
	kp_fail_type(r, KTAP_E_RUN_CALL, fn);
	return NULL;
}

static int check_room(struct kp_run *r, u32 base, u32 nregs)
{
	if (base + nregs > r->nr_slots)
		return kp_fail(r, KTAP_E_RUN_STACK, r->nr_slots, 0);
	return 0;
}

int kp_enter(struct kp_run *r, const struct kp_val *fn, u32 base, u32 nargs, u32 nres,
	     bool boundary)
{
	const struct kp_proto *proto = find_proto(r, fn);
	struct kp_frame *f;
	int ret;

	if (!proto)
		return r->code;
	if (r->depth >= r->max_depth)
		return kp_fail(r, KTAP_E_RUN_DEPTH, r->max_depth, 0);
	ret = check_room(r, base, proto->nregs);
	if (ret)
		return ret;
	f = &r->frames[r->depth];
	ret = kp_own(r, &f->fn, fn);
	if (ret)
		return ret;
	if (nargs > proto->nparam)
		clear(r, base + proto->nparam, base + nargs);
	f->proto = proto;
	f->pc = 0;
	f->base = base;
	f->nres = nres;
	f->boundary = boundary;
	r->depth++;
	return kp_charge(r, 1);
}

int kp_tail(struct kp_run *r, u32 a, u32 nargs)
{
	struct kp_frame *f = &r->frames[r->depth - 1];
	struct kp_val *regs = &r->regs[f->base], fn;
	const struct kp_proto *proto = find_proto(r, &regs[a]);
	u32 i;
	int ret;

	if (!proto)
		return r->code;
	ret = check_room(r, f->base, proto->nregs);
	if (!ret)
		ret = kp_own(r, &fn, &regs[a]);
	if (ret)
		return ret;
	/* an argument may be borrowed from the function that ends here */
	for (i = 0; i < nargs && !ret; i++) {
		struct kp_val v;

		ret = kp_own(r, &v, &regs[a + 1 + i]);
		if (!ret)
			kp_move(r, &regs[i], v);
	}
	if (ret) {
		kp_drop(r, &fn);
		return ret;
	}
	if (nargs > proto->nparam)
		nargs = proto->nparam;
	clear(r, f->base + nargs, f->base + f->proto->nregs);
	kp_drop(r, &f->fn);
	f->fn = fn;
	f->proto = proto;
	f->pc = 0;
	return kp_charge(r, 1);
}

int kp_leave(struct kp_run *r, u32 a, u32 n)
{
	struct kp_frame *f = &r->frames[r->depth - 1];
	struct kp_val *src = &r->regs[f->base + a], *dst = &r->regs[f->base - 1];
	u32 i, end = f->base + f->proto->nregs;
	int ret = 0;

	for (i = 0; i < f->nres; i++) {
		struct kp_val v;

		kp_set_tag(&v, KP_NIL);
		if (i < n) {
			ret = kp_own(r, &v, &src[i]);
			if (ret)
				return ret;
		}
		kp_move(r, &dst[i], v);
	}
	clear(r, f->nres ? f->base - 1 + f->nres : f->base, end);
	kp_drop(r, &f->fn);
	r->depth--;
	return 0;
}

void kp_unwind(struct kp_run *r, u32 stop)
{
	while (r->depth > stop) {
		struct kp_frame *f = &r->frames[--r->depth];

		clear(r, f->base - 1, f->base + f->proto->nregs);
		kp_drop(r, &f->fn);
	}
}

int kp_call(struct kp_run *r, const struct kp_val *fn, const struct kp_val *args, u32 nargs,
	    struct kp_val *result)
{
	const struct kp_frame *top = r->depth ? &r->frames[r->depth - 1] : NULL;
	u32 base = top ? top->base + top->proto->nregs + 1 : 1, depth = r->depth, i;
	int ret = check_room(r, base, nargs);

	if (ret)
		return ret;
	for (i = 0; i < nargs; i++)
		kp_copy(r, &r->regs[base + i], &args[i]);
	ret = kp_enter(r, fn, base, nargs, 1, true);
	if (!ret)
		ret = kp_exec(r, r->depth - 1);
	if (ret) {
		/* frames stay for the call trace; what belongs to none goes now */
		if (r->depth == depth)
			clear(r, base, base + nargs);
		return ret;
	}
	*result = r->regs[base - 1];
	kp_set_tag(&r->regs[base - 1], KP_NIL);
	return 0;
}

int kp_closure(struct kp_run *r, u32 index, struct kp_val *dst)
{
	const struct kp_frame *f = &r->frames[r->depth - 1];
	const struct kp_proto *proto = &r->vm->image.protos[index];
	const struct kp_func *maker = kp_tag(&f->fn) == KP_FUNC ? f->fn.p : NULL;
	struct kp_val out;
	struct kp_func *fn;
	u32 i;
	int ret = 0;

	if (!proto->nupval) {
		kp_set_tag(&out, KP_PROTO);
		out.n = index;
		kp_move(r, dst, out);
		return 0;
	}
	fn = kp_pool_alloc(&r->vm->pool, r, sizeof(*fn) + proto->nupval * sizeof(struct kp_val));
	if (!fn)
		return kp_fail_nomem(r);
	fn->obj.ref = 1;
	fn->obj.tag = KP_FUNC;
	fn->proto = index;
	fn->nup = proto->nupval;
	memset(fn->up, 0, proto->nupval * sizeof(struct kp_val));
	kp_set_ptr(&out, KP_FUNC | KP_COUNTED, fn);
	for (i = 0; !ret && i < proto->nupval; i++) {
		const struct ktap_chunk_upval *u = &proto->upvals[i];

		if (u->kind == KTAP_UP_REG)
			ret = kp_own(r, &fn->up[i], &r->regs[f->base + u->idx]);
		else if (u->kind == KTAP_UP_UP)
			ret = kp_own(r, &fn->up[i], &maker->up[u->idx]);
		else
			kp_set_ptr(&fn->up[i], KP_FUNC, fn); /* not counted: no cycle */
	}
	if (ret) {
		kp_drop(r, &out);
		return ret;
	}
	kp_move(r, dst, out);
	return 0;
}
