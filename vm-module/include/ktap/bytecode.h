/* SPDX-License-Identifier: GPL-2.0-only */
/* Instruction encoding and the enums made from the three tables. */
#ifndef KTAP_BYTECODE_H
#define KTAP_BYTECODE_H

#include <linux/types.h>

/* Raised on every change of opcodes.def, builtins.def, chunk.h or of what they mean. */
#define KTAP_BYTECODE_VERSION 1

enum ktap_op {
#define KTAP_OP(name, form, a, b, c, flags, meaning) KTAP_OP_##name,
#include <ktap/opcodes.def>
#undef KTAP_OP
	KTAP_OP_COUNT
};

enum ktap_form { KTAP_FORM_ABC, KTAP_FORM_ABX };

/* Operand kinds, as explained in opcodes.def. */
enum ktap_operand {
	KTAP_OPD____,
	KTAP_OPD_REG,
	KTAP_OPD_RB,
	KTAP_OPD_RC,
	KTAP_OPD_RZ,
	KTAP_OPD_R3,
	KTAP_OPD_R4,
	KTAP_OPD_RES,
	KTAP_OPD_RTO,
	KTAP_OPD_IMM,
	KTAP_OPD_BOOL,
	KTAP_OPD_KST,
	KTAP_OPD_UPV,
	KTAP_OPD_BLT,
	KTAP_OPD_GLB,
	KTAP_OPD_PRO,
	KTAP_OPD_EVT,
	KTAP_OPD_FLD,
	KTAP_OPD_JMP,
	KTAP_OPD_MOD,
};

/* Flag bits of opcodes.def; a row writes END, MAIN, GSET or 0. */
#define KTAP_OPF_0 0
#define KTAP_OPF_END 1
#define KTAP_OPF_MAIN 2
#define KTAP_OPF_GSET 4

enum ktap_iter_mode {
	KTAP_ITER_PAIRS,	/* no order */
	KTAP_ITER_SORT,		/* by value ascending, equal values by key */
	KTAP_ITER_SORTCMP,	/* by a compare function: true means first argument first */
	KTAP_ITER_COUNT
};

enum ktap_builtin {
#define KTAP_BUILTIN(name, args, where, flags, summary) KTAP_B_##name,
#define KTAP_ALIAS(alias, name)
#define KTAP_SYNTAX(name, args, summary)
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
	KTAP_B_COUNT
};

enum ktap_err {
	KTAP_E_OK,
#define KTAP_ERR(kind, name, text) KTAP_E_##kind##_##name,
#include <ktap/errors.def>
#undef KTAP_ERR
	KTAP_E_COUNT
};

/* Types of values: what type names in messages, records and constants refer to. */
enum ktap_type {
	KTAP_T_NIL,
	KTAP_T_BOOL,
	KTAP_T_NUM,
	KTAP_T_STR,
	KTAP_T_TAB,
	KTAP_T_FUNC,
	KTAP_T_EVENT,
	KTAP_T_STACK,
	KTAP_T_CELL,		/* statistic cell */
	KTAP_T_INTERNAL,	/* box or iterator: never seen by a script */
	KTAP_T_COUNT
};

#define KTAP_TYPE_NAMES \
	{ "nil", "boolean", "number", "string", "table", "function", "event", "stack", \
	  "statistic", "internal value" }

/* Limits that compiler, verifier and VM share. */
#define KTAP_MAX_REGS 250		/* registers of one prototype */
#define KTAP_MAX_PARAMS 100
#define KTAP_MAX_UPVALS 250
#define KTAP_MAX_STR 4096		/* bytes of a string */
#define KTAP_MAX_ARGS 250		/* arguments of one call */

#define KTAP_INSN_ABC(op, a, b, c) \
	((__u32)(op) | (__u32)(a) << 8 | (__u32)(b) << 16 | (__u32)(c) << 24)
#define KTAP_INSN_ABX(op, a, x) \
	((__u32)(op) | (__u32)(a) << 8 | ((__u32)(x) & 0xffff) << 16)
#define KTAP_INSN_OP(i) ((i) & 0xff)
#define KTAP_INSN_A(i) (((i) >> 8) & 0xff)
#define KTAP_INSN_B(i) (((i) >> 16) & 0xff)
#define KTAP_INSN_C(i) ((i) >> 24)
#define KTAP_INSN_SC(i) ((__s8)((i) >> 24))	/* c, signed */
#define KTAP_INSN_X(i) ((i) >> 16)
#define KTAP_INSN_SX(i) ((__s16)((i) >> 16))	/* x, signed */

#endif
