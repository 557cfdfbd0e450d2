// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk over the tree.  Visible locals form one list from the innermost outward that crosses
 * functions; leaving a block puts its head back.  A local found behind a function boundary is
 * captured, through every function on the way.
 */
#include "resolve.h"

#include <errno.h>
#include <string.h>

struct kp_loop {
	struct kp_loop *outer;
	bool repeat;
	unsigned int first_continue; /* serial of the next local at that moment */
};

static void expr(struct kp_resolver *r, struct kp_node *n);
static void statement(struct kp_resolver *r, struct kp_node *n);

struct kp_global *kp_resolve_global(struct kp_comp *c, struct kp_str *name)
{
	struct kp_global *g = name->global;

	if (g)
		return g;
	g = kp_arena_alloc(&c->arena, sizeof(*g));
	g->name = name;
	name->global = g;
	*c->globals_end = g;
	c->globals_end = &g->next;
	return g;
}

static void declare(struct kp_resolver *r, struct kp_local *l)
{
	l->func = r->func;
	l->outer = r->scope;
	l->serial = r->serial++;
	r->scope = l;
}

static void declare_all(struct kp_resolver *r, struct kp_locals *vars)
{
	struct kp_local *l;

	for (l = vars->head; l; l = l->next)
		declare(r, l);
}

static int find_upval(struct kp_resolver *r, struct kp_func *f, struct kp_local *l,
		      struct kp_span at)
{
	unsigned int i;
	int from = -1;

	for (i = 0; i < f->nr_upvals; i++)
		if (f->upvals[i].local == l)
			return i;
	if (l->func != f->parent)
		from = find_upval(r, f->parent, l, at);
	if (f->nr_upvals == KTAP_MAX_UPVALS) {
		kp_diag(r->c, KP_D_LIMIT, at, "function uses more than %d outer variables",
			KTAP_MAX_UPVALS);
		f->nr_upvals = 0;
	}
	f->upvals = kp_arena_more(&r->c->arena, f->upvals, f->nr_upvals, &f->cap_upvals,
				  sizeof(*f->upvals));
	f->upvals[f->nr_upvals].local = l;
	f->upvals[f->nr_upvals].from = from;
	return f->nr_upvals++;
}

static void pend(struct kp_resolver *r, struct kp_node *n, bool indexed)
{
	r->pending = kp_arena_more(&r->c->arena, r->pending, r->nr_pending, &r->cap_pending,
				   sizeof(*r->pending));
	r->pending[r->nr_pending++] = (struct kp_pending){ n, r->func, r->scope, indexed, false };
}

static struct kp_local *find_local(const struct kp_resolver *r, const struct kp_str *name)
{
	struct kp_local *l;

	for (l = r->scope; l; l = l->outer)
		if (l->name == name)
			return l;
	return NULL;
}

/* continue may jump over the declaration of a local that the condition behind until reads. */
static void check_until(struct kp_resolver *r, const struct kp_local *l, struct kp_span at)
{
	if (!r->until || l->serial < r->until->first_continue || l->serial >= r->until_end)
		return;
	kp_diag(r->c, KP_D_BAD_BREAK, at, "'%s' may not exist here", l->name->data);
	kp_diag_note(r->c, l->at, "a continue jumps over this declaration");
}

static void name(struct kp_resolver *r, struct kp_node *n, bool indexed)
{
	struct kp_local *l = find_local(r, n->name.str);

	if (!l) {
		if (n->name.use == KP_USE_TARGET)
			kp_resolve_global(r->c, n->name.str);
		pend(r, n, indexed);
		return;
	}
	check_until(r, l, n->at);
	if (n->name.use == KP_USE_TARGET)
		l->assigned = true;
	if (l->func == r->func) {
		n->name.ref = KP_REF_LOCAL;
		n->name.local = l;
		return;
	}
	l->captured = true;
	n->name.ref = KP_REF_UPVAL;
	n->name.upval = find_upval(r, r->func, l, n->at);
}

static void function(struct kp_resolver *r, struct kp_func *f)
{
	struct kp_local *scope = r->scope;
	struct kp_func *outer = r->func;
	struct kp_loop *loop = r->loop;

	r->func = f;
	r->loop = NULL;
	declare_all(r, &f->params);
	statement(r, f->body);
	r->func = outer;
	r->loop = loop;
	r->scope = scope;
}

static void list(struct kp_resolver *r, const struct kp_list *l)
{
	struct kp_node *n;

	for (n = l->head; n; n = n->next)
		expr(r, n);
}

/* args.NAME or args["NAME"] */
static bool is_args_field(const struct kp_node *n)
{
	const struct kp_node *base = n->index.base, *key = n->index.key;

	return base->kind == KP_N_NAME && !strcmp(base->name.str->data, "args") &&
	       key->kind == KP_N_STR && strlen(key->str->data) == key->str->len;
}

static void index_expr(struct kp_resolver *r, struct kp_node *n)
{
	struct kp_node *base = n->index.base;

	if (is_args_field(n) && !find_local(r, base->name.str)) {
		pend(r, n, false);
		return;
	}
	if (base->kind == KP_N_NAME)
		name(r, base, true);
	else
		expr(r, base);
	expr(r, n->index.key);
}

static void target(struct kp_resolver *r, struct kp_node *n)
{
	expr(r, n);
	if (r->nr_pending && r->pending[r->nr_pending - 1].node == n)
		r->pending[r->nr_pending - 1].target = true;
}

static void note_call(struct kp_resolver *r, struct kp_node *n)
{
	r->calls = kp_arena_more(&r->c->arena, r->calls, r->nr_calls, &r->cap_calls,
				 sizeof(*r->calls));
	r->calls[r->nr_calls++] = n;
}

static void expr(struct kp_resolver *r, struct kp_node *n)
{
	switch (n->kind) {
	case KP_N_NAME:
		name(r, n, false);
		break;
	case KP_N_INDEX:
		index_expr(r, n);
		break;
	case KP_N_CALL:
		note_call(r, n);
		expr(r, n->call.fn);
		list(r, &n->call.args);
		break;
	case KP_N_FUNC:
		function(r, n->func);
		break;
	case KP_N_TABLE:
	case KP_N_CONCAT:
		list(r, &n->list);
		break;
	case KP_N_ITEM:
		if (n->item.key)
			expr(r, n->item.key);
		expr(r, n->item.value);
		break;
	case KP_N_NEG:
	case KP_N_BNOT:
	case KP_N_NOT:
		expr(r, n->operand);
		break;
	case KP_N_BINARY:
		expr(r, n->bin.l);
		expr(r, n->bin.r);
		break;
	default:
		break;
	}
}

static void loop_body(struct kp_resolver *r, struct kp_node *body)
{
	struct kp_loop loop = { r->loop, false, ~0u };

	r->loop = &loop;
	statement(r, body);
	r->loop = loop.outer;
}

static void repeat(struct kp_resolver *r, struct kp_node *n)
{
	struct kp_loop loop = { r->loop, true, ~0u }, *until = r->until;
	struct kp_local *scope = r->scope;
	unsigned int until_end = r->until_end;
	struct kp_node *s;

	r->loop = &loop;
	/* The condition sees the locals of the body: one scope for both. */
	for (s = n->loop.body->list.head; s; s = s->next)
		statement(r, s);
	r->loop = loop.outer;
	r->until = &loop;
	r->until_end = r->serial;
	expr(r, n->loop.cond);
	r->until = until;
	r->until_end = until_end;
	r->scope = scope;
}

static void for_loop(struct kp_resolver *r, struct kp_node *n)
{
	struct kp_local *scope = r->scope;

	switch (n->kind) {
	case KP_N_FORNUM:
		expr(r, n->fornum.start);
		expr(r, n->fornum.limit);
		if (n->fornum.step)
			expr(r, n->fornum.step);
		declare_all(r, &n->fornum.vars);
		loop_body(r, n->fornum.body);
		break;
	case KP_N_FORIN:
		note_call(r, n);
		if (n->forin.iter->kind == KP_N_CALL) {
			expr(r, n->forin.iter->call.fn);
			list(r, &n->forin.iter->call.args);
		}
		declare_all(r, &n->forin.vars);
		loop_body(r, n->forin.body);
		break;
	default:
		if (n->forc.init)
			statement(r, n->forc.init);
		if (n->forc.cond)
			expr(r, n->forc.cond);
		if (n->forc.step)
			statement(r, n->forc.step);
		loop_body(r, n->forc.body);
	}
	r->scope = scope;
}

static void function_decl(struct kp_resolver *r, struct kp_node *n)
{
	if (n->function.local) {
		declare(r, n->function.local);
		n->function.local->self = n->function.func;
	} else {
		target(r, n->function.target);
	}
	function(r, n->function.func);
}

static void block(struct kp_resolver *r, struct kp_node *n)
{
	struct kp_local *scope = r->scope;
	struct kp_node *s;

	for (s = n->list.head; s; s = s->next)
		statement(r, s);
	r->scope = scope;
}

static void clauses(struct kp_resolver *r, struct kp_node *n)
{
	struct kp_node *cl;

	for (cl = n->list.head; cl; cl = cl->next) {
		if (cl->loop.cond)
			expr(r, cl->loop.cond);
		statement(r, cl->loop.body);
	}
}

static void statement(struct kp_resolver *r, struct kp_node *n)
{
	struct kp_node *t;

	switch (n->kind) {
	case KP_N_BLOCK:
		block(r, n);
		break;
	case KP_N_LOCAL:
		list(r, &n->local.exprs);
		declare_all(r, &n->local.vars);
		break;
	case KP_N_ASSIGN:
		for (t = n->assign.targets.head; t; t = t->next)
			target(r, t);
		list(r, &n->assign.exprs);
		break;
	case KP_N_UPDATE:
		target(r, n->update.target);
		expr(r, n->update.value);
		break;
	case KP_N_EXPR:
		expr(r, n->operand);
		break;
	case KP_N_IF:
		clauses(r, n);
		break;
	case KP_N_WHILE:
		expr(r, n->loop.cond);
		loop_body(r, n->loop.body);
		break;
	case KP_N_REPEAT:
		repeat(r, n);
		break;
	case KP_N_FORNUM:
	case KP_N_FORIN:
	case KP_N_FORC:
		for_loop(r, n);
		break;
	case KP_N_FUNCTION:
		function_decl(r, n);
		break;
	case KP_N_RETURN:
		list(r, &n->list);
		break;
	case KP_N_CONTINUE:
		if (r->loop && r->loop->repeat && r->loop->first_continue == ~0u)
			r->loop->first_continue = r->serial;
		break;
	case KP_N_TRACE:
		function(r, n->trace.func);
		break;
	default:
		break;
	}
}

/* Ask the front end about every event, once, in source order. */
static void look_up_event(struct kp_comp *c, struct kp_event *ev)
{
	struct ktap_event_desc desc;
	unsigned int i;

	if (!c->env->event || ev->kind == KTAP_EV_END)
		return;
	memset(&desc, 0, sizeof(desc));
	if (c->env->event(c->env->ctx, ev->kind, ev->def->data,
			  ev->filter ? ev->filter->data : NULL, &desc)) {
		desc.error[sizeof(desc.error) - 1] = 0;
		kp_diag(c, KP_D_BAD_EVENT, ev->at, "%s",
			desc.error[0] ? desc.error : "no such event");
		return;
	}
	ev->known = true;
	if (!desc.nr_fields)
		return;
	ev->fields = kp_arena_alloc(&c->arena, desc.nr_fields * sizeof(*ev->fields));
	ev->nr_fields = desc.nr_fields;
	/* The env may use its memory again for the next event. */
	for (i = 0; i < desc.nr_fields; i++)
		ev->fields[i] = kp_arena_copy(&c->arena, desc.fields[i], strlen(desc.fields[i]));
}

int kp_resolve(struct kp_comp *c)
{
	struct kp_resolver r;
	struct kp_event *ev;

	memset(&r, 0, sizeof(r));
	r.c = c;
	r.func = c->main;
	statement(&r, c->main->body);
	for (ev = c->events; ev; ev = ev->next)
		look_up_event(c, ev);
	kp_resolve_names(&r);
	kp_check_calls(&r);
	return c->errors ? -EINVAL : 0;
}
