// SPDX-License-Identifier: GPL-2.0-only
/* ktap_compile(): the list of passes, and the tables that live as long as the compilation. */
#include "comp.h"

#include <errno.h>
#include <string.h>

static uint32_t hash_bytes(const char *data, size_t len)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)data[i]) * 16777619u;
	return h;
}

static void grow_strs(struct kp_comp *c)
{
	unsigned int cap = c->cap_strs ? c->cap_strs * 2 : 256, i;
	struct kp_str **strs = kp_arena_alloc(&c->arena, cap * sizeof(*strs));

	for (i = 0; i < c->cap_strs; i++) {
		while (c->strs[i]) {
			struct kp_str *s = c->strs[i];

			c->strs[i] = s->next;
			s->next = strs[s->hash & (cap - 1)];
			strs[s->hash & (cap - 1)] = s;
		}
	}
	c->strs = strs;
	c->cap_strs = cap;
}

struct kp_str *kp_intern(struct kp_comp *c, const char *data, size_t len)
{
	uint32_t h = hash_bytes(data, len);
	struct kp_str *s;

	if (c->nr_strs >= c->cap_strs)
		grow_strs(c);
	for (s = c->strs[h & (c->cap_strs - 1)]; s; s = s->next)
		if (s->hash == h && s->len == len && !memcmp(s->data, data, len))
			return s;
	s = kp_arena_alloc(&c->arena, sizeof(*s));
	s->data = kp_arena_copy(&c->arena, data, len);
	s->len = len;
	s->hash = h;
	s->next = c->strs[h & (c->cap_strs - 1)];
	c->strs[h & (c->cap_strs - 1)] = s;
	c->nr_strs++;
	return s;
}

struct kp_str *kp_intern_z(struct kp_comp *c, const char *text)
{
	return kp_intern(c, text, strlen(text));
}

static void find_lines(struct kp_comp *c)
{
	unsigned int n = 1;
	uint32_t i;

	for (i = 0; i < c->len; i++)
		n += c->text[i] == '\n';
	c->lines = kp_arena_alloc(&c->arena, n * sizeof(*c->lines));
	c->nr_lines = 1;
	for (i = 0; i < c->len; i++)
		if (c->text[i] == '\n')
			c->lines[c->nr_lines++] = i + 1;
}

uint32_t kp_comp_line(const struct kp_comp *c, uint32_t off)
{
	uint32_t lo = 0, hi = c->nr_lines;

	/* lines[lo] <= off < lines[hi] */
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (c->lines[mid] <= off)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

uint32_t kp_comp_pos(const struct kp_comp *c, uint32_t off)
{
	uint32_t line = kp_comp_line(c, off), col = off - c->lines[line] + 1;

	if (line > 0xfffff - 1)
		line = 0xfffff - 1;
	return KTAP_POS(line + 1, col > 0xfff ? 0xfff : col);
}

static int compile(struct kp_comp *c, size_t len, struct ktap_buffer *out)
{
	int ret = 0;

	if (len > KP_MAX_SOURCE) {
		c->len = 0;
		find_lines(c);
		return kp_diag(c, KP_D_LIMIT, (struct kp_span){ 0, 1 },
			       "script of %zu bytes, at most %u are possible", len, KP_MAX_SOURCE);
	}
	c->len = len;
	find_lines(c);
	if (!ret)
		ret = kp_parse(c);
	if (!ret)
		ret = kp_resolve(c);
	if (!ret)
		ret = kp_chunk(c, out);
	return c->errors ? -EINVAL : ret;
}

int kp_compile_bounded(const char *file, const char *text, size_t len,
		       const struct ktap_compile_env *env, struct ktap_buffer *out,
		       size_t mem_bytes)
{
	struct kp_comp c;
	int ret;

	memset(&c, 0, sizeof(c));
	kp_arena_init(&c.arena, mem_bytes);
	c.env = env;
	c.file = file;
	c.text = text;
	c.events_end = &c.events;
	c.globals_end = &c.globals;
	out->data = NULL;
	out->size = 0;
	if (!setjmp(c.arena.oom)) {
		ret = compile(&c, len, out);
		kp_diag_deliver(&c);
	} else {
		kp_diag_nomem(&c);
		ret = -EINVAL;
	}
	kp_arena_free(&c.arena);
	return ret;
}

int ktap_compile(const char *file, const char *text, size_t len, const struct ktap_compile_env *env,
		 struct ktap_buffer *out)
{
	return kp_compile_bounded(file, text, len, env, out, KP_ARENA_LIMIT);
}
