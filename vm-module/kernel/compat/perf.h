/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What changed in <linux/perf_event.h>.
 *
 * kp_compat_sample_raw() marks raw as the payload of a sample that is handed to event's own
 * overflow handler:
 *	(data, event, raw)	6.13, and stable 6.12 (seen in 6.12.107) and later
 *	(data, raw)		6.3 .. 6.12
 *	data->raw and a flag	6.0 .. 6.2
 *	data->raw alone		before 6.0
 */
#ifndef KP_COMPAT_PERF_H
#define KP_COMPAT_PERF_H

#include <compat.h>
#include <linux/perf_event.h>

static inline void kp_compat_sample_raw(struct perf_sample_data *data, struct perf_event *event,
					struct perf_raw_record *raw)
{
#if defined(HAVE_PERF_SAMPLE_SAVE_RAW_EVENT)
	perf_sample_save_raw_data(data, event, raw);
#elif defined(HAVE_PERF_SAMPLE_SAVE_RAW)
	if (event->attr.sample_type & PERF_SAMPLE_RAW)
		perf_sample_save_raw_data(data, raw);
#elif defined(HAVE_PERF_SAMPLE_FLAGS)
	data->raw = raw;
	data->sample_flags |= PERF_SAMPLE_RAW;
#else
	data->raw = raw;
#endif
}

#endif
