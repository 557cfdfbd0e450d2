// SPDX-License-Identifier: GPL-2.0-only
/* Block allocator: blocks double in size, so their number stays logarithmic in the script's size. */
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)16 << 10)
#define LARGEST_BLOCK ((size_t)1 << 20)

struct kp_arena_block {
	struct kp_arena_block *prev;
	alignas(max_align_t) char data[];
};

void kp_arena_init(struct kp_arena *a, size_t limit)
{
	a->blocks = NULL;
	a->next = NULL;
	a->end = NULL;
	a->used = 0;
	a->limit = limit;
}

void kp_arena_free(struct kp_arena *a)
{
	while (a->blocks) {
		struct kp_arena_block *b = a->blocks;

		a->blocks = b->prev;
		free(b);
	}
	a->next = NULL;
	a->end = NULL;
}

static void new_block(struct kp_arena *a, size_t size)
{
	size_t want = a->used > FIRST_BLOCK ? a->used : FIRST_BLOCK;
	struct kp_arena_block *b;

	if (want > LARGEST_BLOCK)
		want = LARGEST_BLOCK;
	if (want < size)
		want = size;
	if (want > a->limit - a->used)
		want = size;
	if (want > a->limit - a->used)
		longjmp(a->oom, 1);
	b = malloc(sizeof(*b) + want);
	if (!b)
		longjmp(a->oom, 1);
	b->prev = a->blocks;
	a->blocks = b;
	a->next = b->data;
	a->end = b->data + want;
	a->used += want;
}

void *kp_arena_alloc(struct kp_arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	void *p;

	if (size > a->limit)
		longjmp(a->oom, 1);
	size = (size + align - 1) & ~(align - 1);
	if ((size_t)(a->end - a->next) < size)
		new_block(a, size);
	p = a->next;
	a->next += size;
	return memset(p, 0, size);
}

char *kp_arena_copy(struct kp_arena *a, const void *data, size_t len)
{
	char *p = kp_arena_alloc(a, len + 1);

	if (len)
		memcpy(p, data, len);
	return p;
}

void *kp_arena_more(struct kp_arena *a, void *array, unsigned int nr, unsigned int *cap,
		    size_t elem_size)
{
	unsigned int want = *cap ? *cap * 2 : 8;
	void *p;

	if (nr < *cap)
		return array;
	p = kp_arena_alloc(a, want * elem_size);
	if (nr)
		memcpy(p, array, nr * elem_size);
	*cap = want;
	return p;
}
