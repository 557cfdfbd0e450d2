// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a VM as its host sees it: see ktap/engine.h.  Everything is allocated here, in
 * process context; what handlers need later comes from the pool.
 */
#include "tab.h"

#define DEFAULT_MEM (64ull << 20)
#define REAP_BUDGET 64 /* pieces a handler frees on its way out */

static bool reached(u32 *state, u32 from, u32 to)
{
	return kp_cmpxchg(state, from, to) == from;
}

static void *alloc(struct ktap_vm *vm, u64 size)
{
	void *p = kp_plat_alloc(size ? size : 1);

	if (p)
		vm->mem_fixed += size;
	return p;
}

static struct kp_run *make_run(struct ktap_vm *vm, enum kp_context ctx, u32 cpu, bool process)
{
	u32 slots = process ? KP_PROCESS_SLOTS : KP_HANDLER_SLOTS;
	u32 depth = process ? KP_PROCESS_DEPTH : KP_HANDLER_DEPTH;
	u64 regs = slots * sizeof(struct kp_val), frames = depth * sizeof(struct kp_frame);
	u64 head = (sizeof(struct kp_run) + 15) & ~15ull;
	struct kp_run *r = alloc(vm, head + regs + frames + KTAP_RECORD_MAX);

	if (!r)
		return NULL;
	r->vm = vm;
	r->ctx = ctx;
	r->cpu = cpu;
	r->process = process;
	r->nr_slots = slots;
	r->max_depth = depth;
	r->regs = (struct kp_val *)((char *)r + head);
	r->frames = (struct kp_frame *)((char *)r->regs + regs);
	r->rec = (struct ktap_rec *)((char *)r->frames + frames);
	return r;
}

static int make_parts(struct ktap_vm *vm)
{
	u32 cpu, ctx, nglobals = vm->image.raw.sect[KTAP_SECT_GLOBALS].count;
	u32 nevents = ktap_vm_nr_events(vm);

	vm->globals = alloc(vm, nglobals * sizeof(*vm->globals));
	vm->handlers = alloc(vm, nevents * sizeof(*vm->handlers));
	vm->end_order = alloc(vm, nevents * sizeof(*vm->end_order));
	vm->cpus = alloc(vm, vm->conf.nr_cpus * sizeof(*vm->cpus));
	vm->proc = make_run(vm, KP_CTX_TASK, 0, true);
	if (!vm->globals || !vm->handlers || !vm->end_order || !vm->cpus || !vm->proc)
		return -ENOMEM;
	for (cpu = 0; cpu < vm->conf.nr_cpus; cpu++) {
		for (ctx = 0; ctx < KP_CTX_COUNT; ctx++) {
			vm->cpus[cpu].run[ctx] = make_run(vm, ctx, cpu, false);
			if (!vm->cpus[cpu].run[ctx])
				return -ENOMEM;
		}
	}
	vm->mem_fixed += vm->image.mem_size;
	return kp_pool_init(&vm->pool, vm->conf.mem_bytes);
}

struct ktap_vm *ktap_vm_create(const struct ktap_vm_conf *conf, const void *chunk, size_t size,
			       struct ktap_load_error *err)
{
	struct kp_raw raw;
	struct ktap_vm *vm;
	u64 head = (sizeof(*vm) + 63) & ~63ull;

	memset(err, 0, sizeof(*err));
	if (kp_check(&raw, chunk, size, err))
		return NULL;
	vm = kp_plat_alloc(head + size);
	if (!vm)
		goto nomem;
	vm->conf = *conf;
	if (!vm->conf.mem_bytes)
		vm->conf.mem_bytes = DEFAULT_MEM;
	if (!vm->conf.nr_cpus)
		vm->conf.nr_cpus = 1;
	vm->mem_fixed = head + size;
	raw.data = memcpy((char *)vm + head, chunk, size);
	if (kp_image_build(&vm->image, &raw) || make_parts(vm)) {
		ktap_vm_destroy(vm);
		goto nomem;
	}
	return vm;
nomem:
	kp_refuse(err, KTAP_E_LOAD_NOMEM, KTAP_NONE, 0, 0, 0);
	return NULL;
}

void ktap_vm_destroy(struct ktap_vm *vm)
{
	u32 cpu, ctx;

	if (!vm)
		return;
	/* every object lives in the pool: no need to drop them one by one */
	kp_pool_destroy(&vm->pool);
	for (cpu = 0; vm->cpus && cpu < vm->conf.nr_cpus; cpu++)
		for (ctx = 0; ctx < KP_CTX_COUNT; ctx++)
			kp_plat_free(vm->cpus[cpu].run[ctx]);
	kp_plat_free(vm->proc);
	kp_plat_free(vm->cpus);
	kp_plat_free(vm->end_order);
	kp_plat_free(vm->handlers);
	kp_plat_free(vm->globals);
	kp_image_free(&vm->image);
	kp_plat_free(vm);
}

void *ktap_vm_host(const struct ktap_vm *vm)
{
	return vm->conf.host;
}

int kp_fail(struct kp_run *r, int code, s64 v0, s64 v1)
{
	r->code = code;
	r->v[0] = v0;
	r->v[1] = v1;
	return code;
}

int kp_fail_type(struct kp_run *r, int code, const struct kp_val *v)
{
	return kp_fail(r, code, kp_type(v), 0);
}

int kp_fail_nomem(struct kp_run *r)
{
	return kp_fail(r, KTAP_E_RUN_NOMEM, (s64)kp_pool_bytes(&r->vm->pool), 0);
}

int kp_out_of_budget(struct kp_run *r)
{
	if (!r->process)
		return kp_fail(r, KTAP_E_RUN_BUDGET, KP_HANDLER_BUDGET, 0);
	kp_reap(r, r->vm, ~0u);
	if (kp_plat_yield(r->vm))
		return kp_fail(r, KTAP_E_RUN_INTERRUPTED, 0, 0);
	r->budget = KP_PROCESS_SLICE;
	return 0;
}

/* The script has failed: the first error of a session is the one that counts. */
static void report(struct kp_run *r)
{
	struct ktap_vm *vm = r->vm;
	struct ktap_rec_error *e = &vm->error;
	u32 i;

	if (!reached(&vm->error_set, 0, 1))
		return;
	e->code = r->code;
	e->v[0] = r->v[0];
	e->v[1] = r->v[1];
	for (i = 0; i < r->depth && i < KTAP_TRACE_MAX; i++) {
		const struct kp_frame *f = &r->frames[r->depth - 1 - i];

		e->at[i].proto = (u32)(f->proto - vm->image.protos);
		e->at[i].pc = f->pc ? f->pc - 1 : 0;
	}
	e->depth = i;
	kp_store_release(&vm->error_set, 2);
	kp_store_release(&vm->state, KTAP_VM_ERROR);
	kp_rec_begin(r, KTAP_REC_ERROR);
	if (!kp_rec_bytes(r, e, sizeof(*e)))
		kp_rec_end(r);
}

/* One execution from an empty stack.  0, KP_UNWIND after exit(), or another code. */
static int execute(struct kp_run *r, const struct kp_val *fn)
{
	struct kp_val result;
	int ret;

	r->budget = r->process ? KP_PROCESS_SLICE : KP_HANDLER_BUDGET;
	r->have_task = false;
	r->time_ns = 0;
	r->in_cmp = false;
	ret = kp_call(r, fn, NULL, 0, &result);
	if (!ret) {
		kp_drop(r, &result);
		r->handled++;
		return 0;
	}
	if (ret == KP_BUSY)
		r->busy++;
	else if (ret != KP_UNWIND)
		report(r);
	kp_unwind(r, 0);
	return ret;
}

int ktap_vm_set_arg(struct ktap_vm *vm, unsigned int index, const char *text)
{
	struct kp_run *r = vm->proc;
	struct kp_val key, val, tab;
	const char *p = text + (*text == '-');
	u32 i, len, digits = 0;
	u64 n = 0;
	int ret = 0;

	for (i = 0; i < vm->image.raw.sect[KTAP_SECT_GLOBALS].count; i++) {
		u32 str = kp_read32(kp_entry(&vm->image.raw, KTAP_SECT_GLOBALS, i, 4));
		const char *name = kp_raw_str(&vm->image.raw, str, &len);

		if (len == 3 && !memcmp(name, "arg", 3))
			break;
	}
	if (i == vm->image.raw.sect[KTAP_SECT_GLOBALS].count)
		return 0; /* the script does not use it */
	if (kp_is_nil(&vm->globals[i].val)) {
		if (kp_tab_new(r, &tab, false))
			return -ENOMEM;
		vm->globals[i].val = tab;
	}
	for (; *p >= '0' && *p <= '9' && digits < 18; p++, digits++)
		n = n * 10 + (u64)(*p - '0');
	kp_set_num(&key, index);
	if (digits && !*p)
		kp_set_num(&val, *text == '-' ? -(s64)n : (s64)n);
	else
		ret = kp_str_new(r, &val, text, (u32)strnlen(text, KTAP_MAX_STR));
	if (!ret)
		ret = kp_tab_set(r, vm->globals[i].val.p, &key, &val);
	if (!ret)
		kp_drop(r, &val);
	return ret ? -ENOMEM : 0;
}

static void begin_process(struct kp_run *r)
{
	r->occ = NULL;
	r->point = NULL;
	r->cpu = kp_plat_cpu();
}

enum ktap_vm_state ktap_vm_main(struct ktap_vm *vm)
{
	struct kp_val fn;

	if (kp_load(&vm->state) != KTAP_VM_LOADED)
		return ktap_vm_state(vm);
	kp_set_tag(&fn, KP_PROTO);
	begin_process(vm->proc);
	execute(vm->proc, &fn);
	kp_reap(vm->proc, vm, ~0u);
	kp_pool_refill(&vm->pool);
	reached(&vm->state, KTAP_VM_LOADED, KTAP_VM_RUNNING);
	return ktap_vm_state(vm);
}

enum ktap_vm_state ktap_vm_end(struct ktap_vm *vm)
{
	u32 i;

	ktap_vm_stop(vm);
	if (kp_load(&vm->state) == KTAP_VM_LOADED)
		return KTAP_VM_LOADED;
	begin_process(vm->proc);
	for (i = 0; i < vm->nr_end; i++)
		if (execute(vm->proc, &vm->handlers[vm->end_order[i]]))
			break;
	return ktap_vm_state(vm);
}

void ktap_vm_stop(struct ktap_vm *vm)
{
	reached(&vm->state, KTAP_VM_RUNNING, KTAP_VM_STOPPED);
}

enum ktap_vm_state ktap_vm_state(const struct ktap_vm *vm)
{
	return (enum ktap_vm_state)kp_load_acquire(&vm->state);
}

bool kp_vm_exit(struct ktap_vm *vm, s64 status)
{
	bool first = reached(&vm->state, KTAP_VM_RUNNING, KTAP_VM_EXIT) ||
		     reached(&vm->state, KTAP_VM_LOADED, KTAP_VM_EXIT);

	/* trace_end, which runs alone, may set it too */
	if (first || kp_load(&vm->state) == KTAP_VM_STOPPED)
		vm->exit_status = status;
	return first;
}

__s64 ktap_vm_exit_status(const struct ktap_vm *vm)
{
	return vm->exit_status;
}

void ktap_vm_error(const struct ktap_vm *vm, struct ktap_rec_error *err)
{
	if (kp_load_acquire(&vm->error_set) == 2)
		*err = vm->error;
	else
		memset(err, 0, sizeof(*err));
}

static void add_run(const struct kp_run *r, struct ktap_vm_stats *stats)
{
	stats->handled += r->handled;
	stats->emitted += r->emitted;
	stats->missed += r->missed;
	stats->busy += r->busy;
	stats->dropped += r->dropped;
}

void ktap_vm_stats(const struct ktap_vm *vm, struct ktap_vm_stats *stats)
{
	u32 cpu, ctx;

	memset(stats, 0, sizeof(*stats));
	add_run(vm->proc, stats);
	for (cpu = 0; cpu < vm->conf.nr_cpus; cpu++)
		for (ctx = 0; ctx < KP_CTX_COUNT; ctx++)
			add_run(vm->cpus[cpu].run[ctx], stats);
	/* chunks only go back at the end, so what is taken now is also the peak */
	stats->mem_bytes = vm->mem_fixed + kp_pool_bytes(&vm->pool);
	stats->mem_peak = stats->mem_bytes;
}

unsigned int ktap_vm_nr_events(const struct ktap_vm *vm)
{
	return vm->image.raw.sect[KTAP_SECT_EVENTS].count;
}

unsigned int ktap_vm_nr_fields(const struct ktap_vm *vm)
{
	return vm->image.raw.sect[KTAP_SECT_FIELDS].count;
}

int ktap_vm_registered(const struct ktap_vm *vm, unsigned int event)
{
	return event < ktap_vm_nr_events(vm) && !kp_is_nil(&vm->handlers[event]);
}

int kp_vm_register(struct kp_run *r, u32 event, const struct kp_val *fn)
{
	struct ktap_vm *vm = r->vm;
	const u8 *e =
		kp_entry(&vm->image.raw, KTAP_SECT_EVENTS, event, sizeof(struct ktap_chunk_event));
	struct kp_val own;
	int ret;

	if (kp_type(fn) != KTAP_T_FUNC)
		return kp_fail_type(r, KTAP_E_RUN_CALL, fn);
	ret = kp_own(r, &own, fn);
	if (ret)
		return ret;
	if (kp_is_nil(&vm->handlers[event]) && kp_read32(e) == KTAP_EV_END)
		vm->end_order[vm->nr_end++] = event;
	kp_move(r, &vm->handlers[event], own);
	return 0;
}

struct ktap_point *ktap_vm_point_create(struct ktap_vm *vm, unsigned int event, __u32 number,
					const char *name, const struct ktap_field *fields)
{
	u32 nfields = ktap_vm_nr_fields(vm), i;
	struct ktap_point *point;

	if (event >= ktap_vm_nr_events(vm))
		return NULL;
	for (i = 0; i < nfields; i++) {
		const struct ktap_field *f = &fields[i];
		bool str = f->kind == KTAP_FK_DATALOC || f->kind == KTAP_FK_RELLOC;

		if (f->kind >= KTAP_FK_COUNT || (str && f->size != 4) ||
		    (f->kind == KTAP_FK_INT && f->size != 1 && f->size != 2 && f->size != 4 &&
		     f->size != 8))
			return NULL;
	}
	point = kp_plat_alloc(sizeof(*point) + nfields * sizeof(*fields));
	if (!point)
		return NULL;
	point->vm = vm;
	point->event = event;
	point->number = number;
	if (nfields)
		memcpy(point->fields, fields, nfields * sizeof(*fields));
	if (kp_str_new(vm->proc, &point->name, name, (u32)strnlen(name, KTAP_MAX_STR))) {
		kp_plat_free(point);
		return NULL;
	}
	point->name.b[0] &= ~KP_COUNTED; /* handlers borrow it */
	return point;
}

void ktap_vm_point_free(struct ktap_point *point)
{
	if (!point)
		return;
	if (kp_is_pointer(&point->name))
		kp_unref(NULL, point->vm, &point->name);
	kp_plat_free(point);
}

const struct ktap_task *kp_run_task(struct kp_run *r)
{
	if (!r->have_task) {
		kp_plat_task(r->vm, r->occ, &r->task);
		r->have_task = true;
	}
	return &r->task;
}

u64 kp_run_time(struct kp_run *r)
{
	if (!r->time_ns)
		r->time_ns = r->occ && r->occ->time_ns ? r->occ->time_ns : kp_plat_clock_ns(r->occ);
	return r->time_ns;
}

void ktap_vm_fire(struct ktap_point *point, const struct ktap_occ *occ)
{
	struct ktap_vm *vm = point->vm;
	unsigned int cpu = kp_plat_cpu();
	enum kp_context ctx = kp_plat_context();
	struct kp_cpu *c;
	struct kp_run *r;
	u32 active;

	if (kp_load_acquire(&vm->state) != KTAP_VM_RUNNING || cpu >= vm->conf.nr_cpus ||
	    kp_is_nil(&vm->handlers[point->event]))
		return;
	c = &vm->cpus[cpu];
	r = c->run[ctx];
	/* contexts nest, so plain reads and writes of this CPU's word are enough */
	active = kp_load(&c->active);
	if (active & 1u << ctx) {
		r->missed++;
		return;
	}
	kp_store(&c->active, active | 1u << ctx);
	r->nested = active;
	r->occ = occ;
	r->point = point;
	r->cpu = occ->cpu >= 0 ? (u32)occ->cpu : cpu;
	execute(r, &vm->handlers[point->event]);
	if (unlikely(kp_load(&vm->dead)))
		kp_reap(r, vm, REAP_BUDGET);
	r->occ = NULL;
	r->point = NULL;
	kp_store(&c->active, active);
	if (unlikely(kp_load(&vm->dead) || kp_load(&vm->pool.low)))
		kp_plat_want_maintenance(vm);
}

void ktap_vm_maintain(struct ktap_vm *vm)
{
	kp_reap(NULL, vm, ~0u);
	kp_pool_refill(&vm->pool);
}
