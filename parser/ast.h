/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The syntax tree.  The parser builds it, the resolver fills in what names mean, the emitter only
 * reads it.  Every node knows the height of the tree below it; the parser keeps that under
 * KP_MAX_HEIGHT, which is why later passes may recurse.
 */
#ifndef KP_AST_H
#define KP_AST_H

#include "comp.h"
#include "lex.h"

enum kp_node_kind {
	/* Expressions. */
	KP_N_ERROR,
	KP_N_NIL,
	KP_N_TRUE,
	KP_N_FALSE,
	KP_N_NUM,
	KP_N_STR,
	KP_N_NAME,
	KP_N_INDEX,
	KP_N_CALL,
	KP_N_FUNC,
	KP_N_TABLE,
	KP_N_ITEM, /* of a table constructor */
	KP_N_NEG,
	KP_N_BNOT,
	KP_N_NOT,
	KP_N_BINARY, /* and, or and comparisons too; not concat */
	KP_N_CONCAT,
	/* Statements. */
	KP_N_BLOCK,
	KP_N_LOCAL,
	KP_N_ASSIGN,
	KP_N_UPDATE, /* compound assignment */
	KP_N_EXPR, /* a call */
	KP_N_IF,
	KP_N_CLAUSE, /* of an if */
	KP_N_WHILE,
	KP_N_REPEAT,
	KP_N_FORNUM,
	KP_N_FORC,
	KP_N_FORIN,
	KP_N_FUNCTION, /* declaration */
	KP_N_RETURN,
	KP_N_BREAK,
	KP_N_CONTINUE,
	KP_N_TRACE,
};

/* What a name stands for. */
enum kp_ref {
	KP_REF_NONE, /* not resolved, or reported as unknown */
	KP_REF_LOCAL,
	KP_REF_UPVAL,
	KP_REF_GLOBAL,
	KP_REF_BUILTIN,
	KP_REF_SYNTAX, /* pairs, sort_pairs */
	KP_REF_FIELD,
};

/* How a name is used: decides what it may stand for. */
enum kp_use {
	KP_USE_VALUE,
	KP_USE_CALL,
	KP_USE_ITER, /* called in the head of a for loop */
	KP_USE_TARGET,
};

struct kp_node;
struct kp_func;

struct kp_list {
	struct kp_node *head, *last;
	unsigned int nr;
};

struct kp_local {
	struct kp_local *outer; /* the local declared before it and still visible */
	struct kp_local *next; /* in the same declaration */
	struct kp_str *name;
	struct kp_span at;
	struct kp_func *func; /* whose frame it lives in */
	struct kp_func *self; /* local function: the function it was declared with */
	unsigned int serial; /* order of declaration */
	bool captured, assigned; /* both: it lives in a box */
	unsigned char reg; /* set by the emitter */
};

struct kp_locals {
	struct kp_local *head, *last;
	unsigned int nr;
};

struct kp_upval {
	struct kp_local *local;
	int from; /* upvalue of the enclosing function, or -1: its register */
};

struct kp_unknown; /* a name reported in this function */

struct kp_func {
	struct kp_func *parent;
	struct kp_func *handler; /* the handler it is in or is, or NULL */
	struct kp_event *event; /* a handler's event */
	struct kp_str *name; /* NULL: none */
	struct kp_span at;
	struct kp_locals params;
	struct kp_node *body; /* BLOCK */
	struct kp_upval *upvals;
	unsigned int nr_upvals, cap_upvals;
	struct kp_unknown *unknown;
	uint32_t loops; /* the parser: loops around this place */
};

struct kp_name {
	struct kp_str *str;
	unsigned char use; /* enum kp_use */
	unsigned char ref; /* enum kp_ref */
	union {
		struct kp_local *local;
		unsigned int upval;
		struct kp_global *global;
		int builtin; /* enum ktap_builtin; row of KTAP_SYNTAX */
		unsigned int field;
	};
};

struct kp_node {
	struct kp_node *next; /* in its list */
	unsigned char kind; /* enum kp_node_kind */
	unsigned char op; /* enum kp_bin of BINARY, UPDATE */
	bool parens; /* an expression in parentheses */
	unsigned short height;
	struct kp_span at;
	uint32_t op_off; /* of the operator: where its run-time errors point */
	union {
		int64_t num;
		struct kp_str *str;
		struct kp_name name; /* NAME; INDEX of "args" may become one */
		struct {
			struct kp_node *base, *key;
		} index;
		struct {
			struct kp_node *fn;
			struct kp_list args;
		} call;
		struct kp_func *func;
		struct kp_list list; /* TABLE, CONCAT, BLOCK, IF, RETURN */
		struct {
			struct kp_node *key, *value; /* key NULL: by position */
		} item;
		struct kp_node *operand; /* NEG BNOT NOT EXPR */
		struct {
			struct kp_node *l, *r;
		} bin;
		struct {
			struct kp_locals vars;
			struct kp_list exprs;
		} local;
		struct {
			struct kp_list targets, exprs;
		} assign;
		struct {
			struct kp_node *target, *value;
		} update;
		struct {
			struct kp_node *cond, *body; /* CLAUSE: cond NULL for else */
		} loop; /* CLAUSE WHILE REPEAT */
		struct {
			struct kp_locals vars;
			struct kp_node *start, *limit, *step, *body;
		} fornum;
		struct {
			struct kp_node *init, *cond, *step, *body;
		} forc;
		struct {
			struct kp_locals vars;
			struct kp_node *iter, *body;
			int mode; /* enum ktap_iter_mode */
		} forin;
		struct {
			struct kp_local *local; /* or */
			struct kp_node *target; /* NAME or INDEX */
			struct kp_func *func;
		} function;
		struct {
			struct kp_event *event;
			struct kp_func *func;
		} trace;
	};
};

struct kp_node *kp_ast_new(struct kp_comp *c, enum kp_node_kind kind, struct kp_span at);
/* child becomes part of node: keeps heights. */
void kp_ast_adopt(struct kp_comp *c, struct kp_node *node, const struct kp_node *child);
void kp_ast_append(struct kp_comp *c, struct kp_node *owner, struct kp_list *list,
		   struct kp_node *node);
struct kp_local *kp_ast_local(struct kp_comp *c, struct kp_locals *list, struct kp_str *name,
			      struct kp_span at);
/* From the start of a to the end of b. */
struct kp_span kp_span_join(struct kp_span a, struct kp_span b);

static inline bool kp_local_boxed(const struct kp_local *l)
{
	return l->captured && l->assigned;
}

/* fold.c: the same expression, or the constant it always is. */
struct kp_node *kp_fold_unary(struct kp_node *n);
struct kp_node *kp_fold_binary(struct kp_node *n);
void kp_fold_concat(struct kp_comp *c, struct kp_node *n);
/* Constants: 1 true, 0 false; -1: not known before it runs. */
int kp_fold_truth(const struct kp_node *n);

#endif
