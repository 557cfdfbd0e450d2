// SPDX-License-Identifier: GPL-2.0-only
/*
 * kp_plat_emit(): a record on its way out.
 *
 * Of a handler: into this CPU's perf ring, by calling the ring event's own overflow handler with
 * the record as raw data.  That is what perf does for an event that overflows; it works in any
 * context and counts what the ring has no room for.  Interrupts are off from looking the event up
 * until it has been used, so it cannot be taken off this CPU meanwhile.
 *
 * Of the main chunk and of trace_end: into the process buffer, waiting for the reader.
 */
#include <linux/irqflags.h>
#include <linux/perf_event.h>
#include <linux/string.h>
#include "compat/perf.h"
#include "../core/platform.h"
#include "session.h"

static void emit_to(struct perf_event *event, const struct ktap_occ *occ,
		    const struct ktap_rec *rec, u32 size)
{
	struct perf_raw_record raw = {
		.frag = {
			.size = size,
			.data = (void *)rec,
		},
	};
	struct pt_regs *regs = (struct pt_regs *)occ->host;
	struct perf_sample_data data;
	struct pt_regs here;

	if (!regs) {
		/* whoever opened the ring may have asked for ip or call chain */
		memset(&here, 0, sizeof(here));
		perf_fetch_caller_regs(&here);
		regs = &here;
	}
	perf_sample_data_init(&data, 0, 1);
	kp_compat_sample_raw(&data, event, &raw);
	READ_ONCE(event->overflow_handler)(event, &data, regs);
}

static void emit_ring(struct kp_session *s, const struct ktap_occ *occ, const struct ktap_rec *rec,
		      u32 size)
{
	struct perf_event *event;
	struct kp_ring *ring;
	unsigned long flags;

	local_irq_save(flags);
	ring = this_cpu_ptr(s->rings);
	event = READ_ONCE(ring->event);
	/* an event that nobody has mapped swallows records without counting them */
	if (event && READ_ONCE(event->rb)) {
		local64_inc(&ring->records);
		emit_to(event, occ, rec, size);
	} else {
		local64_inc(&ring->no_ring);
	}
	local_irq_restore(flags);
}

int kp_plat_emit(struct ktap_vm *vm, const struct ktap_occ *occ, const struct ktap_rec *rec,
		 u32 size)
{
	struct kp_session *s = ktap_vm_host(vm);

	if (WARN_ON_ONCE(size < sizeof(*rec) || size > KTAP_RECORD_MAX || size % 8 ||
			 rec->size != size))
		return 0;
	if (!occ)
		return kp_stream_write(&s->stream, rec, size, &s->abort);
	emit_ring(s, occ, rec, size);
	return 0;
}
