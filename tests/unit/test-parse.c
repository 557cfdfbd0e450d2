// SPDX-License-Identifier: GPL-2.0-only
/* The parser: how expressions and statements are understood, shown as nested lists. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "ast.h"
#include "../lib/tap.h"

static const struct ktap_compile_env env;
static char buf[2000];
static size_t used;

static void put(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	used += (size_t)vsnprintf(buf + used, sizeof(buf) - used, fmt, ap);
	va_end(ap);
	if (used >= sizeof(buf))
		abort();
}

static void show(const struct kp_node *n);

static void show_list(const struct kp_list *l)
{
	const struct kp_node *n;

	for (n = l->head; n; n = n->next) {
		put(" ");
		show(n);
	}
}

static const char *bin_name(int bin)
{
	int i;

	for (i = 0; i < KP_TOK_COUNT; i++)
		if (kp_tok_info[i].bin == bin && kp_tok_info[i].kind == KP_TOK_PUNC)
			return kp_tok_info[i].text;
	return "?";
}

static void show_expr(const struct kp_node *n)
{
	switch (n->kind) {
	case KP_N_NIL:
		put("nil");
		break;
	case KP_N_TRUE:
	case KP_N_FALSE:
		put("%s", n->kind == KP_N_TRUE ? "true" : "false");
		break;
	case KP_N_NUM:
		put("%" PRId64, n->num);
		break;
	case KP_N_STR:
		put("'%s'", n->str->data);
		break;
	case KP_N_NAME:
		put("%s", n->name.str->data);
		break;
	case KP_N_INDEX:
		put("(index ");
		show(n->index.base);
		put(" ");
		show(n->index.key);
		put(")");
		break;
	case KP_N_CALL:
		put("(call ");
		show(n->call.fn);
		show_list(&n->call.args);
		put(")");
		break;
	case KP_N_FUNC:
		put("(function %u", n->func->params.nr);
		show_list(&n->func->body->list);
		put(")");
		break;
	case KP_N_TABLE:
		put("(table");
		show_list(&n->list);
		put(")");
		break;
	case KP_N_ITEM:
		if (n->item.key) {
			show(n->item.key);
			put("=");
		}
		show(n->item.value);
		break;
	case KP_N_NEG:
	case KP_N_BNOT:
	case KP_N_NOT:
		put("(%s ", n->kind == KP_N_NEG ? "neg" : n->kind == KP_N_NOT ? "not" : "bnot");
		show(n->operand);
		put(")");
		break;
	case KP_N_BINARY:
		put("(%s ", bin_name(n->op));
		show(n->bin.l);
		put(" ");
		show(n->bin.r);
		put(")");
		break;
	case KP_N_CONCAT:
		put("(..");
		show_list(&n->list);
		put(")");
		break;
	default:
		put("?");
	}
}

static void show_statement(const struct kp_node *n)
{
	static const char *const names[] = {
		[KP_N_BLOCK] = "block",	      [KP_N_IF] = "if",
		[KP_N_CLAUSE] = "on",	      [KP_N_WHILE] = "while",
		[KP_N_REPEAT] = "repeat",     [KP_N_FORNUM] = "fornum",
		[KP_N_FORC] = "forc",	      [KP_N_FORIN] = "forin",
		[KP_N_RETURN] = "return",     [KP_N_BREAK] = "break",
		[KP_N_CONTINUE] = "continue", [KP_N_TRACE] = "trace",
		[KP_N_FUNCTION] = "declare",  [KP_N_LOCAL] = "local",
		[KP_N_ASSIGN] = "=",	      [KP_N_UPDATE] = "update",
		[KP_N_EXPR] = "do",
	};

	put("(%s", names[n->kind]);
	switch (n->kind) {
	case KP_N_BLOCK:
	case KP_N_IF:
	case KP_N_RETURN:
		show_list(&n->list);
		break;
	case KP_N_LOCAL:
		put(" %u", n->local.vars.nr);
		show_list(&n->local.exprs);
		break;
	case KP_N_ASSIGN:
		show_list(&n->assign.targets);
		put(" to");
		show_list(&n->assign.exprs);
		break;
	case KP_N_UPDATE:
		put(" %s ", bin_name(n->op));
		show(n->update.target);
		put(" ");
		show(n->update.value);
		break;
	case KP_N_EXPR:
		put(" ");
		show(n->operand);
		break;
	case KP_N_CLAUSE:
	case KP_N_WHILE:
	case KP_N_REPEAT:
		put(" ");
		if (n->loop.cond)
			show(n->loop.cond);
		show_list(&n->loop.body->list);
		break;
	case KP_N_FORNUM:
		put(" ");
		show(n->fornum.start);
		put(" ");
		show(n->fornum.limit);
		if (n->fornum.step) {
			put(" ");
			show(n->fornum.step);
		}
		show_list(&n->fornum.body->list);
		break;
	case KP_N_FORIN:
		put(" %u ", n->forin.vars.nr);
		show(n->forin.iter);
		show_list(&n->forin.body->list);
		break;
	case KP_N_FUNCTION:
		put(" %s %u", n->function.local ? "local" : "global", n->function.func->params.nr);
		show_list(&n->function.func->body->list);
		break;
	case KP_N_TRACE:
		put(" %s|%s", n->trace.event->def ? n->trace.event->def->data : "",
		    n->trace.event->filter ? n->trace.event->filter->data : "");
		show_list(&n->trace.func->body->list);
		break;
	default:
		break;
	}
	put(")");
}

static void show(const struct kp_node *n)
{
	if (n->kind >= KP_N_BLOCK)
		show_statement(n);
	else
		show_expr(n);
}

/* Parse text; its tree must look like want, or there must be errors when want is NULL. */
static void parses(const char *text, const char *want)
{
	struct kp_comp c = { .env = &env, .file = "test.kp", .text = text };
	uint32_t line0 = 0;

	c.len = (uint32_t)strlen(text);
	c.lines = &line0;
	c.nr_lines = 1;
	c.events_end = &c.events;
	c.globals_end = &c.globals;
	kp_arena_init(&c.arena, KP_ARENA_LIMIT);
	if (setjmp(c.arena.oom))
		abort();
	used = 0;
	buf[0] = 0;
	if (kp_parse(&c))
		put("error");
	else
		show_list(&c.main->body->list);
	is_str(buf[0] == ' ' ? buf + 1 : buf, want, "%.*s", (int)strcspn(text, "\n"), text);
	kp_arena_free(&c.arena);
}

static void expressions(void)
{
	parses("x = a + b * c", "(= x to (+ a (* b c)))");
	parses("x = (a + b) * c", "(= x to (* (+ a b) c))");
	parses("x = a - b - c", "(= x to (- (- a b) c))");
	parses("x = a ^ b ^ c", "(= x to (^ a (^ b c)))");
	parses("x = -a ^ -b", "(= x to (neg (^ a (neg b))))");
	parses("x = not a == b", "(= x to (== (not a) b))");
	parses("x = !a && b || c and d", "(= x to (|| (&& (not a) b) (&& c d)))");
	parses("x = a | b ~ c & d << e + f", "(= x to (| a (~ b (& c (<< d (+ e f))))))");
	parses("x = a < b | c", "(= x to (< a (| b c)))");
	parses("x = a .. b + c .. d", "(= x to (.. a (+ b c) d))");
	parses("x = a << b .. c", "(= x to (<< a (.. b c)))");
	parses("x = ~a & ~b", "(= x to (& (bnot a) (bnot b)))");
	parses("x = a != b x = a ~= b", "(= x to (!= a b)) (= x to (!= a b))");
	parses("x = a--b", "(= x to (- a (neg b)))");
	parses("x = a - - - b", "(= x to (- a (neg (neg b))))");
	parses("x = t.a.b[c](d)(e).f", "(= x to (index (call (call (index (index (index t 'a') 'b')"
				       " c) d) e) 'f'))");
	parses("f 'x' f {y} f [[z]]",
	       "(do (call f 'x')) (do (call f (table y))) (do (call f 'z'))");
	parses("x = {1, a = 2; [b] = 3,}", "(= x to (table 1 'a'=2 b=3))");
	parses("x = function (a, b) { return a }", "(= x to (function 2 (return a)))");
}

static void folding(void)
{
	parses("x = 1 + 2 * 3 - 4 / 2", "(= x to 5)");
	parses("x = -7 / 2, -7 % 3, 2 ^ 10", "(= x to -3 -1 1024)");
	parses("x = 9223372036854775807 + 1", "(= x to -9223372036854775808)");
	parses("x = -9223372036854775808", "(= x to -9223372036854775808)");
	parses("x = 1 / 0, 1 % 0, 2 ^ -1", "(= x to (/ 1 0) (% 1 0) (^ 2 -1))");
	parses("x = 1 << 63 >> 63, 1 << 64", "(= x to 1 (<< 1 64))");
	parses("x = 'a' .. 1 .. b .. 'c' .. 'd'", "(= x to (.. 'a1' b 'cd'))");
	parses("x = 'a' .. -1", "(= x to 'a-1')");
	parses("x = 1 < 2, 'a' == 'a', nil == false, not 0", "(= x to true true false false)");
}

static void statements(void)
{
	parses("local a, b = 1 var c", "(local 2 1) (local 1)");
	parses("var = 1 var += 2", "(= var to 1) (update + var 2)");
	parses("a, t[1] = f()", "(= a (index t 1) to (call f))");
	parses("x ..= y x -= 1", "(update .. x y) (update - x 1)");
	parses("if (a) b() else if (c) d() elseif (e) { } else f()",
	       "(if (on a (do (call b))) (on c (do (call d))) (on e) (on  (do (call f))))");
	parses("while (a) { break continue }", "(while a (break) (continue))");
	parses("repeat f() until a", "(repeat a (do (call f)))");
	parses("for (i = 1, n) f(i)", "(fornum 1 n (do (call f i)))");
	parses("for (i = 1, n, 2) { }", "(fornum 1 n 2)");
	parses("for (i = 0; i < n; i += 1) { }", "(forc)");
	parses("for (;;) { break }", "(forc)");
	parses("for (k, v in pairs(t)) { }", "(forin 2 (call pairs t))");
	parses("do x = 1 end", "(block (= x to 1))");
	parses("function f(a) { function g() { } return g }",
	       "(declare global 1 (declare local 0) (return g))");
	parses("local function f() { } function t.f() { }", "(declare local 0) (declare global 0)");
	parses("f() -- a comment\nx = 1 -- another\n--[[ long\n ]] y = 2",
	       "(do (call f)) (= x to 1) (= y to 2)");
	parses("function f() { if (a) return\n x = 1 }",
	       "(declare global 0 (if (on a (return))) (= x to 1))");
	parses("continue = 1 tick = 2 profile = tick-1",
	       "(= continue to 1) (= tick to 2) (= profile to (- tick 1))");
}

static void events(void)
{
	parses("trace a:b { }", "(trace a:b|)");
	parses("trace a:b, c:* /x == \"/\"/ { f() }", "(trace a:b, c:*|x == \"/\" (do (call f)))");
	parses("trace probe:/lib/x.so:f a=+0(%si) /pid/ { }",
	       "(trace probe:/lib/x.so:f a=+0(%si)|pid)");
	parses("trace probe:/lib/x.so:f { }", "(trace probe:/lib/x.so:f|)");
	parses("trace ftrace:function/ip==f/ { }", "(trace ftrace:function|ip==f)");
	parses("trace mem:0x10/8:w { }", "(trace mem:0x10/8:w|)");
	parses("trace \"a:b /c/\" function () { }", "(trace a:b|c)");
	parses("trace_end { } trace_end function () { }", "(trace |) (trace |)");
	parses("tick-10ms { } profile-1s { }", "(trace tick-10ms|) (trace profile-1s|)");
	parses("trace a:b /c { }", "error");
	parses("trace a:b // { }", "error");
	parses("tick-1s /x/ { }", "error");
	parses("trace a:b", "error");
}

int main(void)
{
	expressions();
	folding();
	statements();
	events();
	return done();
}
