/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames: what the interpreter needs of call.c. */
#ifndef KP_CALL_H
#define KP_CALL_H

#include "run.h"

/* Push a frame for fn with nargs arguments at register base; base-1 and on take the results. */
int kp_enter(struct kp_run *r, const struct kp_val *fn, u32 base, u32 nargs, u32 nres,
	     bool boundary);
/* The frame on top becomes one of R[a] with the nargs arguments behind it. */
int kp_tail(struct kp_run *r, u32 a, u32 nargs);
/* Pop the frame on top; n results start at R[a]. */
int kp_leave(struct kp_run *r, u32 a, u32 n);
/* *dst = function of a prototype, capturing from the frame on top. */
int kp_closure(struct kp_run *r, u32 index, struct kp_val *dst);

#endif
