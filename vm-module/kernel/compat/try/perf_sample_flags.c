// SPDX-License-Identifier: GPL-2.0-only
/* Samples say what is in them: 6.0. */
#include <linux/perf_event.h>

void try_it(struct perf_sample_data *data);
void try_it(struct perf_sample_data *data)
{
	data->sample_flags |= PERF_SAMPLE_RAW;
}
