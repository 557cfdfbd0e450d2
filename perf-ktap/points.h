/* SPDX-License-Identifier: GPL-2.0-only */
/* From the events of a chunk to the points that an engine attaches. */
#ifndef PK_POINTS_H
#define PK_POINTS_H

#include "engine/engine.h"

/*
 * Resolve all events of run->chunk into run->points, with field maps.  0 or -errno after messages
 * with file:line:col.  *needs_tracefs: the reason is that tracefs cannot be read.
 */
int pk_points_resolve(struct pk_run *run, struct pk_events *ev, bool *needs_tracefs);
void pk_points_free(struct pk_run *run);

#endif
