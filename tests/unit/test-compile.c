// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktap_compile() as a caller sees it: the callbacks, every failing allocation (tag NOMEM), and the
 * helpers of parser.h.
 */
#include <stdlib.h>
#include <string.h>
#include "comp.h"
#include "../lib/tap.h"

struct log {
	char events[400], diags[2000];
};

static void append(char *to, size_t size, const char *text)
{
	size_t used = strlen(to);

	snprintf(to + used, size - used, "%s", text);
}

static int event(void *ctx, enum ktap_event_kind kind, const char *def, const char *filter,
		 struct ktap_event_desc *desc)
{
	static const char *const fields[] = { "alpha", "beta" };
	struct log *log = ctx;
	char line[100];

	snprintf(line, sizeof(line), "%d %s %s;", kind, def, filter ? filter : "-");
	append(log->events, sizeof(log->events), line);
	if (!strcmp(def, "no:such")) {
		snprintf(desc->error, sizeof(desc->error), "nothing like it");
		return -1;
	}
	desc->fields = fields;
	desc->nr_fields = kind == KTAP_EV_TRACE ? 2 : 0;
	return 0;
}

static void diag(void *ctx, const struct ktap_diag *d)
{
	struct log *log = ctx;
	char line[300];

	snprintf(line, sizeof(line), "%u:%u %s;", d->line, d->col,
		 d->severity == KTAP_DIAG_NOTE ? d->message : d->tag);
	append(log->diags, sizeof(log->diags), line);
}

static struct log compile(const char *text, int arg_base, bool with_events)
{
	static struct log log;
	struct ktap_compile_env env = { .ctx = &log, .diag = diag, .arg_base = arg_base };
	struct ktap_buffer buf;

	memset(&log, 0, sizeof(log));
	if (with_events)
		env.event = event;
	if (ktap_compile("t.kp", text, strlen(text), &env, &buf) == !log.diags[0])
		append(log.diags, sizeof(log.diags), "status and diagnostics differ");
	free(buf.data);
	return log;
}

static void callbacks(void)
{
	struct log log = compile("trace a:b { print(alpha) } tick-1s { } trace_end { }\n"
				 "trace c:d /x/ { print(args.beta) }",
				 -1, true);

	is_str(log.events, "0 a:b -;1 tick-1s -;0 c:d x;", "events are asked once, in order");
	is_str(log.diags, "", "fields are known");
	log = compile("trace no:such { print(gamma) } trace a:b { print(gamma) }", -1, true);
	is_str(log.diags, "1:7 BAD_EVENT;1:50 UNKNOWN_NAME;1:50 fields of a:b: alpha, beta;",
	       "an unknown event, and a name that is no field");
	log = compile("trace a:b { print(gamma, args.delta) }", -1, false);
	is_str(log.diags, "", "without a callback every name may be a field");
	log = compile("trace a:b { print(gamma, gamma) gamma() } trace_end { print(gamma) }", -1,
		      true);
	is_str(log.diags, "1:19 UNKNOWN_NAME;1:19 fields of a:b: alpha, beta;1:61 UNKNOWN_NAME;",
	       "a name is reported once in each function");
	log = compile("b = nosuch\n a = = 1", -1, true);
	is_str(log.diags, "2:6 SYNTAX;2:6 to compare, write ==;",
	       "names are not looked up in a script with syntax errors");
}

static void arg_base(void)
{
	static const struct {
		const char *text;
		int base;
		const char *diags;
	} cases[] = {
		{ "trace a:b { print(arg1) }", -1, "" },
		{ "trace a:b { print(arg0) }", -1, "" },
		{ "trace a:b { print(arg0) }", 1, "1:19 ARG_BASE;" },
		{ "trace a:b { print(arg0, argname) }", 0, "" },
		{ "trace a:b { print(arg0, argname) }", -1,
		  "1:19 ARG_BASE;1:25 'argname' is here;1:19 use names of one kind, or --arg-base;" },
		{ "argname = 1 trace a:b { print(arg0, argname) }", -1, "" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(compile(cases[i].text, cases[i].base, true).diags, cases[i].diags,
		       "%s, base %d", cases[i].text, cases[i].base);
}

/* Whatever allocation fails, the compiler says so and leaves nothing behind. */
static void memory(void)
{
	static const char text[] = "t = {} function f(a) { return a .. \"x\" }\n"
				   "trace a:b /c/ { t[alpha] += 1 print(prnt) }\n"
				   "for (k, v in sort_pairs(t)) { print(f(k), v) }";
	size_t limit, step = 1024;
	unsigned int failed = 0;
	struct log log;
	struct ktap_compile_env env = { .ctx = &log, .event = event, .diag = diag, .arg_base = -1 };
	struct ktap_buffer buf;

	for (limit = 0; limit < (1 << 20); limit += step) {
		memset(&log, 0, sizeof(log));
		kp_compile_bounded("t.kp", text, strlen(text), &env, &buf, limit);
		if (strcmp(log.diags, "1:1 NOMEM;"))
			break;
		failed++;
		ok(!buf.data, "no memory beyond %zu bytes", limit);
	}
	ok(failed > 0 && strstr(log.diags, "UNKNOWN_NAME"), "enough memory");
}

static void nearest(void)
{
	static const char *const names[] = { "prev_comm", "next_comm", "prev_pid", "print", "k" };

	is_str(ktap_nearest("prev_com", names, 5), "prev_comm", "a letter is missing");
	is_str(ktap_nearest("pritn", names, 5), "print", "letters are swapped");
	is_str(ktap_nearest("next_xomm", names, 5), "next_comm", "a letter is wrong");
	ok(!ktap_nearest("histogram", names, 5), "nothing near");
	ok(!ktap_nearest("j", names, 5), "a single letter is near to nothing");
	ok(!ktap_nearest("x", names, 0), "no names");
}

static void format(const char *fmt, const char *want)
{
	struct ktap_fmt_spec s;
	char got[200] = "", piece[60];
	size_t pos = 0;
	int ret;

	while ((ret = ktap_fmt_next(fmt, strlen(fmt), &pos, &s)) > 0) {
		if (s.conv)
			snprintf(piece, sizeof(piece), "<%c%s%s%s%s%s %d %d>", s.conv,
				 s.minus ? "-" : "", s.plus ? "+" : "", s.space ? "_" : "",
				 s.alt ? "#" : "", s.zero ? "0" : "", s.width, s.precision);
		else
			snprintf(piece, sizeof(piece), "'%.*s'", (int)s.len, s.start);
		append(got, sizeof(got), piece);
	}
	if (ret < 0)
		append(got, sizeof(got), "!");
	is_str(got, want, "format %s", fmt);
}

static void formats(void)
{
	format("", "");
	format("plain", "'plain'");
	format("%d", "<d -1 -1>");
	format("a%sb%%c", "'a'<s -1 -1>'b''%''c'");
	format("%-+ #08.3x", "<x-+_#0 8 3>");
	format("%.s", "<s -1 0>");
	format("%llu %ld", "<u -1 -1>' '<d -1 -1>");
	format("%999d", "<d 999 -1>");
	format("%1000d", "!");
	format("%", "!");
	format("%5", "!");
	format("%q", "!");
	format("a%*d", "'a'!");
}

static void printing(void)
{
	struct ktap_diag d = { .tag = "TAG",
			       .file = "a.kp",
			       .line = 3,
			       .col = 2,
			       .len = 3,
			       .message = "text",
			       .source = "\tabc\033d",
			       .source_len = 6 };
	char out[400] = "";
	FILE *f = fmemopen(out, sizeof(out), "w");

	ktap_diag_print(f, &d);
	d.severity = KTAP_DIAG_NOTE;
	d.tag = "";
	d.source = NULL;
	ktap_diag_print(f, &d);
	fclose(f);
	is_str(out,
	       "a.kp:3:2: error: text [TAG]\n    3 | \tabc?d\n      | \t^~~\na.kp:3:2: note: text\n",
	       "a diagnostic with its source line");
}

int main(void)
{
	callbacks();
	arg_base();
	memory();
	nearest();
	formats();
	printing();
	return done();
}
