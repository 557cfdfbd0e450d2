// SPDX-License-Identifier: GPL-2.0-only
/* Errors that came as numbers from the VM, as text: from errors.def and the chunk's line table. */
#include "render.h"

#include <inttypes.h>

static const struct {
	const char *tag, *text;
} errors[KTAP_E_COUNT] = {
#define KTAP_ERR(kind, name, text) [KTAP_E_##kind##_##name] = { #name, text },
#include <ktap/errors.def>
#undef KTAP_ERR
};

static const char *type_name(__s64 type)
{
	static const char *const names[KTAP_T_COUNT] = KTAP_TYPE_NAMES;

	return type >= 0 && type < KTAP_T_COUNT ? names[type] : "value of unknown type";
}

void pk_error_text(struct pk_buf *b, __u32 code, const __s64 v[2])
{
	const char *p;

	if (code >= KTAP_E_COUNT || !errors[code].text) {
		pk_buf_printf(b, "error %u (%" PRId64 ", %" PRId64 ")", code, (int64_t)v[0],
			      (int64_t)v[1]);
		return;
	}
	for (p = errors[code].text; *p; p++) {
		if (*p != '%') {
			pk_buf_putc(b, *p);
			continue;
		}
		switch (*++p) {
		case '0':
		case '1':
			pk_buf_printf(b, "%" PRId64, (int64_t)v[*p - '0']);
			break;
		case 't':
			pk_buf_puts(b, type_name(v[0]));
			break;
		case 'T':
			pk_buf_puts(b, type_name(v[1]));
			break;
		default:
			pk_buf_putc(b, '?');
			break;
		}
	}
}

/* "file:line:col" and the function's name of a place; false when the chunk does not know it. */
static bool place_text(struct pk_buf *b, const struct ktap_view *view, const struct ktap_place *at,
		       const char **function)
{
	struct ktap_chunk_proto proto;
	__u32 pos;

	*function = NULL;
	if (!view || !ktap_view_proto(view, at->proto, &proto))
		return false;
	if (at->pc >= (__u32)proto.ncode)
		return false;
	pos = ktap_view_pos(view, (__u32)proto.code + at->pc);
	pk_buf_puts(b, ktap_view_name(view) ? ktap_view_name(view) : "?");
	pk_buf_printf(b, ":%u", KTAP_POS_LINE(pos));
	if (KTAP_POS_COL(pos))
		pk_buf_printf(b, ":%u", KTAP_POS_COL(pos));
	*function = ktap_view_str(view, (__u32)proto.name, NULL);
	return true;
}

void pk_error_script(struct pk_buf *b, const struct ktap_view *view,
		     const struct ktap_rec_error *err)
{
	const char *function = NULL;
	__u32 i;

	if (!err->depth || !place_text(b, view, &err->at[0], &function))
		pk_buf_puts(b, "script");
	pk_buf_puts(b, ": ");
	pk_error_text(b, err->code, err->v);
	pk_buf_putc(b, '\n');
	for (i = 0; i < err->depth && i < KTAP_TRACE_MAX; i++) {
		struct pk_buf place = { 0 };

		if (!place_text(&place, view, &err->at[i], &function))
			pk_buf_puts(&place, "?");
		/* Alone, the line above has said it all. */
		if (err->depth > 1)
			pk_buf_printf(b, "  %s %s (%s)\n", i ? "from" : "in",
				      function ? function : "the block", place.data);
		pk_buf_free(&place);
	}
	if (err->depth == KTAP_TRACE_MAX)
		pk_buf_puts(b, "  ...\n");
}

void pk_error_load(struct pk_buf *b, const struct ktap_load_error *err)
{
	pk_error_text(b, err->code, err->v);
	if (err->proto != KTAP_NONE)
		pk_buf_printf(b, " (prototype %u, instruction %u)", err->proto, err->pc);
	if (err->code < KTAP_E_COUNT && errors[err->code].tag)
		pk_buf_printf(b, " [%s]", errors[err->code].tag);
}
