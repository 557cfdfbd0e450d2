/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints by name, for those that are not exported to modules. */
#ifndef KP_TRACEPOINT_H
#define KP_TRACEPOINT_H

#include <linux/tracepoint.h>

/*
 * Call probe(data, arguments...) on the tracepoint called name; probes of higher priority run
 * first, those of perf and of this module's events at KP_PRIO_EVENT.  Process context.  0, -ENOENT
 * or another -errno.
 */
#define KP_PRIO_EVENT 10
int kp_tracepoint_register(const char *name, void *probe, void *data, int prio);
/* The pair of it.  The probe may still run until tracepoint_synchronize_unregister(). */
void kp_tracepoint_unregister(const char *name, void *probe, void *data);

#endif
