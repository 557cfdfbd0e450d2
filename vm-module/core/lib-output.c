// SPDX-License-Identifier: GPL-2.0-only
/* Builtins that emit records: print, printf, print_hist, exit.  All text is made in user space. */
#include "run.h"

static int values(struct kp_run *r, enum ktap_rec_type type, const struct kp_val *v, u32 n)
{
	int ret = kp_rec_begin(r, type);
	u32 i;

	for (i = 0; !ret && i < n; i++)
		ret = kp_rec_value(r, &v[i], 0);
	return ret ? ret : kp_rec_end(r);
}

int kp_bi_print(struct kp_run *r, struct kp_val *arg, u32 n)
{
	int ret = values(r, KTAP_REC_PRINT, arg + 1, n);

	kp_drop(r, arg);
	return ret;
}

int kp_bi_printf(struct kp_run *r, struct kp_val *arg, u32 n)
{
	int ret;

	if (!kp_is_str(&arg[1]))
		return kp_fail(r, KTAP_E_RUN_ARGTYPE, 1, kp_type(&arg[1]));
	ret = values(r, KTAP_REC_PRINTF, arg + 1, n);
	kp_drop(r, arg);
	return ret;
}

#define HIST_ROWS 20
#define HIST_ROWS_MAX 1000000

/* Sum everything up, then send the first rows with what they stand for. */
static int send_hist(struct kp_run *r, const struct kp_iter *it, u32 rows)
{
	struct ktap_rec_hist head = { 0 };
	const struct kp_item *item;
	u64 n = 0;
	int ret;

	for (item = it->next; item; item = item->next, n++) {
		if (!kp_is_num(&item->val))
			return kp_fail_type(r, KTAP_E_RUN_HISTVAL, &item->val);
		head.total = (s64)((u64)head.total + (u64)item->val.n);
		if (n >= rows)
			head.rest = (s64)((u64)head.rest + (u64)item->val.n);
	}
	head.rows = n < rows ? (u32)n : rows;
	head.rest_rows = (u32)(n - head.rows);
	ret = kp_rec_begin(r, KTAP_REC_HIST);
	if (!ret)
		ret = kp_rec_bytes(r, &head, sizeof(head));
	for (item = it->next; !ret && item && rows; item = item->next, rows--) {
		ret = kp_rec_value(r, &item->key, KTAP_WIRE_DEPTH);
		if (!ret)
			ret = kp_rec_value(r, &item->val, KTAP_WIRE_DEPTH);
	}
	return ret ? ret : kp_rec_end(r);
}

int kp_bi_print_hist(struct kp_run *r, struct kp_val *arg, u32 n)
{
	s64 rows = HIST_ROWS;
	struct kp_val iter;
	int ret;

	if (kp_tag(&arg[1]) != KP_TAB)
		return kp_fail(r, KTAP_E_RUN_ARGTYPE, 1, kp_type(&arg[1]));
	if (n > 1) {
		if (!kp_is_num(&arg[2]))
			return kp_fail(r, KTAP_E_RUN_ARGTYPE, 2, kp_type(&arg[2]));
		rows = arg[2].n < 0 ? 0 : arg[2].n > HIST_ROWS_MAX ? HIST_ROWS_MAX : arg[2].n;
	}
	ret = kp_iter_new(r, &iter, &arg[1], KP_ORDER_HIST, NULL);
	if (ret)
		return ret;
	ret = send_hist(r, iter.p, (u32)rows);
	kp_drop(r, &iter);
	kp_drop(r, arg);
	return ret;
}

int kp_bi_exit(struct kp_run *r, struct kp_val *arg, u32 n)
{
	s64 status = 0;
	int ret;

	if (n) {
		if (!kp_is_num(&arg[1]))
			return kp_fail(r, KTAP_E_RUN_ARGTYPE, 1, kp_type(&arg[1]));
		status = arg[1].n;
	}
	if (kp_vm_exit(r->vm, status)) {
		ret = kp_rec_begin(r, KTAP_REC_EXIT);
		if (!ret)
			ret = kp_rec_bytes(r, &status, sizeof(status));
		if (!ret)
			ret = kp_rec_end(r);
		if (ret)
			return ret;
	}
	return KP_UNWIND;
}
