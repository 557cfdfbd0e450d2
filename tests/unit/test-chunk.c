// SPDX-License-Identifier: GPL-2.0-only
/* What the compiler writes: the code of small scripts, captured variables, events, fields, lines. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <ktap/engine.h>
#include "parser.h"
#include "../lib/tap.h"

static const char *const op_names[] = {
#define KTAP_OP(name, form, a, b, c, flags, meaning) #name,
#include <ktap/opcodes.def>
#undef KTAP_OP
};

static void diag(void *ctx, const struct ktap_diag *d)
{
	(void)ctx;
	printf("# %u:%u: %s\n", d->line, d->col, d->message);
}

static struct ktap_buffer chunk;

/* Compile and verify; NULL after a failed check. */
static struct ktap_view *compile(const char *text)
{
	struct ktap_compile_env env = { .diag = diag, .arg_base = -1 };
	struct ktap_load_error err = { 0 };
	struct ktap_view *view;

	free(chunk.data);
	if (ktap_compile("t.kp", text, strlen(text), &env, &chunk)) {
		ok(0, "compiles: %s", text);
		return NULL;
	}
	view = ktap_view_open(chunk.data, chunk.size, &err);
	if (!view)
		ok(0, "verifies: %s (error %u, prototype %u, instruction %u)", text, err.code,
		   err.proto, err.pc);
	return view;
}

/* The opcodes of prototype i, without the RET at the end, are want. */
static void code(const char *text, unsigned int i, const char *want)
{
	struct ktap_view *view = compile(text);
	struct ktap_chunk_proto p;
	char got[1000] = "";
	unsigned int k;

	if (!view)
		return;
	if (ktap_view_proto(view, i, &p))
		for (k = 0; k + 1 < p.ncode; k++) {
			size_t used = strlen(got);

			snprintf(got + used, sizeof(got) - used, "%s%s", k ? " " : "",
				 op_names[KTAP_INSN_OP(ktap_view_insn(view, p.code + k))]);
		}
	is_str(got, want, "%u: %s", i, text);
	ktap_view_close(view);
}

/* Where prototype i takes its captured variables from: r register, u upvalue, s itself. */
static void upvals(const char *text, unsigned int i, const char *want)
{
	struct ktap_view *view = compile(text);
	struct ktap_chunk_proto p = { 0 };
	struct ktap_chunk_upval up;
	char got[300] = "";
	unsigned int k;

	if (!view)
		return;
	ktap_view_proto(view, i, &p);
	for (k = 0; k < p.nupval; k++) {
		ktap_view_upval(view, p.upval + k, &up);
		got[k] = "rus"[up.kind];
	}
	is_str(got, want, "captured by %u: %s", i, text);
	ktap_view_close(view);
}

static void expressions(void)
{
	code("x = 1 + 2", 0, "LOADI SETG");
	code("x = 100000", 0, "LOADK SETG");
	code("local a x = a + 1", 0, "LOADNIL ADDI SETG");
	code("local a, b x = a > b", 0, "LOADNIL LT SETG");
	code("local a, b x = a .. b .. 1", 0, "LOADNIL MOVE MOVE LOADI CONCAT SETG");
	code("local a, b a = a and b", 0, "LOADNIL MOVE JMPF MOVE MOVE");
	code("local t = {1, x = 2}", 0, "NEWTAB LOADI LOADI SETTAB LOADK LOADI SETTAB");
	code("local t = {} t[1], t[2] = 3", 0,
	     "NEWTAB MOVE LOADI MOVE LOADI LOADI LOADNIL SETTAB SETTAB");
	code("local a a = {a}", 0, "LOADNIL NEWTAB LOADI SETTAB MOVE");
	code("print(cpu, pid())", 0, "CALLB CALLB CALLB");
}

static void statements(void)
{
	code("x += 1 x -= 2 x *= 3", 0, "LOADI ADDG LOADI ADDG GETG LOADI MUL SETG");
	code("local x x += 1 x /= 2", 0, "LOADNIL LOADI ADDTO LOADI DIV");
	code("local t t[1] += 2 t.a ..= 'b'", 0,
	     "LOADNIL LOADI LOADI ADDTAB LOADK GETTAB MOVE LOADK CONCAT SETTAB");
	code("function f() { return f() }", 1, "GETG TAILCALL");
	code("function f() { return (f()) }", 1, "GETG CALL RET");
	code("function f() { return print(1) }", 1, "LOADI CALLB RET");
	code("function f() { return 1 print(2) }", 1, "LOADI RET");
	code("function f(a) { if (a) { return 1 } else { return 2 } print(3) }", 1,
	     "JMPF LOADI RET LOADI RET");
	code("local a while (a) { print() }", 0, "LOADNIL JMP CALLB JMPT");
	code("while (true) { break }", 0, "JMP");
	code("while (false) { print() } if (nil) { print() }", 0, "");
	code("local a, b if (a and not b) { print() }", 0, "LOADNIL JMPF JMPT CALLB");
	code("local a, b if (a or b) { print() }", 0, "LOADNIL JMPT JMPF CALLB");
	code("for (i = 1, 3) { print(i) }", 0, "LOADI LOADI LOADI FORPREP MOVE CALLB FORLOOP");
	code("for (k in pairs({})) { print(k) }", 0, "NEWTAB ITER NEXT MOVE CALLB JMP");
	code("for (i = 0; i < 3; i += 1) { print(i) }", 0,
	     "LOADI JMP MOVE CALLB LOADI ADDTO LOADI LT JMPT");
	code("repeat local a = f until a function f() { }", 0, "GETG JMPF CLOSURE SETG");
}

static void captures(void)
{
	code("local a = 1 local f = function () { return a }", 0, "LOADI CLOSURE");
	code("local a = 1 local f = function () { a = 2 }", 0, "LOADI NEWBOX CLOSURE");
	code("local a = 1 local f = function () { a = 2 }", 1, "LOADI SETUP");
	code("local a = 1 local f = function () { a += 2 } a += 1 print(a)", 0,
	     "LOADI NEWBOX CLOSURE LOADI ADDBOX GETBOX CALLB");
	code("for (i = 0; i < 3; i += 1) { f = function () { return i } }", 0,
	     "LOADI NEWBOX JMP CLOSURE SETG GETBOX NEWBOX LOADI ADDBOX GETBOX LOADI LT JMPT");
	upvals("local a, b f = function () { return a, b }", 1, "rr");
	upvals("local a f = function () { return function () { return a } }", 2, "u");
	upvals("local function f() { return f() }", 1, "s");
	upvals("local function f() { return f() } f = 1", 1, "r");
	upvals("local function f() { return function () { return f() } }", 2, "u");
	upvals("local x = 1 trace_end { print(x) }", 1, "r");
}

static void sections(void)
{
	struct ktap_view *view =
		compile("trace a:b /c/ {\n print(arg1, name, args.name, argevent) }\n"
			"tick-1s { }\nfunction f() { return args.x } t = 1 print(t)");
	struct ktap_chunk_event ev;
	struct ktap_chunk_field f;
	struct ktap_chunk_proto p;

	if (!view)
		return;
	is_str(ktap_view_name(view), "t.kp", "name of the script");
	is_int(ktap_view_count(view, KTAP_SECT_EVENTS), 2, "events");
	ktap_view_event(view, 0, &ev);
	is_str(ktap_view_str(view, ev.def, NULL), "a:b", "definition");
	is_str(ktap_view_str(view, ev.filter, NULL), "c", "filter");
	is_int(ev.flags, KTAP_EVF_ENTRY | KTAP_EVF_FIELDS, "what the handler needs");
	is_int(ev.pos, KTAP_POS(1, 7), "place of the definition");
	ktap_view_event(view, 1, &ev);
	is_int(ev.kind, KTAP_EV_TICK, "tick");
	is_int(ev.flags, 0, "a timer has no fields");
	is_int(ktap_view_count(view, KTAP_SECT_FIELDS), 3, "fields, each once");
	ktap_view_field(view, 0, &f);
	ok(f.name == KTAP_NONE && f.position == 1 && f.event == 0, "field by position");
	ktap_view_field(view, 1, &f);
	ok(!strcmp(ktap_view_str(view, f.name, NULL), "name") && !f.position && f.event == 0,
	   "field by name");
	ktap_view_field(view, 2, &f);
	ok(f.event == KTAP_NONE, "field in a function: of any event");
	is_int(ktap_view_count(view, KTAP_SECT_GLOBALS), 2, "globals");
	ktap_view_proto(view, 1, &p);
	is_int(ktap_view_pos(view, p.code), KTAP_POS(2, 8), "an instruction's place");
	ktap_view_close(view);
}

static void arg_base(void)
{
	struct ktap_view *view = compile("trace a:b { print(arg0, arg1) }");
	struct ktap_chunk_field f;

	if (!view)
		return;
	ktap_view_field(view, 0, &f);
	is_int(f.position, 1, "arg0 is the first field");
	ktap_view_field(view, 1, &f);
	is_int(f.position, 2, "then arg1 is the second");
	ktap_view_close(view);
}

int main(void)
{
	expressions();
	statements();
	captures();
	sections();
	arg_base();
	free(chunk.data);
	return done();
}
