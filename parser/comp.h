/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One compilation: what all passes share.  The passes run in this order, each over the whole script,
 * and each stops the compilation when it reported an error:
 *
 *   parse    text -> AST, constants folded           parse*.c lex.c eventdef.c fold.c
 *   resolve  names -> what they mean; calls checked   resolve*.c check.c
 *   emit     AST -> prototypes with code              emit*.c
 *   chunk    prototypes -> bytes                      chunk.c
 */
#ifndef KP_COMP_H
#define KP_COMP_H

#include "parser.h"

#include "arena.h"
#include "diag.h"

#define KP_MAX_SOURCE (4u << 20) /* bytes of a script; keeps lines within KTAP_POS */
#define KP_MAX_NESTING 200 /* statements and expressions inside each other */
#define KP_MAX_HEIGHT 1000 /* of the syntax tree: bounds recursion of later passes */
#define KP_ARENA_LIMIT ((size_t)512 << 20)

struct kp_func;
struct kp_diag_rec;

/* A string of the script, once: equal strings are the same pointer. */
struct kp_str {
	struct kp_str *next; /* in its hash bucket */
	struct kp_global *global; /* the global of this name, or NULL */
	uint32_t hash, len;
	uint32_t chunk_idx; /* 1 + index in the chunk; 0: not there yet */
	uint32_t const_idx; /* the same for its constant */
	const char *data; /* terminated */
};

struct kp_global {
	struct kp_str *name;
	struct kp_global *next; /* in order of appearance */
	uint32_t idx; /* 1 + index in the chunk; 0: not there yet */
};

/* trace, trace_end, tick, profile: one block of the script. */
struct kp_event {
	struct kp_event *next;
	enum ktap_event_kind kind;
	struct kp_span at; /* of def; of the word trace_end */
	struct kp_str *def, *filter; /* NULL: none */
	uint32_t idx;
	uint32_t flags; /* KTAP_EVF_ */
	bool known; /* fields below are what the event has */
	const char **fields;
	unsigned int nr_fields;
};

struct kp_field {
	struct kp_str *name; /* NULL: by position */
	unsigned int position;
	struct kp_event *event; /* NULL: any */
	struct kp_span at;
};

struct kp_comp {
	struct kp_arena arena;
	const struct ktap_compile_env *env;
	const char *file;
	const char *text;
	uint32_t len;

	uint32_t *lines; /* offset of each line */
	unsigned int nr_lines;

	struct kp_diag_rec *diags, *last_diag;
	unsigned int nr_diags, errors;
	bool quiet; /* diagnostics are dropped: the parser is skipping text */

	struct kp_str **strs; /* hash table */
	unsigned int nr_strs, cap_strs;

	struct kp_event *events, **events_end;
	unsigned int nr_events;
	struct kp_global *globals, **globals_end;

	struct kp_field *fields;
	unsigned int nr_fields, cap_fields;
	uint32_t function_flags; /* KTAP_EVF_ of functions outside handlers: any event may call */

	struct kp_func *main;
};

/* compile.c */
struct kp_str *kp_intern(struct kp_comp *c, const char *data, size_t len);
struct kp_str *kp_intern_z(struct kp_comp *c, const char *text);
uint32_t kp_comp_line(const struct kp_comp *c, uint32_t off); /* from 0 */
uint32_t kp_comp_pos(const struct kp_comp *c, uint32_t off); /* KTAP_POS */
/* ktap_compile() with a bound on memory, for tests. */
int kp_compile_bounded(const char *file, const char *text, size_t len,
		       const struct ktap_compile_env *env, struct ktap_buffer *out,
		       size_t mem_bytes);

/* The passes.  0 or -EINVAL. */
int kp_parse(struct kp_comp *c);
int kp_resolve(struct kp_comp *c);
int kp_chunk(struct kp_comp *c, struct ktap_buffer *out);

/* eventdef.c: split "EVENTDEF /FILTER/" (span of the source, or a string at that place). */
int kp_eventdef_split(struct kp_comp *c, struct kp_event *ev, const char *text, size_t len);

#endif
