// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of an event, made from its raw entry as the kernel's trace file would show it:
 * libtraceevent's for most, the kernel's own short form for system calls.
 *
 * libtraceevent believes the entry, so the entry is checked before: every field inside it, every
 * __data_loc inside it, and zeros behind it for strings that do not end.
 */
#include "render.h"

#include <inttypes.h>
#include <string.h>
#include <traceevent/event-parse.h>
#include <traceevent/trace-seq.h>

#define SLACK 64

static bool dynamic_fits(const struct tep_format_field *f, const char *entry, size_t size)
{
	__u32 loc, offset;

	if (f->size < 4)
		return false;
	memcpy(&loc, entry + f->offset, sizeof(loc));
	offset = loc & 0xffff;
	if (f->flags & TEP_FIELD_IS_RELATIVE)
		offset += (__u32)f->offset + (__u32)f->size;
	return (size_t)offset + (loc >> 16) <= size;
}

static bool entry_fits(const struct tep_event *format, const char *entry, size_t size)
{
	const struct tep_format_field *f;

	if (size < 8)
		return false;
	for (f = format->format.fields; f; f = f->next) {
		if (f->offset < 0 || f->size < 0 || (size_t)f->offset + (size_t)f->size > size)
			return false;
		if (f->flags & TEP_FIELD_IS_DYNAMIC && !dynamic_fits(f, entry, size))
			return false;
	}
	return true;
}

static unsigned long long field_value(const struct tep_format_field *f, const char *entry)
{
	__u64 v8;
	__u32 v4;

	if (f->size == 8) {
		memcpy(&v8, entry + f->offset, sizeof(v8));
		return v8;
	}
	if (f->size != 4)
		return 0;
	memcpy(&v4, entry + f->offset, sizeof(v4));
	return v4;
}

/* sys_openat(dfd: ffffff9c, filename: 7ffe2a6f, flags: 80000, mode: 0) */
static void syscall_enter(struct pk_buf *b, const struct tep_event *format, const char *entry,
			  const char *name)
{
	const struct tep_format_field *f = format->format.fields;
	bool first = true;

	pk_buf_printf(b, "sys_%s(", name);
	for (f = f ? f->next : NULL; f; f = f->next) {
		if (f->flags & (TEP_FIELD_IS_ARRAY | TEP_FIELD_IS_DYNAMIC))
			continue;
		pk_buf_printf(b, "%s%s: %llx", first ? "" : ", ", f->name, field_value(f, entry));
		first = false;
	}
	pk_buf_putc(b, ')');
}

static bool syscall_text(struct pk_buf *b, const struct pk_point_info *point, const char *entry)
{
	const struct tep_event *format = point->format;
	const struct tep_format_field *ret;

	if (strcmp(point->system, "syscalls"))
		return false;
	if (!strncmp(point->name, "sys_enter_", 10)) {
		syscall_enter(b, format, entry, point->name + 10);
		return true;
	}
	ret = format->format.fields ? format->format.fields->next : NULL;
	if (strncmp(point->name, "sys_exit_", 9) || !ret)
		return false;
	pk_buf_printf(b, "sys_%s -> 0x%llx", point->name + 9, field_value(ret, entry));
	return true;
}

static void tep_text(struct pk_render *r, struct pk_buf *b, char *entry, size_t size)
{
	struct tep_record record;
	struct trace_seq seq;

	memset(&record, 0, sizeof(record));
	record.data = entry;
	record.size = (int)size;
	trace_seq_init(&seq);
	tep_print_event(r->tep, &seq, &record, "%s", TEP_PRINT_INFO);
	while (seq.len && seq.buffer[seq.len - 1] == '\n')
		seq.len--;
	pk_buf_add(b, seq.buffer, seq.len);
	trace_seq_destroy(&seq);
}

void pk_text_event(struct pk_render *r, struct pk_buf *b, const struct pk_value *event)
{
	struct pk_point_info point;
	char *entry;

	if (!r->point || !r->point(r->point_ctx, event->point, &point)) {
		pk_buf_printf(b, "event #%u", event->point);
		return;
	}
	if (!point.format || !r->tep) {
		pk_buf_puts(b, point.name);
		return;
	}
	pk_buf_reset(&r->entry);
	pk_buf_add(&r->entry, event->data, event->len);
	pk_buf_fill(&r->entry, '\0', SLACK);
	entry = r->entry.data;
	if (!entry_fits(point.format, entry, event->len)) {
		pk_buf_printf(b, "%s: entry of %u bytes is cut off", point.name, event->len);
		return;
	}
	if (syscall_text(b, &point, entry))
		return;
	tep_text(r, b, entry, event->len);
}
