// SPDX-License-Identifier: GPL-2.0-only
/* Strings, constants and globals of the chunk: each once, numbered by first use. */
#include "emit.h"

static void over(struct kp_out *out, uint32_t off, unsigned int most, const char *what)
{
	if (!out->over)
		kp_diag(out->c, KP_D_LIMIT, (struct kp_span){ off, 1 },
			"script has more than %u %s", most, what);
	out->over = true;
}

unsigned int kp_emit_str(struct kp_out *out, struct kp_str *s)
{
	if (!s->chunk_idx) {
		out->strs = kp_arena_more(&out->c->arena, out->strs, out->nr_strs, &out->cap_strs,
					  sizeof(*out->strs));
		out->strs[out->nr_strs++] = s;
		s->chunk_idx = out->nr_strs;
	}
	return s->chunk_idx - 1;
}

static unsigned int add_const(struct kp_emit *e, struct kp_const k, uint32_t off)
{
	struct kp_out *out = e->out;

	if (out->nr_consts == KTAP_MAX_CONSTS) {
		over(out, off, KTAP_MAX_CONSTS, "constants");
		out->nr_consts = 0;
	}
	out->consts = kp_arena_more(&e->c->arena, out->consts, out->nr_consts, &out->cap_consts,
				    sizeof(*out->consts));
	out->consts[out->nr_consts] = k;
	return out->nr_consts++;
}

unsigned int kp_emit_const_str(struct kp_emit *e, struct kp_str *s, uint32_t off)
{
	if (!s->const_idx) {
		kp_emit_str(e->out, s);
		s->const_idx = 1 + add_const(e, (struct kp_const){ s, 0 }, off);
	}
	return s->const_idx - 1;
}

unsigned int kp_emit_const_num(struct kp_emit *e, int64_t num, uint32_t off)
{
	uint64_t mixed = (uint64_t)num * 0x9e3779b97f4a7c15u;
	struct kp_num **bucket = &e->out->nums[mixed >> 56], *k;

	for (k = *bucket; k; k = k->next)
		if (k->num == num)
			return k->idx;
	k = kp_arena_alloc(&e->c->arena, sizeof(*k));
	k->num = num;
	k->idx = add_const(e, (struct kp_const){ NULL, num }, off);
	k->next = *bucket;
	*bucket = k;
	return k->idx;
}

unsigned int kp_emit_global(struct kp_emit *e, struct kp_global *g, uint32_t off)
{
	struct kp_out *out = e->out;

	if (!g->idx) {
		if (out->nr_globals == KTAP_MAX_GLOBALS) {
			over(out, off, KTAP_MAX_GLOBALS, "globals");
			out->nr_globals = 0;
		}
		kp_emit_str(out, g->name);
		out->globals = kp_arena_more(&e->c->arena, out->globals, out->nr_globals,
					     &out->cap_globals, sizeof(*out->globals));
		out->globals[out->nr_globals++] = g;
		g->idx = out->nr_globals;
	}
	return g->idx - 1;
}
