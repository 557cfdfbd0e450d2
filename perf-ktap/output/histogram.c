// SPDX-License-Identifier: GPL-2.0-only
/*
 * print_hist: a row a key, largest first, with a bar of at most BAR columns whose length is the
 * row's share of the sum of all values.
 */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEY 32
#define BAR 39

/* The first columns of s that fit in room; the bytes, and in *columns what they take. */
static size_t head_bytes(const char *s, size_t len, unsigned int room, unsigned int *columns)
{
	size_t done = 0, n;
	unsigned int w;

	*columns = 0;
	while (done < len) {
		n = pk_char_at(s + done, len - done, &w);
		if (*columns + w > room)
			break;
		*columns += w;
		done += n;
	}
	return done;
}

/* A key in exactly KEY columns, right-aligned; a longer one loses its middle. */
static void key_column(struct pk_buf *b, const char *s, size_t len)
{
	const unsigned int dots = 3, front = (KEY - dots + 1) / 2;
	unsigned int width = pk_display_width(s, len), columns, skip, w;
	size_t head, tail, n;

	if (width <= KEY) {
		pk_buf_fill(b, ' ', KEY - width);
		pk_buf_add(b, s, len);
		return;
	}
	head = head_bytes(s, len, front, &columns);
	/* Skip as many columns as it takes for the rest to fit. */
	skip = width - (KEY - dots - columns);
	for (tail = 0, w = 0; tail < len && skip > 0;) {
		n = pk_char_at(s + tail, len - tail, &w);
		skip = w < skip ? skip - w : 0;
		tail += n;
	}
	/* Marks without a width of their own stay with the character before them. */
	while (tail < len && (n = pk_char_at(s + tail, len - tail, &w)) && !w)
		tail += n;
	columns += dots + pk_display_width(s + tail, len - tail);
	pk_buf_fill(b, ' ', columns < KEY ? KEY - columns : 0);
	pk_buf_add(b, s, head);
	pk_buf_puts(b, "...");
	pk_buf_add(b, s + tail, len - tail);
}

/* Line breaks and the like in a key would break the columns. */
static void flatten(struct pk_buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if ((unsigned char)b->data[i] < ' ' || b->data[i] == 0x7f)
			b->data[i] = ' ';
}

static unsigned int bar_length(__s64 value, __s64 total)
{
	__int128 n;

	if (value <= 0 || total <= 0)
		return 0;
	n = (__int128)value * BAR / total;
	return n > BAR ? BAR : (unsigned int)n;
}

static void rest_row(struct pk_buf *b, const struct ktap_rec_hist *hist)
{
	char text[64];

	snprintf(text, sizeof(text), "%u more %s", hist->rest_rows,
		 hist->rest_rows == 1 ? "row" : "rows");
	pk_buf_printf(b, "%*s |%-*s%" PRId64 "\n", KEY, "...", BAR, text, (int64_t)hist->rest);
}

void pk_text_hist(struct pk_render *r, struct pk_buf *b, const struct ktap_rec_hist *hist,
		  struct pk_wire rows)
{
	struct pk_buf key = { 0 };
	struct pk_value k, v;
	unsigned int bar;

	pk_buf_printf(b, "%*s%s%s\n", KEY, "value ", "------------- Distribution -------------",
		      " count");
	for (__u32 i = 0; i < hist->rows; i++) {
		if (pk_wire_next(&rows, &k) <= 0 || pk_wire_next(&rows, &v) <= 0)
			break;
		pk_buf_reset(&key);
		pk_text_value(r, &key, &k);
		flatten(&key);
		key_column(b, key.data ? key.data : "", key.len);
		bar = bar_length(v.num, hist->total);
		pk_buf_puts(b, " |");
		pk_buf_fill(b, '@', bar);
		pk_buf_fill(b, ' ', BAR - bar);
		pk_buf_printf(b, "%" PRId64 "\n", (int64_t)v.num);
	}
	if (hist->rest_rows)
		rest_row(b, hist);
	pk_buf_free(&key);
}
