/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engines: where handlers run.  A session calls the methods in the order they stand here; each
 * returns 0 or -errno after it has told the user what is wrong (pk_err), unless it says otherwise.
 * close() takes down whatever was reached.
 */
#ifndef PK_ENGINE_H
#define PK_ENGINE_H

#include <ktap/abi.h>
#include "../events/provider.h"
#include "../options.h"
#include "../output/render.h"
#include "../source.h"
#include "child.h"

/* A probe as one block of the script sees it. */
struct pk_point {
	const struct pk_probe *probe;
	__u32 number; /* index in pk_run.points; what records call it */
	__u32 event; /* chunk event */
	__u32 flags; /* KTAP_EVF_ */
	bool from_glob; /* one of several: may be missing on this kernel */
	const char *filter; /* kernel filter, or NULL */
	struct ktap_field *fields; /* one for each field of the chunk */
};

/* What a session gives to its engine. */
struct pk_run {
	const struct pk_opts *opts;
	const struct pk_chunk *chunk;
	struct pk_point *points;
	unsigned int nr_points;
	unsigned int nr_fields;
	struct pk_child *child; /* NULL: no command */
	struct pk_stream *stream; /* records go here */
	struct pk_out *out;
	bool has_filter;
	/* Whether main or trace_end shall be broken off. */
	bool (*interrupted)(struct pk_run *run);
	void *engine; /* the engine's own */
};

struct pk_engine_stats {
	enum ktap_vm_state state;
	__s64 exit_status;
	struct ktap_vm_stats vm;
	__u64 lost; /* events (user) or records (module) the rings had no room for */
	__u64 emitted; /* records that handlers handed to rings (module) */
	__u64 received; /* records that came out of them (module) */
	struct ktap_rec_error error; /* code 0: none */
};

struct pk_engine {
	const char *name;
	/* What got lost in rings: "events" or "records". */
	const char *lost_what;
	/*
	 * Whether the engine can run this here.  Says nothing itself: 0, or -errno with the reason
	 * in why; -EPROTO: it is there and should do, but is of another version.
	 */
	int (*available)(const struct pk_run *run, char *why, size_t why_size);
	int (*open)(struct pk_run *run);
	/* Verify the chunk.  -EBADMSG: refused. */
	int (*load)(struct pk_run *run);
	int (*main)(struct pk_run *run, enum ktap_vm_state *state);
	/* Attach all points whose block main has reached; the number attached, or -errno. */
	int (*attach)(struct pk_run *run);
	int (*start)(struct pk_run *run);
	/* Wait up to timeout_ms for output and deal with it. */
	int (*wait)(struct pk_run *run, int timeout_ms, enum ktap_vm_state *state);
	/* Detach, and deal with all that is still under way. */
	int (*stop)(struct pk_run *run);
	int (*end)(struct pk_run *run, enum ktap_vm_state *state);
	int (*stats)(struct pk_run *run, struct pk_engine_stats *stats);
	void (*close)(struct pk_run *run);
};

extern const struct pk_engine pk_engine_module;
extern const struct pk_engine pk_engine_user;

/* The one that the options ask for; NULL after a message. */
const struct pk_engine *pk_engine_choose(const struct pk_run *run);

#endif
