// SPDX-License-Identifier: GPL-2.0-only
/* printf formats, piece by piece: the one parser for compile-time checks and for printing. */
#include "parser.h"

#include <string.h>

#define MOST_DIGITS 3 /* of a width or precision */

/* Digits at fmt[*i]: the number, -1 when there are none, -2 when there are too many. */
static int number(const char *fmt, size_t len, size_t *i)
{
	int n = 0, digits = 0;

	while (*i < len && fmt[*i] >= '0' && fmt[*i] <= '9') {
		if (++digits > MOST_DIGITS)
			return -2;
		n = n * 10 + fmt[(*i)++] - '0';
	}
	return digits ? n : -1;
}

static bool flag(struct ktap_fmt_spec *spec, char ch)
{
	bool *f;

	switch (ch) {
	case '-':
		f = &spec->minus;
		break;
	case '+':
		f = &spec->plus;
		break;
	case ' ':
		f = &spec->space;
		break;
	case '#':
		f = &spec->alt;
		break;
	case '0':
		f = &spec->zero;
		break;
	default:
		return false;
	}
	*f = true;
	return true;
}

/* i is behind the '%'.  The end of the conversion, or 0 when malformed. */
static size_t conversion(const char *fmt, size_t len, size_t i, struct ktap_fmt_spec *spec)
{
	int skipped = 0;

	while (i < len && flag(spec, fmt[i]))
		i++;
	spec->width = number(fmt, len, &i);
	if (spec->width == -2)
		return 0;
	if (i < len && fmt[i] == '.') {
		i++;
		spec->precision = number(fmt, len, &i);
		if (spec->precision == -2)
			return 0;
		if (spec->precision == -1)
			spec->precision = 0;
	}
	/* Sizes of C types: every number has 64 bits, so they change nothing. */
	while (i < len && skipped < 2 && strchr("hlzjt", fmt[i]) && fmt[i]) {
		i++;
		skipped++;
	}
	if (i >= len || !fmt[i] || !strchr("diuxXocsp", fmt[i]))
		return 0;
	spec->conv = fmt[i];
	return i + 1;
}

int ktap_fmt_next(const char *fmt, size_t len, size_t *pos, struct ktap_fmt_spec *spec)
{
	size_t start = *pos, end = start;

	if (start >= len)
		return 0;
	memset(spec, 0, sizeof(*spec));
	spec->width = -1;
	spec->precision = -1;
	spec->start = fmt + start;
	if (fmt[start] != '%') {
		while (end < len && fmt[end] != '%')
			end++;
	} else if (start + 1 < len && fmt[start + 1] == '%') {
		spec->start++;
		spec->len = 1;
		*pos = start + 2;
		return 1;
	} else {
		end = conversion(fmt, len, start + 1, spec);
		if (!end)
			return -1;
	}
	spec->len = end - start;
	*pos = end;
	return 1;
}
