/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record stream: what handlers emit, the same bytes from both engines and in recordings.
 * Host endian; a record starts on 8 bytes and its size is a multiple of 8 (zero padded).
 *
 * In a perf ring of the module a record is the raw payload of a PERF_RECORD_SAMPLE.
 */
#ifndef KTAP_RECORD_H
#define KTAP_RECORD_H

#include <linux/types.h>

#define KTAP_RECORD_VERSION 1
#define KTAP_RECORD_MAX 8192	/* bytes of one record; longer ones are split, see MORE */

enum ktap_rec_type {
	KTAP_REC_PRINT = 1,	/* values: print() */
	KTAP_REC_PRINTF,	/* values: printf(); the first is the format string */
	KTAP_REC_HIST,		/* struct ktap_rec_hist, then rows of (key value, number value) */
	KTAP_REC_ERROR,		/* struct ktap_rec_error: script error, the session stops */
	KTAP_REC_EXIT,		/* s64 status: exit() was called */
	KTAP_REC_COUNT
};

/* The record goes on in the next one with the same cpu and chain; its body is cut at any byte.
 * Records of other chains (nested contexts) may come between. */
#define KTAP_RECF_MORE 1
#define KTAP_RECF_CONT 2	/* this is such a continuation */

struct ktap_rec {
	__u32 size;		/* with this header, without padding of the container */
	__u16 type;		/* enum ktap_rec_type */
	__u16 flags;		/* KTAP_RECF_ */
	__u64 time_ns;		/* CLOCK_MONOTONIC, of the event */
	__u32 cpu;
	__u32 chain;		/* number of this (possibly split) record on this cpu and context */
	__u32 pad;		/* unused bytes at the end of the body, 0..7 */
	__u32 reserved;
};

/*
 * A value in a record: one tag byte, then, unaligned:
 *   NIL FALSE TRUE        nothing
 *   NUM                   s64
 *   STR                   u32 length, bytes
 *   TAB                   u32 number of pairs, then key, value, key, value, ...
 *   TABEND                nothing: a table nested too deeply to be shown
 *   FUNC                  u32 prototype number
 *   EVENT                 u32 point number (of ATTACH), u32 length, the raw entry
 *   STACK                 u32 number of addresses, u64 each
 */
enum ktap_wire {
	KTAP_W_NIL,
	KTAP_W_FALSE,
	KTAP_W_TRUE,
	KTAP_W_NUM,
	KTAP_W_STR,
	KTAP_W_TAB,
	KTAP_W_TABEND,
	KTAP_W_FUNC,
	KTAP_W_EVENT,
	KTAP_W_STACK,
	KTAP_W_COUNT
};

#define KTAP_WIRE_DEPTH 8	/* tables nested deeper are shown as TABEND */

struct ktap_rec_hist {
	__s64 total;		/* sum of all values */
	__s64 rest;		/* sum of the values without a row */
	__u32 rows;		/* rows that follow, by falling value, equal values by key */
	__u32 rest_rows;	/* pairs without a row */
};

/* A place in the script: prototype and instruction. */
struct ktap_place {
	__u32 proto;
	__u32 pc;
};

#define KTAP_TRACE_MAX 16	/* callers shown with an error; the innermost ones */

struct ktap_rec_error {
	__u32 code;		/* KTAP_E_RUN_ */
	__u32 depth;		/* places that follow below: where, then its callers */
	__s64 v[2];		/* the values its text shows */
	struct ktap_place at[KTAP_TRACE_MAX];
};

#endif
