/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code generation.  Registers are a stack: locals at the bottom, temporaries above them in the
 * order they are made.  Registers below `active` belong to locals; an expression may use its target
 * register as scratch only when that is not one of them.
 */
#ifndef KP_EMIT_H
#define KP_EMIT_H

#include "ast.h"

/* A finished prototype. */
struct kp_proto {
	struct kp_func *func;
	uint32_t *code, *lines;
	unsigned int nr, cap_code, cap_lines;
	unsigned int nregs;
};

struct kp_num {
	struct kp_num *next; /* in its hash bucket */
	int64_t num;
	uint32_t idx;
};

struct kp_const {
	struct kp_str *str; /* NULL: a number */
	int64_t num;
};

#define KP_NUM_BUCKETS 256

/* What becomes the chunk. */
struct kp_out {
	struct kp_comp *c;
	struct kp_proto *protos;
	unsigned int nr_protos, cap_protos;
	struct kp_const *consts;
	unsigned int nr_consts, cap_consts;
	struct kp_str **strs;
	unsigned int nr_strs, cap_strs;
	struct kp_global **globals;
	unsigned int nr_globals, cap_globals;
	struct kp_num *nums[KP_NUM_BUCKETS];
	bool over; /* too many of something: reported */
};

/* Jumps whose target is not known yet. */
struct kp_jumps {
	unsigned int *v;
	unsigned int nr, cap;
};

struct kp_emit_loop {
	struct kp_emit_loop *outer;
	struct kp_jumps breaks, continues;
};

/* One function being generated. */
struct kp_emit {
	struct kp_comp *c;
	struct kp_out *out;
	struct kp_func *func;
	struct kp_emit_loop *loop;
	struct kp_proto p;
	unsigned int free; /* first register that is not in use */
	unsigned int active; /* first register that is not a local's */
	bool failed; /* a limit was reported */
};

/* emit.c */
void kp_emit_all(struct kp_out *out);
unsigned int kp_emit_func(struct kp_out *out, struct kp_func *f); /* number of its prototype */
unsigned int kp_emit_alloc(struct kp_emit *e, unsigned int n, uint32_t off);
void kp_emit_insn(struct kp_emit *e, uint32_t insn, uint32_t off);
void kp_emit_abc(struct kp_emit *e, int op, unsigned int a, unsigned int b, unsigned int c,
		 uint32_t off);
void kp_emit_abx(struct kp_emit *e, int op, unsigned int a, unsigned int x, uint32_t off);
/* A jump forward, patched later; backward, at once. */
void kp_emit_jump(struct kp_emit *e, int op, unsigned int a, struct kp_jumps *to, uint32_t off);
void kp_emit_jump_back(struct kp_emit *e, int op, unsigned int a, unsigned int target,
		       uint32_t off);
void kp_emit_land(struct kp_emit *e, const struct kp_jumps *jumps, unsigned int target);
static inline unsigned int kp_emit_here(const struct kp_emit *e)
{
	return e->p.nr;
}

/* emit-const.c: indices in the chunk, made on first use */
unsigned int kp_emit_str(struct kp_out *out, struct kp_str *s);
unsigned int kp_emit_const_str(struct kp_emit *e, struct kp_str *s, uint32_t off);
unsigned int kp_emit_const_num(struct kp_emit *e, int64_t num, uint32_t off);
unsigned int kp_emit_global(struct kp_emit *e, struct kp_global *g, uint32_t off);

/* emit-expr.c, emit-call.c */
void kp_emit_to(struct kp_emit *e, const struct kp_node *n, unsigned int target);
/* The register that holds the value: a local's own, or a new temporary. */
unsigned int kp_emit_any(struct kp_emit *e, const struct kp_node *n);
/* The value in a new temporary, the topmost register. */
unsigned int kp_emit_temp(struct kp_emit *e, const struct kp_node *n);
void kp_emit_arith(struct kp_emit *e, int bin, unsigned int target, unsigned int l, unsigned int r,
		   uint32_t off);
void kp_emit_closure(struct kp_emit *e, struct kp_func *f, unsigned int target, uint32_t off);
/* base is the topmost register; nres results from base on are allocated when there is more than 1. */
void kp_emit_call(struct kp_emit *e, const struct kp_node *n, unsigned int base, unsigned int nres);
void kp_emit_tailcall(struct kp_emit *e, const struct kp_node *n);
/* Values of l into nr registers from the first free one on; surplus is evaluated and dropped. */
unsigned int kp_emit_list(struct kp_emit *e, const struct kp_list *l, unsigned int nr,
			  uint32_t off);

/* emit-cond.c: jump when the truth of n is `when`, else go on. */
void kp_emit_cond(struct kp_emit *e, const struct kp_node *n, bool when, struct kp_jumps *to);

/* emit-stmt.c, emit-assign.c, emit-loop.c: true when control never gets behind the statement */
bool kp_emit_statement(struct kp_emit *e, const struct kp_node *n);
bool kp_emit_statements(struct kp_emit *e, const struct kp_list *l);
void kp_emit_declare(struct kp_emit *e, struct kp_locals *vars, unsigned int reg);
void kp_emit_box(struct kp_emit *e, const struct kp_local *l);
void kp_emit_assign(struct kp_emit *e, const struct kp_node *n);
void kp_emit_update(struct kp_emit *e, const struct kp_node *n);
void kp_emit_store_name(struct kp_emit *e, const struct kp_node *target, unsigned int value,
			uint32_t off);
bool kp_emit_loop(struct kp_emit *e, const struct kp_node *n);

#endif
