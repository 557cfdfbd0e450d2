// SPDX-License-Identifier: GPL-2.0-only
/* Functions, registers, instructions and jumps. */
#include "emit.h"

static void limit(struct kp_emit *e, uint32_t off, const char *what, unsigned int most)
{
	if (!e->failed)
		kp_diag(e->c, KP_D_LIMIT, (struct kp_span){ off, 1 },
			"function is too large: more than %u %s", most, what);
	e->failed = true;
}

unsigned int kp_emit_alloc(struct kp_emit *e, unsigned int n, uint32_t off)
{
	unsigned int reg = e->free;

	if (n > KTAP_MAX_REGS - reg) {
		limit(e, off, "registers for locals and intermediate values", KTAP_MAX_REGS);
		return 0;
	}
	e->free += n;
	if (e->p.nregs < e->free)
		e->p.nregs = e->free;
	return reg;
}

void kp_emit_insn(struct kp_emit *e, uint32_t insn, uint32_t off)
{
	struct kp_arena *a = &e->c->arena;

	e->p.code = kp_arena_more(a, e->p.code, e->p.nr, &e->p.cap_code, sizeof(*e->p.code));
	e->p.lines = kp_arena_more(a, e->p.lines, e->p.nr, &e->p.cap_lines, sizeof(*e->p.lines));
	e->p.code[e->p.nr] = insn;
	e->p.lines[e->p.nr++] = kp_comp_pos(e->c, off);
}

void kp_emit_abc(struct kp_emit *e, int op, unsigned int a, unsigned int b, unsigned int c,
		 uint32_t off)
{
	kp_emit_insn(e, KTAP_INSN_ABC(op, a & 0xff, b & 0xff, c & 0xff), off);
}

void kp_emit_abx(struct kp_emit *e, int op, unsigned int a, unsigned int x, uint32_t off)
{
	kp_emit_insn(e, KTAP_INSN_ABX(op, a & 0xff, x), off);
}

static void patch(struct kp_emit *e, unsigned int pc, unsigned int target)
{
	int64_t x = (int64_t)target - pc - 1;

	if (x < INT16_MIN || x > INT16_MAX) {
		limit(e, e->func->at.off, "instructions to jump over", INT16_MAX);
		x = 0;
	}
	e->p.code[pc] = (e->p.code[pc] & 0xffff) | ((uint32_t)x & 0xffff) << 16;
}

void kp_emit_jump(struct kp_emit *e, int op, unsigned int a, struct kp_jumps *to, uint32_t off)
{
	to->v = kp_arena_more(&e->c->arena, to->v, to->nr, &to->cap, sizeof(*to->v));
	to->v[to->nr++] = e->p.nr;
	kp_emit_abx(e, op, a, 0, off);
}

void kp_emit_jump_back(struct kp_emit *e, int op, unsigned int a, unsigned int target, uint32_t off)
{
	kp_emit_abx(e, op, a, 0, off);
	patch(e, e->p.nr - 1, target);
}

void kp_emit_land(struct kp_emit *e, const struct kp_jumps *jumps, unsigned int target)
{
	unsigned int i;

	for (i = 0; i < jumps->nr; i++)
		patch(e, jumps->v[i], target);
}

/* A reserved number keeps main at 0, whatever is nested in it. */
static unsigned int new_proto(struct kp_out *out)
{
	out->protos = kp_arena_more(&out->c->arena, out->protos, out->nr_protos, &out->cap_protos,
				    sizeof(*out->protos));
	return out->nr_protos++;
}

unsigned int kp_emit_func(struct kp_out *out, struct kp_func *f)
{
	struct kp_emit e = { .c = out->c, .out = out, .func = f };
	unsigned int idx = new_proto(out);
	struct kp_local *l;

	e.p.func = f;
	e.p.nregs = 1;
	kp_emit_declare(&e, &f->params, kp_emit_alloc(&e, f->params.nr, f->at.off));
	for (l = f->params.head; l; l = l->next)
		kp_emit_box(&e, l);
	kp_emit_statements(&e, &f->body->list);
	/* The landing place of every jump to the end, even behind a return. */
	kp_emit_abc(&e, KTAP_OP_RET, 0, 0, 0,
		    f->body->at.len ? f->body->at.off + f->body->at.len - 1 : f->body->at.off);
	out->protos[idx] = e.p;
	return idx;
}

void kp_emit_all(struct kp_out *out)
{
	kp_emit_func(out, out->c->main);
}
