// SPDX-License-Identifier: GPL-2.0-only
/* A checked chunk for tools that look at it: disassembler, event resolver, error messages. */
#include "image.h"
#include "platform.h"

struct ktap_view {
	struct kp_raw raw;
	u8 data[];
};

struct ktap_view *ktap_view_open(const void *chunk, size_t size, struct ktap_load_error *err)
{
	struct kp_raw raw;
	struct ktap_view *view;

	if (kp_check(&raw, chunk, size, err))
		return NULL;
	view = kp_plat_alloc(sizeof(*view) + size);
	if (!view) {
		kp_refuse(err, KTAP_E_LOAD_NOMEM, KTAP_NONE, 0, 0, 0);
		return NULL;
	}
	memcpy(view->data, chunk, size);
	view->raw = raw;
	view->raw.data = view->data;
	return view;
}

void ktap_view_close(struct ktap_view *view)
{
	if (view)
		kp_plat_free(view);
}

unsigned int ktap_view_count(const struct ktap_view *view, enum ktap_sect sect)
{
	return view->raw.sect[sect].count;
}

const char *ktap_view_str(const struct ktap_view *view, __u32 str, size_t *len)
{
	const char *s;
	u32 n;

	if (str >= view->raw.sect[KTAP_SECT_STRS].count)
		return NULL;
	s = kp_raw_str(&view->raw, str, &n);
	if (len)
		*len = n;
	return s;
}

const char *ktap_view_name(const struct ktap_view *view)
{
	return ktap_view_str(view, view->raw.name, NULL);
}

/* Entry i of a section as 32-bit words in host order; the sections' structs are made of them. */
static int entry(const struct ktap_view *view, enum ktap_sect sect, u32 i, void *out, u32 size)
{
	const u8 *e;
	u32 k;

	if (i >= view->raw.sect[sect].count)
		return 0;
	e = kp_entry(&view->raw, sect, i, size);
	for (k = 0; k < size / 4; k++)
		((u32 *)out)[k] = kp_read32(e + 4 * k);
	return 1;
}

int ktap_view_const(const struct ktap_view *view, __u32 i, struct ktap_chunk_const *out)
{
	return entry(view, KTAP_SECT_CONSTS, i, out, sizeof(*out));
}

int ktap_view_proto(const struct ktap_view *view, __u32 i, struct ktap_chunk_proto *out)
{
	const u8 *p;

	if (!entry(view, KTAP_SECT_PROTOS, i, out, sizeof(*out)))
		return 0;
	p = kp_entry(&view->raw, KTAP_SECT_PROTOS, i, sizeof(*out));
	out->nupval = p[12];
	out->nparam = p[13];
	out->nregs = p[14];
	out->flags = p[15];
	return 1;
}

int ktap_view_upval(const struct ktap_view *view, __u32 i, struct ktap_chunk_upval *out)
{
	if (i >= view->raw.sect[KTAP_SECT_UPVALS].count)
		return 0;
	memcpy(out, kp_entry(&view->raw, KTAP_SECT_UPVALS, i, sizeof(*out)), sizeof(*out));
	return 1;
}

int ktap_view_field(const struct ktap_view *view, __u32 i, struct ktap_chunk_field *out)
{
	return entry(view, KTAP_SECT_FIELDS, i, out, sizeof(*out));
}

int ktap_view_event(const struct ktap_view *view, __u32 i, struct ktap_chunk_event *out)
{
	return entry(view, KTAP_SECT_EVENTS, i, out, sizeof(*out));
}

__u32 ktap_view_insn(const struct ktap_view *view, __u32 i)
{
	if (i >= view->raw.sect[KTAP_SECT_CODE].count)
		return 0;
	return kp_read32(kp_entry(&view->raw, KTAP_SECT_CODE, i, 4));
}

__u32 ktap_view_pos(const struct ktap_view *view, __u32 i)
{
	return i < view->raw.sect[KTAP_SECT_LINES].count ? kp_raw_pos(&view->raw, i) : 0;
}

__u32 ktap_view_global(const struct ktap_view *view, __u32 i)
{
	if (i >= view->raw.sect[KTAP_SECT_GLOBALS].count)
		return KTAP_NONE;
	return kp_read32(kp_entry(&view->raw, KTAP_SECT_GLOBALS, i, 4));
}
