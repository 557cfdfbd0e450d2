// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier: for each operand kind a chunk it takes and one that differs in a single operand
 * that it refuses with the right reason; damage of every byte of a good chunk; every opcode with
 * random operands never gets past it and out of bounds (the sanitizers watch the run).
 */
#include <stdio.h>
#include <ktap/host.h>
#include "../lib/build-chunk.h"
#include "../lib/tap.h"

#define NREGS 10

/* A chunk with one of everything; main is the given instructions, then RET. */
static void build(struct cb *cb, const unsigned int *insns, unsigned int n)
{
	unsigned int i, first;

	memset(cb, 0, sizeof(*cb));
	cb_num(cb, 42);
	cb_strconst(cb, "a constant that is long enough for a blob");
	cb_global(cb, "g");
	cb_event(cb, KTAP_EV_END, NULL);
	cb_upval(cb, KTAP_UP_REG, 3);
	for (i = 0; i < n; i++)
		cb_insn(cb, insns[i]);
	cb_insn(cb, ABC(RET, 0, 0, 0));
	cb_proto(cb, 0, NREGS, 0, 0, 0);
	first = cb_insn(cb, ABC(GETUP, 0, 0, 0));
	cb_insn(cb, ABC(RET, 0, 1, 0));
	cb_proto(cb, first, 2, 1, 1, 0);
	cb_finish(cb);
}

static unsigned int verdict(const unsigned char *data, unsigned int size)
{
	struct ktap_load_error err = { 0 };
	struct ktap_view *view = ktap_view_open(data, size, &err);

	if (view)
		ktap_view_close(view);
	return err.code;
}

static unsigned int check(unsigned int insn)
{
	struct cb cb;
	unsigned int code;

	build(&cb, &insn, 1);
	code = verdict(cb.out, cb.size);
	cb_free(&cb);
	return code;
}

/* One row a rule: what is accepted, what is refused, why. */
static const struct {
	const char *name;
	unsigned int good, bad, code;
} rules[] = {
	{ "unknown opcode", ABC(MOVE, 0, 1, 0), KTAP_OP_COUNT, KTAP_E_LOAD_BADOP },
	{ "destination register", ABC(MOVE, 9, 1, 0), ABC(MOVE, 10, 1, 0), KTAP_E_LOAD_BADREG },
	{ "source register", ABC(MOVE, 0, 9, 0), ABC(MOVE, 0, 10, 0), KTAP_E_LOAD_BADREG },
	{ "unused operand", ABC(MOVE, 0, 1, 0), ABC(MOVE, 0, 1, 1), KTAP_E_LOAD_BADOPERAND },
	{ "constant", ABX(LOADK, 0, 1), ABX(LOADK, 0, 2), KTAP_E_LOAD_BADOPERAND },
	{ "boolean", ABC(LOADB, 0, 1, 0), ABC(LOADB, 0, 2, 0), KTAP_E_LOAD_BADOPERAND },
	{ "LOADNIL range", ABC(LOADNIL, 4, 5, 0), ABC(LOADNIL, 4, 6, 0), KTAP_E_LOAD_BADREG },
	{ "global", ABX(GETG, 0, 0), ABX(GETG, 0, 1), KTAP_E_LOAD_BADOPERAND },
	{ "upvalue", ABC(MOVE, 0, 0, 0), ABC(GETUP, 0, 0, 0), KTAP_E_LOAD_BADOPERAND },
	{ "concat range", ABC(CONCAT, 0, 2, 9), ABC(CONCAT, 0, 2, 1), KTAP_E_LOAD_BADREG },
	{ "concat end", ABC(CONCAT, 0, 2, 9), ABC(CONCAT, 0, 2, 10), KTAP_E_LOAD_BADREG },
	{ "jump forward", ABX(JMP, 0, 0), ABX(JMP, 0, 1), KTAP_E_LOAD_BADJUMP },
	{ "jump back", ABX(JMPT, 0, -1), ABX(JMPT, 0, -2), KTAP_E_LOAD_BADJUMP },
	{ "for registers", ABX(FORPREP, 6, 0), ABX(FORPREP, 7, 0), KTAP_E_LOAD_BADREG },
	{ "next registers", ABX(NEXT, 7, 0), ABX(NEXT, 8, 0), KTAP_E_LOAD_BADREG },
	{ "iterator mode", ABC(ITER, 0, 1, 1), ABC(ITER, 0, 1, 3), KTAP_E_LOAD_BADOPERAND },
	{ "compare function", ABC(ITER, 0, 8, 2), ABC(ITER, 0, 9, 2), KTAP_E_LOAD_BADREG },
	{ "call arguments", ABC(CALL, 4, 5, 1), ABC(CALL, 4, 6, 1), KTAP_E_LOAD_BADREG },
	{ "call results", ABC(CALL, 8, 0, 2), ABC(CALL, 8, 0, 3), KTAP_E_LOAD_BADREG },
	{ "tail call", ABC(TAILCALL, 8, 1, 0), ABC(TAILCALL, 8, 2, 0), KTAP_E_LOAD_BADREG },
	{ "builtin", ABC(CALLB, 0, KTAP_B_cpu, 0), ABC(CALLB, 0, KTAP_B_COUNT, 0),
	  KTAP_E_LOAD_BADOPERAND },
	{ "builtin: too few", ABC(CALLB, 0, KTAP_B_len, 1), ABC(CALLB, 0, KTAP_B_len, 0),
	  KTAP_E_LOAD_BADARITY },
	{ "builtin: too many", ABC(CALLB, 0, KTAP_B_print_hist, 2),
	  ABC(CALLB, 0, KTAP_B_print_hist, 3), KTAP_E_LOAD_BADARITY },
	{ "builtin registers", ABC(CALLB, 7, KTAP_B_print, 2), ABC(CALLB, 8, KTAP_B_print, 2),
	  KTAP_E_LOAD_BADREG },
	{ "return range", ABC(RET, 4, 6, 0), ABC(RET, 4, 7, 0), KTAP_E_LOAD_BADREG },
	{ "closure of main", ABX(CLOSURE, 0, 1), ABX(CLOSURE, 0, 0), KTAP_E_LOAD_BADOPERAND },
	{ "closure", ABX(CLOSURE, 0, 1), ABX(CLOSURE, 0, 2), KTAP_E_LOAD_BADOPERAND },
	{ "event", ABX(PROBE, 0, 0), ABX(PROBE, 0, 1), KTAP_E_LOAD_BADOPERAND },
	{ "field", ABC(MOVE, 0, 0, 0), ABX(FIELD, 0, 0), KTAP_E_LOAD_BADOPERAND },
};

static void test_rules(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		is_int(check(rules[i].good), 0, "%s: accepted", rules[i].name);
		is_int(check(rules[i].bad), rules[i].code, "%s: refused", rules[i].name);
	}
}

static void test_structure(void)
{
	struct cb cb;
	unsigned int first;

	/* a prototype that captures what its maker does not have */
	memset(&cb, 0, sizeof(cb));
	cb_upval(&cb, KTAP_UP_REG, 5);
	cb_insn(&cb, ABX(CLOSURE, 0, 1));
	cb_insn(&cb, ABC(RET, 0, 0, 0));
	cb_proto(&cb, 0, 5, 0, 0, 0);
	first = cb_insn(&cb, ABC(RET, 0, 0, 0));
	cb_proto(&cb, first, 1, 0, 1, 0);
	cb_finish(&cb);
	is_int(verdict(cb.out, cb.size), KTAP_E_LOAD_BADUPVAL, "upvalue beyond the maker's frame");
	cb_free(&cb);

	memset(&cb, 0, sizeof(cb));
	cb_insn(&cb, ABC(MOVE, 0, 0, 0));
	cb_proto(&cb, 0, 1, 0, 0, 0);
	cb_finish(&cb);
	is_int(verdict(cb.out, cb.size), KTAP_E_LOAD_FALLOFF, "code that runs off its end");
	cb_free(&cb);

	memset(&cb, 0, sizeof(cb));
	cb_event(&cb, KTAP_EV_END, NULL);
	cb_insn(&cb, ABC(RET, 0, 0, 0));
	cb_proto(&cb, 0, 1, 0, 0, 0);
	first = cb_insn(&cb, ABX(PROBE, 0, 0));
	cb_insn(&cb, ABC(RET, 0, 0, 0));
	cb_proto(&cb, first, 1, 0, 0, 0);
	cb_finish(&cb);
	is_int(verdict(cb.out, cb.size), KTAP_E_LOAD_NOTMAIN, "PROBE outside main");
	cb_free(&cb);
}

/* Every byte changed, without and with a checksum that fits: the first is always refused, the
 * second never harms. */
static void test_damage(void)
{
	unsigned int insns[] = { ABX(LOADK, 0, 1), ABX(CLOSURE, 1, 1), ABC(CALL, 1, 0, 1) };
	unsigned int at, flip, refused = 0, tried = 0;
	struct cb cb;

	build(&cb, insns, 3);
	is_int(verdict(cb.out, cb.size), 0, "the chunk before it is damaged");
	for (at = 0; at < cb.size; at++) {
		for (flip = 1; flip < 256; flip <<= 1) {
			cb.out[at] ^= flip;
			tried++;
			refused += !!verdict(cb.out, cb.size);
			cb_sum(cb.out, cb.size);
			verdict(cb.out, cb.size);
			cb.out[at] ^= flip;
			cb_sum(cb.out, cb.size);
		}
	}
	is_int(refused, tried, "every flipped bit is noticed");
	for (at = 0; at < cb.size; at++)
		if (!verdict(cb.out, at))
			break;
	is_int(at, cb.size, "every shorter chunk is refused");
	cb_free(&cb);
}

static unsigned int seed = 1;

static unsigned int rnd(void)
{
	seed = seed * 1103515245u + 12345u;
	return seed >> 8;
}

static void emit(struct ktap_host *host, const struct ktap_rec *rec, __u32 size)
{
	(void)host;
	(void)rec;
	(void)size;
}

static int tired;

static int interrupted(struct ktap_host *host)
{
	(void)host;
	return ++tired > 20;
}

/* Random code: what is accepted runs, stops, and touches nothing it should not. */
static void test_random(void)
{
	struct ktap_host host = { .emit = emit, .interrupted = interrupted };
	struct ktap_vm_conf conf = { .mem_bytes = 1 << 20, .nr_cpus = 1, .host = &host };
	unsigned int round, accepted = 0;

	for (round = 0; round < 60000; round++) {
		unsigned int insns[12], n = 1 + rnd() % 12, i;
		struct ktap_load_error err;
		struct ktap_vm *vm;
		struct cb cb;

		for (i = 0; i < n; i++) {
			unsigned int op = rnd() % KTAP_OP_COUNT;
			unsigned int a = rnd() % 8, b = rnd() % 8, c = rnd() % 4;

			if (op == KTAP_OP_JMP || op == KTAP_OP_JMPT || op == KTAP_OP_JMPF ||
			    op == KTAP_OP_FORPREP || op == KTAP_OP_FORLOOP || op == KTAP_OP_NEXT)
				insns[i] =
					KTAP_INSN_ABX(op, op == KTAP_OP_JMP ? 0 : a, rnd() % n - i);
			else if (op == KTAP_OP_CALLB)
				insns[i] = KTAP_INSN_ABC(op, a, rnd() % KTAP_B_COUNT, c);
			else if (op == KTAP_OP_LOADI || op == KTAP_OP_CLOSURE)
				insns[i] = KTAP_INSN_ABX(op, a, b % 2);
			else
				insns[i] = KTAP_INSN_ABC(op, a, b, rnd() % 2 ? c : 0);
		}
		build(&cb, insns, n);
		vm = ktap_vm_create(&conf, cb.out, cb.size, &err);
		if (vm) {
			accepted++;
			tired = 0;
			ktap_vm_main(vm);
			ktap_vm_end(vm);
			ktap_vm_destroy(vm);
		}
		cb_free(&cb);
	}
	ok(accepted > 1000, "random code: %u of %u programs were accepted and ended", accepted,
	   round);
}

int main(void)
{
	test_rules();
	test_structure();
	test_damage();
	test_random();
	return done();
}
