// SPDX-License-Identifier: GPL-2.0-only
/*
 * "DEF, DEF /FILTER/": cuts the filter off.  Both slash and comma also occur in paths and fetch
 * arguments, so the filter is what stands between a slash after a blank and a slash at the end;
 * without such a blank, a slash that does not begin a path (":/") or a length will do.
 */
#include "comp.h"

#include <errno.h>
#include <string.h>

static bool blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f' || ch == '\v';
}

/* Offset of the slash that opens the filter, or len. */
static size_t filter_start(const char *s, size_t len)
{
	bool in_path = false;
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] == '/' && (i == 0 || blank(s[i - 1])))
			return i;
	if (!len || s[len - 1] != '/')
		return len;
	for (i = 1; i < len - 1; i++) {
		if (s[i] == ':' || s[i] == ',')
			in_path = false;
		if (s[i] != '/')
			continue;
		if (s[i - 1] == ':')
			in_path = true;
		if (!in_path)
			return i;
	}
	return len;
}

static int check_text(struct kp_comp *c, const struct kp_event *ev, const char *s, size_t len)
{
	if (!len)
		return kp_diag(c, KP_D_BAD_EVENT, ev->at, "the event is missing");
	if (memchr(s, 0, len))
		return kp_diag(c, KP_D_BAD_EVENT, ev->at, "event definition with a zero byte");
	if (len > KTAP_MAX_STR)
		return kp_diag(c, KP_D_LIMIT, ev->at,
			       "event definition of %zu bytes, at most %d are possible", len,
			       KTAP_MAX_STR);
	return 0;
}

static struct kp_str *trimmed(struct kp_comp *c, const char *s, size_t len)
{
	while (len && blank(s[len - 1]))
		len--;
	while (len && blank(*s)) {
		s++;
		len--;
	}
	return kp_intern(c, s, len);
}

int kp_eventdef_split(struct kp_comp *c, struct kp_event *ev, const char *text, size_t len)
{
	size_t slash;

	ev->def = kp_intern_z(c, "");
	if (check_text(c, ev, text, len))
		return -EINVAL;
	slash = filter_start(text, len);
	ev->def = trimmed(c, text, slash);
	if (!ev->def->len)
		return kp_diag(c, KP_D_BAD_EVENT, ev->at, "the event is missing");
	if (slash == len)
		return 0;
	if (ev->kind != KTAP_EV_TRACE)
		return kp_diag(c, KP_D_BAD_EVENT, ev->at, "a timer takes no filter");
	if (slash + 1 == len || text[len - 1] != '/')
		return kp_diag(c, KP_D_BAD_EVENT, ev->at, "filter has no closing '/'");
	ev->filter = trimmed(c, text + slash + 1, len - slash - 2);
	if (!ev->filter->len)
		return kp_diag(c, KP_D_BAD_EVENT, ev->at, "the filter is empty");
	return 0;
}
