/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A checked chunk, ready to run.  The checks of check.c and verify.c read the chunk's bytes in
 * place, so nothing is allocated on its word; only then does image.c build the host-order form.
 */
#ifndef KP_IMAGE_H
#define KP_IMAGE_H

#include "value.h"
#include <ktap/engine.h>

/* A chunk as bytes, with its section table in host order.  Made by kp_check(). */
struct kp_raw {
	const u8 *data;
	u32 size;
	u32 name;
	struct {
		u32 offset, count;
	} sect[KTAP_SECT_COUNT];
};

struct kp_proto {
	const u32 *code;
	const struct ktap_chunk_upval *upvals;
	u32 ncode;
	u32 first; /* index of code[0] in the whole chunk */
	u8 nupval, nparam, nregs;
};

struct kp_image {
	struct kp_raw raw;
	u32 *code;
	struct kp_val *consts;
	struct kp_proto *protos;
	u8 *shared; /* a byte a global: written outside the main prototype */
	void *mem; /* all of the above, and the constants' blobs */
	u64 mem_size;
};

/*
 * Check everything: header, checksum, sections, entries, and with kp_verify() all code.  Linear
 * in size.  0, or a KTAP_E_LOAD_ code also put into err.  May sleep (it takes some memory for the
 * verifier's notes).
 */
int kp_check(struct kp_raw *raw, const void *data, size_t size, struct ktap_load_error *err);
/* Check the code of all prototypes; the tables are checked already. */
int kp_verify(const struct kp_raw *raw, struct ktap_load_error *err);

/* Note why a chunk is refused; gives code back. */
int kp_refuse(struct ktap_load_error *err, int code, u32 proto, u32 pc, s64 v0, s64 v1);

/* Build an image of checked bytes, which must stay until free.  0 or -ENOMEM. */
int kp_image_build(struct kp_image *img, const struct kp_raw *raw);
void kp_image_free(struct kp_image *img);

/* Fewest and most arguments of a builtin. */
void kp_builtin_arity(u32 id, u32 *min, u32 *max);

static inline u32 kp_read16(const u8 *p)
{
	return p[0] | (u32)p[1] << 8;
}

static inline u32 kp_read32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

/* Entry i of a section whose entries have this size; i is in range. */
static inline const u8 *kp_entry(const struct kp_raw *raw, enum ktap_sect s, u32 i, u32 size)
{
	return raw->data + raw->sect[s].offset + (size_t)i * size;
}

/* String i: its bytes, with a NUL behind them. */
static inline const char *kp_raw_str(const struct kp_raw *raw, u32 i, u32 *len)
{
	const u8 *s = kp_entry(raw, KTAP_SECT_STRS, i, sizeof(struct ktap_chunk_str));

	*len = kp_read32(s + 4);
	return (const char *)raw->data + raw->sect[KTAP_SECT_BYTES].offset + kp_read32(s);
}

static inline u32 kp_raw_pos(const struct kp_raw *raw, u32 insn)
{
	return kp_read32(kp_entry(raw, KTAP_SECT_LINES, insn, 4));
}

#endif
