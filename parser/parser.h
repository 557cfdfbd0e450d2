/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compiler: source text in, chunk out.  No I/O; whatever it needs to know of the system comes
 * through struct ktap_compile_env, whatever it has to say goes to its diag callback.
 */
#ifndef KTAP_PARSER_H
#define KTAP_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <ktap/chunk.h>

enum ktap_severity {
	KTAP_DIAG_ERROR,
	KTAP_DIAG_WARNING,
	KTAP_DIAG_NOTE
};

struct ktap_diag {
	enum ktap_severity severity;
	const char *tag; /* "ARG_COUNT"; "" for a note */
	const char *file;
	unsigned int line, col; /* from 1; col counts bytes */
	unsigned int len; /* bytes to mark, at least 1 */
	const char *message; /* one line, no full stop, no newline */
	const char *source; /* the source line, not terminated */
	size_t source_len;
};

/* What the compiler learns of an event definition; all memory belongs to the env. */
struct ktap_event_desc {
	const char *const *fields; /* names of the fields of all matching events, no common_ */
	unsigned int nr_fields;
	char error[512]; /* on failure: message for the user, names near matches */
};

struct ktap_compile_env {
	void *ctx;
	/*
	 * Look an event definition up: def as in struct ktap_chunk_event, filter may be NULL.
	 * 0, or -errno with desc->error.  May be NULL: then event and field names are not checked
	 * (they are when the chunk is run).  Called once an event.
	 */
	int (*event)(void *ctx, enum ktap_event_kind kind, const char *def, const char *filter,
		     struct ktap_event_desc *desc);
	/* Called for each diagnostic, in source order as far as possible. */
	void (*diag)(void *ctx, const struct ktap_diag *diag);
	int arg_base; /* 0, 1, or -1: by the marks in the script */
};

struct ktap_buffer {
	void *data; /* free() it */
	size_t size;
};

/* Compile text (len bytes, any content).  0, or -EINVAL after at least one error diagnostic. */
int ktap_compile(const char *file, const char *text, size_t len, const struct ktap_compile_env *env,
		 struct ktap_buffer *out);

/* Print a diagnostic the way compilers do, with source line and caret. */
void ktap_diag_print(FILE *f, const struct ktap_diag *diag);

/* The name nearest to name by edit distance, or NULL when none is near enough. */
const char *ktap_nearest(const char *name, const char *const *names, unsigned int nr);

/* One piece of a printf format: literal text, or a conversion. */
struct ktap_fmt_spec {
	const char *start; /* in the format */
	size_t len;
	char conv; /* 0: literal text (of which %% is already a single %); else d i u x X o c s p */
	bool minus, plus, space, alt, zero;
	int width, precision; /* -1: not given */
};
/* Parse the piece at fmt[*pos].  1 and advances, 0 at the end, -1: malformed (at *pos). */
int ktap_fmt_next(const char *fmt, size_t len, size_t *pos, struct ktap_fmt_spec *spec);

#endif
