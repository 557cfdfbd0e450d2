// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event formats, read with libtraceevent: which field lies where in a raw entry and of which kind
 * it is.  The VM gets struct ktap_field maps made here and never sees a format.
 */
#include <string.h>
#include <traceevent/event-parse.h>

#include "provider.h"

struct tep_event *pk_format_parse(struct tep_handle *tep, const char *system, const char *text,
				  size_t size)
{
	struct tep_event *event = NULL;

	/* An event whose print format cannot be parsed is still there, with its fields. */
	if (tep_parse_format(tep, &event, text, size, system) && !event)
		return NULL;
	return event;
}

/* Whether the elements of an array are characters: "char name[16]", "__data_loc char[] name". */
static bool is_text(const struct tep_format_field *f)
{
	return f->flags & TEP_FIELD_IS_STRING || strstr(f->type, "char");
}

static void dynamic_kind(const struct tep_format_field *f, struct ktap_field *out)
{
	if (is_text(f) && f->size == 4)
		out->kind = f->flags & TEP_FIELD_IS_RELATIVE ? KTAP_FK_RELLOC : KTAP_FK_DATALOC;
}

static void field_kind(const struct tep_format_field *f, struct ktap_field *out)
{
	if (f->offset < 0 || f->offset > 0xffff || f->size <= 0 || f->size > 0xffff)
		return;
	out->offset = (__u16)f->offset;
	out->size = (__u16)f->size;
	if (f->flags & TEP_FIELD_IS_DYNAMIC) {
		dynamic_kind(f, out);
	} else if (f->flags & TEP_FIELD_IS_ARRAY) {
		if (is_text(f))
			out->kind = KTAP_FK_CHARS;
	} else if (f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8) {
		out->kind = KTAP_FK_INT;
		out->is_signed = !!(f->flags & TEP_FIELD_IS_SIGNED);
	}
}

void pk_format_field(const struct tep_event *format, const char *name, unsigned int position,
		     struct ktap_field *out)
{
	const struct tep_format_field *f;
	unsigned int i = 1;

	memset(out, 0, sizeof(*out));
	if (!format)
		return;
	for (f = format->format.fields; f; f = f->next, i++) {
		if (name ? !strcmp(f->name, name) : i == position) {
			field_kind(f, out);
			return;
		}
	}
	if (!name)
		return;
	/* common_pid and its like are not offered, but who asks by name gets them. */
	for (f = format->format.common_fields; f; f = f->next) {
		if (!strcmp(f->name, name)) {
			field_kind(f, out);
			return;
		}
	}
}

void pk_format_each(const struct tep_event *format,
		    void (*fn)(void *ctx, const char *name, const char *type), void *ctx)
{
	if (!format)
		return;
	for (const struct tep_format_field *f = format->format.fields; f; f = f->next)
		fn(ctx, f->name, f->type);
}
