// SPDX-License-Identifier: GPL-2.0-only
/* Building nodes. */
#include "ast.h"

struct kp_node *kp_ast_new(struct kp_comp *c, enum kp_node_kind kind, struct kp_span at)
{
	struct kp_node *n = kp_arena_alloc(&c->arena, sizeof(*n));

	n->kind = kind;
	n->at = at;
	n->op_off = at.off;
	n->height = 1;
	return n;
}

void kp_ast_adopt(struct kp_comp *c, struct kp_node *node, const struct kp_node *child)
{
	if (!child || child->height < node->height)
		return;
	node->height = child->height + 1;
	if (node->height == KP_MAX_HEIGHT) {
		kp_diag(c, KP_D_LIMIT, node->at,
			"too complex: more than %d operations depend on each other", KP_MAX_HEIGHT);
		/* Reported; start again from the ground so that it is reported once. */
		node->height = 1;
	}
}

void kp_ast_append(struct kp_comp *c, struct kp_node *owner, struct kp_list *list,
		   struct kp_node *node)
{
	if (list->last)
		list->last->next = node;
	else
		list->head = node;
	list->last = node;
	list->nr++;
	kp_ast_adopt(c, owner, node);
}

struct kp_local *kp_ast_local(struct kp_comp *c, struct kp_locals *list, struct kp_str *name,
			      struct kp_span at)
{
	struct kp_local *l = kp_arena_alloc(&c->arena, sizeof(*l));

	l->name = name;
	l->at = at;
	if (list->last)
		list->last->next = l;
	else
		list->head = l;
	list->last = l;
	list->nr++;
	return l;
}

struct kp_span kp_span_join(struct kp_span a, struct kp_span b)
{
	uint32_t end = b.off + b.len;

	if (end > a.off)
		a.len = end - a.off;
	return a;
}
