/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Diagnostics of a compilation.  They are collected, then handed out in source order, each with its
 * notes behind it, because the passes find them in another order.
 */
#ifndef KP_DIAG_H
#define KP_DIAG_H

#include <stdbool.h>
#include <stdint.h>

struct kp_comp;

/* A piece of the source text, in bytes. */
struct kp_span {
	uint32_t off, len;
};

enum kp_diag_tag {
#define KP_DIAG(tag, severity, sentence) KP_D_##tag,
#include "diags.def"
#undef KP_DIAG
	KP_D_COUNT
};

#define KP_MAX_ERRORS 20

/* Record a diagnostic.  Returns -EINVAL, so that the call can be the return of what failed. */
int kp_diag(struct kp_comp *c, enum kp_diag_tag tag, struct kp_span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Add a note to the newest diagnostic: a hint, or another place to look at. */
void kp_diag_hint(struct kp_comp *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void kp_diag_note(struct kp_comp *c, struct kp_span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Call the env's diag callback for everything recorded. */
void kp_diag_deliver(struct kp_comp *c);
/* The one diagnostic that needs no memory. */
void kp_diag_nomem(struct kp_comp *c);

#endif
