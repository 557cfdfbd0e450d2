// SPDX-License-Identifier: GPL-2.0-only
/* Timers: tick-N<unit> on one CPU, profile-N<unit> on every CPU. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>

#include "provider.h"

/* Faster than this a timer is all that the machine does. */
#define MIN_PERIOD_NS 10000

static const struct {
	const char *name;
	__u64 ns; /* 0: times a second */
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "usec", 1000 },
	{ "ms", 1000000 },
	{ "msec", 1000000 },
	{ "s", PK_NSEC_PER_SEC },
	{ "sec", PK_NSEC_PER_SEC },
	{ "m", 60 * PK_NSEC_PER_SEC },
	{ "hz", 0 },
};

static bool timer_match(enum ktap_event_kind kind, const char *item)
{
	(void)item;
	return kind == KTAP_EV_TICK || kind == KTAP_EV_PROFILE;
}

static int period(const char *item, const char *text, __u64 *ns, char *err, size_t err_size)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || errno || !n) {
		snprintf(err, err_size, "'%s': a number above 0 must follow the '-'", item);
		return -EINVAL;
	}
	for (unsigned int i = 0; i < PK_ARRAY_SIZE(units); i++) {
		if (strcmp(end, units[i].name))
			continue;
		if (!units[i].ns)
			*ns = PK_NSEC_PER_SEC / n;
		else if (__builtin_mul_overflow(n, units[i].ns, ns) || *ns > INT64_MAX)
			goto range;
		if (*ns < MIN_PERIOD_NS) {
			snprintf(err, err_size,
				 "'%s': periods below 10us would leave the machine "
				 "no time for anything else",
				 item);
			return -EINVAL;
		}
		return 0;
	}
	snprintf(err, err_size,
		 "'%s': unknown unit '%s'; units are ns us ms s m hz (also usec msec "
		 "sec)",
		 item, end);
	return -EINVAL;
range:
	snprintf(err, err_size, "'%s': the period is too long", item);
	return -EINVAL;
}

static int timer_resolve(struct pk_events *ev, const char *item, struct pk_probes *found, char *err,
			 size_t err_size)
{
	const char *dash = strchr(item, '-');
	bool tick = !strncmp(item, "tick", 4);
	struct pk_probe *p;
	__u64 ns;
	int ret;

	if (!dash) {
		snprintf(err, err_size, "'%s': a timer is tick-N<unit> or profile-N<unit>", item);
		return -EINVAL;
	}
	ret = period(item, dash + 1, &ns, err, err_size);
	if (ret)
		return ret;
	p = pk_events_add(ev, &pk_provider_timer, "", item);
	p->attach = tick ? KTAP_ATTACH_TICK : KTAP_ATTACH_PROFILE;
	p->period_ns = ns;
	pk_probes_add(found, p);
	return 0;
}

const struct pk_provider pk_provider_timer = {
	.name = "timer",
	.syntax = "tick-N<unit> or profile-N<unit>",
	.match = timer_match,
	.resolve = timer_resolve,
};
