/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values of records, read without trust: whatever the bytes are, no read is out of bounds, no
 * recursion is deeper than KTAP_WIRE_DEPTH.
 */
#ifndef PK_WIRE_H
#define PK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <ktap/record.h>

struct pk_wire {
	const unsigned char *p, *end;
};

struct pk_value {
	enum ktap_wire tag;
	__s64 num; /* NUM */
	const char *data; /* STR and EVENT: bytes; STACK: addresses, unaligned */
	__u32 len; /* bytes of data; STACK: addresses; TAB: pairs; FUNC: prototype */
	__u32 point; /* EVENT */
	struct pk_wire pairs; /* TAB: the pairs; they have been checked */
};

/* The next value with all that belongs to it.  1, 0 at the end, -1: malformed. */
int pk_wire_next(struct pk_wire *w, struct pk_value *v);
/* Whether all that is left are well-formed values. */
bool pk_wire_valid(struct pk_wire w);

/* Order of keys for output: numbers, strings, then the rest. */
int pk_value_compare(const struct pk_value *a, const struct pk_value *b);

#endif
