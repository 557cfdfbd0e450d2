// SPDX-License-Identifier: GPL-2.0-only
/*
 * printf: formats a record whose first value is the format.  Records hold typed values, so a
 * wrong or missing argument is shown as what it is and never read as something else.
 */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../parser/parser.h"

#define MAX_PAD 4096 /* columns; a width from a script may be anything */

static int bounded(int n)
{
	return n > MAX_PAD ? MAX_PAD : n;
}

/* Text in a field of spec's width. */
static void padded(struct pk_buf *b, const struct ktap_fmt_spec *spec, const char *s, size_t len)
{
	int pad = bounded(spec->width) - (int)pk_display_width(s, len);

	if (pad > 0 && !spec->minus)
		pk_buf_fill(b, ' ', (size_t)pad);
	pk_buf_add(b, s, len);
	if (pad > 0 && spec->minus)
		pk_buf_fill(b, ' ', (size_t)pad);
}

/* A number by the C library: the only variable part of its format are flags we know. */
static void number(struct pk_buf *b, const struct ktap_fmt_spec *spec, __s64 n)
{
	char conv = spec->conv == 'p' ? 'x' : spec->conv;
	char fmt[32];

	snprintf(fmt, sizeof(fmt), "%%%s%s%s%s%s*.*%s%c", spec->minus ? "-" : "",
		 spec->plus ? "+" : "", spec->space ? " " : "",
		 spec->alt || spec->conv == 'p' ? "#" : "", spec->zero ? "0" : "", PRId64, 0);
	/* PRId64 brings its own letter: put ours in its place. */
	fmt[strlen(fmt) - 1] = conv;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	pk_buf_printf(b, fmt, spec->width < 0 ? 0 : bounded(spec->width),
		      spec->precision < 0 ? -1 : bounded(spec->precision), (int64_t)n);
#pragma GCC diagnostic pop
}

static bool as_number(const struct pk_value *v, __s64 *n)
{
	switch (v->tag) {
	case KTAP_W_NUM:
		*n = v->num;
		return true;
	case KTAP_W_TRUE:
	case KTAP_W_FALSE:
		*n = v->tag == KTAP_W_TRUE;
		return true;
	default:
		return false;
	}
}

static void as_text(struct pk_render *r, struct pk_buf *b, const struct ktap_fmt_spec *spec,
		    const struct pk_value *v)
{
	struct pk_buf text = { 0 };
	size_t len, n;
	unsigned int w;

	pk_text_value(r, &text, v);
	len = text.len;
	/* The precision counts bytes, but no character is cut in two. */
	if (spec->precision >= 0 && (size_t)spec->precision < len) {
		for (len = 0;; len += n) {
			n = pk_char_at(text.data + len, text.len - len, &w);
			if (len + n > (size_t)spec->precision)
				break;
		}
	}
	padded(b, spec, text.data ? text.data : "", len);
	pk_buf_free(&text);
}

static void convert(struct pk_render *r, struct pk_buf *b, const struct ktap_fmt_spec *spec,
		    struct pk_wire *values)
{
	struct pk_value v;
	__s64 n;
	char c;

	if (pk_wire_next(values, &v) <= 0) {
		padded(b, spec, "(missing)", strlen("(missing)"));
		return;
	}
	if (spec->conv == 's' || !as_number(&v, &n)) {
		as_text(r, b, spec, &v);
	} else if (spec->conv == 'c') {
		c = (char)n;
		padded(b, spec, &c, 1);
	} else {
		number(b, spec, n);
	}
}

void pk_text_printf(struct pk_render *r, struct pk_buf *b, const struct pk_value *fmt,
		    struct pk_wire values)
{
	struct ktap_fmt_spec spec;
	size_t pos = 0;
	int ret;

	while ((ret = ktap_fmt_next(fmt->data, fmt->len, &pos, &spec)) > 0) {
		if (spec.conv)
			convert(r, b, &spec, &values);
		else
			pk_buf_add(b, spec.start, spec.len);
	}
	/* Malformed from here on: shown as it stands. */
	if (ret < 0 && pos < fmt->len)
		pk_buf_add(b, fmt->data + pos, fmt->len - pos);
}
