/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values: 16 bytes, the tag in the first.  Strings up to 15 bytes live in the value itself, zero
 * padded, so two scalars are equal exactly when both words are.
 *
 * A pointer in a value is counted (KP_COUNTED: this value owns a reference) or borrowed (something
 * that outlives the frame owns one: the chunk, the running function, a global that only the main
 * chunk writes).  Whatever leaves a frame - into a table, global, box, upvalue, or to the caller -
 * is made counted first (kp_own).  So a borrowed pointer never outlives its owner.
 */
#ifndef KP_VALUE_H
#define KP_VALUE_H

#include <ktap_env.h>
#include <ktap/bytecode.h>

enum kp_tag {
	KP_NIL,
	KP_FALSE,
	KP_TRUE,
	KP_NUM,
	KP_PROTO, /* function without upvalues: n is the prototype */
	KP_CUREVENT, /* the event being handled; kp_own() makes a KP_EVENT of it */
	KP_STR = 8, /* from here on a pointer: struct kp_blob */
	KP_EVENT, /* struct kp_blob */
	KP_STACK, /* struct kp_blob */
	KP_TAB, /* struct kp_tab */
	KP_FUNC, /* struct kp_func */
	KP_BOX, /* struct kp_box */
	KP_ITER, /* struct kp_iter */
	KP_CELL,
	KP_SHORT = 0x20, /* short string: its length is added */
	KP_COUNTED = 0x80, /* flag on a pointer */
};

#define KP_SHORT_MAX 15

struct kp_val {
	union {
		u64 w[2];
		u8 b[16];
		struct {
			u64 head;
			union {
				s64 n;
				void *p;
			};
		};
	};
};

/* The first word of a value that has nothing but a tag there. */
#define KP_HEAD(tag) (KP_BIG_ENDIAN ? (u64)(tag) << 56 : (u64)(tag))

static inline unsigned int kp_tag(const struct kp_val *v)
{
	return v->b[0] & ~KP_COUNTED;
}

static inline bool kp_is_counted(const struct kp_val *v)
{
	return v->b[0] & KP_COUNTED;
}

static inline bool kp_is_pointer(const struct kp_val *v)
{
	return (v->b[0] & 0x78) == KP_STR;
}

static inline bool kp_is_nil(const struct kp_val *v)
{
	return v->b[0] == KP_NIL;
}

static inline bool kp_is_num(const struct kp_val *v)
{
	return v->b[0] == KP_NUM;
}

static inline bool kp_is_short(const struct kp_val *v)
{
	return (v->b[0] & 0xf0) == KP_SHORT;
}

static inline bool kp_is_str(const struct kp_val *v)
{
	return kp_is_short(v) || kp_tag(v) == KP_STR;
}

/* Neither nil nor false. */
static inline bool kp_is_true(const struct kp_val *v)
{
	return v->b[0] > KP_FALSE;
}

/* These overwrite: the caller knows that *v owns nothing. */
static inline void kp_set_tag(struct kp_val *v, unsigned int tag)
{
	v->w[0] = KP_HEAD(tag);
	v->w[1] = 0;
}

static inline void kp_set_num(struct kp_val *v, s64 n)
{
	v->w[0] = KP_HEAD(KP_NUM);
	v->w[1] = (u64)n;
}

static inline void kp_set_bool(struct kp_val *v, bool b)
{
	kp_set_tag(v, b ? KP_TRUE : KP_FALSE);
}

static inline void kp_set_ptr(struct kp_val *v, unsigned int tag, void *p)
{
	v->w[0] = KP_HEAD(tag);
	v->w[1] = 0;
	v->p = p;
}

/* What every object that pointers refer to starts with. */
struct kp_obj {
	u32 ref;
	u32 tag; /* kp_tag of the pointers to it */
	struct kp_obj *dead; /* list of objects whose last reference is gone */
};

/* Bytes that never change: long strings, events, stacks.  A NUL follows the last byte. */
struct kp_blob {
	struct kp_obj obj;
	u32 len;
	u32 hash;
	u32 number; /* KP_EVENT: the point it came from */
	char data[];
};

enum ktap_type kp_type(const struct kp_val *v);

/* The bytes of a string; *len without the terminator.  Valid while *v is. */
const char *kp_str_data(const struct kp_val *v, u32 *len);

/* Same type and same content; tables and functions by identity.  No KP_CUREVENT. */
bool kp_val_eq(const struct kp_val *a, const struct kp_val *b);

/* Equal values have equal hashes.  No KP_CUREVENT. */
u32 kp_val_hash(const struct kp_val *v, u64 seed);
u32 kp_bytes_hash(const void *data, u32 len);

/* A total order of all values, for output that is the same each time: by type, then by content. */
int kp_val_cmp(const struct kp_val *a, const struct kp_val *b);

/* Make a short string of len <= KP_SHORT_MAX bytes. */
void kp_set_short(struct kp_val *v, const char *s, u32 len);

#endif
