// SPDX-License-Identifier: GPL-2.0-only
/* Build the host-order form of a checked chunk: one allocation, cut into its parts. */
#include "image.h"
#include "platform.h"

static const u8 op_flags[] = {
#define KTAP_OP(name, form, a, b, c, flags, meaning) KTAP_OPF_##flags,
#include <ktap/opcodes.def>
#undef KTAP_OP
};

static u64 align16(u64 n)
{
	return (n + 15) & ~15ull;
}

static u64 blob_size(u32 len)
{
	return align16(sizeof(struct kp_blob) + len + 1);
}

/* Length of constant i if it needs a blob, else 0. */
static u32 long_const(const struct kp_raw *raw, u32 i)
{
	const u8 *c = kp_entry(raw, KTAP_SECT_CONSTS, i, sizeof(struct ktap_chunk_const));
	u32 len;

	if (kp_read32(c) != KTAP_T_STR)
		return 0;
	kp_raw_str(raw, kp_read32(c + 4), &len);
	return len > KP_SHORT_MAX ? len : 0;
}

static void build_consts(struct kp_image *img, char *blobs)
{
	const struct kp_raw *raw = &img->raw;
	u32 i, len;

	for (i = 0; i < raw->sect[KTAP_SECT_CONSTS].count; i++) {
		const u8 *c = kp_entry(raw, KTAP_SECT_CONSTS, i, sizeof(struct ktap_chunk_const));
		struct kp_val *k = &img->consts[i];
		struct kp_blob *blob;
		const char *s;

		if (kp_read32(c) == KTAP_T_NUM) {
			kp_set_num(k, (s64)(kp_read32(c + 8) | (u64)kp_read32(c + 12) << 32));
			continue;
		}
		s = kp_raw_str(raw, kp_read32(c + 4), &len);
		if (len <= KP_SHORT_MAX) {
			kp_set_short(k, s, len);
			continue;
		}
		/* the image's own reference is never given up */
		blob = (struct kp_blob *)blobs;
		blobs += blob_size(len);
		blob->obj.ref = 1;
		blob->obj.tag = KP_STR;
		blob->len = len;
		memcpy(blob->data, s, len);
		blob->hash = kp_bytes_hash(s, len);
		kp_set_ptr(k, KP_STR, blob);
	}
}

static void build_protos(struct kp_image *img)
{
	const struct kp_raw *raw = &img->raw;
	u32 i, j;

	for (i = 0; i < raw->sect[KTAP_SECT_CODE].count; i++)
		img->code[i] = kp_read32(kp_entry(raw, KTAP_SECT_CODE, i, 4));
	for (i = 0; i < raw->sect[KTAP_SECT_PROTOS].count; i++) {
		const u8 *p = kp_entry(raw, KTAP_SECT_PROTOS, i, sizeof(struct ktap_chunk_proto));
		struct kp_proto *proto = &img->protos[i];

		proto->first = kp_read32(p);
		proto->code = img->code + proto->first;
		proto->ncode = kp_read32(p + 4);
		proto->upvals = (const void *)kp_entry(raw, KTAP_SECT_UPVALS, kp_read32(p + 8),
						       sizeof(struct ktap_chunk_upval));
		proto->nupval = p[12];
		proto->nparam = p[13];
		proto->nregs = p[14];
		for (j = 0; i && j < proto->ncode; j++)
			if (op_flags[KTAP_INSN_OP(proto->code[j])] & KTAP_OPF_GSET)
				img->shared[KTAP_INSN_X(proto->code[j])] = 1;
	}
}

int kp_image_build(struct kp_image *img, const struct kp_raw *raw)
{
	u64 consts = align16(raw->sect[KTAP_SECT_CONSTS].count * sizeof(struct kp_val));
	u64 protos = align16(raw->sect[KTAP_SECT_PROTOS].count * sizeof(struct kp_proto));
	u64 code = align16(raw->sect[KTAP_SECT_CODE].count * 4ull);
	u64 shared = align16(raw->sect[KTAP_SECT_GLOBALS].count);
	u64 size = consts + protos + code + shared;
	char *mem;
	u32 i, len;

	for (i = 0; i < raw->sect[KTAP_SECT_CONSTS].count; i++) {
		len = long_const(raw, i);
		size += len ? blob_size(len) : 0;
		/* many constants may name one long string */
		if (size > 16ull * KTAP_MAX_CHUNK)
			return -ENOMEM;
	}
	memset(img, 0, sizeof(*img));
	mem = kp_plat_alloc(size);
	if (!mem)
		return -ENOMEM;
	img->raw = *raw;
	img->mem = mem;
	img->mem_size = size;
	img->consts = (struct kp_val *)mem;
	img->protos = (struct kp_proto *)(mem + consts);
	img->code = (u32 *)(mem + consts + protos);
	img->shared = (u8 *)(mem + consts + protos + code);
	build_consts(img, mem + consts + protos + code + shared);
	build_protos(img);
	return 0;
}

void kp_image_free(struct kp_image *img)
{
	if (img->mem)
		kp_plat_free(img->mem);
	memset(img, 0, sizeof(*img));
}
