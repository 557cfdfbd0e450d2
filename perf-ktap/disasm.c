// SPDX-License-Identifier: GPL-2.0-only
/* The disassembler: names and operand shapes come from opcodes.def. */
#include "disasm.h"

#include <inttypes.h>
#include <string.h>

#include "util.h"

static const struct {
	const char *name;
	enum ktap_form form;
	enum ktap_operand a, b, c;
	const char *meaning;
} ops[KTAP_OP_COUNT] = {
#define KTAP_OP(name, form, a, b, c, flags, meaning)                       \
	[KTAP_OP_##name] = { #name,	   KTAP_FORM_##form, KTAP_OPD_##a, \
			     KTAP_OPD_##b, KTAP_OPD_##c,     meaning },
#include <ktap/opcodes.def>
#undef KTAP_OP
};

static const char *const builtins[KTAP_B_COUNT] = {
#define KTAP_BUILTIN(name, args, where, flags, summary) [KTAP_B_##name] = #name,
#define KTAP_ALIAS(alias, name)
#define KTAP_SYNTAX(name, args, summary)
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
};

static const char *const event_kinds[KTAP_EV_COUNT] = {
	[KTAP_EV_TRACE] = "trace",
	[KTAP_EV_TICK] = "tick",
	[KTAP_EV_PROFILE] = "profile",
	[KTAP_EV_END] = "trace_end",
};

static const char *const iter_modes[KTAP_ITER_COUNT] = {
	[KTAP_ITER_PAIRS] = "pairs",
	[KTAP_ITER_SORT] = "sort_pairs",
	[KTAP_ITER_SORTCMP] = "sort_pairs(cmp)",
};

static void quote(struct pk_buf *b, const struct ktap_view *view, __u32 str)
{
	size_t len = 0;
	const char *s = ktap_view_str(view, str, &len);

	if (!s) {
		pk_buf_puts(b, "-");
		return;
	}
	pk_buf_putc(b, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (i == 60) {
			pk_buf_puts(b, "...");
			break;
		}
		if (c == '\n')
			pk_buf_puts(b, "\\n");
		else if (c == '\t')
			pk_buf_puts(b, "\\t");
		else if (c == '"' || c == '\\')
			pk_buf_printf(b, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			pk_buf_printf(b, "\\x%02x", c);
		else
			pk_buf_putc(b, (char)c);
	}
	pk_buf_putc(b, '"');
}

static void constant(struct pk_buf *b, const struct ktap_view *view, __u32 i)
{
	struct ktap_chunk_const k;

	if (!ktap_view_const(view, i, &k))
		pk_buf_puts(b, "?");
	else if ((__u32)k.type == KTAP_T_STR)
		quote(b, view, (__u32)k.str);
	else
		pk_buf_printf(b, "%" PRId64, (int64_t)((__u64)(__u32)k.hi << 32 | (__u32)k.lo));
}

static void field_name(struct pk_buf *b, const struct ktap_view *view, __u32 i)
{
	struct ktap_chunk_field f;
	const char *name;

	if (!ktap_view_field(view, i, &f))
		return;
	name = ktap_view_str(view, (__u32)f.name, NULL);
	if (name)
		pk_buf_puts(b, name);
	else
		pk_buf_printf(b, "field %u", (__u32)f.position);
}

/* What an operand refers to, for the comment column. */
static void refer(struct pk_buf *b, const struct ktap_view *view, enum ktap_operand kind,
		  __u32 value)
{
	const char *name;

	if (b->len)
		pk_buf_puts(b, ", ");
	switch (kind) {
	case KTAP_OPD_KST:
		constant(b, view, value);
		break;
	case KTAP_OPD_GLB:
		name = ktap_view_str(view, ktap_view_global(view, value), NULL);
		pk_buf_puts(b, name ? name : "?");
		break;
	case KTAP_OPD_BLT:
		pk_buf_puts(b, value < KTAP_B_COUNT ? builtins[value] : "?");
		break;
	case KTAP_OPD_MOD:
		pk_buf_puts(b, value < KTAP_ITER_COUNT ? iter_modes[value] : "?");
		break;
	case KTAP_OPD_FLD:
		field_name(b, view, value);
		break;
	default:
		break;
	}
}

static bool has_name(enum ktap_operand kind)
{
	return kind == KTAP_OPD_KST || kind == KTAP_OPD_GLB || kind == KTAP_OPD_BLT ||
	       kind == KTAP_OPD_MOD || kind == KTAP_OPD_FLD;
}

static bool is_register(enum ktap_operand kind)
{
	return kind >= KTAP_OPD_REG && kind <= KTAP_OPD_R4;
}

static void operand(struct pk_buf *b, struct pk_buf *note, const struct ktap_view *view,
		    enum ktap_operand kind, __s32 value, __u32 pc)
{
	if (kind == KTAP_OPD____)
		return;
	if (b->len)
		pk_buf_puts(b, ", ");
	if (is_register(kind) || kind == KTAP_OPD_RTO)
		pk_buf_printf(b, "r%d", value);
	else if (kind == KTAP_OPD_JMP)
		pk_buf_printf(b, "-> %" PRId64, (int64_t)pc + 1 + value);
	else
		pk_buf_printf(b, "%d", value);
	if (has_name(kind))
		refer(note, view, kind, (__u32)value);
}

static void instruction(FILE *f, const struct ktap_view *view, __u32 at, __u32 pc)
{
	__u32 insn = ktap_view_insn(view, at), pos = ktap_view_pos(view, at);
	__u32 op = KTAP_INSN_OP(insn);
	struct pk_buf args = { 0 }, note = { 0 };

	if (op >= KTAP_OP_COUNT) {
		fprintf(f, "  %5u  ?? 0x%08x\n", pc, insn);
		return;
	}
	operand(&args, &note, view, ops[op].a, (__s32)KTAP_INSN_A(insn), pc);
	if (ops[op].form == KTAP_FORM_ABX) {
		bool is_signed = ops[op].b == KTAP_OPD_IMM || ops[op].b == KTAP_OPD_JMP;

		operand(&args, &note, view, ops[op].b,
			is_signed ? KTAP_INSN_SX(insn) : (__s32)KTAP_INSN_X(insn), pc);
	} else {
		operand(&args, &note, view, ops[op].b, (__s32)KTAP_INSN_B(insn), pc);
		operand(&args, &note, view, ops[op].c,
			op == KTAP_OP_ADDI ? KTAP_INSN_SC(insn) : (__s32)KTAP_INSN_C(insn), pc);
	}
	fprintf(f, "  %5u  %3u:%-3u  %-9s %-20s", pc, KTAP_POS_LINE(pos), KTAP_POS_COL(pos),
		ops[op].name, args.data ? args.data : "");
	if (note.len)
		fprintf(f, " ; %s", note.data);
	fputc('\n', f);
	pk_buf_free(&args);
	pk_buf_free(&note);
}

static void prototype(FILE *f, const struct ktap_view *view, __u32 i)
{
	struct ktap_chunk_proto p;
	struct ktap_chunk_upval up;
	const char *name;

	if (!ktap_view_proto(view, i, &p))
		return;
	name = ktap_view_str(view, (__u32)p.name, NULL);
	fprintf(f,
		"\nfunction %u %s (line %u): %u parameters, %u registers, %u upvalues, "
		"%u instructions\n",
		i,
		name ? name
		: i  ? "-"
		     : "main",
		KTAP_POS_LINE((__u32)p.pos), p.nparam, p.nregs, p.nupval, (__u32)p.ncode);
	for (__u32 u = 0; u < p.nupval; u++) {
		static const char *const kinds[] = { "register", "upvalue", "itself" };

		if (!ktap_view_upval(view, (__u32)p.upval + u, &up))
			break;
		fprintf(f, "  upvalue %u: %s %u of the maker\n", u,
			up.kind < KTAP_UP_COUNT ? kinds[up.kind] : "?", up.idx);
	}
	for (__u32 pc = 0; pc < (__u32)p.ncode; pc++)
		instruction(f, view, (__u32)p.code + pc, pc);
}

static void events(FILE *f, const struct ktap_view *view)
{
	struct ktap_chunk_event e;
	struct pk_buf b = { 0 };

	for (__u32 i = 0; ktap_view_event(view, i, &e); i++) {
		const char *def = ktap_view_str(view, (__u32)e.def, NULL);
		const char *filter = ktap_view_str(view, (__u32)e.filter, NULL);
		__u32 kind = (__u32)e.kind;

		fprintf(f, "event %u: %s", i, kind < KTAP_EV_COUNT ? event_kinds[kind] : "?");
		if (def)
			fprintf(f, " %s", def);
		if (filter)
			fprintf(f, " /%s/", filter);
		fprintf(f, " (line %u)\n", KTAP_POS_LINE((__u32)e.pos));
	}
	for (__u32 i = 0; i < ktap_view_count(view, KTAP_SECT_FIELDS); i++) {
		pk_buf_reset(&b);
		field_name(&b, view, i);
		fprintf(f, "field %u: %s\n", i, b.data ? b.data : "?");
	}
	pk_buf_free(&b);
}

static void constants(FILE *f, const struct ktap_view *view)
{
	struct pk_buf b = { 0 };

	for (__u32 i = 0; i < ktap_view_count(view, KTAP_SECT_CONSTS); i++) {
		pk_buf_reset(&b);
		constant(&b, view, i);
		fprintf(f, "constant %u: %s\n", i, b.data);
	}
	for (__u32 i = 0; i < ktap_view_count(view, KTAP_SECT_GLOBALS); i++) {
		const char *name = ktap_view_str(view, ktap_view_global(view, i), NULL);

		fprintf(f, "global %u: %s\n", i, name ? name : "?");
	}
	pk_buf_free(&b);
}

void pk_disasm(FILE *f, const struct ktap_view *view)
{
	const char *name = ktap_view_name(view);

	fprintf(f, "%s: bytecode version %d, %u functions, %u instructions\n", name ? name : "?",
		KTAP_BYTECODE_VERSION, ktap_view_count(view, KTAP_SECT_PROTOS),
		ktap_view_count(view, KTAP_SECT_CODE));
	events(f, view);
	constants(f, view);
	for (__u32 i = 0; i < ktap_view_count(view, KTAP_SECT_PROTOS); i++)
		prototype(f, view, i);
}
