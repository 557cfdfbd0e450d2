// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second half of the verifier: the code.  Driven by the operand kinds of opcodes.def, so that an
 * opcode without a description cannot run, and a new one needs no new code here.
 *
 * What it guarantees of each prototype: every opcode is known; every register is inside the frame;
 * every index is in range; every jump lands on an instruction of the same prototype (instructions
 * have one size, so every target is a start); the last instruction does not go on; a builtin gets
 * as many arguments as it takes; a closure captures only what its maker has.  Types are checked
 * when the code runs.  One pass over the code: linear in the size of the chunk.
 */
#include "image.h"
#include "platform.h"

static const struct {
	u8 form, a, b, c, flags;
} ops[] = {
#define KTAP_OP(name, form, a, b, c, flags, meaning) \
	{ KTAP_FORM_##form, KTAP_OPD_##a, KTAP_OPD_##b, KTAP_OPD_##c, KTAP_OPF_##flags },
#include <ktap/opcodes.def>
#undef KTAP_OP
};

/* What the upvalues of a prototype ask of whoever makes it a closure. */
struct needs {
	u8 regs; /* registers: highest index + 1 */
	u8 upvals;
};

struct verifier {
	const struct kp_raw *raw;
	const struct needs *needs;
	struct ktap_load_error *err;
	u32 proto, pc, ncode;
	u32 nregs, nupval;
};

static int refuse(struct verifier *v, int code, s64 v0, s64 v1)
{
	return kp_refuse(v->err, code, v->proto, v->pc, v0, v1);
}

/* The last of a group of registers must be inside the frame. */
static int reg(struct verifier *v, u32 last)
{
	return last < v->nregs ? 0 : refuse(v, KTAP_E_LOAD_BADREG, last, v->nregs);
}

static int below(struct verifier *v, u32 n, u32 limit)
{
	return n < limit ? 0 : refuse(v, KTAP_E_LOAD_BADOPERAND, n, (s64)limit - 1);
}

static const char *const signatures[] = {
#define KTAP_BUILTIN(name, args, where, flags, summary) args,
#define KTAP_ALIAS(alias, name)
#define KTAP_SYNTAX(name, args, summary)
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
};

void kp_builtin_arity(u32 id, u32 *min, u32 *max)
{
	const char *s;
	bool optional = false;

	*min = 0;
	*max = 0;
	for (s = signatures[id]; *s; s++) {
		if (*s == '?') {
			optional = true;
		} else if (*s == '*') {
			*max = KTAP_MAX_ARGS;
		} else {
			++*max;
			*min += !optional;
		}
	}
}

static int builtin(struct verifier *v, u32 id, u32 n)
{
	u32 min, max;
	int ret = below(v, id, KTAP_B_COUNT);

	if (ret)
		return ret;
	kp_builtin_arity(id, &min, &max);
	return n >= min && n <= max ? 0 : refuse(v, KTAP_E_LOAD_BADARITY, id, n);
}

static int closure(struct verifier *v, u32 child)
{
	int ret;

	if (!child || child >= v->raw->sect[KTAP_SECT_PROTOS].count)
		return refuse(v, KTAP_E_LOAD_BADOPERAND, child,
			      (s64)v->raw->sect[KTAP_SECT_PROTOS].count - 1);
	ret = v->needs[child].regs <= v->nregs && v->needs[child].upvals <= v->nupval;
	return ret ? 0 : refuse(v, KTAP_E_LOAD_BADUPVAL, child, 0);
}

static int jump(struct verifier *v, s32 offset)
{
	s64 target = (s64)v->pc + 1 + offset;

	return target >= 0 && target < v->ncode ? 0
						: refuse(v, KTAP_E_LOAD_BADJUMP, target, v->ncode);
}

/* One operand: its value is n; a, b and c are the instruction's. */
static int operand(struct verifier *v, u32 kind, u32 n, u32 a, u32 b, u32 c)
{
	switch ((enum ktap_operand)kind) {
	case KTAP_OPD____:
		return below(v, n, 1);
	case KTAP_OPD_REG:
		return reg(v, n);
	case KTAP_OPD_RB:
		return reg(v, n + b);
	case KTAP_OPD_RC:
		return reg(v, n + c);
	case KTAP_OPD_RZ:
		return reg(v, b ? n + b - 1 : n);
	case KTAP_OPD_R3:
		return reg(v, n + 2);
	case KTAP_OPD_R4:
		return reg(v, n + 3);
	case KTAP_OPD_RES:
		return n ? reg(v, a + n - 1) : 0;
	case KTAP_OPD_RTO:
		return n >= b ? reg(v, n) : refuse(v, KTAP_E_LOAD_BADREG, n, b);
	case KTAP_OPD_IMM:
		return 0;
	case KTAP_OPD_BOOL:
		return below(v, n, 2);
	case KTAP_OPD_KST:
		return below(v, n, v->raw->sect[KTAP_SECT_CONSTS].count);
	case KTAP_OPD_UPV:
		return below(v, n, v->nupval);
	case KTAP_OPD_BLT:
		return builtin(v, n, c);
	case KTAP_OPD_GLB:
		return below(v, n, v->raw->sect[KTAP_SECT_GLOBALS].count);
	case KTAP_OPD_PRO:
		return closure(v, n);
	case KTAP_OPD_EVT:
		return below(v, n, v->raw->sect[KTAP_SECT_EVENTS].count);
	case KTAP_OPD_FLD:
		return below(v, n, v->raw->sect[KTAP_SECT_FIELDS].count);
	case KTAP_OPD_JMP:
		return jump(v, (s16)n);
	case KTAP_OPD_MOD:
		if (n == KTAP_ITER_SORTCMP && reg(v, b + 1))
			return v->err->code;
		return below(v, n, KTAP_ITER_COUNT);
	}
	return refuse(v, KTAP_E_LOAD_BADOP, n, 0);
}

static int insn(struct verifier *v, u32 i)
{
	u32 op = KTAP_INSN_OP(i), a = KTAP_INSN_A(i), b = KTAP_INSN_B(i), c = KTAP_INSN_C(i);
	int ret;

	if (op >= KTAP_OP_COUNT)
		return refuse(v, KTAP_E_LOAD_BADOP, op, 0);
	if ((ops[op].flags & KTAP_OPF_MAIN) && v->proto)
		return refuse(v, KTAP_E_LOAD_NOTMAIN, op, 0);
	ret = operand(v, ops[op].a, a, a, b, c);
	if (ret)
		return ret;
	if (ops[op].form == KTAP_FORM_ABX)
		return operand(v, ops[op].b, KTAP_INSN_X(i), a, b, c);
	ret = operand(v, ops[op].b, b, a, b, c);
	return ret ? ret : operand(v, ops[op].c, c, a, b, c);
}

static int proto(struct verifier *v, u32 index)
{
	const u8 *p = kp_entry(v->raw, KTAP_SECT_PROTOS, index, sizeof(struct ktap_chunk_proto));
	u32 first = kp_read32(p), last = 0;
	int ret;

	v->proto = index;
	v->ncode = kp_read32(p + 4);
	v->nupval = p[12];
	v->nregs = p[14];
	for (v->pc = 0; v->pc < v->ncode; v->pc++) {
		last = kp_read32(kp_entry(v->raw, KTAP_SECT_CODE, first + v->pc, 4));
		ret = insn(v, last);
		if (ret)
			return ret;
	}
	v->pc--;
	return ops[KTAP_INSN_OP(last)].flags & KTAP_OPF_END ? 0
							    : refuse(v, KTAP_E_LOAD_FALLOFF, 0, 0);
}

/* Upvalue lists may overlap, so what they ask for is found in two steps: a prefix of at most 250
 * entries for each of the prototypes. */
static int gather_needs(const struct kp_raw *raw, struct needs *needs, struct ktap_load_error *err)
{
	u32 i, j;

	for (i = 0; i < raw->sect[KTAP_SECT_PROTOS].count; i++) {
		const u8 *p = kp_entry(raw, KTAP_SECT_PROTOS, i, sizeof(struct ktap_chunk_proto));
		u32 upval = kp_read32(p + 8);

		for (j = 0; j < p[12]; j++) {
			const u8 *u = kp_entry(raw, KTAP_SECT_UPVALS, upval + j,
					       sizeof(struct ktap_chunk_upval));
			u8 *need = u[0] == KTAP_UP_REG ? &needs[i].regs : &needs[i].upvals;

			if (u[0] >= KTAP_UP_COUNT || u[1] >= KTAP_MAX_REGS ||
			    (u[0] == KTAP_UP_SELF && u[1]))
				return kp_refuse(err, KTAP_E_LOAD_BADUPVAL, i, 0, i, 0);
			if (u[0] != KTAP_UP_SELF && *need < u[1] + 1)
				*need = u[1] + 1;
		}
	}
	return 0;
}

int kp_verify(const struct kp_raw *raw, struct ktap_load_error *err)
{
	struct verifier v = { .raw = raw, .err = err };
	struct needs *needs;
	u32 i;
	int ret;

	/* the count is no word of the chunk's any more: so many entries are there */
	needs = kp_plat_alloc(raw->sect[KTAP_SECT_PROTOS].count * sizeof(*needs));
	if (!needs)
		return kp_refuse(err, KTAP_E_LOAD_NOMEM, KTAP_NONE, 0, 0, 0);
	ret = gather_needs(raw, needs, err);
	v.needs = needs;
	for (i = 0; !ret && i < raw->sect[KTAP_SECT_PROTOS].count; i++)
		ret = proto(&v, i);
	kp_plat_free(needs);
	return ret;
}
