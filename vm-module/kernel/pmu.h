/* SPDX-License-Identifier: GPL-2.0-only */
/* The PMU "ktap", whose events are the rings of sessions. */
#ifndef KP_PMU_H
#define KP_PMU_H

int kp_pmu_init(void);
void kp_pmu_exit(void);

#endif
