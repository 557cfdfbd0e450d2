// SPDX-License-Identifier: GPL-2.0-only
/* Builtins on values: len, delete, tostring. */
#include "tab.h"

int kp_bi_len(struct kp_run *r, struct kp_val *arg, u32 n)
{
	struct kp_val v;
	u32 len;

	if (kp_is_str(&arg[1])) {
		kp_str_data(&arg[1], &len);
		kp_set_num(&v, len);
	} else if (kp_tag(&arg[1]) == KP_TAB) {
		kp_set_num(&v, (s64)kp_tab_len(arg[1].p));
	} else {
		return kp_fail(r, KTAP_E_RUN_ARGTYPE, 1, kp_type(&arg[1]));
	}
	kp_move(r, arg, v);
	return 0;
}

int kp_bi_delete(struct kp_run *r, struct kp_val *arg, u32 n)
{
	int ret;

	if (kp_tag(&arg[1]) != KP_TAB)
		return kp_fail(r, KTAP_E_RUN_ARGTYPE, 1, kp_type(&arg[1]));
	ret = kp_tab_clear(r, arg[1].p);
	kp_drop(r, arg);
	return ret;
}

int kp_bi_tostring(struct kp_run *r, struct kp_val *arg, u32 n)
{
	char buf[20];
	struct kp_val v;
	const char *s;
	u32 len;
	int ret;

	if (kp_is_str(&arg[1])) {
		kp_copy(r, arg, &arg[1]);
		return 0;
	}
	switch (kp_tag(&arg[1])) {
	case KP_NIL:
		s = "nil";
		break;
	case KP_FALSE:
		s = "false";
		break;
	case KP_TRUE:
		s = "true";
		break;
	case KP_NUM:
		s = kp_decimal(buf, arg[1].n, &len);
		ret = kp_str_new(r, &v, s, len);
		if (!ret)
			kp_move(r, arg, v);
		return ret;
	default:
		return kp_fail(r, KTAP_E_RUN_ARGTYPE, 1, kp_type(&arg[1]));
	}
	kp_set_short(&v, s, (u32)strlen(s));
	kp_move(r, arg, v);
	return 0;
}
