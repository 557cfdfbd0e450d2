// SPDX-License-Identifier: GPL-2.0-only
/* Calls of builtins: number of arguments, types that are known from the text, printf formats. */
#include "resolve.h"

#include <string.h>

#define NO_LIMIT 0xffffu

static const char *const syntax_args[] = {
#define KTAP_BUILTIN(name, args, where, flags, summary)
#define KTAP_ALIAS(alias, name)
#define KTAP_SYNTAX(name, args, summary) args,
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
};

/* The type an expression certainly has, as a letter of the signatures; 0: not known. */
static char type_of(const struct kp_node *n)
{
	switch (n->kind) {
	case KP_N_NIL:
		return '0';
	case KP_N_TRUE:
	case KP_N_FALSE:
	case KP_N_NOT:
		return 'b';
	case KP_N_NUM:
	case KP_N_NEG:
	case KP_N_BNOT:
		return 'n';
	case KP_N_STR:
	case KP_N_CONCAT:
		return 's';
	case KP_N_TABLE:
		return 't';
	case KP_N_FUNC:
		return 'f';
	case KP_N_BINARY:
		if (n->op == KP_BIN_AND || n->op == KP_BIN_OR)
			return 0;
		return n->op >= KP_BIN_EQ && n->op <= KP_BIN_GE ? 'b' : 'n';
	default:
		return 0;
	}
}

static const char *type_name(char letter)
{
	switch (letter) {
	case '0':
		return "nil";
	case 'b':
		return "a boolean";
	case 'n':
		return "a number";
	case 's':
		return "a string";
	case 't':
		return "a table";
	default:
		return "a function";
	}
}

static void count_args(const char *sig, unsigned int *least, unsigned int *most)
{
	bool optional = false;

	*least = 0;
	*most = 0;
	for (; *sig; sig++) {
		if (*sig == '?') {
			optional = true;
		} else if (*sig == '*') {
			*most = NO_LIMIT;
		} else {
			*least += !optional;
			if (*most != NO_LIMIT)
				++*most;
		}
	}
}

/* The letter for argument i (from 0) of sig. */
static char arg_letter(const char *sig, unsigned int i)
{
	char last = 'v';

	for (; *sig; sig++) {
		if (*sig == '*')
			return last;
		if (*sig == '?')
			continue;
		last = *sig;
		if (!i-- && sig[1] != '*')
			return last;
	}
	return last;
}

static const char *plural(unsigned int n)
{
	return n == 1 ? "" : "s";
}

static void wrong_count(struct kp_comp *c, const struct kp_node *call, const char *name,
			unsigned int least, unsigned int most)
{
	unsigned int nr = call->call.args.nr;

	if (most == NO_LIMIT)
		kp_diag(c, KP_D_ARG_COUNT, call->at, "'%s' takes at least %u argument%s, %u given",
			name, least, plural(least), nr);
	else if (least == most)
		kp_diag(c, KP_D_ARG_COUNT, call->at, "'%s' takes %u argument%s, %u given", name,
			least, plural(least), nr);
	else
		kp_diag(c, KP_D_ARG_COUNT, call->at, "'%s' takes %u to %u arguments, %u given",
			name, least, most, nr);
}

static bool check_args(struct kp_comp *c, const struct kp_node *call, const char *sig)
{
	const char *name = call->call.fn->name.str->data;
	unsigned int least, most, i = 0;
	const struct kp_node *arg;
	bool ok = true;

	count_args(sig, &least, &most);
	if (call->call.args.nr < least || call->call.args.nr > most) {
		wrong_count(c, call, name, least, most);
		return false;
	}
	for (arg = call->call.args.head; arg; arg = arg->next, i++) {
		char want = arg_letter(sig, i), type = type_of(arg);

		if (want == 'v' || !type || type == want)
			continue;
		kp_diag(c, KP_D_ARG_TYPE, arg->at, "argument %u of '%s' must be %s, not %s", i + 1,
			name, type_name(want), type_name(type));
		ok = false;
	}
	return ok;
}

static void check_conversion(struct kp_comp *c, const struct ktap_fmt_spec *spec,
			     const struct kp_node *arg)
{
	char type = type_of(arg);

	if (spec->conv == 's' || spec->conv == 'p' || !type || type == 'n')
		return;
	kp_diag(c, KP_D_FORMAT, arg->at, "'%.*s' prints a number, not %s", (int)spec->len,
		spec->start, type_name(type));
}

static void check_printf(struct kp_comp *c, const struct kp_node *call)
{
	const struct kp_node *fmt = call->call.args.head, *arg = fmt->next;
	unsigned int wanted = 0, given = call->call.args.nr - 1;
	struct ktap_fmt_spec spec;
	size_t pos = 0;
	int ret;

	if (fmt->kind != KP_N_STR)
		return;
	while ((ret = ktap_fmt_next(fmt->str->data, fmt->str->len, &pos, &spec)) > 0) {
		if (!spec.conv)
			continue;
		wanted++;
		if (arg) {
			check_conversion(c, &spec, arg);
			arg = arg->next;
		}
	}
	if (ret < 0) {
		size_t left = fmt->str->len - pos;

		kp_diag(c, KP_D_FORMAT, fmt->at, "unknown conversion '%.*s' in the format",
			(int)(left < 8 ? left : 8), fmt->str->data + pos);
		kp_diag_hint(c, "there are %%d %%i %%u %%x %%X %%o %%c %%s %%p and %%%%");
	} else if (wanted > given) {
		kp_diag(c, KP_D_FORMAT, call->at, "format wants %u value%s, %u given", wanted,
			plural(wanted), given);
	} else if (arg) {
		kp_diag(c, KP_D_FORMAT, arg->at, "format wants %u value%s, %u given", wanted,
			plural(wanted), given);
	}
}

static void check_call(struct kp_resolver *r, struct kp_node *call)
{
	const struct kp_node *fn = call->call.fn;

	if (fn->kind != KP_N_NAME || fn->name.ref != KP_REF_BUILTIN)
		return;
	if (check_args(r->c, call, kp_builtin_info[fn->name.builtin].args) &&
	    fn->name.builtin == KTAP_B_printf)
		check_printf(r->c, call);
}

static void check_iter(struct kp_resolver *r, struct kp_node *loop)
{
	struct kp_node *call = loop->forin.iter;
	const struct kp_node *fn = call->call.fn;

	if (fn->name.ref == KP_REF_NONE)
		return;
	if (fn->name.ref != KP_REF_SYNTAX) {
		kp_diag(r->c, KP_D_BAD_FOR, call->at,
			"pairs(t) or sort_pairs(t [, cmp]) expected after 'in'");
		return;
	}
	check_args(r->c, call, syntax_args[fn->name.builtin]);
	if (!strcmp(fn->name.str->data, "pairs"))
		loop->forin.mode = KTAP_ITER_PAIRS;
	else
		loop->forin.mode = call->call.args.nr > 1 ? KTAP_ITER_SORTCMP : KTAP_ITER_SORT;
}

void kp_check_calls(struct kp_resolver *r)
{
	unsigned int i;

	for (i = 0; i < r->nr_calls; i++) {
		if (r->calls[i]->kind == KP_N_FORIN)
			check_iter(r, r->calls[i]);
		else
			check_call(r, r->calls[i]);
	}
}
