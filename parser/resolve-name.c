// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names that are no locals, in this order: a global of the script, a builtin, the table arg, an
 * event's argument by position, an event's field.
 */
#include "resolve.h"

#include <string.h>

#define W_ANY false
#define W_EVENT true
#define F_0 false
#define F_BARE true

const struct kp_builtin_info kp_builtin_info[KTAP_B_COUNT] = {
#define KTAP_BUILTIN(name, args, where, flags, summary) { #name, args, W_##where, F_##flags },
#define KTAP_ALIAS(alias, name)
#define KTAP_SYNTAX(name, args, summary)
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
};

static const struct {
	const char *alias;
	int builtin;
} aliases[] = {
#define KTAP_BUILTIN(name, args, where, flags, summary)
#define KTAP_ALIAS(alias, name) { #alias, KTAP_B_##name },
#define KTAP_SYNTAX(name, args, summary)
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
};

static const char *const syntax_names[] = {
#define KTAP_BUILTIN(name, args, where, flags, summary)
#define KTAP_ALIAS(alias, name)
#define KTAP_SYNTAX(name, args, summary) #name,
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int find_builtin(const char *name)
{
	unsigned int i;

	for (i = 0; i < KTAP_B_COUNT; i++)
		if (!strcmp(name, kp_builtin_info[i].name))
			return i;
	for (i = 0; i < COUNT(aliases); i++)
		if (!strcmp(name, aliases[i].alias))
			return aliases[i].builtin;
	return -1;
}

static int find_syntax(const char *name)
{
	unsigned int i;

	for (i = 0; i < COUNT(syntax_names); i++)
		if (!strcmp(name, syntax_names[i]))
			return i;
	return -1;
}

/* N of "argN", or -1. */
static int arg_number(const struct kp_str *s)
{
	if (s->len == 4 && !memcmp(s->data, "arg", 3) && s->data[3] >= '0' && s->data[3] <= '9')
		return s->data[3] - '0';
	return -1;
}

static bool is_name(const struct kp_pending *p, const char *name)
{
	return p->node->kind == KP_N_NAME && !p->node->name.str->global &&
	       !strcmp(p->node->name.str->data, name);
}

/* Old scripts count fields from arg1, newer ones from arg0: their other words tell them apart. */
static void find_arg_base(struct kp_resolver *r)
{
	const struct kp_pending *from0 = NULL, *from1 = NULL;
	unsigned int i;

	for (i = 0; i < r->nr_pending; i++) {
		const struct kp_pending *p = &r->pending[i];

		if (!from0 &&
		    (is_name(p, "arg0") || is_name(p, "argstr") || is_name(p, "probename")))
			from0 = p;
		if (!from1 && (is_name(p, "argevent") || is_name(p, "argname")))
			from1 = p;
	}
	r->arg_base = r->c->env->arg_base;
	if (r->arg_base != 0 && r->arg_base != 1) {
		r->arg_base = from0 ? 0 : 1;
		if (from0 && from1) {
			kp_diag(r->c, KP_D_ARG_BASE, from0->node->at,
				"'%s' says that fields begin with arg0, '%s' with arg1",
				from0->node->name.str->data, from1->node->name.str->data);
			kp_diag_note(r->c, from1->node->at, "'%s' is here",
				     from1->node->name.str->data);
			kp_diag_hint(r->c, "use names of one kind, or --arg-base");
		}
	}
}

static void need(struct kp_resolver *r, const struct kp_func *f, uint32_t flag)
{
	if (!f->handler)
		r->c->function_flags |= flag;
	else if (f->handler->event->kind == KTAP_EV_TRACE)
		f->handler->event->flags |= flag;
}

/* Is there an event where f's code runs?  A function outside handlers may be called from one. */
static bool has_event(const struct kp_resolver *r, const struct kp_func *f, bool fields)
{
	if (!f->handler)
		return f != r->c->main;
	if (f->handler->event->kind == KTAP_EV_TRACE)
		return true;
	return !fields && f->handler->event->kind != KTAP_EV_END;
}

static void no_event(struct kp_resolver *r, const struct kp_pending *p, const char *what)
{
	static const char *const places[] = { "", "a tick block", "a profile block", "trace_end" };

	if (!p->func->handler)
		kp_diag(r->c, KP_D_NO_EVENT, p->node->at, "%s outside of an event block", what);
	else
		kp_diag(r->c, KP_D_NO_EVENT, p->node->at, "%s in %s, which has no event", what,
			places[p->func->handler->event->kind]);
}

static void make_field(struct kp_resolver *r, const struct kp_pending *p, struct kp_str *name,
		       unsigned int position)
{
	struct kp_event *ev = p->func->handler ? p->func->handler->event : NULL;
	struct kp_comp *c = r->c;
	struct kp_node *n = p->node;
	unsigned int i;

	need(r, p->func, KTAP_EVF_FIELDS);
	for (i = 0; i < c->nr_fields; i++)
		if (c->fields[i].event == ev && c->fields[i].name == name &&
		    c->fields[i].position == position)
			break;
	if (i == c->nr_fields) {
		if (i == KTAP_MAX_FIELDS) {
			kp_diag(c, KP_D_LIMIT, n->at, "script uses more than %d fields",
				KTAP_MAX_FIELDS);
			i = c->nr_fields = 0;
		}
		c->fields = kp_arena_more(&c->arena, c->fields, c->nr_fields, &c->cap_fields,
					  sizeof(*c->fields));
		c->fields[c->nr_fields++] = (struct kp_field){ name, position, ev, n->at };
	}
	n->kind = KP_N_NAME;
	n->name = (struct kp_name){ .str = name, .ref = KP_REF_FIELD, .field = i };
}

static bool event_has(const struct kp_event *ev, const struct kp_str *name)
{
	unsigned int i;

	if (!ev->known)
		return true;
	for (i = 0; i < ev->nr_fields; i++)
		if (!strcmp(ev->fields[i], name->data))
			return true;
	return false;
}

/* args.NAME: always a field. */
static void args_field(struct kp_resolver *r, const struct kp_pending *p)
{
	struct kp_node *base = p->node->index.base;
	struct kp_str *name = p->node->index.key->str;
	const struct kp_func *f = p->func;

	if (base->name.str->global) {
		base->name.ref = KP_REF_GLOBAL;
		base->name.global = base->name.str->global;
		return;
	}
	if (!has_event(r, f, true))
		no_event(r, p, "a field");
	else if (p->target)
		kp_diag(r->c, KP_D_BAD_ASSIGN, p->node->at,
			"fields of an event cannot be assigned to");
	else if (f->handler && !event_has(f->handler->event, name))
		kp_resolve_unknown_field(r, name, p->node->index.key->at, f->handler->event);
	else
		make_field(r, p, name, 0);
}

static void use_builtin(struct kp_resolver *r, const struct kp_pending *p, int builtin)
{
	const struct kp_builtin_info *info = &kp_builtin_info[builtin];
	struct kp_node *n = p->node;
	char what[64];

	n->name.ref = KP_REF_BUILTIN;
	n->name.builtin = builtin;
	if (n->name.use == KP_USE_VALUE && !info->bare) {
		kp_diag(r->c, KP_D_NOT_A_VALUE, n->at, "builtin '%s' can only be called",
			n->name.str->data);
		return;
	}
	if (!info->event)
		return;
	if (!has_event(r, p->func, false)) {
		snprintf(what, sizeof(what), "'%s'", n->name.str->data);
		no_event(r, p, what);
		return;
	}
	if (builtin == KTAP_B_argevent)
		need(r, p->func, KTAP_EVF_ENTRY);
}

static void use_syntax(struct kp_resolver *r, const struct kp_pending *p, int row)
{
	struct kp_node *n = p->node;

	n->name.ref = KP_REF_SYNTAX;
	n->name.builtin = row;
	if (n->name.use != KP_USE_ITER)
		kp_diag(r->c, KP_D_NOT_A_VALUE, n->at,
			"'%s' stands only in the head of a for loop, behind 'in'",
			n->name.str->data);
}

static void use_arg(struct kp_resolver *r, const struct kp_pending *p, int number)
{
	char what[64];

	if (!has_event(r, p->func, true)) {
		snprintf(what, sizeof(what), "'arg%d'", number);
		no_event(r, p, what);
	} else if (number < r->arg_base) {
		kp_diag(r->c, KP_D_ARG_BASE, p->node->at, "there is no arg0 with --arg-base=1");
	} else {
		make_field(r, p, NULL, number + 1 - r->arg_base);
	}
}

static void settle(struct kp_resolver *r, const struct kp_pending *p)
{
	struct kp_node *n = p->node;
	struct kp_str *name = n->name.str;
	const struct kp_func *handler = p->func->handler;
	int number = arg_number(name);

	if (!name->global && !strcmp(name->data, "arg"))
		kp_resolve_global(r->c, name);
	if (name->global) {
		n->name.ref = KP_REF_GLOBAL;
		n->name.global = name->global;
	} else if (find_builtin(name->data) >= 0) {
		use_builtin(r, p, find_builtin(name->data));
	} else if (find_syntax(name->data) >= 0) {
		use_syntax(r, p, find_syntax(name->data));
	} else if (number >= 0) {
		use_arg(r, p, number);
	} else if (handler && handler->event->kind == KTAP_EV_TRACE &&
		   event_has(handler->event, name)) {
		make_field(r, p, name, 0);
	} else {
		kp_resolve_unknown(r, p);
	}
}

void kp_resolve_names(struct kp_resolver *r)
{
	unsigned int i;

	find_arg_base(r);
	for (i = 0; i < r->nr_pending; i++) {
		if (r->pending[i].node->kind == KP_N_INDEX)
			args_field(r, &r->pending[i]);
		else
			settle(r, &r->pending[i]);
	}
}
