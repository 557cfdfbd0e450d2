// SPDX-License-Identifier: GPL-2.0-only
/*
 * First half of the verifier: the chunk's header and tables.  After it every index that a table
 * holds is in range and every string is terminated; code is verify.c's.
 */
#include "image.h"

int kp_refuse(struct ktap_load_error *err, int code, u32 proto, u32 pc, s64 v0, s64 v1)
{
	err->code = code;
	err->proto = proto;
	err->pc = pc;
	err->reserved = 0;
	err->v[0] = v0;
	err->v[1] = v1;
	return code;
}

#define REFUSE(name, v0, v1) kp_refuse(err, KTAP_E_LOAD_##name, KTAP_NONE, 0, v0, v1)

static const struct {
	u32 entry; /* bytes of one */
	u32 max; /* entries */
} sections[KTAP_SECT_COUNT] = {
	[KTAP_SECT_BYTES] = { 1, KTAP_MAX_BYTES },
	[KTAP_SECT_STRS] = { sizeof(struct ktap_chunk_str), KTAP_MAX_STRS },
	[KTAP_SECT_CONSTS] = { sizeof(struct ktap_chunk_const), KTAP_MAX_CONSTS },
	[KTAP_SECT_PROTOS] = { sizeof(struct ktap_chunk_proto), KTAP_MAX_PROTOS },
	[KTAP_SECT_CODE] = { 4, KTAP_MAX_CODE },
	[KTAP_SECT_LINES] = { 4, KTAP_MAX_CODE },
	[KTAP_SECT_UPVALS] = { sizeof(struct ktap_chunk_upval), KTAP_MAX_UPVALS_ALL },
	[KTAP_SECT_GLOBALS] = { 4, KTAP_MAX_GLOBALS },
	[KTAP_SECT_FIELDS] = { sizeof(struct ktap_chunk_field), KTAP_MAX_FIELDS },
	[KTAP_SECT_EVENTS] = { sizeof(struct ktap_chunk_event), KTAP_MAX_EVENTS },
};

static u32 checksum(const u8 *p, size_t len)
{
	u32 h = 2166136261u;

	while (len--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

static int check_header(struct kp_raw *raw, size_t size, struct ktap_load_error *err)
{
	const struct ktap_chunk_header *h = (const void *)raw->data;
	const u8 *d = raw->data;
	u32 sum, want, version;

	if (size < sizeof(*h))
		return REFUSE(TRUNCATED, sizeof(*h), size);
	if (memcmp(h->magic, KTAP_CHUNK_MAGIC, 4))
		return REFUSE(MAGIC, 0, 0);
	version = kp_read16(d + offsetof(struct ktap_chunk_header, version));
	if (version != KTAP_BYTECODE_VERSION ||
	    kp_read16(d + offsetof(struct ktap_chunk_header, header_size)) != sizeof(*h))
		return REFUSE(VERSION, version, KTAP_BYTECODE_VERSION);
	raw->size = kp_read32(d + offsetof(struct ktap_chunk_header, size));
	if (size > KTAP_MAX_CHUNK || raw->size != size)
		return REFUSE(TRUNCATED, raw->size, size);
	want = kp_read32(d + offsetof(struct ktap_chunk_header, checksum));
	sum = checksum(d + offsetof(struct ktap_chunk_header, flags),
		       size - offsetof(struct ktap_chunk_header, flags));
	if (sum != want)
		return REFUSE(CHECKSUM, want, sum);
	if (kp_read32(d + offsetof(struct ktap_chunk_header, flags)))
		return REFUSE(MAGIC, 0, 0);
	raw->name = kp_read32(d + offsetof(struct ktap_chunk_header, name));
	return 0;
}

static int check_sections(struct kp_raw *raw, struct ktap_load_error *err)
{
	const u8 *d = raw->data + offsetof(struct ktap_chunk_header, sect);
	u32 s;

	for (s = 0; s < KTAP_SECT_COUNT; s++, d += 8) {
		u32 offset = kp_read32(d), count = kp_read32(d + 4);

		if (count > sections[s].max)
			return REFUSE(LIMIT, s, count);
		if (offset % 4 || offset < sizeof(struct ktap_chunk_header) || offset > raw->size ||
		    (u64)count * sections[s].entry > raw->size - offset)
			return REFUSE(SECTION, s, 0);
		raw->sect[s].offset = offset;
		raw->sect[s].count = count;
	}
	if (!raw->sect[KTAP_SECT_PROTOS].count ||
	    raw->sect[KTAP_SECT_CODE].count != raw->sect[KTAP_SECT_LINES].count)
		return REFUSE(SECTION, KTAP_SECT_PROTOS, 0);
	return 0;
}

static bool str_ok(const struct kp_raw *raw, u32 i, bool optional)
{
	return i < raw->sect[KTAP_SECT_STRS].count || (optional && i == KTAP_NONE);
}

static int check_strings(const struct kp_raw *raw, struct ktap_load_error *err)
{
	const u8 *bytes = raw->data + raw->sect[KTAP_SECT_BYTES].offset;
	u32 nbytes = raw->sect[KTAP_SECT_BYTES].count, i;

	for (i = 0; i < raw->sect[KTAP_SECT_STRS].count; i++) {
		const u8 *s = kp_entry(raw, KTAP_SECT_STRS, i, sizeof(struct ktap_chunk_str));
		u32 offset = kp_read32(s), len = kp_read32(s + 4);

		if (len > KTAP_MAX_STR || offset >= nbytes || len >= nbytes - offset ||
		    bytes[offset + len])
			return REFUSE(BADSTR, i, 0);
	}
	if (!str_ok(raw, raw->name, false))
		return REFUSE(BADSTR, raw->name, 0);
	return 0;
}

static int check_consts(const struct kp_raw *raw, struct ktap_load_error *err)
{
	u32 i;

	for (i = 0; i < raw->sect[KTAP_SECT_CONSTS].count; i++) {
		const u8 *c = kp_entry(raw, KTAP_SECT_CONSTS, i, sizeof(struct ktap_chunk_const));
		u32 type = kp_read32(c);

		if (type != KTAP_T_NUM &&
		    (type != KTAP_T_STR || !str_ok(raw, kp_read32(c + 4), false)))
			return REFUSE(BADCONST, i, 0);
	}
	return 0;
}

static int check_protos(const struct kp_raw *raw, struct ktap_load_error *err)
{
	u32 i;

	for (i = 0; i < raw->sect[KTAP_SECT_PROTOS].count; i++) {
		const u8 *p = kp_entry(raw, KTAP_SECT_PROTOS, i, sizeof(struct ktap_chunk_proto));
		u32 code = kp_read32(p), ncode = kp_read32(p + 4), upval = kp_read32(p + 8);
		u32 nupval = p[12], nparam = p[13], nregs = p[14];

		if (!ncode || code > raw->sect[KTAP_SECT_CODE].count ||
		    ncode > raw->sect[KTAP_SECT_CODE].count - code ||
		    upval > raw->sect[KTAP_SECT_UPVALS].count ||
		    nupval > raw->sect[KTAP_SECT_UPVALS].count - upval || !nregs ||
		    nregs > KTAP_MAX_REGS || nparam > nregs || nupval > KTAP_MAX_UPVALS || p[15] ||
		    !str_ok(raw, kp_read32(p + 16), true))
			return REFUSE(BADPROTO, i, 0);
		/* nobody makes a closure of main, and nobody passes it anything */
		if (!i && (nupval || nparam))
			return REFUSE(BADPROTO, 0, 0);
	}
	return 0;
}

static int check_events(const struct kp_raw *raw, struct ktap_load_error *err)
{
	u32 i;

	for (i = 0; i < raw->sect[KTAP_SECT_EVENTS].count; i++) {
		const u8 *e = kp_entry(raw, KTAP_SECT_EVENTS, i, sizeof(struct ktap_chunk_event));
		u32 kind = kp_read32(e);

		if (kind >= KTAP_EV_COUNT || !str_ok(raw, kp_read32(e + 8), kind == KTAP_EV_END) ||
		    !str_ok(raw, kp_read32(e + 12), true))
			return REFUSE(BADEVENT, i, 0);
	}
	for (i = 0; i < raw->sect[KTAP_SECT_FIELDS].count; i++) {
		const u8 *f = kp_entry(raw, KTAP_SECT_FIELDS, i, sizeof(struct ktap_chunk_field));
		u32 event = kp_read32(f + 8);

		if (!str_ok(raw, kp_read32(f), true) ||
		    (event != KTAP_NONE && event >= raw->sect[KTAP_SECT_EVENTS].count))
			return REFUSE(BADFIELD, i, 0);
	}
	for (i = 0; i < raw->sect[KTAP_SECT_GLOBALS].count; i++) {
		u32 name = kp_read32(kp_entry(raw, KTAP_SECT_GLOBALS, i, 4));

		if (!str_ok(raw, name, false))
			return REFUSE(BADSTR, name, 0);
	}
	return 0;
}

int kp_check(struct kp_raw *raw, const void *data, size_t size, struct ktap_load_error *err)
{
	int ret;

	memset(raw, 0, sizeof(*raw));
	raw->data = data;
	ret = check_header(raw, size, err);
	if (!ret)
		ret = check_sections(raw, err);
	if (!ret)
		ret = check_strings(raw, err);
	if (!ret)
		ret = check_consts(raw, err);
	if (!ret)
		ret = check_protos(raw, err);
	if (!ret)
		ret = check_events(raw, err);
	if (!ret)
		ret = kp_verify(raw, err);
	return ret;
}
