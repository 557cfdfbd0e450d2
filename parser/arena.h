/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of one compilation.  Everything is taken from here, nothing is given back before the
 * end, so no pass has to clean up.  A failed allocation never returns: it jumps to the place that
 * ktap_compile() prepared, which reports it and frees the arena.
 */
#ifndef KP_ARENA_H
#define KP_ARENA_H

#include <setjmp.h>
#include <stddef.h>

struct kp_arena_block;

struct kp_arena {
	struct kp_arena_block *blocks; /* newest first */
	char *next, *end; /* free part of the newest block */
	size_t used, limit; /* bytes taken from malloc; most that may be */
	jmp_buf oom; /* set by the owner before the first allocation */
};

/* Limit is in bytes; tests make it small to see every allocation fail once. */
void kp_arena_init(struct kp_arena *a, size_t limit);
void kp_arena_free(struct kp_arena *a);

/* Zeroed memory, aligned for any type. */
void *kp_arena_alloc(struct kp_arena *a, size_t size);
/* A terminated copy of len bytes. */
char *kp_arena_copy(struct kp_arena *a, const void *data, size_t len);

/*
 * Room for one more in an array of nr elements: returns the array, which may have moved.
 * cap is kept by the caller and starts at 0 with a NULL array.
 */
void *kp_arena_more(struct kp_arena *a, void *array, unsigned int nr, unsigned int *cap,
		    size_t elem_size);

#endif
