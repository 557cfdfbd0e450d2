// SPDX-License-Identifier: GPL-2.0-only
/* perf_sample_save_raw_data() exists, without the event: 6.3 .. 6.12. */
#include <linux/perf_event.h>

void try_it(struct perf_sample_data *data, struct perf_raw_record *raw);
void try_it(struct perf_sample_data *data, struct perf_raw_record *raw)
{
	perf_sample_save_raw_data(data, raw);
}
