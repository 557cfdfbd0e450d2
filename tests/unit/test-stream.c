// SPDX-License-Identifier: GPL-2.0-only
/*
 * The record stream reader and the text renderer: hand-made records give the promised text; cut,
 * damaged and random bytes give no crash (the sanitizers watch) and are counted.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <ktap/record.h>
#include "../../perf-ktap/output/render.h"
#include "../lib/tap.h"

static struct pk_out out;
static struct pk_render render = { .ops = &pk_render_text, .out = &out };
static struct pk_stream *stream;
static struct ktap_rec_error last_error;
static long long last_exit;

static void on_error(void *ctx, const struct ktap_rec_error *err)
{
	(void)ctx;
	last_error = *err;
}

static void on_exit_record(void *ctx, __s64 status)
{
	(void)ctx;
	last_exit = status;
}

/* A record under construction. */
static struct pk_buf body;

static void num(__s64 n)
{
	pk_buf_putc(&body, KTAP_W_NUM);
	pk_buf_add(&body, &n, sizeof(n));
}

static void str(const char *s)
{
	__u32 len = (__u32)strlen(s);

	pk_buf_putc(&body, KTAP_W_STR);
	pk_buf_add(&body, &len, sizeof(len));
	pk_buf_add(&body, s, len);
}

static void tag(char t)
{
	pk_buf_putc(&body, t);
}

static void tab(__u32 pairs)
{
	pk_buf_putc(&body, KTAP_W_TAB);
	pk_buf_add(&body, &pairs, sizeof(pairs));
}

static void emit_part(int type, unsigned int flags, __u32 cpu, __u32 chain, const char *data,
		      size_t len)
{
	struct ktap_rec rec = { .type = (__u16)type,
				.flags = (__u16)flags,
				.cpu = cpu,
				.chain = chain,
				.time_ns = 1234567890123ull };
	struct pk_buf b = { 0 };

	rec.pad = (__u32)(-len & 7);
	rec.size = (__u32)(sizeof(rec) + len + rec.pad);
	pk_buf_add(&b, &rec, sizeof(rec));
	pk_buf_add(&b, data, len);
	pk_buf_fill(&b, '\0', rec.pad);
	pk_stream_record(stream, b.data, b.len);
	pk_buf_free(&b);
}

/* Send body as one record; its text. */
static const char *emit(int type)
{
	pk_buf_reset(&out.buf);
	emit_part(type, 0, 0, 1, body.data ? body.data : "", body.len);
	pk_buf_reset(&body);
	pk_buf_add(&out.buf, "", 0);
	return out.buf.data;
}

static void same(const char *got, const char *want, const char *what)
{
	ok(!strcmp(got, want), "%s", what);
	if (strcmp(got, want))
		printf("# got:\n%s\n# wanted:\n%s\n", got, want);
}

static void test_print(void)
{
	num(-5);
	str("two");
	tag(KTAP_W_NIL);
	tag(KTAP_W_TRUE);
	tag(KTAP_W_FALSE);
	same(emit(KTAP_REC_PRINT), "-5\ttwo\tnil\ttrue\tfalse\n", "print: tabs between values");
	same(emit(KTAP_REC_PRINT), "\n", "print: nothing is an empty line");
	tab(3);
	str("b");
	tab(1);
	str("in");
	num(1);
	str("a");
	num(2);
	num(10);
	tag(KTAP_W_TRUE);
	same(emit(KTAP_REC_PRINT), "10: true\na: 2\nb:\n  in: 1\n",
	     "print: table lines are sorted");
	str("t");
	tab(0);
	same(emit(KTAP_REC_PRINT), "t\t{}\n", "print: empty table");
	render.timestamps = true;
	str("x");
	same(emit(KTAP_REC_PRINT), " 1234.567890: x\n", "print: time stamp");
	render.timestamps = false;
}

static void test_printf(void)
{
	str("%d|%5d|%-5d|%05d|%x|%#X|%o|%u|%c|%%|%s|%.2s|%6s|%-6s|\n");
	num(1);
	num(2);
	num(3);
	num(4);
	num(255);
	num(255);
	num(8);
	num(-1);
	num('A');
	str("str");
	str("cut");
	str("r");
	str("l");
	same(emit(KTAP_REC_PRINTF),
	     "1|    2|3    |00004|ff|0XFF|10|18446744073709551615|A|%|str|cu|     r|l     |\n",
	     "printf: conversions and flags");
	str("%s %s %d");
	tag(KTAP_W_NIL);
	num(7);
	same(emit(KTAP_REC_PRINTF), "nil 7 (missing)", "printf: any value as %s, missing ones");
	str("%s");
	tab(1);
	str("k");
	num(1);
	same(emit(KTAP_REC_PRINTF), "{k: 1}", "printf: a table on one line");
}

static void hist_head(__s64 total, __s64 rest, __u32 rows, __u32 rest_rows)
{
	struct ktap_rec_hist h = { total, rest, rows, rest_rows };

	pk_buf_add(&body, &h, sizeof(h));
}

static void test_hist(void)
{
	hist_head(100, 10, 2, 3);
	str("sys_enter_open");
	num(60);
	num(42);
	num(30);
	same(emit(KTAP_REC_HIST),
	     "                          value ------------- Distribution ------------- count\n"
	     "                  sys_enter_open |@@@@@@@@@@@@@@@@@@@@@@@                60\n"
	     "                              42 |@@@@@@@@@@@                            30\n"
	     "                             ... |3 more rows                            10\n",
	     "hist: header, rows, the rest");
	hist_head(1, 0, 1, 0);
	str("a_very_long_key_that_has_more_than_thirty_two_columns");
	num(1);
	ok(strstr(emit(KTAP_REC_HIST), "\na_very_long_key...irty_two_columns |@") != NULL ||
		   strstr(out.buf.data, "...") != NULL,
	   "hist: long keys lose their middle");
	hist_head(2, 0, 1, 0);
	str("h\xc3\xa9llo");
	num(1);
	ok(strstr(emit(KTAP_REC_HIST), "\n                           h\xc3\xa9llo |") != NULL,
	   "hist: widths are columns, not bytes");
}

static void test_events(void)
{
	struct ktap_rec_error err = { .code = KTAP_E_RUN_DIVZERO, .depth = 1 };
	__s64 status = 7;

	pk_buf_add(&body, &err, sizeof(err));
	emit(KTAP_REC_ERROR);
	ok(last_error.code == KTAP_E_RUN_DIVZERO, "error record reaches its callback");
	pk_buf_add(&body, &status, sizeof(status));
	emit(KTAP_REC_EXIT);
	ok(last_exit == 7, "exit record reaches its callback");
}

static void test_split(void)
{
	__u64 bad = pk_stream_bad(stream);

	pk_buf_reset(&out.buf);
	str("hello, world");
	emit_part(KTAP_REC_PRINT, KTAP_RECF_MORE, 0, 5, body.data, 3);
	emit_part(KTAP_REC_PRINT, KTAP_RECF_MORE, 1, 5, body.data, 6);
	emit_part(KTAP_REC_PRINT, KTAP_RECF_MORE | KTAP_RECF_CONT, 0, 5, body.data + 3, 4);
	emit_part(KTAP_REC_PRINT, KTAP_RECF_CONT, 1, 5, body.data + 6, body.len - 6);
	emit_part(KTAP_REC_PRINT, KTAP_RECF_CONT, 0, 5, body.data + 7, body.len - 7);
	pk_buf_add(&out.buf, "", 0);
	same(out.buf.data, "hello, world\nhello, world\n", "split records of two cpus are joined");
	ok(pk_stream_bad(stream) == bad, "and nothing is damaged");
	emit_part(KTAP_REC_PRINT, KTAP_RECF_CONT, 3, 9, body.data, 4);
	ok(pk_stream_bad(stream) == bad + 1, "an end without a beginning is counted");
	pk_buf_reset(&body);
}

static void test_cut(void)
{
	__u64 bad = pk_stream_bad(stream), before;
	size_t len, full;

	tab(2);
	str("key");
	num(1);
	num(5);
	tab(1);
	str("x");
	tag(KTAP_W_NIL);
	full = body.len;
	before = bad;
	for (len = 1; len < full; len++)
		emit_part(KTAP_REC_PRINT, 0, 0, 1, body.data, len);
	ok(pk_stream_bad(stream) - before == full - 1, "a cut value is refused at every length");
	pk_buf_reset(&body);
	for (len = 0; len < sizeof(struct ktap_rec); len++)
		pk_stream_record(stream,
				 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
				 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
				 len < 31 ? len : 31);
	ok(1, "cut headers");
}

static void test_random(void)
{
	unsigned char bytes[512];
	struct ktap_rec rec;
	unsigned int seed = 1;

	for (int round = 0; round < 200000; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (unsigned char)(seed >> 16);
			if (round & 1 && i >= sizeof(rec))
				bytes[i] %= 12;
		}
		memset(&rec, 0, sizeof(rec));
		rec.size = (__u32)(sizeof(rec) + bytes[0] % 200);
		rec.type = (__u16)(bytes[1] % (KTAP_REC_COUNT + 1));
		rec.flags = (__u16)(bytes[2] % 8 ? 0 : bytes[3] & 3);
		rec.cpu = bytes[4] % 4;
		rec.chain = bytes[5] % 4;
		if (round % 3)
			memcpy(bytes, &rec, sizeof(rec));
		pk_stream_bytes(stream, bytes, sizeof(bytes));
		pk_buf_reset(&out.buf);
	}
	ok(1, "200000 random records");
}

int main(void)
{
	struct pk_stream_events events = { .error = on_error, .exit = on_exit_record };

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
	out.fd = -1;
	stream = pk_stream_new(&render, &events);
	test_print();
	test_printf();
	test_hist();
	test_events();
	test_split();
	test_cut();
	out.error = 1; /* nothing of what follows is output */
	test_random();
	pk_stream_free(stream);
	pk_render_free(&render);
	pk_buf_free(&body);
	pk_buf_free(&out.buf);
	return done();
}
