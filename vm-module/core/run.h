/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inside of a VM: what the core's files share.
 *
 * A run is one execution: of the main chunk, of trace_end, of one handler.  Each CPU has one run
 * for each context, used again and again; a context never enters its own twice (fire in vm.c).
 * Invariant: register slots above the live frames of a run are nil.
 */
#ifndef KP_RUN_H
#define KP_RUN_H

#include "value.h"
#include "pool.h"
#include "image.h"

struct kp_box {
	struct kp_obj obj;
	struct kp_lock lock;
	struct kp_val val; /* owned */
};

struct kp_func {
	struct kp_obj obj;
	u32 proto;
	u32 nup;
	struct kp_val up[]; /* owned, but for the pointer to itself */
};

/* One pair of a snapshot. */
struct kp_item {
	struct kp_item *next;
	u64 unused;
	struct kp_val key, val; /* owned */
};

struct kp_iter {
	struct kp_obj obj;
	struct kp_item *next; /* not yet given out */
	u64 count; /* of all pairs */
};

struct kp_frame {
	struct kp_val fn; /* owned */
	const struct kp_proto *proto;
	u32 pc; /* next instruction, kept while another frame is on top */
	u32 base; /* first register in run->regs */
	u8 dst, nres; /* where the caller wants results: R[dst..dst+nres-1] of its frame */
	u8 boundary; /* called from C: kp_exec returns with this frame */
};

#define KP_HANDLER_BUDGET 100000 /* instructions of one handler run */
#define KP_PROCESS_SLICE 10000 /* instructions between two looks at signals */
#define KP_HANDLER_DEPTH 64
#define KP_PROCESS_DEPTH 256
#define KP_HANDLER_SLOTS 1024
#define KP_PROCESS_SLOTS 8192

/* Codes of a run that ends without being wrong, beside KTAP_E_RUN_*. */
#define KP_UNWIND (-1) /* exit() */
#define KP_BUSY (-2) /* an NMI met a held lock: the event is given up and counted */

struct kp_run {
	struct ktap_vm *vm;
	const struct ktap_occ *occ; /* NULL in main and trace_end */
	const struct ktap_point *point;
	enum kp_context ctx;
	bool process; /* main or trace_end: may sleep */
	bool nested; /* has interrupted another run of this VM */
	bool have_task;
	bool in_cmp; /* inside a compare function */
	u32 cpu;
	s64 budget;
	u32 depth, max_depth;
	u32 nr_slots;
	struct kp_frame *frames;
	struct kp_val *regs;
	int code; /* what the run has failed with */
	s64 v[2];
	u64 time_ns; /* of the event; 0: not asked yet */
	struct ktap_task task;
	struct ktap_rec *rec; /* KTAP_RECORD_MAX bytes: the record being written */
	u32 rec_len;
	u32 chain;
	/* counters with this run as the only writer */
	u64 handled, emitted, missed, busy, dropped;
};

struct kp_cpu {
	struct kp_run *run[KP_CTX_COUNT];
	u32 active; /* a bit a context that is in a handler */
} __attribute__((aligned(64)));

struct ktap_point {
	struct ktap_vm *vm;
	u32 event;
	u32 number;
	struct kp_val name; /* argname; a long name is a blob of this point's own */
	struct ktap_field fields[];
};

struct ktap_vm {
	struct ktap_vm_conf conf;
	struct kp_image image;
	struct kp_pool pool;
	u32 state; /* enum ktap_vm_state */
	u32 nr_end; /* trace_end blocks registered */
	s64 exit_status;
	struct ktap_rec_error error;
	u32 error_set;
	struct kp_box *globals;
	struct kp_val *handlers; /* by chunk event; nil: not registered */
	u32 *end_order; /* chunk events of kind END, as registered */
	struct kp_cpu *cpus;
	struct kp_run *proc; /* the run of main and trace_end */
	struct kp_obj *dead; /* objects to be freed */
	u64 mem_fixed; /* bytes beside the pool */
};

/* Note what went wrong; gives code back, so that "return kp_fail(...)" is the way to fail. */
int kp_fail(struct kp_run *r, int code, s64 v0, s64 v1);
/* The same for "type of v is wrong". */
int kp_fail_type(struct kp_run *r, int code, const struct kp_val *v);
int kp_fail_nomem(struct kp_run *r);

/* object.c: references.  All contexts. */
static inline void kp_ref(const struct kp_val *v)
{
	kp_ref_inc(&((struct kp_obj *)v->p)->ref);
}
/* *v, which is counted, gives its reference up. */
void kp_unref(struct kp_run *r, struct ktap_vm *vm, const struct kp_val *v);
/* Overwrite a register (or slot) with nil, v, v. */
static inline void kp_drop(struct kp_run *r, struct kp_val *v)
{
	if (unlikely(kp_is_counted(v)))
		kp_unref(r, r->vm, v);
	kp_set_tag(v, KP_NIL);
}
/* *dst = *src, taking over src's reference if it has one. */
static inline void kp_move(struct kp_run *r, struct kp_val *dst, struct kp_val src)
{
	if (unlikely(kp_is_counted(dst)))
		kp_unref(r, r->vm, dst);
	*dst = src;
}
/* *dst = *src with a reference of its own where src has one. */
static inline void kp_copy(struct kp_run *r, struct kp_val *dst, const struct kp_val *src)
{
	struct kp_val v = *src;

	if (unlikely(kp_is_counted(&v)))
		kp_ref(&v);
	kp_move(r, dst, v);
}
/* A copy of *src that may be kept: pointers counted, the current event made a value. */
int kp_own_slow(struct kp_run *r, struct kp_val *dst, const struct kp_val *src);
static inline int kp_own(struct kp_run *r, struct kp_val *dst, const struct kp_val *src)
{
	if (likely(!kp_is_pointer(src) && src->b[0] != KP_CUREVENT)) {
		*dst = *src;
		return 0;
	}
	return kp_own_slow(r, dst, src);
}
/* New objects; the value in *out is counted.  0 or an error that is already noted. */
int kp_str_new(struct kp_run *r, struct kp_val *out, const char *s, u32 len);
int kp_blob_new(struct kp_run *r, struct kp_val *out, unsigned int tag, u32 len);
int kp_box_new(struct kp_run *r, struct kp_val *out, const struct kp_val *content);
/* Free objects whose last reference is gone, at most budget pieces.  True: nothing is left. */
bool kp_reap(struct kp_run *r, struct ktap_vm *vm, u32 budget);
/* For reaping: free what belongs to a dead object. */
void kp_free_piece(struct kp_run *r, struct ktap_vm *vm, void *p, u32 size);

/* box.c: slots that several handlers share.  All contexts. */
int kp_box_get(struct kp_run *r, struct kp_box *box, struct kp_val *dst);
int kp_box_set(struct kp_run *r, struct kp_box *box, const struct kp_val *v);
int kp_box_add(struct kp_run *r, struct kp_box *box, const struct kp_val *v);

/* iter.c: snapshots of tables. */
enum kp_order {
	KP_ORDER_NONE,
	KP_ORDER_VALUE,
	KP_ORDER_CMP,
	KP_ORDER_HIST,
	KP_ORDER_KEY
};
int kp_iter_new(struct kp_run *r, struct kp_val *out, const struct kp_val *tab, enum kp_order order,
		const struct kp_val *cmp);
bool kp_iter_reap(struct kp_run *r, struct ktap_vm *vm, struct kp_iter *it, u32 *budget);

/* arith.c: the slow and the rare. */
int kp_arith(struct kp_run *r, unsigned int op, struct kp_val *dst, const struct kp_val *x,
	     const struct kp_val *y);
int kp_compare(struct kp_run *r, unsigned int op, const struct kp_val *x, const struct kp_val *y,
	       bool *result);
int kp_concat(struct kp_run *r, struct kp_val *dst, const struct kp_val *v, u32 n);
/* Decimal digits of n in buf of 20 bytes, right-aligned; gives the first one. */
char *kp_decimal(char buf[20], s64 n, u32 *len);

/* interp.c */
/* Run the frames above depth stop. */
int kp_exec(struct kp_run *r, u32 stop);
/* Call a function value from C with arguments (copied); *result is owned by the caller. */
int kp_call(struct kp_run *r, const struct kp_val *fn, const struct kp_val *args, u32 nargs,
	    struct kp_val *result);
/* Drop all frames above depth stop. */
void kp_unwind(struct kp_run *r, u32 stop);
/* The budget ran out at a back edge or call: carry on, or fail. */
int kp_out_of_budget(struct kp_run *r);
static inline int kp_charge(struct kp_run *r, s64 n)
{
	r->budget -= n;
	return likely(r->budget >= 0) ? 0 : kp_out_of_budget(r);
}

/* record.c: write a record of any length; values may be of any type. */
int kp_rec_begin(struct kp_run *r, enum ktap_rec_type type);
int kp_rec_bytes(struct kp_run *r, const void *data, u32 len);
int kp_rec_value(struct kp_run *r, const struct kp_val *v, u32 depth);
int kp_rec_end(struct kp_run *r);

/* field.c */
int kp_field_get(struct kp_run *r, struct kp_val *dst, const struct ktap_field *f);

/* builtin.c: args are arg[1..n], the result goes to arg[0], which may own something. */
int kp_builtin(struct kp_run *r, u32 id, struct kp_val *arg, u32 n);
#define KTAP_BUILTIN(name, args, where, flags, summary) \
	int kp_bi_##name(struct kp_run *r, struct kp_val *arg, u32 n);
#define KTAP_ALIAS(alias, name)
#define KTAP_SYNTAX(name, args, summary)
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX

/* vm.c: exit() was called.  False: the VM was no longer running. */
bool kp_vm_exit(struct ktap_vm *vm, s64 status);
/* The block of chunk event `event` was reached: fn is its handler. */
int kp_vm_register(struct kp_run *r, u32 event, const struct kp_val *fn);

/* What is known of the event, fetched when first asked for. */
const struct ktap_task *kp_run_task(struct kp_run *r);
u64 kp_run_time(struct kp_run *r);

#endif
