// SPDX-License-Identifier: GPL-2.0-only
/* Reports of unknown names: once for a name and function, with what might have been meant. */
#include "resolve.h"

#include <string.h>

#define MOST_ERRORS (5 * KP_MAX_ERRORS)
#define MOST_NAMES 2000 /* looked at for a near one */
#define MOST_FIELDS 16 /* listed in a note */

struct kp_unknown {
	struct kp_unknown *next;
	const struct kp_str *name;
};

struct names {
	const char **v;
	unsigned int nr, cap;
};

static void add(struct kp_comp *c, struct names *names, const char *name)
{
	if (names->nr == MOST_NAMES)
		return;
	names->v = kp_arena_more(&c->arena, names->v, names->nr, &names->cap, sizeof(*names->v));
	names->v[names->nr++] = name;
}

static void add_builtins(struct kp_comp *c, struct names *names)
{
#define KTAP_BUILTIN(name, args, where, flags, summary) add(c, names, #name);
#define KTAP_ALIAS(alias, name) add(c, names, #alias);
#define KTAP_SYNTAX(name, args, summary) add(c, names, #name);
#include <ktap/builtins.def>
#undef KTAP_BUILTIN
#undef KTAP_ALIAS
#undef KTAP_SYNTAX
}

static void add_fields(struct kp_comp *c, struct names *names, const struct kp_event *ev)
{
	unsigned int i;

	for (i = 0; i < ev->nr_fields; i++)
		add(c, names, ev->fields[i]);
}

static void hint_near(struct kp_comp *c, const struct kp_str *name, const struct names *names)
{
	const char *near = ktap_nearest(name->data, names->v, names->nr);

	if (near && strcmp(near, name->data))
		kp_diag_hint(c, "did you mean '%s'?", near);
}

static void hint_fields(struct kp_comp *c, const struct kp_event *ev)
{
	char list[700];
	unsigned int i;
	size_t len = 0;

	if (!ev->known || !ev->nr_fields)
		return;
	list[0] = 0;
	for (i = 0; i < ev->nr_fields && i < MOST_FIELDS; i++) {
		size_t l = strlen(ev->fields[i]);

		if (len + l + 3 > sizeof(list))
			break;
		len += snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
				ev->fields[i]);
	}
	if (i < ev->nr_fields)
		kp_diag_hint(c, "fields of %.100s: %s and %u more", ev->def->data, list,
			     ev->nr_fields - i);
	else
		kp_diag_hint(c, "fields of %.100s: %s", ev->def->data, list);
}

static bool reported(struct kp_comp *c, struct kp_func *f, const struct kp_str *name)
{
	struct kp_unknown *u;

	for (u = f->unknown; u; u = u->next)
		if (u->name == name)
			return true;
	u = kp_arena_alloc(&c->arena, sizeof(*u));
	u->name = name;
	u->next = f->unknown;
	f->unknown = u;
	return false;
}

void kp_resolve_unknown(struct kp_resolver *r, const struct kp_pending *p)
{
	const struct kp_func *handler = p->func->handler;
	struct kp_str *name = p->node->name.str;
	struct names names = { 0 };
	struct kp_comp *c = r->c;
	struct kp_global *g;
	struct kp_local *l;

	/* Nobody reads that many; looking for near names takes time. */
	if (c->errors > MOST_ERRORS || reported(c, p->func, name))
		return;
	kp_diag(c, KP_D_UNKNOWN_NAME, p->node->at, "unknown %s '%.*s'",
		p->node->name.use == KP_USE_CALL ? "function" : "name",
		(int)(name->len < 100 ? name->len : 100), name->data);
	for (l = p->scope; l; l = l->outer)
		add(c, &names, l->name->data);
	for (g = c->globals; g; g = g->next)
		add(c, &names, g->name->data);
	if (handler)
		add_fields(c, &names, handler->event);
	add_builtins(c, &names);
	hint_near(c, name, &names);
	if (!strcmp(name->data, "args"))
		kp_diag_hint(c, "fields of the event are written args.NAME");
	else if (p->indexed)
		kp_diag_hint(c, "a table has to be made first: %.*s = {}",
			     (int)(name->len < 100 ? name->len : 100), name->data);
	if (handler)
		hint_fields(c, handler->event);
}

void kp_resolve_unknown_field(struct kp_resolver *r, struct kp_str *name, struct kp_span at,
			      const struct kp_event *ev)
{
	struct names names = { 0 };
	struct kp_comp *c = r->c;

	if (c->errors > MOST_ERRORS)
		return;
	kp_diag(c, KP_D_UNKNOWN_FIELD, at, "%.100s has no field '%.*s'", ev->def->data,
		(int)(name->len < 100 ? name->len : 100), name->data);
	add_fields(c, &names, ev);
	hint_near(c, name, &names);
	hint_fields(c, ev);
}
