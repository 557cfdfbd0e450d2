// SPDX-License-Identifier: GPL-2.0-only
/* The lexer: every token of tokens.def, numbers, strings, comments, and bytes that are none. */
#include <stdlib.h>
#include <string.h>
#include "lex.h"
#include "../lib/tap.h"

static const struct ktap_compile_env env;
static struct kp_comp comp;
static struct kp_lex lex;
static char *copy;

/* Text in memory of exactly its size, so that the sanitizer sees a read behind it. */
static void start(const char *text, size_t len)
{
	kp_arena_free(&comp.arena);
	free(copy);
	memset(&comp, 0, sizeof(comp));
	kp_arena_init(&comp.arena, KP_ARENA_LIMIT);
	copy = malloc(len ? len : 1);
	memcpy(copy, text, len);
	comp.env = &env;
	comp.text = copy;
	comp.len = (uint32_t)len;
	kp_lex_init(&lex, &comp);
}

static struct kp_tok next(void)
{
	struct kp_tok tok;

	kp_lex_next(&lex, &tok);
	return tok;
}

static void number(const char *text, long long want, unsigned int errors, unsigned int diags)
{
	struct kp_tok tok;

	start(text, strlen(text));
	tok = next();
	if (tok.id != KP_TOK_NUMBER || comp.errors != errors || comp.nr_diags != diags)
		ok(0, "number %s: token %d, %u errors, %u diagnostics", text, tok.id, comp.errors,
		   comp.nr_diags);
	else if (errors)
		ok(1, "number %s is refused", text);
	else
		is_int(tok.num, want, "number %s", text);
	ok(next().id == KP_TOK_EOF, "nothing behind %s", text);
}

static void string(const char *text, const char *want, size_t len)
{
	struct kp_tok tok;

	start(text, strlen(text));
	tok = next();
	ok(tok.id == KP_TOK_STRING && !comp.errors && tok.str->len == len &&
		   !memcmp(tok.str->data, want, len) && next().id == KP_TOK_EOF,
	   "string %.*s", (int)strcspn(text, "\n"), text);
}

static void numbers(void)
{
	number("0", 0, 0, 0);
	number("42", 42, 0, 0);
	number("1_000_000", 1000000, 0, 0);
	number("0x1F", 31, 0, 0);
	number("0XfF_ff", 65535, 0, 0);
	number("017", 15, 0, 0);
	number("9223372036854775807", INT64_MAX, 0, 0);
	number("9223372036854775808", INT64_MIN, 0, 0);
	number("0xffffffffffffffff", -1, 0, 0);
	number("18446744073709551616", -1, 0, 1);
	number("12345678901234567890123456789012345678901", -1, 0, 1);
	number("1.5", 0, 1, 1);
	number("1e5", 0, 1, 1);
	number("089", 0, 1, 1);
	number("0x", 0, 1, 1);
	number("12n", 0, 1, 1);
	start("1..2", 4);
	ok(next().id == KP_TOK_NUMBER && next().id == KP_TOK_CONCAT && next().id == KP_TOK_NUMBER,
	   "1..2 is a concatenation");
}

static void strings(void)
{
	string("\"a'b\"", "a'b", 3);
	string("'a\"b'", "a\"b", 3);
	string("\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\'\"", "\a\b\f\n\r\t\v\\\"'", 10);
	string("\"\\x41\\0\\65\\1234\"", "A\0A{4", 5);
	string("\"a\\z \n\t b\"", "ab", 2);
	string("\"a\\\nb\"", "a\nb", 3);
	string("[[a]b]]", "a]b", 3);
	string("[[\nline\n]]", "line\n", 5);
	string("[==[a]]b]=]c]==]", "a]]b]=]c", 8);
}

static void all_tokens(void)
{
	unsigned int i;

	for (i = 0; i < KP_TOK_COUNT; i++) {
		const char *text = kp_tok_info[i].text;

		if (kp_tok_info[i].kind == KP_TOK_SPEC)
			continue;
		start(text, strlen(text));
		ok(next().id == i && next().id == KP_TOK_EOF, "token %s", text);
	}
	start("while1 \xc3\xa4_9", 11);
	ok(next().id == KP_TOK_NAME && next().id == KP_TOK_NAME && next().id == KP_TOK_EOF,
	   "names with digits and bytes above 0x7f");
}

static void blanks(void)
{
	static const char shebang[] = "\xef\xbb\xbf#!/usr/bin/perf-ktap\nx # y\n z";
	struct kp_tok tok;
	struct kp_span raw;

	start(shebang, sizeof(shebang) - 1);
	tok = next();
	ok(tok.id == KP_TOK_NAME && tok.first, "byte order mark and #! line are skipped");
	tok = next();
	ok(tok.id == KP_TOK_NAME && tok.first && tok.str->data[0] == 'z', "# comment");
	ok(next().id == KP_TOK_EOF && next().id == KP_TOK_EOF, "end stays the end");
	start("--[==[ a ]] \n]==]b", 18);
	kp_lex_skip_comment(&lex, 2);
	tok = next();
	ok(tok.id == KP_TOK_NAME && tok.str->data[0] == 'b', "long comment");
	start("trace a:b /x/ { y", 17);
	next();
	ok(kp_lex_raw(&lex, lex.off, &raw) && raw.off == 5 && raw.len == 9 &&
		   next().id == KP_TOK_LBRACE,
	   "event definitions are raw");
}

static void damage(void)
{
	static const char *const texts[] = { "\"abc", "'\\", "\"\\x4",	"[[abc",     "[==[a]=",
					     "`abc",  "@$?", "\"\\q\"", "\"\\300\"", "\\" };
	unsigned int i, bytes;
	char all[256];

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		start(texts[i], strlen(texts[i]));
		while (next().id != KP_TOK_EOF)
			;
		ok(comp.errors > 0, "damaged: %s", texts[i]);
	}
	start("a\0b", 3);
	ok(next().id == KP_TOK_NAME && next().id == KP_TOK_BAD && next().id == KP_TOK_NAME,
	   "a zero byte ends nothing");
	for (i = 0; i < 256; i++)
		all[i] = (char)i;
	start(all, 256);
	for (bytes = 0; next().id != KP_TOK_EOF && bytes < 300; bytes++)
		;
	ok(bytes < 300, "all bytes");
}

int main(void)
{
	if (setjmp(comp.arena.oom))
		return 1;
	numbers();
	strings();
	all_tokens();
	blanks();
	damage();
	kp_arena_free(&comp.arena);
	free(copy);
	return done();
}
