/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chunks made by hand, for tests of the loader, the verifier and the interpreter: tables are
 * filled entry by entry, cb_finish() lays them out as chunk.h says.  Nothing here checks anything:
 * bad chunks are what it is for.
 */
#ifndef BUILD_CHUNK_H
#define BUILD_CHUNK_H

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <ktap/chunk.h>

struct cb {
	struct {
		unsigned char *data;
		unsigned int len, count;
	} sect[KTAP_SECT_COUNT];
	unsigned char *out;
	unsigned int size;
};

static inline unsigned int cb_put(struct cb *cb, int sect, const void *data, unsigned int len)
{
	cb->sect[sect].data = realloc(cb->sect[sect].data, cb->sect[sect].len + len + 1);
	memcpy(cb->sect[sect].data + cb->sect[sect].len, data, len);
	cb->sect[sect].len += len;
	return cb->sect[sect].count++;
}

static inline unsigned int cb_str(struct cb *cb, const char *s)
{
	unsigned int at = cb->sect[KTAP_SECT_BYTES].len, len = (unsigned int)strlen(s);
	struct ktap_chunk_str e = { htole32(at), htole32(len) };

	cb_put(cb, KTAP_SECT_BYTES, s, len + 1);
	cb->sect[KTAP_SECT_BYTES].count = at + len + 1;
	return cb_put(cb, KTAP_SECT_STRS, &e, sizeof(e));
}

static inline unsigned int cb_num(struct cb *cb, long long n)
{
	struct ktap_chunk_const e = { htole32(KTAP_T_NUM), 0, htole32((__u32)n),
				      htole32((__u32)((unsigned long long)n >> 32)) };

	return cb_put(cb, KTAP_SECT_CONSTS, &e, sizeof(e));
}

static inline unsigned int cb_strconst(struct cb *cb, const char *s)
{
	struct ktap_chunk_const e = { htole32(KTAP_T_STR), htole32(cb_str(cb, s)), 0, 0 };

	return cb_put(cb, KTAP_SECT_CONSTS, &e, sizeof(e));
}

static inline unsigned int cb_insn(struct cb *cb, unsigned int insn)
{
	__le32 pos = htole32(KTAP_POS(1 + cb->sect[KTAP_SECT_CODE].count, 1));
	__le32 i = htole32(insn);

	cb_put(cb, KTAP_SECT_LINES, &pos, 4);
	return cb_put(cb, KTAP_SECT_CODE, &i, 4);
}

/* A prototype of the code from insn `first` to the end of what is there. */
static inline unsigned int cb_proto(struct cb *cb, unsigned int first, unsigned int nregs,
				    unsigned int nparam, unsigned int nupval, unsigned int upval)
{
	struct ktap_chunk_proto e = { .code = htole32(first),
				      .ncode = htole32(cb->sect[KTAP_SECT_CODE].count - first),
				      .upval = htole32(upval),
				      .nupval = (__u8)nupval,
				      .nparam = (__u8)nparam,
				      .nregs = (__u8)nregs,
				      .name = htole32(KTAP_NONE) };

	return cb_put(cb, KTAP_SECT_PROTOS, &e, sizeof(e));
}

static inline unsigned int cb_upval(struct cb *cb, unsigned int kind, unsigned int idx)
{
	struct ktap_chunk_upval e = { (__u8)kind, (__u8)idx };

	return cb_put(cb, KTAP_SECT_UPVALS, &e, sizeof(e));
}

static inline unsigned int cb_global(struct cb *cb, const char *name)
{
	__le32 e = htole32(cb_str(cb, name));

	return cb_put(cb, KTAP_SECT_GLOBALS, &e, 4);
}

static inline unsigned int cb_event(struct cb *cb, unsigned int kind, const char *def)
{
	struct ktap_chunk_event e = { htole32(kind), 0, htole32(def ? cb_str(cb, def) : KTAP_NONE),
				      htole32(KTAP_NONE), 0 };

	return cb_put(cb, KTAP_SECT_EVENTS, &e, sizeof(e));
}

/* The checksum of a finished chunk, after a test has changed bytes of it. */
static inline void cb_sum(unsigned char *out, unsigned int size)
{
	unsigned int i, h = 2166136261u;

	for (i = offsetof(struct ktap_chunk_header, flags); i < size; i++)
		h = (h ^ out[i]) * 16777619u;
	((struct ktap_chunk_header *)out)->checksum = htole32(h);
}

static inline void cb_finish(struct cb *cb)
{
	struct ktap_chunk_header *h;
	unsigned int at = sizeof(*h), s, name = cb_str(cb, "test.kp");

	for (s = 0; s < KTAP_SECT_COUNT; s++)
		at += (cb->sect[s].len + 3) & ~3u;
	cb->size = at;
	cb->out = calloc(1, at);
	h = (struct ktap_chunk_header *)cb->out;
	memcpy(h->magic, KTAP_CHUNK_MAGIC, 4);
	h->version = htole16(KTAP_BYTECODE_VERSION);
	h->header_size = htole16(sizeof(*h));
	h->size = htole32(at);
	h->name = htole32(name);
	for (s = 0, at = sizeof(*h); s < KTAP_SECT_COUNT; s++) {
		h->sect[s].offset = htole32(at);
		h->sect[s].count = htole32(cb->sect[s].count);
		if (cb->sect[s].len)
			memcpy(cb->out + at, cb->sect[s].data, cb->sect[s].len);
		at += (cb->sect[s].len + 3) & ~3u;
	}
	cb_sum(cb->out, cb->size);
}

static inline void cb_free(struct cb *cb)
{
	unsigned int s;

	for (s = 0; s < KTAP_SECT_COUNT; s++)
		free(cb->sect[s].data);
	free(cb->out);
	memset(cb, 0, sizeof(*cb));
}

#define ABC(op, a, b, c) KTAP_INSN_ABC(KTAP_OP_##op, a, b, c)
#define ABX(op, a, x) KTAP_INSN_ABX(KTAP_OP_##op, a, x)

#endif
