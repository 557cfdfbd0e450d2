// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM from outside: handlers on several CPUs (threads here) that change one table, budgets,
 * limits, memory that stays flat, and what happens when memory runs out.
 */
#include <pthread.h>
#include <stdlib.h>
#include <parser.h>
#include <ktap/host.h>
#include "tap.h"

#define EVENTS 200000 /* of one thread and round; the sanitizers are slow */

static long long printed; /* the last number printed */
static int records;

static void emit(struct ktap_host *host, const struct ktap_rec *rec, __u32 size)
{
	const unsigned char *body = (const unsigned char *)(rec + 1);

	(void)host;
	(void)size;
	__atomic_fetch_add(&records, 1, __ATOMIC_RELAXED);
	if (rec->type == KTAP_REC_PRINT && body[0] == KTAP_W_NUM)
		memcpy(&printed, body + 1, 8);
}

static void task(struct ktap_host *host, const struct ktap_occ *occ, struct ktap_task *t)
{
	(void)host;
	(void)occ;
	t->pid = 42;
	strcpy(t->comm, "fifteen letters");
}

static int tired;

static int interrupted(struct ktap_host *host)
{
	(void)host;
	return tired && !--tired;
}

static struct ktap_host host = { .emit = emit, .task = task, .interrupted = interrupted };

static void diag(void *ctx, const struct ktap_diag *d)
{
	(void)ctx;
	printf("# %u:%u: %s\n", d->line, d->col, d->message);
}

static struct ktap_vm *load(const char *text, struct ktap_vm_conf conf)
{
	struct ktap_compile_env env = { .diag = diag, .arg_base = -1 };
	struct ktap_load_error err;
	struct ktap_buffer chunk;
	struct ktap_vm *vm;

	conf.host = &host;
	if (ktap_compile("test.kp", text, strlen(text), &env, &chunk))
		return NULL;
	vm = ktap_vm_create(&conf, chunk.data, chunk.size, &err);
	free(chunk.data);
	return vm;
}

static struct ktap_point *point(struct ktap_vm *vm, unsigned int event)
{
	struct ktap_field none[16] = { { 0 } };

	return ktap_vm_point_create(vm, event, event, "an_event_with_a_long_name", none);
}

static void fire(struct ktap_point *p)
{
	struct ktap_occ occ = { .time_ns = 1, .cpu = -1 };

	ktap_vm_fire(p, &occ);
}

struct hammer {
	struct ktap_point *point;
	unsigned int cpu;
};

static void *hammer(void *arg)
{
	struct hammer *h = arg;
	unsigned int i;

	ktap_user_set_cpu(h->cpu);
	for (i = 0; i < EVENTS; i++)
		fire(h->point);
	return NULL;
}

/* Run a script's first event on two CPUs; what trace_end prints. */
static long long hammered(const char *text, struct ktap_vm_stats *before,
			  struct ktap_vm_stats *after)
{
	struct ktap_vm *vm = load(text, (struct ktap_vm_conf){ .nr_cpus = 2 });
	struct hammer h[2];
	pthread_t t[2];
	unsigned int i, round;

	printed = -1;
	if (!vm)
		return -2;
	ktap_vm_main(vm);
	h[0].point = h[1].point = point(vm, 0);
	/* the first round takes what the script needs, the second must do with that */
	for (round = 0; round < 2; round++) {
		ktap_vm_stats(vm, before);
		for (i = 0; i < 2; i++) {
			h[i].cpu = i;
			pthread_create(&t[i], NULL, hammer, &h[i]);
		}
		for (i = 0; i < 2; i++)
			pthread_join(t[i], NULL);
		ktap_vm_stats(vm, after);
	}
	if (ktap_vm_state(vm) != KTAP_VM_RUNNING)
		printf("# state %d\n", ktap_vm_state(vm));
	ktap_vm_end(vm);
	ktap_vm_point_free(h[0].point);
	ktap_vm_destroy(vm);
	return printed;
}

static void test_hammer(void)
{
	struct ktap_vm_stats before, after;

	is_int(hammered("t = {} trace a:b { t[1] += 1 } trace_end { print(t[1]) }", &before,
			&after),
	       4 * EVENTS, "two CPUs, one key: the sum is exact");
	is_int(after.mem_bytes, before.mem_bytes, "memory is flat");
	is_int(hammered("n = 0 trace a:b { n += 1 } trace_end { print(n) }", &before, &after),
	       4 * EVENTS, "two CPUs, one global");
	is_int(hammered("local n = 0 trace a:b { n += 1 } trace_end { print(n) }", &before, &after),
	       4 * EVENTS, "two CPUs, one captured variable");
	is_int(hammered(
		       "t = {} i = 0 trace a:b { i += 1  t[\"a key of some length \" .. i % 512] += 1 }"
		       " trace_end { local n = 0 for (k, v in pairs(t)) { n += v } print(n) }",
		       &before, &after),
	       4 * EVENTS, "long string keys, made each time");
	is_int(after.mem_bytes, before.mem_bytes, "memory is flat with strings that come and go");
	is_int(hammered("t = {} trace a:b { t[execname] = {cpu, {pid}} t.s = argname .. cpu }"
			" trace_end { print(len(t)) }",
			&before, &after),
	       2, "nested tables and strings replaced");
	is_int(after.mem_bytes, before.mem_bytes, "memory is flat with tables that come and go");
	is_int(hammered(
		       "trace a:b { local n = 0 local f = function () { n += 1 return n } f() f() }"
		       " trace_end { print(7) }",
		       &before, &after),
	       7, "closures made in handlers");
	is_int(after.mem_bytes, before.mem_bytes, "memory is flat with closures");
}

/* Fire once, run trace_end; the error of the session. */
static unsigned int error_of(const char *text, struct ktap_vm_conf conf, struct ktap_rec_error *e)
{
	struct ktap_vm *vm = load(text, conf);
	struct ktap_point *p;

	memset(e, 0, sizeof(*e));
	printed = -1;
	if (!vm)
		return 9999;
	ktap_user_set_cpu(0);
	ktap_vm_main(vm);
	p = point(vm, 0);
	if (p)
		fire(p); /* none where main has used all memory up */
	ktap_vm_end(vm);
	ktap_vm_error(vm, e);
	ktap_vm_point_free(p);
	ktap_vm_destroy(vm);
	return e->code;
}

static void test_limits(void)
{
	struct ktap_vm_conf conf = { .nr_cpus = 1 }, small = { .nr_cpus = 1, .mem_bytes = 2 << 20 };
	struct ktap_rec_error e;

	is_int(error_of("trace a:b { while (true) { } } trace_end { print(5) }", conf, &e),
	       KTAP_E_RUN_BUDGET, "an endless loop is stopped");
	is_int(printed, 5, "and trace_end runs");
	is_int(error_of("function f(n) { return 1 + f(n) } trace a:b { f(1) }", conf, &e),
	       KTAP_E_RUN_DEPTH, "endless recursion is stopped");
	is_int(e.depth, KTAP_TRACE_MAX, "with its innermost callers");
	is_int(error_of("function f(n) { return f(n + 1) } trace a:b { f(1) }", conf, &e),
	       KTAP_E_RUN_BUDGET, "endless tail calls are stopped by the budget");
	is_int(error_of("t = {} trace a:b { t.x.y = 1 }", conf, &e), KTAP_E_RUN_INDEX,
	       "indexing nil");
	is_int(error_of("trace a:b { local z = 0 print(1 / z) }", conf, &e), KTAP_E_RUN_DIVZERO,
	       "division by zero");
	is_int(error_of("t = {} for (i = 1, 1000000) { t[i] = i } trace a:b { }", small, &e),
	       KTAP_E_RUN_NOMEM, "a table that grows beyond --mem");
	conf.max_entries = 10;
	is_int(error_of("t = {} trace a:b { for (i = 1, 20) { t[i] = i } }", conf, &e),
	       KTAP_E_RUN_TABFULL, "a table beyond --max-entries");
	conf.drop_on_overflow = 1;
	is_int(error_of(
		       "t = {} trace a:b { for (i = 1, 20) { t[i] = i } } trace_end { print(len(t)) }",
		       conf, &e),
	       0, "the same with drop is no error");
	is_int(printed, 10, "and keeps what fits");
	conf.max_entries = 0;
	tired = 3;
	is_int(error_of("while (true) { } trace a:b { }", conf, &e), KTAP_E_RUN_INTERRUPTED,
	       "an endless main chunk is interrupted");
	tired = 0;
}

/* Fail each allocation once: a clean refusal each time, and no leak (the sanitizer looks). */
static void test_nomem(void)
{
	static const char text[] = "t = {} function f(n) { return n } trace a:b { t[f(1)] += 1 }"
				   " trace_end { for (k, v in sort_pairs(t)) { print(v) } }";
	struct ktap_compile_env env = { .diag = diag, .arg_base = -1 };
	struct ktap_vm_conf conf = { .nr_cpus = 2, .host = &host };
	struct ktap_load_error err;
	struct ktap_buffer chunk;
	struct ktap_vm *vm = NULL;
	unsigned int n;

	ktap_compile("test.kp", text, strlen(text), &env, &chunk);
	for (n = 1; n < 100 && !vm; n++) {
		ktap_user_fail_alloc(n);
		vm = ktap_vm_create(&conf, chunk.data, chunk.size, &err);
		if (!vm && err.code != KTAP_E_LOAD_NOMEM)
			break;
	}
	ktap_user_fail_alloc(0);
	ok(vm && n > 10, "create fails cleanly at each of its allocations (%u)", n);
	ktap_vm_destroy(vm);
	free(chunk.data);
}

static void test_sort(void)
{
	struct ktap_vm *vm =
		load("t = {} for (i = 1, 5000) { t[i] = i * 7919 % 5003 }"
		     " local last = -1 local n = 0"
		     " for (k, v in sort_pairs(t)) { if (v >= last) { n += 1 } last = v }"
		     " for (k, v in sort_pairs(t, function (a, b) { return a > b })) {"
		     "   if (v <= last) { n += 1 } last = v }"
		     " for (k, v in pairs(t)) { t[k] = nil t[-k] = v n += 1 }"
		     " print(n + len(t))",
		     (struct ktap_vm_conf){ .nr_cpus = 1 });

	ktap_vm_main(vm);
	is_int(printed, 20000, "sorted both ways; pairs sees a snapshot");
	ktap_vm_destroy(vm);
}

int main(void)
{
	test_hammer();
	test_limits();
	test_nomem();
	test_sort();
	return done();
}
